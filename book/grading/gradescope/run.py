"""Grading one submission where Gradescope runs autograders.

    python -m book.grading.gradescope.run /autograder

The folder is laid out as Gradescope does it: `submission`, `submission_metadata.json` and
`results`, with the archive of `pack.py` unpacked in `source`.
Source: Gradescope's documentation, "Autograder Specifications" and "Submission Metadata".
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from book.exercises import exercises
from book.grading.intake.collect import collect
from book.grading.marking.prepared import prepare
from book.grading.marking.submission import grade_submission
from book.grading.records import MB, Grade, Limits, Settings, Submission
from book.grading.results.exports.gradescope import results_json
from book.grading.results.folder import read_json, write
from book.grading.sandbox.layers import detect
from book.grading.sandbox.server import start

OWN = 700 * MB
"""Memory that the grader itself needs, of what the container has."""


def student(base: Path) -> str:
    """Who hands in, by the metadata; several where a group does."""
    users = (read_json(base / "submission_metadata.json") or {}).get("users")
    users = users if isinstance(users, list) else []
    names = [user.get("name") for user in users if isinstance(user, dict)]
    return ", ".join(str(name) for name in names if name) or "student"


def handed_in(folder: Path, who: str, chapters: Sequence[str], limit: int) -> list[Submission]:
    """The submission for each chapter; where there is none, its problem says so."""
    found = collect(folder, limit)
    notebooks = [one for one in found if one.place.endswith(".ipynb")]
    if len(chapters) == 1 and len(notebooks) == 1:
        found = [_under_its_name(notebooks[0], chapters[0], limit)]
    chosen = []
    for chapter in chapters:
        copies = [one for one in found if one.chapter == chapter]
        copies.sort(key=lambda one: (bool(one.problem), len(one.place)))
        if not copies:
            others = sorted({Path(one.place).name for one in found if not one.chapter})
            why = f"There is no {chapter}.ipynb in what was handed in." + (
                f" Found instead: {', '.join(others)}." if others else ""
            )
            chosen.append(Submission(who, chapter, problem=why))
            continue
        first, *rest = copies
        if rest:
            left = ", ".join(str(Path(one.place).relative_to(folder)) for one in rest)
            first = replace(first, notes=(*first.notes, f"Other copies were left out: {left}."))
        chosen.append(replace(first, student=who))
    return chosen


def _under_its_name(one: Submission, chapter: str, limit: int) -> Submission:
    """The only notebook, for the only chapter asked for, whatever it is called."""
    path = Path(one.place)
    if one.chapter or path.is_symlink() or not path.is_file() or path.stat().st_size > limit:
        return one
    return Submission(one.student, chapter, path.read_bytes(), place=one.place)


def memory(wanted: int) -> int:
    """What a submission may use of the memory that the container has."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            most = int((Path("/sys/fs/cgroup") / name).read_text())
        except (OSError, ValueError):
            continue
        return max(256 * MB, min(wanted, most - OWN))
    return wanted


def main(base: Path) -> int:
    """Grade what is in `base/submission`; returns the exit status."""
    began = time.monotonic()
    config = json.loads((base / "source" / "config.json").read_text(encoding="utf-8"))
    limits = Limits(**config["limits"])
    limits = replace(limits, memory=memory(limits.memory))
    settings = Settings(config["seed"], config["cases"], limits)
    chapters, who = config["chapters"], student(base)
    grades: dict[str, list[Grade]] = {chapter: [] for chapter in chapters}
    notes: list[str] = []

    def say(**more: Any) -> None:
        rows = [row for chapter in chapters for row in grades[chapter] or _waiting(who, chapter)]
        seconds = round(time.monotonic() - began)
        results = results_json(rows, notes, config["visibility"], execution_time=seconds, **more)
        write(base / "results" / "results.json", results)

    say()
    server = None
    try:
        submissions = handed_in(base / "submission", who, chapters, limits.notebook)
        server = start(detect(settings.layers), limits, set(), unsafe=False)
        print("Isolation:", *server.isolation.lines(), sep="\n")
        for submission in submissions:
            prepared = prepare([submission.chapter] if submission.source else [], settings)
            graded = grade_submission(submission, settings, server, prepared)
            grades[submission.chapter] = graded.grades
            notes += [f"{submission.chapter}: {note}" for note in graded.notes]
            peak = f"{graded.peak / MB:.0f} MB"
            print(f"{submission.chapter}: {graded.seconds:.1f} s, at most {peak}", flush=True)
            say()
    except Exception:
        traceback.print_exc()
        notes.append("The autograder failed, which is not your fault. Tell your instructor.")
        say()
        return 1
    finally:
        if server is not None:
            server.close()
    return 0


def _waiting(who: str, chapter: str) -> list[Grade]:
    """Rows of a chapter that is not graded yet; they stand if Gradescope ends the run."""
    return [
        Grade(who, chapter, e.id, 0, e.points, "out of time", "This was not reached in time.")
        for e in exercises()
        if e.chapter == chapter
    ]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
