"""From arrays to the attributes of the SVG, by plain arithmetic.

A slider's move changes arrays; this says what then changes in the picture: the path of an arrow,
the place of its label, the colour of a cell. `page.js` has the same functions line by line, and a
test holds the two together, so a figure moves in the same way in Jupyter and on the static page.

A panel is described by what JSON can hold:
  x, y: `[offset, factor, logarithmic]` of the axis; `pixel = offset + factor * value`.
  box: left, top, right and bottom edge that labels stay inside of.
  fixed: the same edges of fixed words, which labels do not cover.
  artists: in drawing order; each has a `kind`, the index of its `array` and the `slots` (numbered
    elements of the SVG) that it fills.
"""

import math
from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from numpy import ndarray

from book.interactive.caption import fill

#: An element's number, the attribute ("" is its text) and the attribute's new value.
Patch = tuple[int, str, str]
Box = Sequence[float]
Spot = tuple[float, float]
#: Where the arrow of a label starts and ends; the label's slot, width and height.
Label = tuple[Spot, Spot, tuple[int, float, float]]
Artist = dict[str, Any]
Described = dict[str, Any]

HEAD = 9.0
GAP = 4.0


def patches(panels: Sequence[Described], arrays: Sequence[Float[ndarray, "..."]]) -> list[Patch]:
    """Everything that these arrays set in the picture.

    Args:
      panels: the description of each panel.
      arrays: what compute returned, in the order of the figure's `outputs`.
    """
    flat = [array.ravel().tolist() for array in arrays]
    changes: list[Patch] = []
    for panel in panels:
        labels: list[Label] = []
        for artist in panel["artists"]:
            KINDS[artist["kind"]](artist, flat[artist["array"]], panel, changes, labels, flat)
        boxes = [*panel["fixed"], *((x - 3, y - 3, x + 3, y + 3) for _, (x, y), _ in labels)]
        for start, tip, (slot, width, height) in labels:
            x, y = place(start, tip, (width, height), panel["box"], boxes)
            changes.append((slot, "transform", f"translate({short(x)} {short(y)})"))
    return changes


