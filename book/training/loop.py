"""The book's one training loop: optax, `lax.scan` over the steps, `jax.vmap` over the runs.

A run is reproducible from its key alone: step t draws its batch with `fold_in(key, t)`.
The figures that train in the page count their steps and fold their keys in the same way,
so the run of seed 3 in a figure is the run of seed 3 in a table.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import lax
from jaxtyping import Array, Float, Int, Key, Shaped

Parameters = Any
"""A pytree of float arrays, for example the tuple (W, b)."""

Loss = Callable[[Parameters, Any], Float[Array, ""]]
"""`loss(parameters, key)`: draws its own batch with `key` and returns a scalar to make small."""


class Run(NamedTuple):
    """All that the next training step needs to know.

    Attributes:
        parameters: What is trained.
        optimizer_state: The optimizer's memory, for Adam two running averages per parameter.
        steps: The number of steps taken so far.
    """

    parameters: Parameters
    optimizer_state: optax.OptState
    steps: Int[Array, ""]


def begin(optimizer: optax.GradientTransformation, parameters: Parameters) -> Run:
    """A run that has taken no step yet."""
    return Run(parameters, optimizer.init(parameters), jnp.int32(0))


def advance(
    loss: Loss, optimizer: optax.GradientTransformation, run: Run, key: Key[Array, ""] | Any
) -> tuple[Run, Float[Array, ""]]:
    """Takes one training step.

    Args:
        loss: Called once, with the run's parameters and `key`.
        optimizer: Turns the gradient into a change of the parameters.
        run: The run so far.
        key: The randomness of this step alone, or what was drawn with it, if the loss takes that.

    Returns:
        The run after the step, and the loss before it.
    """
    value, gradient = jax.value_and_grad(loss)(run.parameters, key)
    change, optimizer_state = optimizer.update(gradient, run.optimizer_state, run.parameters)
    parameters = optax.apply_updates(run.parameters, change)
    return Run(parameters, optimizer_state, run.steps + 1), value


def train(
    loss: Loss,
    optimizer: optax.GradientTransformation,
    parameters: Parameters,
    key: Key[Array, ""],
    steps: int,
) -> tuple[Parameters, Float[Array, " steps"]]:
    """Trains one model; `jax.vmap` over the arguments trains many.

    Args:
        loss: Draws a batch with its key and returns a scalar.
        optimizer: Any of optax, for example `optax.adam(5e-3)`.
        parameters: Where training begins.
        key: The run's key; step t uses `fold_in(key, t)`.
        steps: How many steps to take, at least 1.

    Returns:
        The trained parameters, and the loss before each step.

    Raises:
        ValueError: If `steps` is less than 1.
    """
    if steps < 1:
        raise ValueError(f"train: steps is {steps}; give at least 1.")

    def step(run: Run, t: Int[Array, ""]) -> tuple[Run, Float[Array, ""]]:
        return advance(loss, optimizer, run, jax.random.fold_in(key, t))

    first = begin(optimizer, parameters)
    run, losses = lax.scan(step, first, jnp.arange(steps))
    return run.parameters, losses


def append(history: Shaped[Array, " length"], value: Shaped[Array, ""]) -> Shaped[Array, " length"]:
    """Appends a value to a history of fixed length; the oldest value falls off.

    A history is part of a figure's state, and a state cannot grow.
    """
    return jnp.append(history[1:], value)
