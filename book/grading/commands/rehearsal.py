"""A class of four invented students, to rehearse with before the real submissions arrive."""

from __future__ import annotations

import argparse
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from book.exercises import CHAPTERS, exercises
from book.exercises.notebook import make_notebook, to_text
from book.exercises.solution import answer, read
from book.grading.marking.references import folder
from book.grading.results.folder import deliver

CHAPTER = "linearity"
ASKED = [one for one in exercises() if one.chapter == CHAPTER]
POSSIBLE = sum(one.points for one in ASKED)

GRADEBOOK = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,Linearity (7001)
Points Possible,,,,,{POSSIBLE}
"Lind, Dayo",1004,,dlind,Thursday,
"Nguyen, Bao",1002,,bnguyen,Thursday,
"Okafor, Ada",1001,,aokafor,Thursday,
"Rossi, Carla",1003,,crossi,Thursday,
"""
"""What Canvas exports before anything is graded; Dayo Lind hands in nothing."""

Changes = Mapping[str, tuple[str, str] | None]
"""What is replaced in the answer to an exercise, and by what; None leaves it unanswered."""

UNFINISHED: Changes = {"linearity.linear_probe": None}
PARTLY: Changes = {
    "linearity.compose": ("@ directions", "@ directions / len(intensities)"),
    "linearity.precision_budget": ("1 / Z", "1 / z"),
    "linearity.noise_gain": ("axis=0", "axis=1"),
    "linearity.floor_network": None,
}
UNTOUCHED: Changes = {one.id: None for one in ASKED}


def numbers() -> dict[str, Any]:
    """What comes out of the rehearsal, as the page for lecturers shows it."""
    partly = sum(one.points for one in ASKED if one.id not in PARTLY)
    marks = {"ada": POSSIBLE, "bao": partly, "carla": 0, "dayo": ""}
    return {
        "notebooks": len(CHAPTERS),
        "chapters": ",".join(CHAPTERS),
        "points": POSSIBLE,
        "partly": partly,
        "grades": 3 * len(ASKED),
        **{
            f"of_{name}": ",".join(str(mark) if one == CHAPTER else "" for one in CHAPTERS)
            for name, mark in marks.items()
        },
    }


def notebook(changes: Changes) -> str:
    """A notebook of the chapter with its solution's answers, changed, as the text of its file."""
    solution = read(folder() / f"{CHAPTER}.md")
    made = make_notebook(solution, install="neural-representations")
    empty = [cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    answers = [
        (section.exercise.id, answer(cell.source))
        for section in solution.sections
        for cell in section.cells
        if cell.is_answer
    ]
    for cell, (exercise, text) in zip(empty, answers, strict=True):
        change = changes.get(exercise, ("", ""))
        if change is not None:
            cell.source = text.replace(*change)
    return to_text(made)


def submissions() -> bytes:
    """The archive that Canvas hands out: three students, one of them twice and one late."""
    handed_in = {
        ("okaforada_1001_50001_linearity.ipynb", 12): notebook(UNFINISHED),
        ("nguyenbao_1002_50002_linearity.ipynb", 13): notebook(PARTLY),
        ("okaforada_1001_50003_linearity-1.ipynb", 14): notebook({}),
        ("rossicarla_LATE_1003_50004_linearity.ipynb", 16): notebook(UNTOUCHED),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for (name, day), text in handed_in.items():
            entry = zipfile.ZipInfo(name, (2026, 11, day, 18, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return target.getvalue()


def main(arguments: Sequence[str]) -> int:
    """`python -m book.grading example`; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m book.grading example",
        description="Make a class of invented students to rehearse with: what Canvas hands out "
        "at the deadline, submissions.zip, and its gradebook, gradebook.csv.",
    )
    parser.add_argument("--output", type=Path, required=True, help="a folder for both")
    options = parser.parse_args(arguments)
    deliver(options.output / "submissions.zip", submissions())
    deliver(options.output / "gradebook.csv", GRADEBOOK)
    print(f"{options.output}: submissions.zip with 4 notebooks, gradebook.csv with 4 students.")
    return 0
