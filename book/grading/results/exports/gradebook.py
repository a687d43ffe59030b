"""Filling in the gradebook file that a lecturer exported from a learning platform.

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
from book.grading.intake.table import TOGETHER, Table, by_column, read_table
from book.grading.records import InputError


@dataclass(frozen=True)
class System:
    """How a learning platform writes its gradebook.

    Attributes:
        name: Of the platform.
        identity: Columns that say whose a line is, the surest first.
        fixed: Columns that are never filled in.
        marks: How the name of a column for marks looks.
        points_line: How the line begins that says what full marks are; neither it nor a line
            that begins with nothing is a student's.
        points_column: The column that says it, if one does.
    """

    name: str
    identity: Sequence[str]
    fixed: Sequence[str]
    marks: str
    points_line: str = ""
    points_column: str = ""


@dataclass(frozen=True)
class Gradebook:
    """A gradebook's file: its lines as cells, the first one the names of its columns."""

    system: System
    table: Table

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.table.lines[0]

    def rows(self) -> list[dict[str, str]]:
        """The lines below the first by column; one that is no student's is an empty row."""
        return [
            {} if self._about_points(line) else by_column(self.columns, line)
            for line in self.table.lines[1:]
        ]

    def named(self, row: int) -> str:
        """What to call the student of a row, counted from 0."""
        cells = self.rows()[row]
        return next(cells[c] for c in (TOGETHER, *reversed(self.system.identity)) if cells.get(c))

    def _about_points(self, line: list[str]) -> bool:
        points = self.system.points_line
        return bool(points) and "".join(line[:1]).strip() in ("", points)

    def column(self, asked: str) -> str:
        """The column for marks that is asked for by its name or the beginning of it.

        Raises:
            InputError: there is no such column, or more than one.
        """
        usual = [name for name in self.columns if re.fullmatch(self.system.marks, name)]
        given = [name for name in self.columns if name not in self.system.fixed]
        fits = [name for name in given if name == asked] if asked else usual
        fits = fits or [name for name in given if asked and name.startswith(asked)]
        if len(fits) == 1:
            return fits[0]
        some = ", ".join(map(repr, fits or usual or given))
        if not asked:
            raise InputError(f"Which column is to be filled in? Give --column, one of {some}.")
        raise InputError(
            f"The column {asked!r} fits {len(fits)} columns of the gradebook; "
            f"give --column, one of {some}."
        )

    def maximum(self, column: str, row: int) -> float | None:
        """What full marks are in a column, if the gradebook says: in a row, counted from 0."""
        if self.system.points_column:
            return _number(self.rows()[row].get(self.system.points_column, ""))
        place, points = self.columns.index(column), self.system.points_line
        for line in self.table.lines[1:]:
            if points and place < len(line) and line[0].strip() == points:
                return _number(line[place])
        return None


def read_gradebook(path: Path, system: System) -> Gradebook:
    """Reads the file that the platform exported.

    Raises:
        InputError: it is not such a file.
    """
    table = read_table(path, f"the gradebook of {system.name}")
    if not table.lines or not set(system.identity) & set(table.lines[0]):
        raise InputError(
            f"{path} does not look like a gradebook of {system.name}: none of the columns "
            f"{', '.join(system.identity)} is there. Export the gradebook there as CSV and give "
            "that file."
        )
    return Gradebook(system, table)


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
        InputError: there is no such column, or more than one.
    """
    name = book.column(column)
    place = book.columns.index(name)
    matched = match(marks, book.rows(), (*book.system.identity, TOGETHER), numbers)
    lines = [list(line) for line in book.table.lines]
    for student, row in matched.lines.items():
        line = lines[row + 1]
        line += [""] * (place + 1 - len(line))
        points, possible = marks[student]
        most = book.maximum(name, row) if scaled else None
        mark = points if most is None or not possible else round(points * most / possible, 2)
        line[place] = f"{mark:g}"
    target = io.StringIO(newline="")
    table = book.table
    csv.writer(target, delimiter=table.delimiter, lineterminator=table.end).writerows(lines)
    return "\ufeff" * table.marked + target.getvalue(), matched


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