def short(value: float) -> str:
    """A length in the picture: to a tenth of a unit, without a needless zero."""
    tenths = math.floor(min(max(value, -9999), 9999) * 10 + 0.5)
    return str(tenths // 10) if tenths % 10 == 0 else str(tenths / 10)


def pixel(axis: Sequence[float], value: float) -> float:
    """The place of a coordinate in the picture; infinite for what a logarithm cannot show."""
    offset, factor, logarithmic = axis
    if logarithmic:
        value = math.log10(value) if value > 0 else -math.inf
    return offset + factor * value


def pixels(panel: Described, values: list[float]) -> list[Spot]:
    """Pairs of coordinates as places in the picture."""
    return [
        (pixel(panel["x"], values[i]), pixel(panel["y"], values[i + 1]))
        for i in range(0, len(values), 2)
    ]


def drawable(*numbers: float) -> bool:
    """Whether all numbers are finite: what is not is left out of the picture."""
    return all(math.isfinite(number) for number in numbers)


def arrow(x0: float, y0: float, x1: float, y1: float) -> str:
    """The path of an arrow: its shaft and a head that shrinks only when there is no room for it."""
    if not drawable(x0, y0, x1, y1):
        return ""
    dx, dy = x1 - x0, y1 - y0
    length = math.sqrt(dx * dx + dy * dy)
    if length < 1:
        return f"M{short(x0)} {short(y0)}h0"
    dx, dy = dx / length, dy / length
    head = min(HEAD, 0.7 * length)
    x, y = x1 - head * dx, y1 - head * dy
    side = 0.4 * head
    return (
        f"M{short(x0)} {short(y0)}L{short(x)} {short(y)}"
        f"M{short(x1 - dx)} {short(y1 - dy)}"
        f"L{short(x - side * dy)} {short(y + side * dx)}"
        f"L{short(x + side * dy)} {short(y - side * dx)}Z"
    )


def place(
    start: Spot,
    tip: Spot,
    size: Sequence[float],
    limits: Sequence[float],
    boxes: list[Box],
) -> Spot:
    """The middle of a label: beyond the tip of its arrow, inside the panel, clear of the boxes.

    A label that would cover a box (an arrowhead, another label, fixed words) moves the shortest way
    out, upwards or to a side.
    """
    (x0, y0), (x1, y1) = start, tip
    dx, dy = x1 - x0, y1 - y0
    length = math.sqrt(dx * dx + dy * dy)
    dx, dy = (dx / length, dy / length) if length >= 1 else (0, -1)
    wide, high = size[0] / 2, size[1] / 2
    far = min(
        (wide + GAP) / abs(dx) if dx else math.inf,
        (high + GAP) / abs(dy) if dy else math.inf,
    )
    left, right = limits[0] + wide, limits[2] - wide
    top, bottom = limits[1] + high, limits[3] - high
    x = min(max(x1 + far * dx, left), right)
    y = min(max(y1 + far * dy, top), bottom)
    for box in boxes * 2:
        if box[0] < x + wide and x - wide < box[2] and box[1] < y + high and y - high < box[3]:
            ways = (
                (x, box[1] - high),
                (x, box[3] + high),
                (box[0] - wide, y),
                (box[2] + wide, y),
            )
            best = math.inf
            here = x, y
            for there in ways:
                inside = left <= there[0] <= right and top <= there[1] <= bottom
                moved = abs(there[0] - here[0]) + abs(there[1] - here[1])
                if inside and moved < best:
                    best = moved
                    x, y = there
    boxes.append((x - wide, y - high, x + wide, y + high))
    return x, y


def _vectors(
    artist: Artist,
    values: list[float],
    panel: Described,
    changes: list[Patch],
    labels: list[Label],
    flat: list[list[float]],
) -> None:
    tips = pixels(panel, values)
    tail = artist["tail"]
    tails = pixels(panel, flat[tail] if isinstance(tail, int) else tail)
    for i, tip in enumerate(tips):
        start = tails[i % len(tails)]
        changes.append((artist["slots"][i], "d", arrow(*start, *tip)))
        if artist["labels"][i] and drawable(*start, *tip):
            labels.append((start, tip, artist["labels"][i]))


def _lines(
    artist: Artist, values: list[float], panel: Described, changes: list[Patch], *_: Any
) -> None:
    size = len(values) // len(artist["slots"])
    for i, slot in enumerate(artist["slots"]):
        path, pen = "", "M"
        for x, y in pixels(panel, values[i * size : (i + 1) * size]):
            if drawable(x, y):
                path += f"{pen}{short(x)} {short(y)}"
                pen = "L"
            else:
                pen = "M"
        changes.append((slot, "d", path))


def _points(
    artist: Artist, values: list[float], panel: Described, changes: list[Patch], *_: Any
) -> None:
    size = len(values) // len(artist["slots"])
    for i, slot in enumerate(artist["slots"]):
        spots = pixels(panel, values[i * size : (i + 1) * size])
        marks = [f"M{short(x)} {short(y)}{artist['mark']}" for x, y in spots if drawable(x, y)]
        changes.append((slot, "d", "".join(marks)))


def _bars(
    artist: Artist, values: list[float], panel: Described, changes: list[Patch], *_: Any
) -> None:
    size = len(values) // len(artist["slots"])
    bottom = pixel(panel["y"], artist["base"])
    for i, slot in enumerate(artist["slots"]):
        path = ""
        for j in range(i * size, (i + 1) * size):
            top = pixel(panel["y"], values[j])
            if drawable(top):
                left = pixel(panel["x"], artist["edges"][j][0])
                right = pixel(panel["x"], artist["edges"][j][1])
                path += (
                    f"M{short(left)} {short(bottom)}V{short(top)}H{short(right)}V{short(bottom)}Z"
                )
        changes.append((slot, "d", path))


def _heat_map(
    artist: Artist, values: list[float], panel: Described, changes: list[Patch], *_: Any
) -> None:
    for value, slot in zip(values, artist["slots"], strict=True):
        changes.append((slot, "style", heat(artist, value)))


def heat(artist: Artist, value: float) -> str:
    """The colour of one cell: strength of a hue, or a place on a scale of colours."""
    if not drawable(value):
        return "fill:none"
    low, high = artist["low"], artist["high"]
    if "hues" in artist:
        zero = min(max(0.0, low), high)
        part = (
            (value - zero) / (high - zero) if value > zero else (zero - value) / (zero - low or 1)
        )
        hue = artist["hues"][1 if value > zero else 0]
        return f"fill:{hue};fill-opacity:{math.floor(min(part, 1) * 100 + 0.5)}%"
    scale = artist["scale"]
    part = min(max((value - low) / (high - low), 0), 1) * (len(scale) - 1)
    first = min(math.floor(part), len(scale) - 2)
    mixed = [
        str(math.floor(a + (b - a) * (part - first) + 0.5))
        for a, b in zip(scale[first], scale[first + 1], strict=True)
    ]
    return f"fill:rgb({','.join(mixed)})"


def _text(
    artist: Artist,
    values: list[float],
    panel: Described,
    changes: list[Patch],
    _: list[Label],
    flat: list[list[float]],
) -> None:
    changes.append((artist["slots"][0], "", fill(artist["template"], values)))
    if "at" in artist:
        x, y = pixels(panel, flat[artist["at"]])[0]
        if drawable(x, y):
            dx, dy = artist["offset"]
            moved = f"translate({short(x + dx)} {short(y - dy)})"
            changes.append((artist["slots"][1], "transform", moved))


KINDS = {
    "vectors": _vectors,
    "lines": _lines,
    "points": _points,
    "bars": _bars,
    "heat map": _heat_map,
    "text": _text,
}
