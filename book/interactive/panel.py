"""The moving parts of one axes: what its artists note down while a figure is drawn.

An artist of `artists` asks the sketch of its axes for the array it is fed with and for elements of
the SVG (numbered slots, drawn by matplotlib), and leaves a `Part` behind. When the layout is final,
the sketch becomes a `Panel`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib.axes
import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Bbox, IdentityTransform, Transform

from book.display import svg
from book.interactive import geometry
from book.interactive.caption import Template, either
from book.interactive.errors import FigureError
from book.interactive.geometry import Array, Axes, Axis, Box, Columns, library

Arrays = Mapping[str, Array]
#: The slot of words, their width and their height.
Words = tuple[int, float, float]

#: Formulas and words are narrower in the page's font than in matplotlib's.
NARROWER = 0.92
#: Labels keep so many points away from the sides and the top of their panel.
EDGE = 2

#: How the columns of `geometry.arrows` are written.
ARROW = either(0, either(1, "M{2} {3}L{4} {5}M{6} {7}L{8} {9}L{10} {11}Z", "M{2} {3}h0"), "")


@dataclass(frozen=True)
class Part:
    """Elements of the SVG and one attribute of theirs that numbers set.

    Attributes:
        slots: the elements' numbers; the marks are shared out evenly among them.
        attribute: its name; "" for the element's text.
        template: how one mark is written.
        columns: the numbers of all marks, from the axes and the arrays of compute.
    """

    slots: Sequence[int]
    attribute: str
    template: Template
    columns: Callable[[Axes, Arrays], Columns]


@dataclass(frozen=True)
class Panel:
    """One axes of a figure in its final layout.

    Attributes:
        axes: from coordinates to places in the picture.
        parts: what moves; if there are labels, the arrows come last.
        labels: of each arrow the label or `None`; nothing if no arrow has one.
        fixed: the edges of fixed words, which labels do not cover.
    """

    axes: Axes
    parts: Sequence[Part]
    labels: Sequence[Words | None]
    fixed: Sequence[Box]

    @property
    def places(self) -> list[tuple[int, str]]:
        """The slots and their attributes that are written, in the order of `patch.patches`."""
        places = [(slot, part.attribute) for part in self.parts for slot in part.slots]
        return places + [(label[0], "transform") for label in self.labels if label]


_SKETCHES: "WeakKeyDictionary[matplotlib.axes.Axes, Sketch]" = WeakKeyDictionary()


@dataclass(eq=False)
class Sketch:
    """The moving parts of one axes, while its figure is drawn.

    Attributes:
        axes: what is drawn in.
        given: the arrays of compute at the start.
        slots: numbers for the figure's elements.
        used: kinds of artists and the arrays that they are fed with.
        parts: what moves, but for arrows.
        arrows: for each call of `vectors` its tips and its tails.
        shafts: an element for each arrow.
        labels: the words at its tip, or `None`.
        ticks: words under bars.
        spread: how far bars go to the left and to the right.
    """

    axes: matplotlib.axes.Axes
    given: Mapping[str, np.ndarray]
    slots: Iterator[int]
    used: set[tuple[str, str]] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)
    arrows: list[tuple[str, str | tuple[float, float]]] = field(default_factory=list)
    shafts: list[int] = field(default_factory=list)
    labels: list[Words | None] = field(default_factory=list)
    ticks: dict[float, str] = field(default_factory=dict)
    spread: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        _SKETCHES[self.axes] = self

    def array(self, name: str) -> np.ndarray:
        """An array of compute at the start."""
        if name not in self.given:
            raise FigureError(
                f"an artist in draw asks for {name!r}, which compute does not return. "
                f"It returns: {', '.join(sorted(self.given))}."
            )
        return self.given[name]

    def start(self, kind: str, name: str, shape: str) -> np.ndarray:
        """The array that an artist is fed with at the start, if it has one of these shapes."""
        array = self.array(name)
        if kind != "text" and (kind, name) in self.used:
            raise FigureError(
                f"draw has two artists of the kind {kind!r} for {name!r} in one panel; "
                "draw it once, or return the array under a second name."
            )
        self.used.add((kind, name))
        if not any(_fits(array.shape, re.findall(r"\w+", form)) for form in shape.split(" or ")):
            raise FigureError(
                f"{kind} for {name!r} needs an array of shape {shape}, "
                f"and compute returns shape {array.shape}."
            )
        return array

    def path(
        self, transform: Transform | None = None, path: Path | None = None, **look: Any
    ) -> int:
        """An element for a path that a part fills; returns its slot."""
        slot = next(self.slots)
        patch = PathPatch(
            path or Path([(0, 0), (1, 1)]),
            gid=svg.gid(slot),
            transform=transform or IdentityTransform(),
            **look,
        )
        patch.set_in_layout(False)
        self.axes.add_artist(patch)
        return slot

    def words(self, words: str, whole: bool = False, **look: Any) -> Words:
        """An element for words that move, with their size; whole is the group around a formula."""
        slot = next(self.slots)
        corner = self.axes.figure.transFigure  # its upper left corner is the SVG's origin
        text = self.axes.text(
            0, 1, words, zorder=4, transform=corner, gid=svg.gid(slot, whole), **look
        )
        text.set_in_layout(False)
        box = text.get_window_extent()
        return slot, round(float(box.width) * NARROWER, 1), round(float(box.height), 1)

    def each(self, name: str, what: str, given: str | Sequence[str], count: int) -> list[str]:
        """One word for each part of an array, from one for all of them or one for each."""
        words = [given] * count if isinstance(given, str) else list(given)
        if len(words) != count:
            raise FigureError(
                f"the artist for {name!r} is given {len(words)} values as {what} for an array with "
                f"{count} parts; give one, or {count}."
            )
        return words

    def panel(self, height: float) -> Panel:
        """The panel, once the layout is final and the picture is so high."""
        scales = self.axes.get_xscale(), self.axes.get_yscale()
        for scale, name in zip(scales, "xy", strict=True):
            if scale not in ("linear", "log"):
                raise FigureError(
                    f"its {name} axis has the scale {scale!r}; moving parts know 'linear' and "
                    "'log'."
                )
        ends = [[1, 10] if scale == "log" else [0, 1] for scale in scales]
        (x0, y0), (x1, y1) = self.axes.transData.transform(np.transpose(ends)).tolist()
        left, bottom, right, top = np.asarray(self.axes.bbox.extents).tolist()
        box = (left + EDGE, height - top + EDGE, right - EDGE, height - bottom)
        arrows = [Part(self.shafts, "d", ARROW, self._arrows)] if self.shafts else []
        words = [t for t in self.axes.texts if t.get_text() and not t.get_gid()]
        return Panel(
            axes=Axes(
                Axis(round(x0, 4), round(x1 - x0, 6), scales[0] == "log"),
                Axis(round(height - y0, 4), round(y0 - y1, 6), scales[1] == "log"),
                tuple(round(edge, 1) for edge in box),
            ),
            parts=self.parts + arrows,
            labels=self.labels if any(self.labels) else [],
            fixed=[_edges(text.get_window_extent(), height) for text in words],
        )

    def _arrows(self, axes: Axes, arrays: Arrays) -> Columns:
        """The numbers of all arrows of the panel, because their labels share its room."""
        tips = [arrays[name].reshape(-1, 2) for name, _ in self.arrows]
        tails = [
            np.tile(tail, (len(tip), 1))
            if not isinstance(tail, str)
            else library(tip).broadcast_to(arrays[tail], tip.shape)
            for (_, tail), tip in zip(self.arrows, tips, strict=True)
        ]
        fixed = all(isinstance(tail, np.ndarray) for tail in tails)
        xp = library(tips[0])
        starts = (np if fixed else xp).concatenate(tails)
        ends = axes.places(starts), axes.places(xp.concatenate(tips))
        columns = geometry.arrows(*ends)
        if any(self.labels):
            sizes = np.array([label[1:] if label else (0.0, 0.0) for label in self.labels])
            columns += geometry.labels(axes, *ends, sizes)
        return columns


def _fits(shape: tuple[int, ...], sizes: list[str]) -> bool:
    """Whether a shape has these sizes, of which words are any but 0."""
    return len(shape) == len(sizes) and all(
        have == int(want) if want.isdigit() else have > 0
        for have, want in zip(shape, sizes, strict=True)
    )


def _edges(box: Bbox, height: float) -> Box:
    """A box with room to its sides, as edges counted from the top."""
    edges = (box.x0 - 2, height - box.y1, box.x1 + 2, height - box.y0)
    return tuple(round(float(edge)) for edge in edges)


def sketch_of(ax: matplotlib.axes.Axes) -> Sketch:
    """The sketch of an axes that a figure has given to its draw function."""
    sketch = _SKETCHES.get(ax)
    if sketch is None:
        raise FigureError(
            "Moving parts belong in the draw function of a figure, on the axes it is given. "
            "For a fixed plot use matplotlib's own ax.plot, ax.scatter, ax.bar and ax.imshow."
        )
    return sketch
