"""The arithmetic of a picture: from arrays to the numbers that are written into its SVG.

It is written once, for arrays of NumPy and of JAX alike, in double precision: a kernel runs it as
it stands, and for the static page it is compiled with the figure's own function. Lengths are
points, from the upper left corner. Every function gives *columns*, arrays with one entry for each
mark (an arrow, a point of a line, a bar, a cell), which the template of the mark names by number.
"""

from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Num

Array = jax.Array | np.ndarray
Columns = tuple[Num[Array, "..."] | Bool[Array, "..."], ...]
#: Coordinates of several spots: those to the right, those down.
Spots = tuple[Num[Array, "*marks"], Num[Array, "*marks"]]
#: Left, top, right and bottom edge.
Box = tuple[float, ...]

HEAD = 9.0
GAP = 4.0


def library(array: Array) -> Any:
    """NumPy for its own arrays, `jax.numpy` for those of JAX."""
    return array.__array_namespace__()


class Axis(NamedTuple):
    """How a coordinate becomes a place: `offset + factor * value`, or of its logarithm."""

    offset: float
    factor: float
    logarithmic: bool = False

    def place(self, values: Num[Array, "..."]) -> Num[Array, "..."]:
        """Places of these values; infinite for what a logarithm cannot show."""
        if self.logarithmic:
            xp = library(values)
            values = xp.where(values > 0, xp.log10(values), -np.inf)
        return self.offset + self.factor * values


class Axes(NamedTuple):
    """The two axes of a panel, and the edges that its labels stay inside of."""

    x: Axis
    y: Axis
    box: Box

    def places(self, pairs: Num[Array, "*marks 2"]) -> Spots:
        """Pairs of coordinates as places in the picture."""
        return self.x.place(pairs[..., 0]), self.y.place(pairs[..., 1])


def drawable(*numbers: Num[Array, "*marks"]) -> Bool[Array, "*marks"]:
    """Where all numbers are finite: what is not is left out of the picture."""
    first, *others = (library(number).isfinite(number) for number in numbers)
    for other in others:
        first = first & other
    return first


def _direction(start: Spots, tip: Spots) -> tuple[Num[Array, " k"], ...]:
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = library(dx).sqrt(dx * dx + dy * dy)
    return dx / length, dy / length, length


def arrows(start: Spots, tip: Spots) -> Columns:
    """Whether to draw each arrow, and whether it is long enough for a head; then the corners.

    These are the shaft's two ends, the head's tip (half a line's width before the arrow's) and its
    two sides. A head shrinks only when there is no room for it.
    """
    (x0, y0), (x1, y1) = start, tip
    dx, dy, length = _direction(start, tip)
    head = library(length).minimum(HEAD, 0.7 * length)
    x, y = x1 - head * dx, y1 - head * dy
    side = 0.4 * head
    return (
        *(drawable(x0, y0, x1, y1), length >= 1),
        *(x0, y0, x, y, x1 - dx, y1 - dy),
        *(x - side * dy, y + side * dx, x + side * dy, y - side * dx),
    )


def labels(axes: Axes, start: Spots, tip: Spots, sizes: np.ndarray) -> Columns:
    """The middle of each arrow's label, just beyond its tip, and that tip.

    Args:
        axes: those of the panel.
        start: where the arrows start.
        tip: where they end.
        sizes: width and height of each label.
    """
    dx, dy, length = _direction(start, tip)
    xp = library(length)
    dx, dy = xp.where(length >= 1, dx, 0.0), xp.where(length >= 1, dy, -1.0)
    wide, high = sizes.T / 2
    far = xp.minimum((wide + GAP) / abs(dx), (high + GAP) / abs(dy))
    left, top, right, bottom = axes.box
    x = xp.clip(tip[0] + far * dx, left + wide, right - wide)
    y = xp.clip(tip[1] + far * dy, top + high, bottom - high)
    return x, y, *tip


def points(axes: Axes, pairs: Num[Array, "k 2"], shift: tuple[float, float] = (0, 0)) -> Columns:
    """Whether to draw each point, and its place, moved to the right and up."""
    x, y = axes.places(pairs)
    return drawable(x, y), x + shift[0], y - shift[1]


def bars(axes: Axes, heights: Num[Array, " k"], edges: np.ndarray, base: float) -> Columns:
    """Whether to draw each bar, and its left, lower, upper and right edge."""
    left, right = axes.x.place(edges.T)
    bottom, top = axes.y.place(np.full(len(edges), base)), axes.y.place(heights)
    return drawable(top), left, bottom, top, right


def hues(values: Num[Array, " cells"], low: float, high: float) -> Columns:
    """Whether to draw each cell, whether it has the upper hue, and its strength in percent."""
    xp = library(values)
    zero = min(max(0.0, low), high)
    above = values > zero
    part = xp.where(above, (values - zero) / (high - zero), (zero - values) / (zero - low or 1))
    return drawable(values), above, xp.floor(xp.minimum(part, 1) * 100 + 0.5)


def mixtures(values: Num[Array, " cells"], low: float, high: float, scale: np.ndarray) -> Columns:
    """Whether to draw each cell, and its red, green and blue, between two colours of a scale."""
    xp = library(values)
    last = len(scale) - 1
    part = xp.clip((values - low) / (high - low), 0, 1) * last
    first = xp.minimum(xp.floor(part), last - 1)
    index = xp.where(drawable(values), first, 0).astype("int32")
    below, above = xp.asarray(scale)[index], xp.asarray(scale)[index + 1]
    mixed = xp.floor(below + (above - below) * (part - first)[:, None] + 0.5)
    return drawable(values), *(mixed[:, k] for k in range(3))
