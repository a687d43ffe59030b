"""The static face: a figure as HTML that needs no server and nothing from another host.

It is an ordinary `<figure>`: the first state as SVG and its caption, which is all that is seen in
print and with scripts off. Sliders are native, and hidden until a script has made them work. The
script of a figure is its own JAX, compiled when the book is built; what all figures share is in
`page.js` and `figure.css`, which a site loads once per page.
"""

import html as escaping
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from book.display import svg
from book.display.style import style_element
from book.interactive.javascript import to_javascript
from book.interactive.sliders import SPOKEN, Choice, Slider

if TYPE_CHECKING:
    from book.interactive.figure import Figure

SCRIPT_FILE = Path(__file__).with_name("page.js")


def panels(figure: "Figure", picture: str) -> str:
    """The picture with its description; both faces show it."""
    return (
        f'<div class="panels" role="img" aria-label="{escaping.escape(figure.alt)}">{picture}</div>'
    )


def caption(words: str) -> str:
    """The caption under the controls."""
    return f'<figcaption class="caption">{escaping.escape(words)}</figcaption>'


def picture(figure: "Figure") -> str:
    """The first state as a picture with its caption, and nothing that moves."""
    arrays, numbers = figure.first
    shown = panels(figure, figure.picture(arrays)) + caption(figure.words(numbers))
    return f'{style_element()}<figure class="book-figure">{shown}</figure>'


def html(figure: "Figure") -> str:
    """The figure as part of a page that loads `figure.css` and `page.js`.

    Raises:
      NotCovered: a function of the figure has an operation that `to_javascript` does not cover.
    """
    arrays, numbers = figure.first
    sliders = "".join(_control(slider, name) for name, slider in figure.sliders.items())
    controls = f'<div class="controls" hidden>{sliders}</div>'
    if figure.stateful:
        controls += (
            '<div class="training" hidden><button type="button" class="run">Run</button>'
            '<button type="button" class="step">Step</button>'
            '<button type="button" class="reset">Reset</button>'
            '<span class="count">Step 0</span></div>'
        )
    return (
        f'<figure class="book-figure" id="{figure.name}">'
        f"{panels(figure, figure.picture(arrays))}{controls}{caption(figure.words(numbers))}"
        f'<div class="said" role="status"></div><script>{_script(figure)}</script></figure>'
    )


def standalone(figure: "Figure", title: str = "") -> str:
    """A whole page with the figure, its style and its script in one file.

    Args:
      figure: what `book.interactive.figure` returned.
      title: of the page; the figure's name if left out.
    """
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaping.escape(title or figure.name)}</title>{style_element()}"
        "<style>body{margin:0 auto;padding:0 1rem;max-width:46rem;font-family:system-ui,sans-serif;"
        "background:var(--figure-paper)}</style>"
        "<script>document.documentElement.dataset.theme="
        'matchMedia("(prefers-color-scheme:dark)").matches?"dark":"light"</script>'
        f"<script>{SCRIPT_FILE.read_text()}</script></head>"
        f"<body><main>{html(figure)}</main></body></html>"
    )


def description(figure: "Figure") -> dict[str, Any]:
    """What `page.js` must know about a figure, as JSON can hold it."""
    known: dict[str, Any] = {
        "sliders": [_described(slider) for slider in figure.sliders.values()],
        "panels": figure.panels,
        "caption": figure.template,
    }
    return known | ({"steps": figure.steps} if figure.steps else {})


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


def _script(figure: "Figure") -> str:
    """The statement that hands the figure to `page.js`, whether that is loaded or not yet."""
    known = json.dumps(description(figure), ensure_ascii=False, separators=(",", ":"))
    entry = ",".join(["document.currentScript.parentNode", known, *functions(figure)])
    return f"(window.figures||=[]).push([{entry}])".replace("</", r"<\/")


def functions(figure: "Figure") -> list[str]:
    """The figure's compute, and its start and step if it trains, as JavaScript.

    Their arguments are the leaves of the state, the number of the step (of `step` only) and the
    values of the sliders in their order.
    """
    values = figure.values()
    names = list(values)

    def compute(state: Any, numbers: list[jax.Array]) -> Any:
        arrays, said = figure.show(state, dict(zip(names, numbers, strict=True)))
        return (arrays, said) if said.size else arrays

    def start(numbers: list[jax.Array]) -> Any:
        return figure.initial(dict(zip(names, numbers, strict=True)))

    def step(state: Any, number: jax.Array, numbers: list[jax.Array]) -> Any:
        return figure.following(state, number, dict(zip(names, numbers, strict=True)))

    numbers = list(values.values())
    if not figure.stateful:
        return [to_javascript(compute, None, numbers)]
    state = figure.initial(values)
    return [
        to_javascript(compute, state, numbers),
        to_javascript(start, numbers),
        to_javascript(step, state, jnp.int32(1), numbers),
    ]
