"""The static face: a figure as HTML that needs no server and nothing from another host.

It is an ordinary `<figure>`: the first state as SVG and its caption, which is all that is seen in
print and with scripts off. Sliders are native, and hidden until a script has made them work. The
script of a figure is its own JAX, compiled when the book is built; what all figures share is in
`page.js` and `figure.css`, which a site loads once per page.
"""

import functools
import html as escaping
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from book.display import svg
from book.display.style import style_element
from book.interactive.description import Shown
from book.interactive.drawing import Drawn
from book.interactive.geometry import Array
from book.interactive.javascript import to_javascript
from book.interactive.panel import Panel
from book.interactive.sliders import SPOKEN, Choice, Slider

SCRIPT_FILE = Path(__file__).with_name("page.js")


def panels(figure: Drawn, shown: Shown) -> str:
    """The picture with its description; both faces show it."""
    alt = escaping.escape(figure.description.alt)
    return f'<div class="panels" role="img" aria-label="{alt}">{figure.picture(shown)}</div>'


def _first(figure: Drawn, controls: str = "") -> str:
    """The first state, with its controls between picture and caption."""
    words = escaping.escape(str(figure.first.sentence))
    return (
        f'{panels(figure, figure.first)}{controls}<figcaption class="caption">{words}</figcaption>'
    )


def picture(figure: Drawn) -> str:
    """The first state as a picture with its caption, and nothing that moves."""
    return f'{style_element()}<figure class="book-figure">{_first(figure)}</figure>'


def html(figure: Drawn) -> str:
    """The figure as part of a page that loads `figure.css` and `page.js`.

    Raises:
        NotCovered: a function of the figure has an operation that `to_javascript` does not cover.
    """
    described = figure.description
    sliders = "".join(_control(slider, name) for name, slider in described.sliders.items())
    controls = f'<div class="controls" hidden>{sliders}</div>'
    if described.stateful:
        controls += (
            '<div class="training" hidden><button type="button" class="run">Run</button>'
            '<button type="button" class="step">Step</button>'
            '<button type="button" class="reset">Reset</button>'
            '<span class="count">Step 0</span></div>'
        )
    return (
        f'<figure class="book-figure" id="{described.name}">{_first(figure, controls)}'
        f'<div class="said" role="status"></div><script>{_script(figure)}</script></figure>'
    )


@jax.tree_util.register_static
@dataclass(frozen=True)
class Fixed:
    """A column that no slider moves: it is written down, and not calculated by the page."""

    lengths: tuple[float, ...]


def show(figure: Drawn, state: Any, values: Mapping[str, jax.Array]) -> tuple[Any, Any]:
    """The columns of every part, and the numbers of the caption if it has any."""
    shown = figure.description.shown(state, values)
    with jax.enable_x64(True):
        exact = {name: array.astype("float64") for name, array in shown.arrays.items()}
        columns = [[_fixed(column) for column in part] for part in figure.columns(exact)]
    return columns, shown.sentence.numbers if shown.sentence.numbers.size else ()


def _fixed(column: Array) -> Array | Fixed:
    if not isinstance(column, np.ndarray):
        return column
    return Fixed(tuple(np.floor(column * 10 + 0.5) / 10))


def description(figure: Drawn) -> dict[str, Any]:
    """What `page.js` must know about a figure, as JSON can hold it."""
    described, values = figure.description, figure.description.values()
    parts, _ = jax.eval_shape(functools.partial(show, figure), described.initial(values), values)
    columns = iter([[getattr(x, "lengths", 0) for x in part] for part in parts])
    known: dict[str, Any] = {
        "sliders": [_described(slider) for slider in described.sliders.values()],
        "panels": [_panel(panel, columns) for panel in figure.panels],
        "caption": figure.first.sentence.template,
    }
    return known | ({"steps": described.steps} if described.steps else {})


def _panel(panel: Panel, columns: Iterator[list[Any]]) -> dict[str, Any]:
    parts = [[p.slots, p.attribute, p.template, next(columns)] for p in panel.parts]
    if not panel.labels:
        return {"parts": parts}
    return {"parts": parts, "labels": panel.labels, "box": panel.axes.box, "fixed": panel.fixed}


def _described(slider: Slider | Choice) -> dict[str, Any]:
    known: dict[str, Any] = {}
    if slider.whole:
        known["whole"] = 1
    if slider.restart:
        known["restart"] = 1
    if isinstance(slider, Choice):
        return {**known, "choices": list(slider.values.values())}
    unit = slider.unit.strip()
    spoken = SPOKEN.get(unit, unit)
    return {**known, "format": slider.format, "unit": slider.unit, "spoken": spoken}


def _control(slider: Slider | Choice, name: str) -> str:
    label = escaping.escape(slider.label or name)
    if isinstance(slider, Choice):
        options = "".join(
            f'<option value="{i}"{" selected" * (word == slider.start)}>'
            f"{escaping.escape(word)}</option>"
            for i, word in enumerate(slider.values)
        )
        return f'<label>{label}<select autocomplete="off" disabled>{options}</select></label>'
    written, spoken = slider.written(slider.start), slider.spoken(slider.start)
    handle = f' style="--handle:{svg.color(slider.color)}"' if slider.color else ""
    return (
        f"<label><span>{label}</span>"
        f'<span class="value" aria-hidden="true">{escaping.escape(written)}</span>'
        f'<input type="range" min="{slider.min}" max="{slider.max}" step="{slider.step}" '
        f'value="{slider.start}" aria-valuetext="{escaping.escape(spoken)}" '
        f'autocomplete="off" disabled{handle}></label>'
    )


def _script(figure: Drawn) -> str:
    """The statement that hands the figure to `page.js`, whether that is loaded or not yet."""
    known = json.dumps(description(figure), ensure_ascii=False, separators=(",", ":"))
    entry = ",".join(["document.currentScript.parentNode", known, *functions(figure)])
    return f"(window.figures||=[]).push([{entry}])".replace("</", r"<\/")


def functions(figure: Drawn) -> list[str]:
    """What the figure shows, and its start and step if it trains, as JavaScript.

    Their arguments are the leaves of the state, the number of the step (of `step` only) and the
    values of the sliders in their order.
    """
    description = figure.description
    values = OrderedDict(description.values())  # JAX sorts the keys of an ordinary one
    state = description.initial(values)
    compiled = [to_javascript(functools.partial(show, figure), state, values)]
    if description.stateful:
        compiled.append(to_javascript(description.initial, values))
        compiled.append(to_javascript(description.following, state, jnp.int32(1), values))
    return compiled
