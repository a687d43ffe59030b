"""`python -m book.grading export`: grades in the form that another system reads."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from book.exercises import CHAPTERS
from book.grading.records import Grade, InputError
from book.grading.results.exports.canvas import CANVAS
from book.grading.results.exports.gradebook import System, fill, read_gradebook
from book.grading.results.exports.grades import read_grades, read_numbers, totals
from book.grading.results.exports.gradescope import a_file_each
from book.grading.results.exports.junit import junit
from book.grading.results.exports.moodle import MOODLE
from book.grading.results.exports.nbgrader import nbgrader
from book.grading.results.folder import deliver


class Export(NamedTuple):
    """A form that another system reads.

    Attributes:
        name: Of the system.
        about: What is written, for `--help`.
        how: A platform whose gradebook is filled in; or what makes of grades the text of a file,
            or the files of a folder by their names.
    """

    name: str
    about: str
    how: System | Callable[[Sequence[Grade]], str | Mapping[str, str]]


EXPORTS = {
    "canvas": Export(
        "Canvas", "the gradebook that you exported from Canvas, with one column filled in", CANVAS
    ),
    "moodle": Export(
        "Moodle",
        "the grading worksheet that you exported from Moodle, with the grades filled in",
        MOODLE,
    ),
    "gradescope": Export(
        "Gradescope", "a folder with a results.json for every student", a_file_each
    ),
    "nbgrader": Export("nbgrader", "the CSV that `nbgrader export` writes", nbgrader),
    "junit": Export("JUnit", "JUnit's XML, for systems that show tests", junit),
}
"""All forms, by the word on the command line.  A new one is a module and a line here."""

GRADEBOOKS = [name for name, export in EXPORTS.items() if isinstance(export.how, System)]

FORMS = "\n".join(f"  {name:<10}  {export.about}" for name, export in EXPORTS.items())
HELP = f"""\
forms:
{FORMS}

Grades are read from RESULTS/grades.csv, so that points you changed there by hand count.
A gradebook comes back as it was but for the marks; upload it where you exported it.
Exit status 0: done; 1: done, but some students could not be matched; 2: nothing was written.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m book.grading export",
        description="Write grades in the form that another system reads.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = " or ".join(EXPORTS[name].name for name in GRADEBOOKS)
    add = made.add_argument
    add("results", type=Path, help="the folder that grading wrote")
    add("form", choices=EXPORTS, help="of which system")
    add("--output", type=Path, required=True, help="what to write")
    add("--chapter", choices=CHAPTERS, help="grades of one chapter alone")
    add("--gradebook", type=Path, help=f"of {where}: the file that you exported there")
    add("--column", default="", help="of the gradebook: its name, or how its name begins")
    add("--scale", action="store_true", help="full points become the column's maximum")
    return made


def main(arguments: Sequence[str]) -> int:
    """`python -m book.grading export`; returns the exit status.

    Raises:
        InputError: it could not be done, and nothing was written.
    """
    options = parser().parse_args(arguments)
    grades = read_grades(options.results)
    if options.chapter:
        totals(grades, options.chapter)
        grades = [grade for grade in grades if grade.notebook == options.chapter]
    how = EXPORTS[options.form].how
    if isinstance(how, System):
        return _gradebook(options, grades, how)
    for name in ("gradebook", "column", "scale"):
        if getattr(options, name):
            raise InputError(f"--{name} is for {' and '.join(GRADEBOOKS)}; leave it out.")
    made = how(grades)
    if isinstance(made, str):
        deliver(options.output, made)
        print(f"{options.output}: {len(grades)} grades.")
    else:
        for name, text in made.items():
            deliver(options.output / name, text)
        print(f"{options.output}: {len(grades)} grades in {len(made)} files.")
    return 0


def _gradebook(options: argparse.Namespace, grades: Sequence[Grade], system: System) -> int:
    if options.gradebook is None:
        raise InputError(
            f"Give --gradebook, the file that you exported from {system.name}; it is filled in "
            "and written to --output."
        )
    if options.output.exists() and options.output.samefile(options.gradebook):
        raise InputError("--output is the gradebook itself; name another file, so that it stays.")
    book = read_gradebook(options.gradebook, system)
    column = book.column(options.column)
    marks = totals(grades)
    text, matched = fill(book, column, marks, read_numbers(options.results), options.scale)
    students = [k for k, row in enumerate(book.rows()) if any(row.values())]
    most = {book.maximum(column, row) for row in matched.lines.values()} - {None}
    if options.scale and matched.lines and not most:
        raise InputError(
            f"The gradebook does not say how many points {column!r} counts; leave out --scale."
        )
    deliver(options.output, text)
    print(f"{options.output}: {column!r} for {len(matched.lines)} of {len(students)} students.")
    chapters = sorted({grade.notebook for grade in grades} - {""})
    if len(chapters) > 1:
        print(f"These are points of {', '.join(chapters)} together; --chapter takes one.")
    possible = {marks[student][1] for student in matched.lines}
    if not options.scale and most and most != possible:
        print(
            f"Full marks are {_listed(possible)} here and {_listed(most)} in the gradebook. "
            "Points stand there as they are; --scale makes full points the gradebook's."
        )
    rest = [k for k in students if k not in matched.lines.values()]
    if rest:
        names = "; ".join(book.named(k) for k in rest)
        print(f"Left as they were, without grades here: {names}.")
    for line in matched.report("the gradebook"):
        print(line)
    return 1 if matched.unknown or matched.ambiguous else 0


def _listed(numbers: set[float | None] | set[int]) -> str:
    return " or ".join(f"{number:g}" for number in sorted(n for n in numbers if n is not None))
