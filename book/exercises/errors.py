"""A learner's exception, told at the learner's line."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterable
from types import FrameType, TracebackType
from typing import Any

import jax

TRACED = {
    jax.errors.TracerBoolConversionError: (
        "Under jax.jit an array has no value yet, so Python's `if` and `while` cannot look at it. "
        "Use jnp.where(condition, a, b) to choose between two arrays."
    ),
    jax.errors.TracerArrayConversionError: (
        "Under jax.jit an array has no value yet, so NumPy cannot compute with it. "
        "Use the function of the same name in jax.numpy."
    ),
    jax.errors.TracerIntegerConversionError: (
        "Under jax.jit an array has no value yet, so it cannot count a loop or index a list. "
        "Use jax.lax.fori_loop, or jnp.take."
    ),
    jax.errors.ConcretizationTypeError: (
        "Under jax.jit an array has no value yet, so float(), int() and bool() cannot read it. "
        "Keep it an array to the end."
    ),
    jax.errors.UnexpectedTracerError: (
        "A value from inside jax.jit was kept in a variable outside it. "
        "A function that is traced should only return what it computes."
    ),
}


def describe_exception(error: BaseException, functions: Iterable[Any]) -> str:
    """The exception's kind and message, the line where it arose, and what JAX means by it."""
    kind = type(error).__name__
    text = f"{kind}: {_first_paragraph(str(error))}" if str(error) else kind
    frame = _learner_frame(error.__traceback__, functions)
    if frame is not None:
        code, line = frame
        source = linecache.getline(code.co_filename, line).strip()
        text += f"\nin {code.co_name}, line {line}" + (f":    {source}" if source else "")
    for known, advice in TRACED.items():
        if isinstance(error, known):
            return f"{text}\n{advice}"
    return text


def _first_paragraph(text: str) -> str:
    return text.split("\n\n")[0].split("\nThe error occurred")[0].strip()


def _learner_frame(trace: TracebackType | None, functions: Iterable[Any]) -> tuple[Any, int] | None:
    """The innermost line in a file in which one of the learner's functions stands."""
    files = {
        code.co_filename
        for function in functions
        if (code := getattr(function, "__code__", None)) is not None
    }
    found: tuple[FrameType, int] | None = None
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename in files:
            found = frame, line
    return (found[0].f_code, found[1]) if found else None
