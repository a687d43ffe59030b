"""Whether two results are alike: in kind and shape, within a tolerance, or to the last bit."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from book.exercises.compare import difference, short


def values(value: Any) -> Any:
    """JAX arrays as NumPy arrays, so that comparing them compiles nothing."""
    return jax.tree.map(
        lambda leaf: np.asarray(leaf) if isinstance(leaf, jax.Array) else leaf, value
    )


def differs(got: Any, expected: Any, tolerance: float) -> str | None:
    """`difference`, for texts and dicts too."""
    if isinstance(expected, str) or isinstance(got, str):
        alike = type(got) is type(expected) and got == expected
        return None if alike else f"the result should be {short(expected)}, and is {short(got)}"
    if isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            return f"the result should be a dict with the keys {', '.join(map(str, expected))}"
        faults = (differs(got[name], expected[name], tolerance) for name in expected)
        return next((fault for fault in faults if fault), None)
    if isinstance(expected, list) and any(isinstance(part, str) for part in expected):
        return None if got == expected else f"the result should be {expected}"
    return difference(got, expected, tolerance)


def unlike(got: Any, reference: Any) -> str | None:
    """Where the kind or shape of a result is not that of the reference's."""
    if isinstance(reference, tuple):
        if not isinstance(got, tuple | list) or len(got) != len(reference):
            return f"It should return {len(reference)} results."
        faults = (unlike(one, other) for one, other in zip(got, reference, strict=True))
        return next((fault for fault in faults if fault), None)
    if isinstance(reference, dict):
        if not isinstance(got, dict) or got.keys() != reference.keys():
            return f"It should return a dict with the keys {', '.join(map(str, reference))}."
        faults = (unlike(got[name], reference[name]) for name in reference)
        return next((fault for fault in faults if fault), None)
    if isinstance(reference, str) or reference is None:
        return None if type(got) is type(reference) else "It returns another kind of thing."
    if got is None:
        return "It returns None. Does the function end with `return`?"
    if isinstance(got, tuple | dict | str):
        return "It should return one array or number."
    try:
        shape = np.shape(got)
    except ValueError:
        return "It returns a list of unequal parts."
    wanted = np.shape(reference)
    return None if shape == wanted else f"It should return the shape {wanted}, and returns {shape}."


def same(mine: Any, theirs: Any) -> bool:
    """Whether two arguments are the same to the last bit."""
    if isinstance(mine, tuple | list):
        alike = type(mine) is type(theirs) and len(mine) == len(theirs)
        return alike and all(map(same, mine, theirs))
    if isinstance(mine, dict):
        alike = isinstance(theirs, dict) and mine.keys() == theirs.keys()
        return alike and all(same(mine[name], theirs[name]) for name in mine)
    if isinstance(mine, np.ndarray):
        return isinstance(theirs, np.ndarray) and np.array_equal(mine, theirs)
    if isinstance(mine, jax.Array):
        return isinstance(theirs, jax.Array) and bool((mine == theirs).all())
    return bool(mine == theirs)


def size(value: Any) -> int:
    """How many numbers a result holds."""
    return sum(np.size(leaf) for leaf in jax.tree.leaves(value))
