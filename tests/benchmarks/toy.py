"""Toy models of three sizes, several densities at once, against PyTorch."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from book.superposition import initial_model, toy_model, weighted_loss
from book.superposition.fast_loss import batch_last_loss, columns, sparse
from book.training import train_many, uniform
from tests.benchmarks.promises import Promise
from tests.benchmarks.racing import Contender, judged, race
from tests.benchmarks.setup import BATCH, OPTIMIZER, SHARED


class Size(NamedTuple):
    """A race.

    Attributes:
        features: n.
        neurons: m.
        models: How many are trained.
        decay: The importance of a feature relative to the one before.
        bound: How many times as fast as PyTorch the book must be.
        devices: Whether the models are spread over JAX's devices, one for each core.
        rows: Whether an input is a row, as in the chapters, instead of a column.
        batch: How many inputs a step sees.
    """

    features: int
    neurons: int
    models: int
    decay: float
    bound: float
    devices: bool = True
    rows: bool = False
    batch: int = BATCH

    @property
    def at_once(self) -> int | None:
        """How many models go side by side, one on each device."""
        if not self.devices:
            return None
        most = jax.device_count()
        return max(count for count in range(1, most + 1) if self.models % count == 0)

    @property
    def title(self) -> str:
        return f"Toy model, n = {self.features}, m = {self.neurons}, {self.models} models"


SIZES = (
    Size(5, 2, 10, 0.9, bound=12, devices=False),
    Size(20, 5, 10, 0.7, bound=10),
    Size(200, 20, 20, 0.97, bound=5, rows=True),
)

KEY = jax.random.key(0)


def row_loss(model: Any, u: jax.Array, density: jax.Array, importance: jax.Array) -> jax.Array:
    """The chapter's loss; an input is a row."""
    x = sparse(u, density)
    return weighted_loss(toy_model(model, x), x, importance)


def method(size: Size) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The loss, and the draws that it takes."""
    if size.rows:
        return row_loss, partial(uniform, shape=(size.batch, size.features))
    return batch_last_loss, columns(size.features, size.batch)


def settings(size: Size) -> tuple[jax.Array, jax.Array]:
    """The density of every model, from 1 to 1/20, and the importance of every feature."""
    return 20.0 ** -jnp.linspace(0, 1, size.models), size.decay ** jnp.arange(float(size.features))


def contenders(size: Size) -> dict[str, Contender]:
    """The book: all models on the same draws, or each on its own."""
    density, importance = settings(size)
    keys = jax.random.split(KEY, size.models)
    start = jax.vmap(lambda key: initial_model(size.features, size.neurons, key=key))(keys)
    loss, draw = method(size)

    def ours(key: jax.Array) -> Callable[[int], object]:
        return lambda steps: train_many(
            loss,
            OPTIMIZER,
            start,
            key,
            steps,
            settings=(density, jnp.tile(importance, (size.models, 1))),
            draw=draw,
            at_once=size.at_once,
        )

    unit = 20 if size.rows else 128
    return {
        "book": Contender(ours(KEY), unit),
        "book, own draws for every model": Contender(ours(keys), unit),
    }


def check_same(theirs: Any, slopes: Callable[..., Any], size: Size) -> None:
    """Both sides have the same loss and gradient, for the same models and inputs."""
    density, importance = settings(size)
    u = jax.random.uniform(KEY, (size.batch, size.features))
    parameters, expected = slopes(theirs, jnp.stack([sparse(u, p) for p in density], axis=1))
    models = (jnp.asarray(parameters["W"]), jnp.asarray(parameters["b"]))
    slope = jax.vmap(jax.grad(method(size)[0]), (0, None, 0, None))(
        models, u if size.rows else u.T, density, importance
    )
    for mine, name in zip(slope, ("W", "b"), strict=True):
        np.testing.assert_allclose(mine, expected[name], rtol=1e-3, atol=1e-6)


def main() -> list[Promise]:
    """Runs the three races."""
    from tests.benchmarks import pytorch  # it needs PyTorch, which only a race does

    promises = []
    for size in SIZES:
        theirs = pytorch.ToyModels(size.features, size.neurons, *settings(size))
        check_same(theirs, pytorch.slopes, size)
        outcome = race({**pytorch.contenders(theirs), **contenders(size)})
        products = size.features * size.neurons * size.batch * size.models
        promises.append(
            judged(size.title, outcome, bound=size.bound, flop=2 * 5 * products, note=SHARED)
        )
    return promises
