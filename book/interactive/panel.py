"""The moving parts of one axes: the elements they fill, and their description.

An artist of `artists` asks its panel for the array it is fed with and for elements of the SVG
(numbered slots, drawn by matplotlib with this name), and leaves behind what `patch` must know.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform, Transform

from book.interactive.errors import FigureError

#: Formulas and words are narrower in the page's font than in matplotlib's.
NARROWER = 0.92

_PANELS: "WeakKeyDictionary[Axes, Panel]" = WeakKeyDictionary()


class Panel:
    """The moving parts of one axes, while its figure is drawn."""

    def __init__(
        self,
        axes: Axes,
        figure: str,
        arrays: Mapping[str, np.ndarray],
        outputs: list[str],
        slots: Iterator[int],
    ) -> None:
        self.axes = axes
        self.figure = figure
        self.arrays = arrays
        self.outputs = outputs
        self.slots = slots
        self.artists: list[dict[str, Any]] = []
        self.ticks: dict[float, str] = {}
        self.spread: list[float] = []
        self.used: set[tuple[str, str]] = set()
        _PANELS[axes] = self

    def output(self, name: str) -> int:
        """The place of an array among the figure's outputs; asked for the first time, it is new."""
        if name not in self.arrays:
            raise FigureError(
                f"figure {self.figure!r}: an artist in draw asks for {name!r}, which compute does "
                f"not return. It returns: {', '.join(sorted(self.arrays))}."
            )
        if name not in self.outputs:
            self.outputs.append(name)
        return self.outputs.index(name)

    def start(self, kind: str, name: str, shape: str, fits: Callable[[tuple], bool]) -> np.ndarray:
        """The array that an artist is fed with at the start, if its shape suits the artist."""
        index = self.output(name)
        if kind != "text" and (kind, name) in self.used:
            raise FigureError(
                f"figure {self.figure!r}: draw has two artists of the kind {kind!r} for {name!r} "
                "in one panel; draw it once, or return the array under a second name."
            )
        self.used.add((kind, name))
        array = self.arrays[name]
        if not fits(array.shape):
            raise FigureError(
                f"figure {self.figure!r}: {kind} for {name!r} needs an array of shape {shape}, "
                f"and compute returns shape {array.shape}."
            )
        self.artists.append({"kind": kind, "array": index})
        return array

    def finish(self, **known: Any) -> None:
        """Completes the description of the artist that was started last."""
        self.artists[-1].update(known)

    def path(
        self, transform: Transform | None = None, path: Path | None = None, **look: Any
    ) -> int:
        """An element for a path that patches fill; returns its slot."""
        slot = next(self.slots)
        patch = PathPatch(
            path or Path([(0, 0), (1, 1)]),
            gid=f"inner-{slot}",
            transform=transform or IdentityTransform(),
            **look,
        )
        patch.set_in_layout(False)
        self.axes.add_artist(patch)
        return slot

    def words(self, words: str, inner: str = "", **look: Any) -> tuple[int, float, float]:
        """An element for words that patches move; returns its slot, its width and its height."""
        slot = next(self.slots)
        corner = self.axes.figure.transFigure  # its upper left corner is the SVG's origin
        text = self.axes.text(
            0, 1, words, zorder=4, transform=corner, gid=f"slot-{slot}{inner}", **look
        )
        text.set_in_layout(False)
        box = text.get_window_extent()
        return slot, round(float(box.width) * NARROWER, 1), round(float(box.height), 1)

    def each(self, name: str, what: str, given: str | Sequence[str], count: int) -> list[str]:
        """One word for each part of an array, from one for all of them or one for each."""
        words = [given] * count if isinstance(given, str) else list(given)
        if len(words) != count:
            raise FigureError(
                f"figure {self.figure!r}: the artist for {name!r} is given {len(words)} values as "
                f"{what} for an array with {count} parts; give one, or {count}."
            )
        return words

    def describe(self, height: float) -> dict[str, Any]:
        """The panel as `patch` and `page.js` read it, once the layout is final."""
        axes, box = self.axes, self.axes.bbox
        logarithmic = [axes.get_xscale() == "log", axes.get_yscale() == "log"]
        for scale, name in ((axes.get_xscale(), "x"), (axes.get_yscale(), "y")):
            if scale not in ("linear", "log"):
                raise FigureError(
                    f"figure {self.figure!r}: its {name} axis has the scale {scale!r}; "
                    "moving parts know 'linear' and 'log'."
                )
        ends = [[1, 10] if log else [0, 1] for log in logarithmic]
        (x0, y0), (x1, y1) = axes.transData.transform(np.transpose(ends)).tolist()
        left, bottom, right, top = np.asarray(box.extents).tolist()
        edge = 2
        return {
            "x": [round(x0, 4), round(x1 - x0, 6), int(logarithmic[0])],
            "y": [round(height - y0, 4), round(y0 - y1, 6), int(logarithmic[1])],
            "box": [
                round(value, 1)
                for value in (left + edge, height - top + edge, right - edge, height - bottom)
            ],
            "fixed": self._fixed(height),
            "artists": self.artists,
        }

    def _fixed(self, height: float) -> list[list[float]]:
        """The boxes of fixed words, if there are labels that could cover them."""
        if not any(any(artist.get("labels", ())) for artist in self.artists):
            return []
        boxes = [t.get_window_extent() for t in self.axes.texts if t.get_text() and not t.get_gid()]
        return [
            [round(float(x)) for x in (box.x0 - 2, height - box.y1, box.x1 + 2, height - box.y0)]
            for box in boxes
        ]


def panel_of(ax: Axes) -> Panel:
    """The panel of an axes that a figure has given to its draw function."""
    panel = _PANELS.get(ax)
    if panel is None:
        raise FigureError(
            "Moving parts belong into the draw function of a figure, on the axes it is given. "
            "For a fixed plot use matplotlib's own ax.plot, ax.scatter, ax.bar and ax.imshow."
        )
    return panel
