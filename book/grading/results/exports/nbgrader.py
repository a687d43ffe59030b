"""The table that `nbgrader export` writes: one line per student and chapter."""

import csv
import io
from collections.abc import Sequence

from book.grading.records import Grade
from book.grading.results.exports.grades import totals
from book.grading.results.folder import defused

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
"""Those of nbgrader; what this grader does not know stays empty."""


def nbgrader(grades: Sequence[Grade]) -> str:
    """The table as text."""
    target = io.StringIO(newline="")
    lines = csv.DictWriter(target, COLUMNS, restval="")
    lines.writeheader()
    for chapter in dict.fromkeys(grade.notebook for grade in grades if grade.notebook):
        for student, (points, possible) in totals(grades, chapter).items():
            known = {"assignment": chapter, "student_id": defused(student), "max_score": possible}
            known |= {"raw_score": points, "late_submission_penalty": 0, "score": points}
            lines.writerow(known)
    return target.getvalue()
