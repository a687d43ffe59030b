"""Reading the grades of a finished run back from its folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from book.grading.model import Grade

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula when it stands first."""


class ExportError(ValueError):
    """Grades could not be exported; the message says why, and what to do."""


def defused(text: str) -> str:
    """The text as a spreadsheet shows it and does not compute it: an apostrophe in front."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def plain(text: str) -> str:
    """Undoes `defused`."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(DANGEROUS) else text


def read_grades(results: Path) -> list[Grade]:
    """The rows of `grades.csv` in the folder that a run wrote.

    Raises:
        ExportError: the file is missing or was not written by the grader.
    """
    path = results / "grades.csv"
    if not path.is_file():
        raise ExportError(
            f"There is no grades.csv in {results}. Give the folder that "
            "`python -m book.grading SUBMISSIONS --output RESULTS` wrote."
        )
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        wanted = list(Grade.__dataclass_fields__)
        if rows.fieldnames is None or not set(wanted) <= set(rows.fieldnames):
            raise ExportError(f"{path} has the columns {rows.fieldnames}, and needs {wanted}.")
        return [_grade({name: plain(row[name]) for name in wanted}) for row in rows]


def _grade(cells: dict[str, str]) -> Grade:
    points, possible = int(cells.pop("points")), int(cells.pop("possible"))
    return Grade(**cells, points=points, possible=possible)


def totals(grades: Iterable[Grade], chapter: str = "") -> dict[str, tuple[int, int]]:
    """Points reached and possible by student, of one chapter or of all."""
    found: dict[str, tuple[int, int]] = {}
    for grade in grades:
        if chapter and grade.notebook != chapter:
            continue
        points, possible = found.get(grade.student, (0, 0))
        found[grade.student] = points + grade.points, possible + grade.possible
    if not found:
        chapters = sorted({grade.notebook for grade in grades})
        raise ExportError(f"There are no grades of {chapter!r}; there are some of {chapters}.")
    return found


def dump(data: Any) -> str:
    """JSON as it is written to a file: readable, and ending in a line's end."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
