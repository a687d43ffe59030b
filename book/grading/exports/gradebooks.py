"""Filling in the gradebook file that a lecturer exported from Canvas or Moodle.

The file goes back as it came: same columns, same order, one cell changed per student.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from book.grading.exports.match import Matched, match
from book.grading.exports.results import ExportError


@dataclass(frozen=True)
class System:
    """How a learning platform writes its gradebook.

    Attributes:
        name: Of the platform.
        identity: Columns that say whose a line is, the surest first.
        fixed: Columns that are never filled in.
    """

    name: str
    identity: Sequence[str]
    fixed: Sequence[str]


CANVAS = System(
    "Canvas",
    ("ID", "SIS User ID", "SIS Login ID", "Student"),
    ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Section"),
)
MOODLE = System(
    "Moodle",
    ("Identifier", "ID number", "Username", "Email address", "Full name"),
    ("Identifier", "Full name", "ID number", "Username", "Email address", "Status"),
)


@dataclass(frozen=True)
class Gradebook:
    """A gradebook's file: its lines as cells, the first one the names of its columns."""

    system: System
    lines: list[list[str]]
    delimiter: str

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.lines[0]

    def rows(self) -> list[dict[str, str]]:
        """The lines below the first as dictionaries; a line about points is an empty one."""
        return [
            {} if self._about_points(line) else dict(zip(self.columns, line, strict=False))
            for line in self.lines[1:]
        ]

    def _about_points(self, line: list[str]) -> bool:
        # Canvas puts "Points Possible", and sometimes "Manual Posting", below the heading.
        first = line[0].strip() if line else ""
        return self.system is CANVAS and (not first or first == "Points Possible")


def read(path: Path, system: System) -> Gradebook:
    """Reads the file that the platform exported.

    Raises:
        ExportError: it is not such a file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} could not be read: {error}.") from error
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not lines or not set(system.identity) & set(lines[0]):
        raise ExportError(
            f"{path} does not look like a gradebook of {system.name}: none of the columns "
            f"{', '.join(system.identity)} is there."
        )
    return Gradebook(system, lines, delimiter)


def fill(book: Gradebook, column: str, marks: Mapping[str, tuple[int, int]]) -> tuple[str, Matched]:
    """The gradebook's text with a column of marks filled in, and who was matched with which line.

    Args:
        book: The gradebook.
        column: Its name, or the beginning of its name that no other column shares.
        marks: Points reached and possible, by student.

    Raises:
        ExportError: there is no such column, or more than one.
    """
    open_columns = [name for name in book.columns if name not in book.system.fixed]
    fits = [name for name in open_columns if name == column]
    fits = fits or [name for name in open_columns if name.startswith(column)]
    if len(fits) != 1:
        some = ", ".join(map(repr, fits or open_columns))
        raise ExportError(
            f"The column {column!r} of the gradebook fits {len(fits)} of its columns; "
            f"name one of {some}."
        )
    place = book.columns.index(fits[0])
    matched = match(marks, book.rows(), book.system.identity)
    lines = [list(line) for line in book.lines]
    for student, row in matched.lines.items():
        line = lines[row + 1]
        line += [""] * (place + 1 - len(line))
        line[place] = str(marks[student][0])
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=book.delimiter, lineterminator="\r\n").writerows(lines)
    return target.getvalue(), matched
