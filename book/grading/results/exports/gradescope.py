"""The `results.json` that Gradescope reads of an autograder, one for each submission.

Source: Gradescope's documentation of autograders, "Autograder Specifications".
"""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from book.exercises import find
from book.grading.records import Grade
from book.grading.results.feedback import WORDS
from book.grading.results.folder import safe


def results_json(
    grades: Sequence[Grade],
    notes: Sequence[str] = (),
    visibility: str = "visible",
    **more: Any,
) -> str:
    """The results of one submission.

    Args:
        grades: The rows.
        notes: What else the student should know.
        visibility: When the student sees the results, in Gradescope's words.
        more: Further fields, `execution_time`.
    """
    tests: list[dict[str, Any]] = [
        {
            "name": f"{find(grade.exercise).title} ({grade.exercise})"
            if grade.exercise
            else grade.subject,
            "score": grade.points,
            "max_score": grade.possible,
            "status": "passed" if grade.status == "passed" else "failed",
            "output": grade.message or WORDS[grade.status],
            "output_format": "text",
            "visibility": visibility,
            "extra_data": {"exercise": grade.exercise, "status": grade.status},
        }
        for grade in grades
    ]
    said = ["Each exercise is tried on inputs that you do not see.", *notes]
    results = {
        "score": sum(grade.points for grade in grades),
        "output": "\n".join(said),
        "output_format": "text",
        "visibility": visibility,
        "tests": tests,
        **more,
    }
    return json.dumps(results, indent=2, ensure_ascii=False) + "\n"


def a_file_each(grades: Sequence[Grade]) -> dict[str, str]:
    """For every student a folder with the results."""
    students = groupby(grades, lambda grade: grade.student)
    return {f"{safe(who)}/results.json": results_json(list(rows)) for who, rows in students}
