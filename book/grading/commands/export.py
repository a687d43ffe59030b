"""`python -m book.grading export`: grades in the form that another system reads."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from book.exercises import CHAPTERS
from book.grading.records import Grade
from book.grading.results.exports import files, gradebooks
from book.grading.results.exports.results import ExportError, read_grades, read_numbers, totals
from book.grading.results.folder import deliver, safe

SYSTEMS = {"canvas": gradebooks.CANVAS, "moodle": gradebooks.MOODLE}
FILES: dict[str, Callable[[Sequence[Grade]], str]] = {
    "nbgrader": files.nbgrader,
    "junit": files.junit,
}

HELP = """\
forms:
  canvas      the gradebook that you exported from Canvas, with one column filled in
  moodle      the grading worksheet that you exported from Moodle, with the grades filled in
  gradescope  a folder with a results.json for every student
  nbgrader    the CSV that `nbgrader export` writes
  junit       JUnit's XML, for systems that show tests

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
    add = made.add_argument
    add("results", type=Path, help="the folder that grading wrote")
    add("form", choices=[*SYSTEMS, "gradescope", *FILES], help="of which system")
    add("--output", type=Path, required=True, help="what to write")
    add("--chapter", choices=CHAPTERS, help="grades of one chapter alone")
    add("--gradebook", type=Path, help="of Canvas or Moodle: the file that you exported there")
    add("--column", default="", help="of the gradebook: its name, or how its name begins")
    add("--scale", action="store_true", help="full points become the column's maximum")
    return made


def main(arguments: Sequence[str]) -> int:
    """`python -m book.grading export`; returns the exit status.

    Raises:
        ExportError: it could not be done, and nothing was written.
    """
    options = parser().parse_args(arguments)
    grades = read_grades(options.results)
    if options.chapter:
        totals(grades, options.chapter)
        grades = [grade for grade in grades if grade.notebook == options.chapter]
    if options.form in SYSTEMS:
        return _gradebook(options, grades)
    for name in ("gradebook", "column", "scale"):
        if getattr(options, name):
            raise ExportError(f"--{name} is for {' and '.join(SYSTEMS)}; leave it out.")
    if options.form == "gradescope":
        students = {who: list(rows) for who, rows in groupby(grades, lambda row: row.student)}
        for student, rows in students.items():
            deliver(options.output / safe(student) / "results.json", files.gradescope(rows))
        print(f"{options.output}: results.json for each of {len(students)} students.")
    else:
        deliver(options.output, FILES[options.form](grades))
        print(f"{options.output}: {len(grades)} grades.")
    return 0


def _gradebook(options: argparse.Namespace, grades: Sequence[Grade]) -> int:
    system = SYSTEMS[options.form]
    if options.gradebook is None:
        raise ExportError(
            f"Give --gradebook, the file that you exported from {system.name}; it is filled in "
            "and written to --output."
        )
    if options.output.exists() and options.output.samefile(options.gradebook):
        raise ExportError("--output is the gradebook itself; name another file, so that it stays.")
    book = gradebooks.read(options.gradebook, system)
    column = book.column(options.column)
    marks = totals(grades)
    text, matched = gradebooks.fill(
        book, column, marks, read_numbers(options.results), options.scale
    )
    students = [k for k, row in enumerate(book.rows()) if any(row.values())]
    most = {book.maximum(column, row) for row in matched.lines.values()} - {None}
    if options.scale and matched.lines and not most:
        raise ExportError(
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
