"""From numbers to the attributes of the SVG: filled templates, and labels that find room.

A slider's move changes numbers (`geometry` computes them); this says what then stands in the
picture. `page.js` has the same functions, and a test holds the two together, so a figure moves in
the same way in Jupyter and on the static page.
"""

import math
import re
from collections.abc import Iterator, Sequence

from book.interactive.caption import fill, length
from book.interactive.panel import Box, Panel

#: An element's number, the attribute ("" is its text) and the attribute's new value.
Patch = tuple[int, str, str]
Numbers = Sequence[Sequence[float]]


def patches(panels: Sequence[Panel], numbers: Sequence[Numbers]) -> list[Patch]:
    """Everything that these numbers set in the picture.

    Args:
        panels: the panels of the figure.
        numbers: for each part of each panel, its columns.
    """
    changes: list[Patch] = []
    left = iter(numbers)
    for panel in panels:
        for part in panel.parts:
            columns = next(left)
            marks = fill(part.template, columns, len(columns[0]))
            each = len(marks) // len(part.slots)
            for i, slot in enumerate(part.slots):
                written = "".join(marks[i * each : (i + 1) * each])
                if part.attribute == "d":  # a line begins anew after a point that is left out
                    written = re.sub("^L|M+L", "M", written).rstrip("M")
                changes.append((slot, part.attribute, written))
        if panel.labels:
            changes += placed(panel, columns)
    return changes


def placed(panel: Panel, columns: Numbers) -> Iterator[Patch]:
    """Labels of arrows in their places: off arrowheads, fixed words and the labels before them."""
    rows = list(zip(panel.labels, columns[0], *columns[-4:], strict=True))
    boxes = list(panel.fixed)
    boxes += [(x - 3, y - 3, x + 3, y + 3) for label, seen, *_, x, y in rows if label and seen]
    for label, seen, x, y, *_ in rows:
        if label and seen:
            slot, width, height = label
            x, y = room((x, y), width / 2, height / 2, panel.axes.box, boxes)
            yield slot, "transform", f"translate({length(x)} {length(y)})"
        elif label:
            yield label[0], "transform", "scale(0)"


def room(
    middle: tuple[float, float], wide: float, high: float, limits: Box, boxes: list[Box]
) -> tuple[float, float]:
    """Moves a label that covers a box the shortest way out, and adds the label's own box.

    Args:
        middle: of the label, where it would be best.
        wide: half of its width.
        high: half of its height.
        limits: the edges that it stays inside of.
        boxes: the edges of what it should not cover.
    """
    x, y = middle
    for left, top, right, bottom in boxes * 2:
        if left < x + wide and x - wide < right and top < y + high and y - high < bottom:
            best, here = math.inf, (x, y)
            for there in (
                (x, top - high),
                (x, bottom + high),
                (left - wide, y),
                (right + wide, y),
            ):
                inside = (
                    limits[0] + wide <= there[0] <= limits[2] - wide
                    and limits[1] + high <= there[1] <= limits[3] - high
                )
                moved = abs(there[0] - here[0]) + abs(there[1] - here[1])
                if inside and moved < best:
                    best = moved
                    x, y = there
    boxes.append((x - wide, y - high, x + wide, y + high))
    return x, y
