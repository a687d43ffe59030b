"""One figure, two homes: a JAX function, a matplotlib drawing and sliders.

`figure` checks the description, draws the picture once and gives an object that displays itself:
with ipywidgets in a running notebook (`widget`), and as a page of its own script and SVG when the
book is built (`page`).
"""

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
from matplotlib.figure import Figure as Drawing

from book.display import svg
from book.display.style import STYLE_FILE, arrange, in_session
from book.interactive import caption as captions
from book.interactive import check, page, widget
from book.interactive.errors import FigureError
from book.interactive.panel import Panel
from book.interactive.patch import Patch, patches
from book.interactive.sliders import Choice, Slider

__all__ = ["Figure", "FigureError", "figure"]

#: Inches. A panel is drawn for a narrow screen; wider ones stand side by side.
PANEL = (3.3, 3.3)


class Figure:
    """A figure that a reader can move; made by `figure`, which documents its parts."""

    def __init__(
        self,
        compute: Callable[..., Mapping[str, Any]],
        draw: Callable[..., None],
        caption: Callable[..., str],
        *,
        name: str,
        alt: str,
        sliders: Mapping[str, Slider | Choice],
        start: Callable[..., Any] | None = None,
        step: Callable[..., Any] | None = None,
        steps: int | None = None,
    ) -> None:
        self.compute = compute
        self.draw = draw
        self.caption = caption
        self.name = name
        self.alt = alt
        self.sliders = dict(sliders)
        self._start = start
        self._step = step
        self.steps = steps
        check.description(self)
        self.initial = jax.jit(self._initial)
        self.following = jax.jit(self._following)
        arrays = check.outputs(self)
        self.outputs: list[str] = []
        self.panels, self._pieces, self._keys = self._drawn(arrays)
        self.template: captions.Template = []
        self.shown = jax.jit(self.show)
        self.first = check.extremes(self)

    @property
    def stateful(self) -> bool:
        """Whether the figure trains, with Run, Step and Reset."""
        return self._step is not None

    @functools.cached_property
    def html(self) -> str:
        """The static face, compiled when it is asked for first."""
        return page.html(self)

    def values(self, moved: Mapping[str, Any] | None = None) -> dict[str, jax.Array]:
        """What `compute` receives for these positions of sliders; the others are at the start."""
        moved = moved or {}
        return {
            name: slider.value(moved.get(name, slider.start))
            for name, slider in self.sliders.items()
        }

    def arrays(self, state: Any, values: Mapping[str, jax.Array]) -> Any:
        """What `compute` returns."""
        return self.compute(state, **values) if self.stateful else self.compute(**values)

    def show(
        self, state: Any, values: Mapping[str, jax.Array]
    ) -> tuple[list[jax.Array], jax.Array]:
        """The arrays of the artists in the order of `outputs`, and the numbers of the caption."""
        arrays = {key: jnp.asarray(value) for key, value in self.arrays(state, values).items()}
        scalars = {key: value for key, value in arrays.items() if value.shape == ()}
        names = {k: s.values for k, s in self.sliders.items() if isinstance(s, Choice)}
        self.template, numbers = captions.trace(
            self.caption, {**scalars, **values}, names, self.name
        )
        return [arrays[name].astype(jnp.float32) for name in self.outputs], numbers

    def _initial(self, values: Mapping[str, jax.Array]) -> Any:
        """The state before the first step."""
        assert self._start is not None
        key = jax.random.key(values.get("seed", 0))
        return jax.tree.map(jnp.asarray, self._start(values, key))

    def _following(self, state: Any, step: Any, values: Mapping[str, jax.Array]) -> Any:
        """The state after step number `step`, counted from 0."""
        assert self._step is not None
        key = jax.random.fold_in(jax.random.key(values.get("seed", 0)), step)
        return self._step(state, values, key)

    def picture(self, arrays: Sequence[np.ndarray | jax.Array]) -> str:
        """The panels as SVG for these arrays: the template with its places filled in."""
        return self._fill(patches(self.panels, [np.asarray(array) for array in arrays]))

    def words(self, numbers: np.ndarray | jax.Array) -> str:
        """The caption for these numbers."""
        return captions.fill(self.template, np.asarray(numbers).tolist())

    def _fill(self, changes: Sequence[Patch]) -> str:
        values = {(slot, attribute): value for slot, attribute, value in changes}
        filled = list(self._pieces)
        for i, key in enumerate(self._keys):
            filled[2 * i + 1] = values.get(key, "")
        return "".join(filled)

    def _drawn(
        self, arrays: Mapping[str, np.ndarray]
    ) -> tuple[list[dict[str, Any]], list[str], list[tuple[int, str]]]:
        slots = itertools.count()
        with matplotlib.rc_context(fname=str(STYLE_FILE)):
            drawings = [Drawing(figsize=PANEL) for _ in inspect.signature(self.draw).parameters]
            axes = [drawing.subplots() for drawing in drawings]
            panels = [Panel(ax, self.name, arrays, self.outputs, slots) for ax in axes]
            self.draw(*axes)
            check.drawing(self, panels)
            for drawing in drawings:
                drawing.draw_without_rendering()
                drawing.set_layout_engine("none")
            known = [
                panel.describe(72 * drawing.get_size_inches()[1])
                for panel, drawing in zip(panels, drawings, strict=True)
            ]
            elements = [
                svg.to_svg(drawing, f"{self.name}-{i}" if i else self.name)
                for i, drawing in enumerate(drawings)
            ]
        slotted = {
            int(element.attrib["data-slot"]): element
            for root in elements
            for element in root.iter()
            if "data-slot" in element.attrib
        }
        first = [np.asarray(arrays[name], np.float32) for name in self.outputs]
        for slot, attribute, _ in patches(known, first):
            place = f"\ue000{slot}\ue001{attribute}\ue000"
            if attribute:
                slotted[slot].attrib[attribute] = place
            else:
                slotted[slot].text = place
        source = arrange(elements)
        pieces = re.split("\ue000(\\d+\ue001[a-z]*)\ue000", source)
        keys = [(int(slot), name) for slot, name in (p.split("\ue001") for p in pieces[1::2])]
        return known, pieces, keys

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            **widget.view(self),
            "text/html": page.picture(self) if in_session() else self.html,
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        return f"Figure {self.name}: {self.words(self.first[1])} [{self.alt}]"


