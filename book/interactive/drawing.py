"""A figure drawn once: its picture with places for what moves, and the function that moves it."""

import functools
import html
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import jax
import matplotlib
import numpy as np
from matplotlib.figure import Figure

from book.display import svg
from book.display.style import STYLE_FILE, arrange
from book.interactive import caption, check
from book.interactive.caption import Template
from book.interactive.description import Description, Shown
from book.interactive.errors import FigureError, about
from book.interactive.geometry import Array, Columns
from book.interactive.panel import Panel, Sketch
from book.interactive.patch import patches


@dataclass(frozen=True, eq=False)
class Drawn:
    """A figure that can be shown for any position of its sliders.

    Attributes:
        description: what was drawn.
        panels: its axes, with what moves in them.
        source: the SVG, with a place for each patch.
    """

    description: Description
    panels: Sequence[Panel]
    source: Template

    def columns(self, arrays: Mapping[str, Array]) -> list[Columns]:
        """The numbers of every moving part, from the arrays of compute in double precision."""
        return [part.columns(panel.axes, arrays) for panel in self.panels for part in panel.parts]

    def shown(self, state: Any, values: Mapping[str, jax.Array]) -> Shown:
        """What is drawn and written for this state and these values of the sliders."""
        return jax.device_get(self.description.shown(state, values))

    @functools.cached_property
    def first(self) -> Shown:
        """What is drawn and written at the start."""
        values = self.description.values()
        return self.shown(self.description.initial(values), values)

    def numbers(self, shown: Shown) -> list[list[list[float]]]:
        """The columns as lists, each with one number for each mark."""
        exact = {name: np.asarray(array, float) for name, array in shown.arrays.items()}
        with np.errstate(all="ignore"):  # what is not finite is left out of the picture
            return [[x.ravel().tolist() for x in columns] for columns in self.columns(exact)]

    def picture(self, shown: Shown) -> str:
        """The panels as SVG, with all places filled."""
        changes = patches(self.panels, self.numbers(shown))
        written = [value if attribute else html.escape(value) for _, attribute, value in changes]
        return "".join(part if isinstance(part, str) else written[part] for part in self.source)


def drawn(description: Description) -> Drawn:
    """Runs a figure's functions, and draws it once.

    Raises:
        FigureError: compute, draw or caption cannot be shown; the message says why.
    """
    with about(f"figure {description.name!r}"), matplotlib.rc_context(fname=str(STYLE_FILE)):
        arrays, slots = check.arrays(description), itertools.count()
        figures = [Figure(figsize=size) for size in description.sizes]
        sketches = [Sketch(figure.subplots(), arrays, slots) for figure in figures]
        description.draw(*(sketch.axes for sketch in sketches))
        if not any(sketch.used for sketch in sketches):
            raise FigureError(
                "nothing in draw moves. Draw at least one array of compute with vectors, lines, "
                "points, bars, heat_map or text; draw takes one axes per panel."
            )
        for figure in figures:
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        panels = [
            sketch.panel(72 * float(figure.get_size_inches()[1]))
            for sketch, figure in zip(sketches, figures, strict=True)
        ]
        elements = [
            svg.to_svg(figure, f"{description.name}-{i}" if i else description.name)
            for i, figure in enumerate(figures)
        ]
    return Drawn(description, panels, _with_places(elements, panels))


def _with_places(elements: Sequence[Element], panels: Sequence[Panel]) -> Template:
    """The source of the picture, with the number of a patch wherever there is one."""
    slotted = {
        int(element.attrib["data-slot"]): element
        for root in elements
        for element in root.iter()
        if "data-slot" in element.attrib
    }
    places = [place for panel in panels for place in panel.places]
    for i, (slot, attribute) in enumerate(places):
        if attribute:
            slotted[slot].attrib[attribute] = caption.mark(i)
        else:
            slotted[slot].text = caption.mark(i)
    return caption.marked(arrange(elements), range(len(places)))
