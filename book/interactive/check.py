"""What can be wrong in the description of a figure, found before anything is shown.

Every check names the figure, the slider and the value at fault, and says what to do.
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from book.interactive.errors import FigureError

if TYPE_CHECKING:
    from book.interactive.figure import Figure
    from book.interactive.panel import Panel

#: What JAX raises when Python needs the value of a traced number.
UNTRACEABLE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


def description(figure: "Figure") -> None:
    """The names, the sliders and the parameters of compute."""
    name = figure.name
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
        raise FigureError(
            f"figure {name!r}: a name is made of letters, digits and hyphens, such as 'vector-sum'."
        )
    if not figure.alt.strip():
        raise FigureError(f"figure {name!r}: alt is empty; describe the picture in a sentence.")
    if (figure._start is None) != (figure._step is None):
        raise FigureError(f"figure {name!r}: a figure that trains needs both start= and step=.")
    if figure.steps is not None and (figure._step is None or figure.steps < 1):
        raise FigureError(
            f"figure {name!r}: steps={figure.steps} must be positive, and needs start= and step=."
        )
    parameters = list(inspect.signature(figure.compute).parameters.values())
    if figure.stateful:
        if not parameters:
            raise FigureError(f"figure {name!r}: compute of a figure that trains takes the state.")
        parameters = parameters[1:]
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for key in figure.sliders:
        if key not in named and not anything:
            raise FigureError(
                f"figure {name!r}, slider {key!r}: compute has no parameter of this name. "
                f"Its parameters are: {', '.join(sorted(named)) or 'none'}."
            )
    for parameter in parameters:
        if (
            parameter.name in named
            and parameter.name not in figure.sliders
            and parameter.default is parameter.empty
        ):
            raise FigureError(
                f"figure {name!r}: compute has the parameter {parameter.name!r} and there is no "
                f"slider of this name. The sliders are: {', '.join(figure.sliders) or 'none'}."
            )
    for key, slider in figure.sliders.items():
        slider.check(name, key)
        if slider.restart and not figure.stateful:
            raise FigureError(
                f"figure {name!r}, slider {key!r}: restart=True is for a figure that trains; "
                "give start= and step=, or leave it out."
            )


def outputs(figure: "Figure") -> dict[str, np.ndarray]:
    """The arrays of compute at the start, if it can be traced and all are finite."""
    values = figure.values()
    state = None
    if figure.stateful:
        state = figure.initial(values)
        _same_state(figure, state, jax.eval_shape(figure.following, state, 1, values))
    try:
        arrays = jax.jit(figure.arrays)(state, values)
    except UNTRACEABLE as error:
        raise FigureError(_untraceable(figure, state, values)) from error
    if not isinstance(arrays, Mapping) or not arrays:
        raise FigureError(
            f"figure {figure.name!r}: compute must return a dict of arrays by name, such as "
            f'{{"activation": x}}, and returned {type(arrays).__name__}.'
        )
    found = {name: np.asarray(array) for name, array in arrays.items()}
    for name, array in found.items():
        if not np.isfinite(array).all():
            raise FigureError(_not_finite(figure, name, array, "with all sliders at their start"))
    return found


def drawing(figure: "Figure", panels: "Sequence[Panel]") -> None:
    """At least one panel, and at least one moving part in all."""
    if not any(panel.artists for panel in panels):
        raise FigureError(
            f"figure {figure.name!r}: nothing in draw moves. Draw at least one array of compute "
            "with vectors, lines, points, bars, heat_map or text; draw takes one axes per panel."
        )


def extremes(figure: "Figure") -> tuple[list[np.ndarray], np.ndarray]:
    """What is shown at the start, after every slider has been to both ends of its range."""
    for name, slider in figure.sliders.items():
        for moved in slider.extremes:
            values = figure.values({name: moved})
            state = figure.initial(values) if figure.stateful else None
            arrays, numbers = figure.shown(state, values)
            for output, array in [*zip(figure.outputs, arrays, strict=True), ("caption", numbers)]:
                if not np.isfinite(array).all():
                    where = f"with slider {name!r} at {moved}"
                    raise FigureError(_not_finite(figure, output, np.asarray(array), where))
    values = figure.values()
    arrays, numbers = figure.shown(figure.initial(values) if figure.stateful else None, values)
    return [np.asarray(array) for array in arrays], np.asarray(numbers)


def _not_finite(figure: "Figure", name: str, array: np.ndarray, where: str) -> str:
    found = array[~np.isfinite(array)].ravel()[0]
    which = "the caption" if name == "caption" else f"{name!r} of compute"
    return (
        f"figure {figure.name!r}: {which} contains {found} {where}. Keep it finite over the whole "
        "range, for example with jnp.maximum(x, 1e-6) before a division or a logarithm, or narrow "
        "the range."
    )


def _same_state(figure: "Figure", before: Any, after: Any) -> None:
    def shapes(state: Any) -> Any:
        return jax.tree.map(lambda leaf: (leaf.shape, str(leaf.dtype)), state)

    if shapes(before) != shapes(after):
        raise FigureError(
            f"figure {figure.name!r}: step must return a state of the same structure, shapes and "
            f"types as start. start gives {shapes(before)}, step gives {shapes(after)}."
        )


def _untraceable(figure: "Figure", state: Any, values: Mapping[str, jax.Array]) -> str:
    """Says which slider's value compute looks at in Python, and what that does."""
    for name, slider in figure.sliders.items():

        def alone(value: Any, name: str = name) -> Any:
            return figure.arrays(state, {**values, name: value})

        try:
            jax.eval_shape(alone, values[name])
        except UNTRACEABLE:
            shapes = {}
            for moved in (slider.start, *slider.extremes):
                concrete = figure.arrays(state, {**figure.values({name: moved})})
                shapes[moved] = {key: np.shape(array) for key, array in concrete.items()}
            first = shapes[slider.start]
            for moved, others in shapes.items():
                for key in first:
                    if others.get(key) != first[key]:
                        return (
                            f"figure {figure.name!r}, slider {name!r}: compute returns {key!r} of "
                            f"shape {first[key]} at {slider.start} and {others.get(key)} at "
                            f"{moved}. Shapes must not change: make the array as large as it gets, "
                            "and hide what is too much with jnp.where."
                        )
            return (
                f"figure {figure.name!r}, slider {name!r}: compute looks at the value in Python "
                f"(with `if`, `range`, `int` or a NumPy function; its start is {slider.start}). "
                "Use jnp.where, jax.lax.cond or a function of jax.numpy instead."
            )
    return (
        f"figure {figure.name!r}: compute looks at a value in Python (with `if`, `range`, `int` or "
        "a NumPy function). Use jnp.where, jax.lax.cond or a function of jax.numpy instead."
    )
