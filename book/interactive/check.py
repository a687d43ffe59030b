"""What can be wrong in the functions of a figure, found by running them before anything is shown.

Every check names the slider and the value at fault, and says what to do.
"""

from typing import Any

import jax
import numpy as np

from book.interactive.description import Description, Shown
from book.interactive.errors import FigureError

#: What JAX raises when Python needs the value of a traced number.
UNTRACEABLE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


def arrays(figure: Description) -> dict[str, np.ndarray]:
    """The arrays of compute at the start, after every slider has been to both ends of its range."""
    values = figure.values()
    state = figure.initial(values)
    if figure.stateful:
        _same_state(state, jax.eval_shape(figure.following, state, 1, values))
    try:
        first = figure.shown(state, values)
    except UNTRACEABLE as error:
        raise _untraceable(figure, state, values) from error
    _finite(first, "with all sliders at their start")
    for name, slider in figure.sliders.items():
        for moved in slider.extremes:
            values = figure.values({name: moved})
            shown = figure.shown(figure.initial(values), values)
            _finite(shown, f"with slider {name!r} at {moved}")
    return {name: np.asarray(array) for name, array in first.arrays.items()}


def _finite(shown: Shown, where: str) -> None:
    numbers = {f"{name!r} of compute": array for name, array in shown.arrays.items()}
    for what, found in [*numbers.items(), *(("the caption", n) for n in shown.sentence.numbers)]:
        odd = np.asarray(found)[~np.isfinite(found)]
        if odd.size:
            raise FigureError(
                f"{what} contains {odd[0]} {where}. Keep it finite over the whole range, for "
                "example with jnp.maximum(x, 1e-6) before a division or a logarithm, or narrow "
                "the range."
            )


def _same_state(before: Any, after: Any) -> None:
    first, next_ = (
        jax.tree.map(lambda leaf: (leaf.shape, str(leaf.dtype)), state) for state in (before, after)
    )
    if first != next_:
        raise FigureError(
            "step must return a state of the same structure, shapes and types as start. "
            f"start gives {first}, step gives {next_}."
        )


def _untraceable(figure: Description, state: Any, values: dict[str, jax.Array]) -> FigureError:
    """Says which slider's value compute looks at in Python, and what that does."""
    uncompiled = figure.shown.__wrapped__
    for name, slider in figure.sliders.items():

        def alone(value: Any, name: str = name) -> Any:
            return uncompiled(state, {**values, name: value})

        try:
            jax.eval_shape(alone, values[name])
        except UNTRACEABLE:
            shapes = {}
            for moved in (slider.start, *slider.extremes):
                arrays = uncompiled(state, figure.values({name: moved})).arrays
                shapes[moved] = {key: array.shape for key, array in arrays.items()}
            first = shapes[slider.start]
            for moved, others in shapes.items():
                for key in first:
                    if others.get(key) != first[key]:
                        return FigureError(
                            f"slider {name!r}: compute returns {key!r} of shape {first[key]} at "
                            f"{slider.start} and {others.get(key)} at {moved}. Shapes must not "
                            "change: make the array as large as it gets, and hide what is too "
                            "much with jnp.where."
                        )
            return FigureError(
                f"slider {name!r}: compute looks at the value in Python (with `if`, `range`, "
                f"`int` or a NumPy function; its start is {slider.start}). "
                "Use jnp.where, jax.lax.cond or a function of jax.numpy instead."
            )
    return FigureError(
        "compute looks at a value in Python (with `if`, `range`, `int` or a NumPy function). "
        "Use jnp.where, jax.lax.cond or a function of jax.numpy instead."
    )
