"""Are two results equal, and if not, where do they differ: in words."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

SHOWN = 3  # places where two arrays differ


def as_array(value: Any) -> np.ndarray:
    """A number, a list of numbers or an array of any library as a NumPy array.

    Raises:
        TypeError: it is none of these.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{short(value)} is a {type(value).__name__}, not numbers")
    return array


def is_group(value: Any) -> bool:
    """Whether several results stand side by side: a tuple."""
    return isinstance(value, tuple)


def difference(got: Any, expected: Any, tolerance: float, name: str = "the result") -> str | None:
    """What is wrong with `got`, the cheapest fault first; None when nothing is.

    Args:
        got: What the learner's function returned.
        expected: What it should return: an array, or a tuple of arrays.
        tolerance: Largest error, relative to the largest expected entry, at least 1.
        name: What to call it.
    """
    if is_group(expected) and isinstance(got, tuple | list) and len(got) == len(expected):
        for k, (one, other) in enumerate(zip(got, expected, strict=True)):
            fault = difference(one, other, tolerance, f"result {k + 1} of {len(expected)}")
            if fault:
                return fault
        return None
    fault = difference_in_kind(got, expected, name)
    if fault:
        return fault
    try:
        have, want = as_array(got), as_array(expected)
    except (TypeError, ValueError) as error:
        return f"{name} should be numbers: {error}."
    whole = have.dtype.kind in "iub" or np.array_equal(have, np.round(have))
    if want.dtype.kind in "iub" and not whole:
        return f"{name} should be of whole numbers, and is {have.dtype}."
    return _where(have, want, tolerance, name)


def difference_in_kind(got: Any, expected: Any, name: str = "the result") -> str | None:
    """Where the number of results, their kind or shape is another; no entry is looked at or shown.

    Args:
        got: What the learner's function returned.
        expected: An array, or a tuple of arrays.
        name: What to call it.
    """
    if is_group(expected):
        if not isinstance(got, tuple | list) or len(got) != len(expected):
            found = f"{len(got)}" if isinstance(got, tuple | list) else type(got).__name__
            return f"{name} should be {len(expected)} results, `return a, b`, and is {found}."
        faults = (
            difference_in_kind(one, other, f"result {k + 1} of {len(expected)}")
            for k, (one, other) in enumerate(zip(got, expected, strict=True))
        )
        return next(filter(None, faults), None)
    if got is None:
        return f"{name} is None. Does the function end with `return`?"
    if isinstance(got, tuple):
        return f"{name} should be one array, and is a tuple of {len(got)}."
    if isinstance(got, jax.core.Tracer):
        return f"{name} is a traced value that outlived jax.jit; return it instead of storing it."
    if isinstance(got, str | dict):
        return f"{name} should be numbers, and is a {type(got).__name__}."
    try:
        shape = np.shape(got)
    except ValueError:
        return f"{name} should be an array, and is a list of unequal parts."
    if shape != np.shape(expected):
        return f"{name} should have the shape {np.shape(expected)}, and has {shape}."
    return None


def identical(one: Any, other: Any) -> bool:
    """Whether two arguments are the same to the last bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(identical, one, other))
    return bool(np.array_equal(one, other))


def _where(have: np.ndarray, want: np.ndarray, tolerance: float, name: str) -> str | None:
    finite = np.isfinite(want)
    scale = max(1.0, float(np.abs(want[finite]).max(initial=0.0)))
    with np.errstate(invalid="ignore"):
        same = np.abs(have.astype(float) - want.astype(float)) <= tolerance * scale
    same |= (have == want) | (np.isnan(have.astype(float)) & np.isnan(want.astype(float)))
    if same.all():
        return None
    if not want.shape:
        return f"{name} should be {short(want)}, and is {short(have)}."
    places = np.argwhere(~same)
    lines = [
        f"at {list(map(int, place))}: {short(have[tuple(place)])}, expected "
        f"{short(want[tuple(place)])}"
        for place in places[:SHOWN]
    ]
    more = f"; and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return f"{name} differs in {len(places)} of {want.size} entries: {'; '.join(lines)}{more}."


def short(value: Any) -> str:
    """A value as a learner would write it, on a line or two; long arrays are cut."""
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return f"({', '.join(map(short, value))}{',' * (len(value) == 1)})"
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, jax.errors.JAXTypeError):
        return _cut(repr(value))
    if array.dtype.kind not in "biuf":
        return _cut(repr(value))
    if not array.shape:
        return f"{array.item():.4g}" if array.dtype.kind == "f" else str(array.item())
    text = np.array2string(array, precision=3, threshold=20, edgeitems=2, separator=", ")
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."
