"""What a figure is, before anything is drawn: its functions, its sliders and its size."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from book.interactive import caption
from book.interactive.caption import Sentence
from book.interactive.errors import FigureError, about
from book.interactive.sliders import Choice, Slider

Size = tuple[float, float]


class Shown(NamedTuple):
    """The arrays that a figure draws, and the caption that it writes."""

    arrays: dict[str, Any]
    sentence: Sentence


class compiled(functools.cached_property):
    """A method that JAX compiles once for each object, and forgets with it."""

    def __init__(self, method: Callable[..., Any]) -> None:
        super().__init__(lambda self: jax.jit(functools.partial(method, self)))


@dataclass(frozen=True, eq=False)
class Description:
    """A figure with sliders, for a notebook and for the static page.

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
            With `seed` the slider of this name or 0, `start` gets `key(seed)` and step t, counted
            from 0, gets `fold_in(key(seed), t)`.
        steps: training stops by itself after so many steps.
        size: width and height of a panel in inches, or a list with one such pair for each parameter
            of `draw`. Panels stand side by side where they have room, up to 7.5 inches in a row;
            small ones keep their letters large on a phone.

    Raises:
        FigureError: the parts do not fit together; the message says which and what to do.
    """

    compute: Callable[..., Mapping[str, Any]]
    draw: Callable[..., None]
    caption: Callable[..., str]
    _: KW_ONLY
    name: str
    alt: str
    sliders: Mapping[str, Slider | Choice]
    start: Callable[..., Any] | None = None
    step: Callable[..., Any] | None = None
    steps: int | None = None
    size: Size | Sequence[Size] = (3.3, 3.3)

    def __post_init__(self) -> None:
        with about(f"figure {self.name!r}"):
            self._check()

    def _check(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", self.name):
            raise FigureError(
                "a name is made of letters, digits and hyphens, such as 'vector-sum'."
            )
        if not self.alt.strip():
            raise FigureError("alt is empty; describe the picture in a sentence.")
        if (self.start is None) != (self.step is None):
            raise FigureError("a figure that trains needs both start= and step=.")
        if self.steps is not None and (self.step is None or self.steps < 1):
            raise FigureError(f"steps={self.steps} must be positive, and needs start= and step=.")
        panels = len(inspect.signature(self.draw).parameters)
        if len(self.sizes) != panels or any(len(s) != 2 or min(s) <= 0 for s in self.sizes):
            raise FigureError(
                f"size={self.size!r} must be width and height in inches, such as (3.3, 3.3), or a "
                f"list with one such pair for each axes of draw, which has {panels}."
            )
        parameters = list(inspect.signature(self.compute).parameters.values())
        if self.stateful and not parameters:
            raise FigureError("compute of a figure that trains takes the state.")
        parameters = parameters[self.stateful :]
        named = {
            p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        }
        for name, slider in self.sliders.items():
            with about(f"{type(slider).__name__.lower()} {name!r}"):
                if name not in named and not any(p.kind is p.VAR_KEYWORD for p in parameters):
                    raise FigureError(
                        "compute has no parameter of this name. "
                        f"Its parameters are: {', '.join(sorted(named)) or 'none'}."
                    )
                slider.check()
                if slider.restart and not self.stateful:
                    raise FigureError(
                        "restart=True is for a figure that trains; give start= and step=, or "
                        "leave it out."
                    )
        for name, parameter in named.items():
            if name not in self.sliders and parameter.default is parameter.empty:
                raise FigureError(
                    f"compute has the parameter {name!r} and there is no slider of this name. "
                    f"The sliders are: {', '.join(self.sliders) or 'none'}."
                )

    @property
    def stateful(self) -> bool:
        """Whether the figure trains, with Run, Step and Reset."""
        return self.step is not None

    @property
    def sizes(self) -> list[Any]:
        """Width and height of each panel."""
        alike = all(isinstance(part, int | float) for part in self.size)
        return (
            [self.size] * len(inspect.signature(self.draw).parameters) if alike else list(self.size)
        )

    def values(self, moved: Mapping[str, Any] | None = None) -> dict[str, jax.Array]:
        """What `compute` receives for these positions of sliders; the others are at the start."""
        moved = moved or {}
        return {
            name: slider.value(moved.get(name, slider.start))
            for name, slider in self.sliders.items()
        }

    @compiled
    def initial(self, values: Mapping[str, jax.Array]) -> Any:
        """The state before the first step; `None` if the figure does not train."""
        key = jax.random.key(values.get("seed", 0))
        return jax.tree.map(jnp.asarray, self.start(values, key)) if self.start else None

    @compiled
    def following(self, state: Any, step: Any, values: Mapping[str, jax.Array]) -> Any:
        """The state after step number `step`, counted from 0."""
        key = jax.random.fold_in(jax.random.key(values.get("seed", 0)), step)
        return self.step(state, values, key) if self.step else None

    @compiled
    def shown(self, state: Any, values: Mapping[str, jax.Array]) -> Shown:
        """What is drawn and written for this state and these values of the sliders."""
        found = self.compute(state, **values) if self.stateful else self.compute(**values)
        if not isinstance(found, Mapping) or not found:
            raise FigureError(
                "compute must return a dict of arrays by name, such as "
                f'{{"activation": x}}, and returned {type(found).__name__}.'
            )
        arrays = {name: jnp.asarray(array) for name, array in found.items()}
        scalars = {name: array for name, array in arrays.items() if array.shape == ()}
        choices = {name: s.values for name, s in self.sliders.items() if isinstance(s, Choice)}
        return Shown(arrays, caption.trace(self.caption, {**scalars, **values}, choices))