def figure(
    compute: Callable[..., Mapping[str, Any]],
    draw: Callable[..., None],
    caption: Callable[..., str],
    *,
    name: str,
    alt: str,
    sliders: Mapping[str, Slider | Choice],
    start: Callable[..., Any] | None = None,
    step: Callable[..., Any] | None = None,
    steps: int | None = None,
) -> Figure:
    """Makes a figure with sliders, for a notebook and for the static page.

    Args:
      compute: a pure JAX function; its parameters have the names of the sliders, and it returns a
        dict of arrays. Of a figure that trains, the first parameter is the state.
      draw: draws the first state with the artists of `book.interactive` and any fixed parts with
        matplotlib; every parameter is an axes in a panel of its own.
      caption: returns the sentence under the figure; its parameters are names of sliders and of
        single numbers that `compute` returns (of two with one name, the slider). Numbers need a
        format, `{x:.2f}`, and words are chosen by `choose`, not by `if`.
      name: unique in the book, of letters, digits and hyphens.
      alt: the picture in words, for a reader who does not see it.
      sliders: what the reader moves, by the name of the parameter of `compute`.
      start: of a figure that trains, `start(sliders, key)` returns the first state, any pytree.
      step: `step(state, sliders, key)` returns the next state. `sliders` is a dict of numbers.
        With `seed` the slider of this name or 0, `start` gets `key(seed)` and step t, counted from
        0, gets `fold_in(key(seed), t)`.
      steps: training stops by itself after so many steps.

    Raises:
      FigureError: the parts do not fit together; the message says which and what to do.
    """
    made = Figure(
        compute,
        draw,
        caption,
        name=name,
        alt=alt,
        sliders=sliders,
        start=start,
        step=step,
        steps=steps,
    )
    if not in_session():
        _ = made.html  # an operation that JavaScript lacks should fail this cell, not its display
    return made
