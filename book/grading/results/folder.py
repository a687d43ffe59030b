"""Where results are written: a file per submission as it is done, and tables made of these.

RESULTS/run.json                        how it was graded: seed, versions, layers, timings
RESULTS/grades.csv                      a row per student and exercise
RESULTS/summary.csv                     a row per student
RESULTS/exercises.csv                   a row per exercise: what a class found hard
RESULTS/feedback/<student>/<chapter>.html
RESULTS/submissions/<digest>.json       what the tables are made of; a run goes on from these
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import book
from book.exercises import CHAPTERS, exercises
from book.files import digest, write
from book.grading.marking import references
from book.grading.records import Grade, Graded, InputError, Settings, Submission
from book.grading.results.feedback import page

COLUMNS = ("student", "notebook", "exercise", "points", "possible", "status", "message")
RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)  # on Windows


class Results:
    """The folder of a run's results."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        self._parts = folder / "submissions"
        self._parts.mkdir(parents=True, exist_ok=True)

    def part(self, submission: Submission) -> Path:
        """The file of one submission, named by who handed in what."""
        who = json.dumps(
            [submission.student, submission.chapter, submission.chapter or submission.place]
        )
        return self._parts / f"{hashlib.sha256(who.encode()).hexdigest()[:32]}.json"

    def done(self, submission: Submission) -> bool:
        """Whether this very submission was graded already, with these settings and this book."""
        return (read_json(self.part(submission)) or {}).get("digest") == self._digest(submission)

    def _digest(self, submission: Submission) -> str:
        settings = dataclasses.asdict(self.settings)
        settings.pop("layers")
        code = [_book(), _solution(submission.chapter, self.settings.solutions)]
        given = [settings, submission.notes, submission.problem, submission.number, code]
        total = hashlib.sha256(json.dumps(given, default=str).encode())
        total.update(submission.source)
        return total.hexdigest()

    def write(self, submission: Submission, graded: Graded) -> None:
        """Keep what came out for one submission; after this it survives a crash."""
        part = {
            "digest": self._digest(submission),
            "student": submission.student,
            "chapter": submission.chapter,
            "number": submission.number,
            "seconds": round(graded.seconds, 3),
            "children": graded.children,
            "peak": graded.peak,
            "cpu": round(graded.cpu, 3),
            "notes": graded.notes,
            "grades": [grade.as_dict() for grade in graded.grades],
        }
        write(self.part(submission), json.dumps(part, indent=1))
        chapter = submission.chapter or "other"
        if not submission.chapter:
            chapter += "-" + hashlib.sha256(submission.place.encode()).hexdigest()[:8]
        place = self.folder / "feedback" / safe(submission.student) / f"{chapter}.html"
        write(place, page(submission, graded))

    def parts(self, submissions: Iterable[Submission]) -> list[dict[str, Any]]:
        """What is kept of these submissions."""
        found = (read_json(self.part(submission)) for submission in submissions)
        return [part for part in found if part is not None]

    def tables(self, submissions: Sequence[Submission], missing: Iterable[str] = ()) -> list[Grade]:
        """Write grades.csv and summary.csv from what is kept; returns all rows."""
        grades = [Grade(**row) for part in self.parts(submissions) for row in part["grades"]]
        write(self.folder / "grades.csv", table(COLUMNS, (grade.as_dict() for grade in grades)))
        write(self.folder / "summary.csv", summary(grades, missing))
        write(self.folder / "exercises.csv", by_exercise(grades))
        return grades


def summary(grades: Sequence[Grade], missing: Iterable[str] = ()) -> str:
    """A row per student: points per chapter, total, possible.

    What nobody handed in was not asked for: it counts for nobody, and its cells are empty.

    Args:
        grades: All rows.
        missing: Students who handed in nothing, for a row of zero points each.
    """
    possible = {
        chapter: sum(e.points for e in exercises() if e.chapter == chapter) for chapter in CHAPTERS
    }
    chapters = [chapter for chapter in CHAPTERS if possible[chapter]]
    asked = {grade.notebook for grade in grades}
    rows: dict[str, dict[str, Any]] = {}
    for grade in grades:
        row = rows.setdefault(grade.student, {"student": grade.student, "total": 0})
        if grade.notebook in chapters:
            row[grade.notebook] = row.get(grade.notebook, 0) + grade.points
            row["total"] += grade.points
    everyone = [*rows.values(), *({"student": name, "total": 0} for name in missing)]
    for row in everyone:
        row["possible"] = sum(possible[chapter] for chapter in chapters if chapter in asked)
    return table(("student", *chapters, "total", "possible"), everyone)


def by_exercise(grades: Iterable[Grade]) -> str:
    """A row per exercise: how many passed, how the others ended, and what most of them got told."""
    rows: dict[str, list[Grade]] = {}
    for grade in grades:
        if grade.exercise:
            rows.setdefault(grade.exercise, []).append(grade)
    return table(
        ("exercise", "students", "passed", "failed", "error", "not started", "other", "commonest"),
        (_of_exercise(id, found) for id, found in rows.items()),
    )


def _of_exercise(id: str, grades: Sequence[Grade]) -> dict[str, Any]:
    counts = Counter(grade.status for grade in grades)
    told = Counter(grade.message for grade in grades if grade.status in ("failed", "error"))
    row: dict[str, Any] = {"exercise": id, "students": len(grades)}
    row |= {name: counts.pop(name, 0) for name in ("passed", "failed", "error", "not started")}
    commonest = told.most_common(1)[0] if told else ("", 0)
    return {**row, "other": counts.total(), "commonest": commonest[0] if commonest[1] > 1 else ""}


def table(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV, with nothing in them that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([defused(row.get(column, "")) for column in columns])
    return text.getvalue()


FORMULA = re.compile(r"'*\s*[=+\-@|%]")
"""How a text begins that a spreadsheet computes, and one that was defused before."""


def defused(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula, and that stays on its line."""
    if not isinstance(value, str):
        return value
    text = "".join(c if c.isprintable() or c == "\n" else " " for c in value)
    text = text.replace("\n", " / ")
    return f"'{text}" if FORMULA.match(text) else text


def plain(text: str) -> str:
    """Undoes `defused`, for text on one line."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def safe(name: str) -> str:
    """A name of a folder that is one folder, here, on every system."""
    kept = re.sub(r"[^\w .()-]", "_", name).strip(" .")[:80]
    if kept and kept == name and not RESERVED.match(kept) and not kept.startswith("-"):
        return kept
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept.lstrip('-')}_{mark}" if kept.lstrip("-") else f"student_{mark}"


def deliver(path: Path, data: str | bytes) -> None:
    """Write what a lecturer asked for to where it was asked for.

    Raises:
        InputError: it cannot be written there.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; give --output the name of a file.")
    try:
        write(path, data)
    except OSError as error:
        raise InputError(f"{path} could not be written: {error.strerror}.") from error


def read_json(path: Path) -> dict[str, Any] | None:
    """What a file of JSON holds; None if it is not there or not whole."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


@functools.cache
def _book() -> str:
    """A digest of the book's code, on which grades hang besides settings and submission."""
    root = Path(book.__file__).parents[1]
    return digest(root, ("book",), without=("book/site", "book/static"))


@functools.cache
def _solution(chapter: str, solutions: str) -> str:
    """A digest of a chapter's reference answers, on which they hang too."""
    return digest(references.folder(solutions), (f"{chapter}.md",))
