"""Correct answers to every exercise, one module a chapter, and ways to spoil them.

An exercise without answers here has its solution's.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np

from book.exercises import exercises
from book.grading.marking.references import references
from tests.exercises.answers.common import Answer, Answers

__all__ = ["CORRECT", "SPOILED", "Answer"]

CORRECT: Answers = {}
for _module in pkgutil.iter_modules(__path__):
    if _module.name != "common":
        CORRECT |= importlib.import_module(f"{__name__}.{_module.name}").CORRECT
for _exercise in exercises():
    if _exercise.id not in CORRECT:
        _functions = references(_exercise.chapter)
        CORRECT[_exercise.id] = [tuple(_functions[name] for name in _exercise.names)]

# Ways to spoil a correct result.
SPOILED: dict[str, Callable[[Any], Any]] = {
    "another sign": lambda result: -result,
    "a constant more": lambda result: result + 0.1,
    "twice as much": lambda result: 2 * result,
    "a constant": lambda result: np.full_like(result, 0.5),
    "nothing": lambda result: None,
    "an entry short": lambda result: result[..., :-1] if result.ndim else result[None],
    "the order reversed": lambda result: result[..., ::-1] if result.ndim else result - 0.1,
    "one axis more": lambda result: result[None],
    "shifted": lambda result: np.roll(result, 1, axis=-1) if result.ndim else result * 1.01,
    "not a number": lambda result: result * np.nan,
}
