"""The live face: ipywidgets, and the jitted function in the kernel.

One HTML widget holds the picture, another one its caption. A slider's move runs the function, fills
the places of the SVG and sets the widgets' values: matplotlib draws nothing again, and output is
replaced, never added. Only widgets of ipywidgets are used, so there is no extension to install.
"""

import asyncio
import html
import time
from collections.abc import Callable
from typing import Any

import ipywidgets
import jax
import numpy as np

from book.display.style import style_element
from book.interactive import page
from book.interactive.drawing import Drawn
from book.interactive.sliders import Choice, Slider

#: Seconds of training between two pictures, and of rest in which the kernel hears the buttons.
CHUNK = 0.05
REST = 0.03


class View:
    """A figure's widgets, and what joins them; `widget` is what a notebook displays."""

    def __init__(self, figure: Drawn) -> None:
        self.figure = figure
        sliders = figure.description.sliders
        self.moved = {name: slider.start for name, slider in sliders.items()}
        self.picture = ipywidgets.HTML()
        self.caption = ipywidgets.HTML()
        longest = max((len(label(s, name)) for name, s in sliders.items()), default=0)
        self.controls = {
            name: control(s, name, f"{0.55 * longest + 1:.0f}em") for name, s in sliders.items()
        }
        for name, made in self.controls.items():
            made.observe(self._listener(name), names="value")
        self.trainer = Trainer(self) if figure.description.stateful else None
        rows = [*self.controls.values(), *([self.trainer.widget] if self.trainer else [])]
        style = ipywidgets.HTML(style_element(), layout={"display": "none"})
        self.widget = ipywidgets.VBox([style, self.picture, *rows, self.caption])
        self.show()

    def _listener(self, name: str) -> Callable[[dict[str, Any]], None]:
        def moved(change: dict[str, Any]) -> None:
            self.moved[name] = change["new"]
            if self.trainer and self.figure.description.sliders[name].restart:
                self.trainer.restart()
            self.show()

        return moved

    def show(self) -> None:
        """Runs the function where the sliders stand, and changes the picture."""
        state = self.trainer.state if self.trainer else None
        shown = self.figure.shown(state, self.figure.description.values(self.moved))
        self.picture.value = _framed(page.panels(self.figure, shown))
        self.caption.value = _framed(
            f'<p class="caption" aria-live="polite">{html.escape(str(shown.sentence))}</p>'
        )


class Trainer:
    """Run, Pause, Step and Reset of a figure that trains.

    Training is a task of the kernel's own event loop: a chunk of steps, a picture, a rest in which
    the kernel hears a slider or the Pause button. It grows from one step a picture, as on the page.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.count = 0
        self.task: asyncio.Task | None = None
        self.run = ipywidgets.Button(description="Run")
        self.step = ipywidgets.Button(description="Step")
        self.reset = ipywidgets.Button(description="Reset")
        self.counter = ipywidgets.Label("Step 0")
        self.run.on_click(lambda _: self.pause() if self.task else self.start())
        self.step.on_click(lambda _: self._once())
        self.reset.on_click(lambda _: self._again())
        self.widget = ipywidgets.HBox([self.run, self.step, self.reset, self.counter])
        self.description = view.figure.description

        def advance(state: Any, count: Any, until: Any, values: dict[str, jax.Array]) -> Any:
            def one(i: Any, state: Any) -> Any:
                return self.description.following(state, i, values)

            return jax.lax.fori_loop(count, until, one, state)

        self._advance = jax.jit(advance)
        self.restart()

    @property
    def last(self) -> float:
        return self.description.steps or np.inf

    def restart(self) -> None:
        """Goes back to the state before the first step, for where the sliders stand."""
        self.state = self.description.initial(self.description.values(self.view.moved))
        self.count = 0
        self._tell()

    def advance(self, until: int) -> None:
        """Trains up to step number `until`."""
        values = self.description.values(self.view.moved)
        self.state = jax.block_until_ready(self._advance(self.state, self.count, until, values))
        self.count = until

    def start(self) -> None:
        """Begins or goes on to train; a training that has finished begins anew."""
        if self.count >= self.last:
            self.restart()
        self.task = asyncio.get_running_loop().create_task(self._train())
        self._tell()

    def pause(self) -> None:
        """Stops after the chunk of steps that is under way."""
        if self.task:
            self.task.cancel()
        self.task = None
        self._tell()

    async def _train(self) -> None:
        pace = 1.0
        try:
            while self.count < self.last:
                began = time.perf_counter()
                self.advance(int(min(self.count + pace, self.last)))
                spent = time.perf_counter() - began
                self.view.show()
                self._tell()
                wanted = 1 + self.count / 30
                pace = max(1.0, min(wanted, pace * CHUNK / max(spent, 1e-6)))
                await asyncio.sleep(REST)
        finally:
            if self.task is asyncio.current_task():
                self.task = None
                self._tell()

    def _once(self) -> None:
        self.pause()
        if self.count < self.last:
            self.advance(self.count + 1)
        self._tell()
        self.view.show()

    def _again(self) -> None:
        self.pause()
        self.restart()
        self.view.show()

    def _tell(self) -> None:
        finished = ", finished" if self.count >= self.last else ""
        self.counter.value = f"Step {self.count:,}{finished}"
        self.run.description = "Pause" if self.task else "Run"


def _framed(part: str) -> str:
    return f'<div class="book-figure live">{part}</div>'


def label(slider: Slider | Choice, name: str) -> str:
    """The label of a slider with its unit, which the number beside the slider lacks."""
    unit = slider.unit.strip() if isinstance(slider, Slider) else ""
    return f"{slider.label or name} ({unit})" if unit else slider.label or name


def control(slider: Slider | Choice, name: str, width: str) -> ipywidgets.Widget:
    """The ipywidgets control for a slider or a choice, its label in this width."""
    look = {
        "description": label(slider, name),
        "style": {"description_width": width},
        "layout": ipywidgets.Layout(width="min(100%, 40em)"),
    }
    if isinstance(slider, Choice):
        return ipywidgets.Dropdown(options=list(slider.values), value=slider.start, **look)
    if slider.whole:
        kind, form = ipywidgets.IntSlider, "d"
    else:
        kind, form = ipywidgets.FloatSlider, slider.format
    return kind(
        value=slider.start,
        min=slider.min,
        max=slider.max,
        step=slider.step,
        readout_format=form,
        **look,
    )


def view(figure: Drawn) -> dict[str, Any]:
    """The figure's live face as a bundle of MIME types, new widgets at every display."""
    return dict(View(figure).widget._repr_mimebundle_())
