"""What the answers of all chapters share."""

from collections.abc import Callable
from typing import Any

Answer = Callable[..., Any]
Answers = dict[str, list[tuple[Answer, ...]]]
"""By the id of an exercise: its correct answers, each a function for every name it asks for."""


def rows(values: Any) -> list[list[float]]:
    """A matrix as lists of Python's numbers, for answers that use neither NumPy nor JAX."""
    return [list(map(float, row)) for row in values]
