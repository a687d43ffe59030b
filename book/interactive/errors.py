"""The one error that a badly described figure raises."""

from collections.abc import Iterator
from contextlib import contextmanager


class FigureError(ValueError):
    """A figure is described badly: the message names the figure and what to change."""


@contextmanager
def about(what: str) -> Iterator[None]:
    """Says of every FigureError what it is about, such as "figure 'vector-sum'"."""
    try:
        yield
    except FigureError as error:
        raise FigureError(f"{what}: {error}") from error.__cause__
