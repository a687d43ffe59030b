"""Grades as files of their own: nbgrader's CSV, JUnit's XML, Gradescope's JSON."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from book.exercises import find
from book.grading.records import Grade
from book.grading.results.exports.results import dump, totals
from book.grading.results.feedback import WORDS
from book.grading.results.folder import defused

NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
"""The columns of `nbgrader export`; what this grader does not know stays empty."""

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def nbgrader(grades: Sequence[Grade]) -> str:
    """The table that `nbgrader export` writes: one line per student and chapter."""
    target = io.StringIO(newline="")
    lines = csv.DictWriter(target, NBGRADER, restval="")
    lines.writeheader()
    for chapter in dict.fromkeys(grade.notebook for grade in grades if grade.notebook):
        for student, (points, possible) in totals(grades, chapter).items():
            lines.writerow(
                {
                    "assignment": chapter,
                    "student_id": defused(student),
                    "raw_score": points,
                    "late_submission_penalty": 0,
                    "score": points,
                    "max_score": possible,
                }
            )
    return target.getvalue()


def junit(grades: Iterable[Grade]) -> str:
    """JUnit's XML, for systems that show tests: a suite per student, a case per exercise."""
    root = ET.Element("testsuites", name="grades")
    for student, rows in groupby(grades, key=lambda grade: grade.student):
        cases = list(rows)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_xml(student),
            tests=str(len(cases)),
            failures=str(sum(case.status != "passed" for case in cases)),
        )
        for case in cases:
            entry = ET.SubElement(
                suite,
                "testcase",
                classname=_xml(case.notebook or "submission"),
                name=_xml(_name(case)),
            )
            if case.status != "passed":
                failure = ET.SubElement(entry, "failure", type=case.status)
                failure.set("message", f"{case.points} of {case.possible} points")
                failure.text = _xml(case.message)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _name(grade: Grade) -> str:
    """What a row is about, if it is not about one exercise."""
    return grade.exercise or grade.notebook or "submission"


def _xml(text: str) -> str:
    """The text without characters that no XML may hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def gradescope(
    grades: Sequence[Grade],
    notes: Sequence[str] = (),
    visibility: str = "visible",
    **more: Any,
) -> str:
    """The `results.json` of one submission, as Gradescope's autograder reads it.

    Source: Gradescope's documentation of autograders, "Autograder Specifications".

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
            else _name(grade),
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
    return dump(
        {
            "score": sum(grade.points for grade in grades),
            "output": "\n".join(said),
            "output_format": "text",
            "visibility": visibility,
            "tests": tests,
            **more,
        }
    )
