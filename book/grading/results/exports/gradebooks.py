"""Filling in the gradebook file that a lecturer exported from Canvas or Moodle.

The file goes back as it came: same columns, same order, one cell changed per student.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from book.grading.intake.match import Matched, match
from book.grading.results.exports.results import ExportError


@dataclass(frozen=True)
class System:
    """How a learning platform writes its gradebook.

    Attributes:
        name: Of the platform.
        identity: Columns that say whose a line is, the surest first.
        fixed: Columns that are never filled in.
        marks: How the name of a column for marks looks.
    """

    name: str
    identity: Sequence[str]
    fixed: Sequence[str]
    marks: str


CANVAS = System(
    "Canvas",
    ("ID", "SIS User ID", "SIS Login ID", "Student"),
    ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Section"),
    r".* \(\d+\)",
)
MOODLE = System(
    "Moodle",
    ("Identifier", "ID number", "Username", "Email address", "Full name"),
    ("Identifier", "Full name", "ID number", "Username", "Email address", "Status"),
    "Grade",
)


@dataclass(frozen=True)
class Gradebook:
    """A gradebook's file: its lines as cells, the first one the names of its columns."""

    system: System
    lines: list[list[str]]
    delimiter: str
    marked: bool = False  # whether a mark of byte order stands first, as Excel wants it
    end: str = "\r\n"

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

    def named(self, row: int) -> str:
        """What to call the student of a row, counted from 0."""
        cells = self.rows()[row]
        return next(cells[c] for c in reversed(self.system.identity) if cells.get(c))

    def _about_points(self, line: list[str]) -> bool:
        # Canvas puts "Points Possible", and sometimes "Manual Posting", below the heading.
        first = line[0].strip() if line else ""
        return self.system is CANVAS and (not first or first == "Points Possible")

    def column(self, asked: str) -> str:
        """The column for marks that is asked for by its name or the beginning of it.

        Raises:
            ExportError: there is no such column, or more than one.
        """
        usual = [name for name in self.columns if re.fullmatch(self.system.marks, name)]
        given = [name for name in self.columns if name not in self.system.fixed]
        fits = [name for name in given if name == asked] if asked else usual
        fits = fits or [name for name in given if asked and name.startswith(asked)]
        if len(fits) == 1:
            return fits[0]
        some = ", ".join(map(repr, fits or usual or given))
        if not asked:
            raise ExportError(f"Which column is to be filled in? Give --column, one of {some}.")
        raise ExportError(
            f"The column {asked!r} fits {len(fits)} columns of the gradebook; "
            f"give --column, one of {some}."
        )

    def maximum(self, column: str, row: int) -> float | None:
        """What full marks are in a column, if the gradebook says: in a row, counted from 0."""
        place = self.columns.index(column)
        if self.system is MOODLE:
            return _number(self.rows()[row].get("Maximum Grade", ""))
        for line in self.lines[1:]:
            if line and line[0].strip() == "Points Possible" and place < len(line):
                return _number(line[place])
        return None


def read(path: Path, system: System) -> Gradebook:
    """Reads the file that the platform exported.

    Raises:
        ExportError: it is not such a file.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        heading = text.partition("\n")[0]
        delimiter = max(",;\t", key=heading.count)
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except UnicodeDecodeError:
        raise ExportError(
            f"{path} is not UTF-8 text. Give the file as {system.name} exported it, or save it "
            "as 'CSV UTF-8'."
        ) from None
    except (OSError, csv.Error) as error:
        raise ExportError(f"{path} could not be read: {error}.") from error
    if not lines or not set(system.identity) & set(lines[0]):
        raise ExportError(
            f"{path} does not look like a gradebook of {system.name}: none of the columns "
            f"{', '.join(system.identity)} is there. Export the gradebook there as CSV and give "
            "that file."
        )
    end = "\r\n" if "\r\n" in text else "\n"
    return Gradebook(system, lines, delimiter, data.startswith(b"\xef\xbb\xbf"), end)


def fill(
    book: Gradebook,
    column: str,
    marks: Mapping[str, tuple[int, int]],
    numbers: Mapping[str, str] | None = None,
    scaled: bool = False,
) -> tuple[str, Matched]:
    """The gradebook's text with a column of marks filled in, and who was matched with which line.

    Args:
        book: The gradebook.
        column: Its name, or the beginning of its name that no other column shares.
        marks: Points reached and possible, by student.
        numbers: What the platform calls students, where that is known.
        scaled: Whether full points become the column's maximum.

    Raises:
        ExportError: there is no such column, or more than one.
    """
    name = book.column(column)
    place = book.columns.index(name)
    matched = match(marks, book.rows(), book.system.identity, numbers)
    lines = [list(line) for line in book.lines]
    for student, row in matched.lines.items():
        line = lines[row + 1]
        line += [""] * (place + 1 - len(line))
        points, possible = marks[student]
        most = book.maximum(name, row) if scaled else None
        mark = points if most is None or not possible else round(points * most / possible, 2)
        line[place] = f"{mark:g}"
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=book.delimiter, lineterminator=book.end).writerows(lines)
    return "\ufeff" * book.marked + target.getvalue(), matched


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
