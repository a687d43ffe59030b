"""Exercises: a check that teaches, hints one at a time, and a record of progress.

A chapter's exercises are defined in the package of its name; everything else here uses them.
"""

from __future__ import annotations

import difflib
import importlib
import re
from pathlib import Path
from typing import Any

from book.exercises import record
from book.exercises.compiled import keep_compiled
from book.exercises.display import Bar, Box, Progress, Result
from book.exercises.exercise import Example, Exercise, Mistake, Property, generator
from book.exercises.trial import Finding, try_functions

__all__ = [
    "Example",
    "Exercise",
    "Mistake",
    "Property",
    "chapter_exercises",
    "check",
    "exercises",
    "generator",
    "hint",
    "progress",
]


def _chapters() -> tuple[str, ...]:
    """The packages here, by the numbers that they give their chapters; none is loaded for it."""
    files = Path(__file__).parent.glob("*/__init__.py")
    numbers = {file: re.search(r"^CHAPTER = (\d+)$", file.read_text(), re.M) for file in files}
    found = [(int(number[1]), file.parent.name) for file, number in numbers.items() if number]
    return tuple(chapter for _, chapter in sorted(found))


CHAPTERS = _chapters()
"""Chapters with exercises, in the order of `_toc.yml`, which an installed package does not have."""


def exercises() -> tuple[Exercise, ...]:
    """All exercises, in the order of the book."""
    return tuple(exercise for chapter in CHAPTERS for exercise in chapter_exercises(chapter))


def chapter_exercises(chapter: str) -> tuple[Exercise, ...]:
    """The exercises of a chapter, in its order; none of what is no chapter."""
    if chapter not in CHAPTERS:
        return ()
    found: tuple[Exercise, ...] = importlib.import_module(f"{__name__}.{chapter}").EXERCISES
    return found


def find(id: str) -> Exercise:
    """The exercise with this id; definitions of other chapters are not loaded for it.

    Raises:
        LookupError: there is none; the message names those that come close.
    """
    for exercise in chapter_exercises(str(id).partition(".")[0]) or exercises():
        if exercise.id == id:
            return exercise
    known = [exercise.id for exercise in exercises()]
    close = difflib.get_close_matches(str(id), known, n=3, cutoff=0.5)
    meant = " or ".join(map(repr, close or known[:3]))
    raise LookupError(f"There is no exercise {id!r}. Did you mean {meant}?")


def check(id: str, *functions: Any) -> Result:
    """Try an answer on the public checks, and say what happened; nothing leaves the machine.

    Args:
        id: The exercise, such as `"linearity.compose"`.
        functions: The learner's functions, in the order in which the exercise names them.

    Returns:
        A `Result`, which shows itself at the end of a cell and has `passed`, `points`, `possible`,
        `status` and `message` for programs.

    Raises:
        LookupError: there is no such exercise.
    """
    exercise = find(id)
    keep_compiled()
    finding, count = try_functions(exercise, functions)
    if finding is None:
        points = exercise.points
        heading = (
            f"{exercise.title}: all {count} public checks passed, {_points(points, exercise)}."
        )
        box = Box("passed", heading, _saved(record.update(id, points=points)))
        return Result(id, True, points, points, "passed", repr(box), box)
    box = _failure(exercise, finding)
    return Result(id, False, 0, exercise.points, finding.status, repr(box), box)


def _failure(exercise: Exercise, finding: Finding) -> Box:
    if finding.status == "not started":
        heading = f"{exercise.title}: not started, {_points(0, exercise)}."
        return Box("not started", heading, [("Next", _next_hint(exercise))])
    what = finding.what
    if finding.status == "failed" and finding.claim:
        what = f"{finding.claim} Here {what}"
    if finding.status == "failed" and finding.expected:
        what = f"{what} Expected: {finding.expected}."
    parts = [
        ("Tried:", finding.tried),
        ("Found", what),
        ("Likely cause", finding.cause),
        ("Next", _next_hint(exercise)),
    ]
    words = {"failed": "not yet", "error": "the function stopped with an error"}
    heading = f"{exercise.title}: {words.get(finding.status, finding.status)}."
    return Box(finding.status, heading, [part for part in parts if part[1]])


def _points(points: int, exercise: Exercise) -> str:
    return f"{points} of {exercise.points} point{'s' * (exercise.points != 1)}"


def _saved(message: str) -> list[tuple[str, str]]:
    return [("Note", message)] if message else []


def _next_hint(exercise: Exercise) -> str:
    opened = record.load()[0].get(exercise.id, {}).get("hints", 0)
    if opened >= len(exercise.hints):
        return f'You have opened all {opened} hints; hint("{exercise.id}") shows them again.'
    return f'hint("{exercise.id}") opens hint {opened + 1} of {len(exercise.hints)}.'


def hint(id: str) -> Box:
    """Open the next rung of an exercise's ladder of hints, and show those already open.

    Raises:
        LookupError: there is no such exercise.
    """
    exercise = find(id)
    records, message = record.load()
    opened = min(records.get(id, {}).get("hints", 0) + 1, len(exercise.hints))
    message = record.update(id, hints=opened) or message
    parts = [(f"Hint {k + 1}", exercise.hints[k]) for k in range(opened)]
    if opened == len(exercise.hints):
        parts.append(("Next", "That was the last hint."))
    heading = f"{exercise.title}: hint {opened} of {len(exercise.hints)}"
    return Box("hint", heading, [*parts, *_saved(message)])


def progress() -> Progress:
    """A bar for every chapter with exercises, and what is next."""
    records, message = record.load()
    bars = []
    following = None
    for chapter in CHAPTERS:
        own = chapter_exercises(chapter)
        reached = [min(records.get(e.id, {}).get("points", 0), e.points) for e in own]
        done = sum(points == e.points for points, e in zip(reached, own, strict=True))
        title = chapter.replace("_", " ").capitalize()
        bars.append(Bar(title, sum(reached), sum(e.points for e in own), done, len(own)))
        for points, exercise in zip(reached, own, strict=True):
            if following is None and points < exercise.points:
                following = exercise
    if following is None:
        words = "Everything is done."
    else:
        words = f"Next: {following.title} ({following.id}), about {following.minutes} minutes."
    return Progress(bars, words, message)
