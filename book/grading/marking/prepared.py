"""What is worked out once for all submissions: reference answers and hidden cases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import jax
import numpy as np

from book.exercises import exercises
from book.exercises.exercise import Exercise
from book.exercises.trial import Case, Trial, here
from book.grading.marking.references import Functions, references
from book.grading.records import Settings


@dataclass(frozen=True)
class Prepared:
    """What submissions are marked against.

    Attributes:
        references: The functions of each chapter's solution, by name.
        cases: The hidden cases of each exercise, by its id.
    """

    references: Mapping[str, Functions]
    cases: Mapping[str, tuple[Case, ...]]


def prepare(chapters: Iterable[str], settings: Settings) -> Prepared:
    """Read the solutions of some chapters, and work out the hidden cases of their exercises.

    Raises:
        NoReferenceError: a solution is not there.
        AssertionError: a solution does not pass on the hidden cases.
    """
    functions = {chapter: references(chapter, settings.solutions) for chapter in chapters}
    cases = {
        exercise.id: tuple(_cases(exercise, functions[exercise.chapter], settings))
        for exercise in exercises()
        if exercise.chapter in functions
    }
    return Prepared(functions, cases)


def key(seed: int, exercise: str, case: int) -> jax.Array:
    """The randomness of a hidden case."""
    digest = hashlib.sha256(f"{seed}:{exercise}:{case}".encode()).digest()
    return jax.random.key(int.from_bytes(digest[:4], "big"))


def _cases(exercise: Exercise, functions: Functions, settings: Settings) -> Iterator[Case]:
    for number in range(settings.cases):
        inputs = exercise.inputs(key(settings.seed, exercise.id, number))
        for claim in exercise.properties:
            case = Case(claim, inputs)
            trial = Trial(exercise, here(functions), lambda case=case: [case])  # type: ignore[misc]
            finding = trial.properties()
            if finding:
                raise AssertionError(
                    f"{exercise.id}: the solution does not hold to {claim.claim!r}: {finding.what}"
                )
            # NumPy's arrays, so that comparing with them compiles nothing.
            calls = [replace(c, result=jax.tree.map(np.asarray, c.result)) for c in trial.calls]
            yield replace(case, calls=tuple(calls))
