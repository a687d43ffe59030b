"""The look of the book's plots: its colours, one matplotlib style, and how a fixed plot is shown.

One quality has one colour the whole book long. The values are those of the Okabe-Ito palette; the
page replaces them by slightly different ones for a light and for a dark background, so that lines
and text keep their contrast.
"""

import html
import os
from collections.abc import Sequence
from pathlib import Path

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from book.display import svg

#: Red-ness.
VERMILION = "#D55E00"
#: Size.
BLUE = "#0072B2"
#: Horizontal displacement.
GREEN = "#009E73"
#: Activations; black, and white in the dark.
INK = "#000000"
#: Interference.
PURPLE = "#CC79A7"
SKY = "#56B4E9"
ORANGE = "#E69F00"
#: Anything else: axes, guides, what is not the point of a plot.
GREY = "#767676"
#: Five features without names, in their fixed order.
FIVE = (VERMILION, BLUE, GREEN, ORANGE, SKY)

#: Panels stand side by side up to so many points: more would make their letters small.
ROW = 540

STYLE_FILE = Path(__file__).with_name("book.mplstyle")
CSS_FILE = Path(__file__).with_name("figure.css")


#: Set by Jupyter's server, and by VS Code, in the kernels they start for a person.
SESSION_VARIABLES = ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG")


def in_session() -> bool:
    """Whether a person works in a notebook, rather than the book being built.

    Then output carries its own style. And a learner who edits a figure waits for nothing but the
    picture: the static face is compiled when the book is built, and may then refuse an operation
    that the live face can do. A terminal of Jupyter or VS Code can build the book, too, so a build
    tells its kernels what they are by `BOOK_BUILD`.
    """
    started_for_a_person = any(name in os.environ for name in SESSION_VARIABLES)
    return started_for_a_person and "BOOK_BUILD" not in os.environ


def style_element() -> str:
    """The figures' style, for output that is shown outside the site."""
    return f"<style>{CSS_FILE.read_text()}</style>"


def use() -> None:
    """Makes the book's style the style of every plot of this session."""
    matplotlib.style.use(STYLE_FILE)


def subplots(
    rows: int = 1, columns: int = 1, *, width: float = 4.8, height: float = 3.0
) -> tuple[Figure, Axes | np.ndarray]:
    """A figure in the book's style with its axes, like `matplotlib.pyplot.subplots`.

    The figure is not pyplot's, so nothing shows it by itself; `show` does.

    Args:
        rows: how many rows of axes.
        columns: how many columns of axes.
        width: in inches; the page scales a figure to the width of the text, so that a wide figure
          has small letters on a phone: 4.8 reads well everywhere.
        height: in inches.
    """
    use()
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns)


class Picture:
    """A fixed plot as a notebook displays it: inline SVG with a caption, light and dark."""

    def __init__(self, source: str, caption: str, alt: str) -> None:
        self.source = source
        self.caption = caption
        self.alt = alt

    def _repr_html_(self) -> str:
        return (
            f'<figure class="book-figure"><div class="panels" role="img" '
            f'aria-label="{html.escape(self.alt)}">{self.source}</div>'
            f'<figcaption class="caption">{html.escape(self.caption)}</figcaption></figure>'
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        style = style_element() if in_session() else ""
        return {"text/html": style + self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{self.caption} [{self.alt}]"


def show(figure: Figure, *, caption: str, alt: str, name: str = "") -> Picture:
    """A fixed matplotlib figure to be displayed by a cell, with its caption and its description.

    Args:
        figure: a matplotlib figure, for example of `subplots`.
        caption: what is to be seen, in a sentence or two.
        alt: the picture in words, for a reader who does not see it.
        name: unique on its page; made from the caption when it is left out.

    Raises:
        ValueError: the caption or the description is empty.
    """
    if not caption.strip() or not alt.strip():
        raise ValueError(
            "show() needs a caption (what is to be seen) and alt (the picture in words); "
            f"given were caption={caption!r} and alt={alt!r}."
        )
    name = name or "-".join("".join(c if c.isalnum() else " " for c in caption).split()[:6]).lower()
    return Picture(arrange([svg.to_svg(figure, name)]), caption, alt)


def arrange(panels: Sequence[svg.Element]) -> str:
    """The source of panels in rows of at most `ROW` points, sized by `figure.css`."""
    widths = [float(panel.attrib["viewBox"].split()[2]) for panel in panels]
    rows: list[list[float]] = [[]]
    for width in widths:
        if rows[-1] and sum(rows[-1]) + width > ROW + 1:
            rows.append([])
        rows[-1].append(width)
    row, gaps = max(map(sum, rows)), max(map(len, rows)) - 1
    for panel, width in zip(panels, widths, strict=True):
        panel.attrib["style"] = f"--width:{width:g};--row:{row:g};--gaps:{gaps}"
        panel.attrib["aria-hidden"] = "true"
    return "".join(map(svg.write, panels))
