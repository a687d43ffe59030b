"""One figure, two homes: a JAX function, a matplotlib drawing and sliders.

`figure` checks the description, draws the picture once and gives an object that displays itself:
with ipywidgets in a running notebook (`widget`), and as a page of its own script and SVG when the
book is built (`page`).
"""

import functools
import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec

from book.display.style import in_session, style_element
from book.interactive import page, widget
from book.interactive.description import Description
from book.interactive.drawing import Drawn, drawn

Parts = ParamSpec("Parts")


@dataclass(frozen=True)
class Figure:
    """A figure that a reader can move, as a cell displays it."""

    drawn: Drawn

    @functools.cached_property
    def html(self) -> str:
        """The static face, compiled when it is asked for first."""
        return page.html(self.drawn)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            **widget.view(self.drawn),
            "text/html": page.picture(self.drawn) if in_session() else self.html,
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        described = self.drawn.description
        return f"Figure {described.name}: {self.drawn.first.sentence} [{described.alt}]"


def standalone(figure: Figure, title: str = "") -> str:
    """A whole page with the figure, its style and its script in one file.

    Args:
        figure: what `figure` returned.
        title: of the page; the figure's name if left out.
    """
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title or figure.drawn.description.name)}</title>{style_element()}"
        "<style>body{margin:0 auto;padding:0 1rem;max-width:46rem;font-family:system-ui,sans-serif;"
        "background:var(--figure-paper)}</style>"
        "<script>document.documentElement.dataset.theme="
        'matchMedia("(prefers-color-scheme:dark)").matches?"dark":"light"</script>'
        f"<script>{page.SCRIPT_FILE.read_text()}</script></head>"
        f"<body><main>{figure.html}</main></body></html>"
    )


def _displayed(describe: Callable[Parts, Description]) -> Callable[Parts, Figure]:
    """What a description takes, as a function that gives the figure."""

    @functools.wraps(describe, assigned=["__doc__"])
    def figure(*parts: Parts.args, **named: Parts.kwargs) -> Figure:
        made = Figure(drawn(describe(*parts, **named)))
        if not in_session():
            _ = made.html  # what JavaScript lacks should fail this cell, not its display
        return made

    return figure


figure = _displayed(Description)
