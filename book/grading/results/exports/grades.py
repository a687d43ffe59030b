"""Reading the grades of a finished run back from its folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from book.grading.records import Grade, InputError
from book.grading.results.folder import plain, read_json


def read_grades(results: Path) -> list[Grade]:
    """The rows of `grades.csv` in the folder that a run wrote.

    Raises:
        InputError: the file is missing, or is no longer what the grader wrote.
    """
    path = results / "grades.csv"
    if not path.is_file():
        raise InputError(
            f"There is no grades.csv in {results}. Give the folder that "
            "`python -m book.grading SUBMISSIONS --output RESULTS` wrote."
        )
    wanted = list(Grade.__dataclass_fields__)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or not set(wanted) <= set(rows.fieldnames):
                raise InputError(
                    f"{path} has the columns {rows.fieldnames}, and needs {wanted}. "
                    "Grade again with the same command; it writes the file anew."
                )
            return [_grade(path, rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} could not be read: {error}.") from error


def _grade(path: Path, line: int, row: dict[str, Any]) -> Grade:
    cells = {name: plain(row[name] or "") for name in Grade.__dataclass_fields__}
    try:
        points, possible = int(cells.pop("points")), int(cells.pop("possible"))
    except ValueError:
        raise InputError(
            f"{path}, line {line}: points are {row['points']!r} of {row['possible']!r}; "
            "whole numbers are needed."
        ) from None
    return Grade(**cells, points=points, possible=possible)


def read_numbers(results: Path) -> dict[str, str]:
    """What Canvas or Moodle calls each student, where the names of their files said."""
    parts = (read_json(path) or {} for path in sorted((results / "submissions").glob("*.json")))
    return {part["student"]: part["number"] for part in parts if part.get("number")}


def totals(grades: Iterable[Grade], chapter: str = "") -> dict[str, tuple[int, int]]:
    """Points reached and possible by student, of one chapter or of all.

    Raises:
        InputError: nobody handed in that chapter.
    """
    grades = list(grades)
    found: dict[str, tuple[int, int]] = {}
    for grade in grades:
        if chapter and grade.notebook != chapter:
            continue
        points, possible = found.get(grade.student, (0, 0))
        found[grade.student] = points + grade.points, possible + grade.possible
    if not found:
        chapters = ", ".join(sorted({grade.notebook for grade in grades} - {""})) or "none"
        asked = f"of the chapter {chapter!r}" if chapter else "at all"
        raise InputError(f"There are no grades {asked}; chapters with grades: {chapters}.")
    return found
