"""Figures that run the chapter's own JAX in Jupyter and, with no server, in a static page."""

from book.interactive.artists import bars, heat_map, lines, plane, points, text, vectors
from book.interactive.caption import choose
from book.interactive.errors import FigureError
from book.interactive.figure import Figure, figure, standalone
from book.interactive.javascript import NotCovered, to_javascript
from book.interactive.sliders import Choice, Slider

__all__ = [
    "Choice",
    "Figure",
    "FigureError",
    "NotCovered",
    "Slider",
    "bars",
    "choose",
    "figure",
    "heat_map",
    "lines",
    "plane",
    "points",
    "standalone",
    "text",
    "to_javascript",
    "vectors",
]
