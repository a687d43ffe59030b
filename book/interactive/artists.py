"""The moving parts of a figure, for use in its `draw` function.

Every function takes the axes and the name of an array that `compute` returns. matplotlib draws each
part once, in its place among the fixed parts that ordinary calls on the axes make; afterwards only
the part's own elements in the SVG change (see `patch`). Axes, limits and labels never move, so set
the limits in `draw`.
"""

import functools
import itertools
import string
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from book.display import svg
from book.display.numbers import FORMAT
from book.display.style import BLUE, GREY, INK, VERMILION
from book.interactive import geometry
from book.interactive.caption import either, template
from book.interactive.errors import FigureError
from book.interactive.panel import Part, sketch_of


def plane(
    ax: Axes, *, limit: float = 1.5, xlabel: str = "", ylabel: str = "", unit: bool = True
) -> None:
    """Makes the axes a square plane with thin axes through the origin and no box.

    Args:
        ax: the axes, a parameter of `draw`; any matplotlib axes will do.
        limit: both coordinates run from `-limit` to `limit`.
        xlabel: name of the horizontal coordinate, at the right end of its axis.
        ylabel: name of the vertical coordinate, at the upper end of its axis.
        unit: whether small marks show where 1 is.
    """
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ends, middle = [-limit, limit], [0, 0]
    thin: dict[str, Any] = {"color": GREY, "lw": 0.7, "zorder": 1}
    ax.plot(ends, middle, **thin)
    ax.plot(middle, ends, **thin)
    near: dict[str, Any] = {"color": GREY, "fontsize": 9, "in_layout": False}
    near["textcoords"] = "offset points"
    if unit and limit > 1:
        tick = limit / 50
        ax.plot([1, 1], [-tick, 0], [-tick, 0], [1, 1], **thin)
        ax.annotate("1", (1, 0), (0, -5), ha="center", va="top", **near)
        ax.annotate("1", (0, 1), (-5, 0), ha="right", va="center", **near)
    ax.annotate(xlabel, (limit, 0), (-1, 4), ha="right", va="bottom", **near)
    ax.annotate(ylabel, (0, limit), (5, -1), ha="left", va="top", **near)


def vectors(
    ax: Axes,
    name: str,
    *,
    color: str | Sequence[str] = INK,
    label: str | Sequence[str] = "",
    width: float = 2.0,
    linestyle: str = "-",
    tail: tuple[float, float] | str = (0, 0),
) -> None:
    """Arrows, each with its label at the tip.

    Args:
        ax: the axes.
        name: an array of shape (2,) for one arrow or (k, 2) for k arrows.
        color: one colour, or one for each arrow.
        label: one label, or one for each arrow, of single letters a string such as "abc"; "" for
          none.
        width: of the line, in points.
        linestyle: matplotlib's line style, "-" or "--" or ":".
        tail: where the arrows start: a fixed place in the coordinates of the axes, or the name of
          an array of shape (2,), or of one tail for each arrow. The array gives the tips.
    """
    sketch = sketch_of(ax)
    array = sketch.start("vectors", name, "(2,) or (k, 2)")
    if isinstance(tail, str) and sketch.array(tail).shape not in ((2,), array.shape):
        raise FigureError(
            f"vectors for {name!r} start at {tail!r}, which must have the shape (2,) or "
            f"{array.shape} and has {sketch.array(tail).shape}."
        )
    count = array.size // 2
    colors = sketch.each(name, "color", color, count)
    letters = isinstance(label, str) and count > 1 and len(label) == count
    labels = sketch.each(name, "label", list(label) if letters else label, count)
    look: dict[str, Any] = {
        "lw": width,
        "ls": linestyle,
        "zorder": 3,
        "capstyle": "round",
        "joinstyle": "round",
    }
    sketch.arrows.append((name, tail))
    sketch.shafts += [sketch.path(ec=c, fc=c, clip_on=False, **look) for c in colors]
    sketch.labels += [
        sketch.words(words, whole=True, color=c, ha="center", va="center") if words else None
        for words, c in zip(labels, colors, strict=True)
    ]


def lines(
    ax: Axes,
    name: str,
    *,
    color: str | Sequence[str] = INK,
    width: float = 1.8,
    linestyle: str = "-",
) -> None:
    """A line through points, or several.

    Args:
        ax: the axes.
        name: an array of shape (points, 2), or (lines, points, 2); each row is x, y.
        color: one colour, or one for each line.
        width: of the line, in points.
        linestyle: matplotlib's line style, "-" or "--" or ":".
    """
    sketch = sketch_of(ax)
    array = sketch.start("lines", name, "(points, 2) or (lines, points, 2)")
    colors = sketch.each(name, "color", color, 1 if array.ndim == 2 else len(array))
    look: dict[str, Any] = {"lw": width, "ls": linestyle, "zorder": 2.5, "joinstyle": "round"}
    sketch.parts.append(
        Part(
            [sketch.path(ec=c, fc="none", **look) for c in colors],
            "d",
            either(0, "L{1} {2}", "M"),
            lambda axes, arrays: geometry.points(axes, arrays[name].reshape(-1, 2)),
        )
    )


def points(
    ax: Axes,
    name: str,
    *,
    color: str | Sequence[str] = INK,
    size: float = 6.0,
    marker: str = "o",
) -> None:
    """Marks at points.

    Args:
        ax: the axes.
        name: an array of shape (2,) or (k, 2).
        color: one colour, or one for each point.
        size: of a mark, in points.
        marker: one of matplotlib's filled markers, such as "o", "s", "^", "D", "X".
    """
    sketch = sketch_of(ax)
    array = sketch.start("points", name, "(2,) or (k, 2)")
    colors = (
        [color] if isinstance(color, str) else sketch.each(name, "color", color, array.size // 2)
    )
    sketch.parts.append(
        Part(
            [sketch.path(ec="none", fc=c, clip_on=False, zorder=3.5) for c in colors],
            "d",
            either(0, f"M{{1}} {{2}}{_mark(marker, size)}", ""),
            lambda axes, arrays: geometry.points(axes, arrays[name].reshape(-1, 2)),
        )
    )


def bars(
    ax: Axes,
    name: str,
    *,
    positions: Sequence[float] | np.ndarray | None = None,
    labels: Sequence[str] | None = None,
    color: str | Sequence[str] = BLUE,
    width: float = 0.7,
    base: float = 0.0,
) -> None:
    """Upright bars; those of several calls share the horizontal axis.

    Args:
        ax: the axes.
        name: the heights, an array of shape (k,).
        positions: the middle of each bar on the horizontal axis; 0, 1, 2, ... if left out.
        labels: words under the bars, instead of ticks; of single letters a string, such as "abc".
        color: one colour, or one for each bar.
        width: of a bar, in units of the horizontal axis.
        base: the height at which bars start.
    """
    sketch = sketch_of(ax)
    array = sketch.start("bars", name, "(k,)")
    middles = [float(x) for x in (range(len(array)) if positions is None else positions)]
    if len(middles) != len(array):
        raise FigureError(
            f"bars for {name!r} have {len(middles)} positions, and compute returns {len(array)} "
            "heights."
        )
    if labels is not None:
        ticks = sketch.each(name, "label", list(labels), len(array))
        sketch.ticks.update(zip(middles, ticks, strict=True))
        ax.set_xticks(list(sketch.ticks), list(sketch.ticks.values()))
        ax.tick_params(axis="x", length=0)
    sketch.spread += [min(middles) - width / 2, max(middles) + width / 2]
    ax.set_xlim(min(sketch.spread) - 0.25, max(sketch.spread) + 0.25)
    colors = [color] if isinstance(color, str) else sketch.each(name, "color", color, len(array))
    edges = np.array([[middle - width / 2, middle + width / 2] for middle in middles])
    sketch.parts.append(
        Part(
            [sketch.path(ec="none", fc=c, zorder=2) for c in colors],
            "d",
            either(0, "M{1} {2}V{3}H{4}V{2}Z", ""),
            lambda axes, arrays: geometry.bars(axes, arrays[name], edges, base),
        )
    )


def heat_map(
    ax: Axes,
    name: str,
    *,
    vmin: float = 0.0,
    vmax: float = 1.0,
    cmap: str | tuple[str, str] = (BLUE, VERMILION),
) -> None:
    """A matrix of coloured cells, its first row on top.

    Args:
        ax: the axes.
        name: an array of shape (rows, columns).
        vmin: the value with the last colour at the lower end; what is lower looks the same.
        vmax: the value with the last colour at the upper end.
        cmap: two colours, below and above zero, that fade to the background at zero (so that the
          map follows the theme); or the name of one of matplotlib's colour maps.
    """
    sketch = sketch_of(ax)
    array = sketch.start("heat map", name, "(rows, columns)")
    if not vmin < vmax:
        raise FigureError(
            f"the heat map for {name!r} needs vmin < vmax, and has vmin={vmin} and vmax={vmax}."
        )
    rows, columns = array.shape
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    slots = [
        sketch.path(ax.transData, _rectangle(column, row), ec="none", fc=GREY)
        for row, column in itertools.product(range(rows), range(columns))
    ]
    if isinstance(cmap, str):
        scale = _scale(cmap)
        cell = either(0, "fill:rgb({1:d},{2:d},{3:d})", "fill:none")
        mix = functools.partial(geometry.mixtures, low=vmin, high=vmax, scale=scale)
    else:
        below, above = map(svg.color, cmap)
        hue = either(1, above, below)
        cell = either(0, ("fill:", *hue, *template(";fill-opacity:{2:d}%")), "fill:none")
        mix = functools.partial(geometry.hues, low=vmin, high=vmax)
    sketch.parts.append(Part(slots, "style", cell, lambda _, arrays: mix(arrays[name].ravel())))


def text(
    ax: Axes,
    name: str,
    *,
    at: tuple[float, float] | str,
    format: str = "{:.2f}",
    color: str = INK,
    size: float = 10,
    offset: tuple[float, float] = (0, 0),
    ha: str = "center",
    va: str = "center",
) -> None:
    """A number in words.

    Args:
        ax: the axes.
        name: a single number, an array of shape ().
        at: a fixed place in the coordinates of the axes, or the name of an array of shape (2,).
        format: the words with one place for the number, such as "loss {:.3f}".
        color: of the words.
        size: of the letters, in points.
        offset: moves the words to the right and up, in points.
        ha: matplotlib's horizontal alignment.
        va: matplotlib's vertical alignment.
    """
    sketch = sketch_of(ax)
    sketch.start("text", name, "()")
    for _, field, spec, conversion in string.Formatter().parse(format):
        if field or conversion or not (field is None or FORMAT.fullmatch(spec or "")):
            raise FigureError(
                f"text for {name!r} has the format {format!r}; "
                "write its one place as {:.2f}, {:.0f}, {:.0%} or {:.1e}."
            )
    content = template(format)
    words = "".join(part if isinstance(part, str) else "0" for part in content)
    look: dict[str, Any] = {"color": color, "fontsize": size, "ha": ha, "va": va}
    if isinstance(at, str):
        if sketch.array(at).shape != (2,):
            raise FigureError(
                f"text for {name!r} stands at {at!r}, which must have the shape (2,) and has "
                f"{sketch.array(at).shape}."
            )
        slot, *_ = sketch.words(words, **look)
        moved = Part(
            [slot],
            "transform",
            either(0, "translate({1} {2})", "scale(0)"),
            lambda axes, arrays: geometry.points(axes, arrays[at][None], offset),
        )
        sketch.parts.append(moved)
    else:
        slot = next(sketch.slots)
        look |= {"textcoords": "offset points", "gid": svg.gid(slot), "zorder": 4}
        ax.annotate(words, at, offset, **look)
    sketch.parts.append(Part([slot], "", content, lambda _, arrays: (arrays[name][None],)))


def _mark(marker: str, size: float) -> str:
    """A marker as a relative path, to be drawn after a move to its place."""
    half = size / 2
    if marker == "o":
        return (
            f"m-{half:g} 0a{half:g} {half:g} 0 1 0 {size:g} 0a{half:g} {half:g} 0 1 0-{size:g} 0z"
        )
    shape = MarkerStyle(marker)
    outline = np.asarray(shape.get_path().transformed(shape.get_transform()).to_polygons()[0])
    steps = np.diff(np.round(size * outline, 2), axis=0, prepend=[[0, 0]])[:-1]
    return "".join(f"{'l' if i else 'm'}{x:.2f} {-y:.2f}" for i, (x, y) in enumerate(steps)) + "z"


def _rectangle(column: int, row: int) -> Path:
    return Path.unit_rectangle().transformed(
        matplotlib.transforms.Affine2D().translate(column - 0.5, row - 0.5)
    )


def _scale(name: str, stops: int = 17) -> np.ndarray:
    return np.floor(255 * matplotlib.colormaps[name](np.linspace(0, 1, stops))[:, :3] + 0.5)
