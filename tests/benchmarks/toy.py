"""Toy models of three sizes, several densities at once, against PyTorch."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from book.batch_last import batch_last_loss, columns, sparse
from book.superposition import initial_model, toy_model, weighted_loss
from book.training import train_many, uniform
from tests.benchmarks import pytorch
from tests.benchmarks.pytorch import BATCH, DECAY, RATE
from tests.benchmarks.racing import Contender, on_threads, race, report


class Size(NamedTuple):
    """A race.

    Attributes:
        features: n.
        neurons: m.
        models: How many are trained.
        decay: The importance of a feature relative to the one before.
        needed: How many times as fast as PyTorch the book must be.
        devices: Whether the models are spread over JAX's devices, one for each core.
        rows: Whether an input is a row, as in the chapters, instead of a column.
    """

    features: int
    neurons: int
    models: int
    decay: float
    needed: float
    devices: bool = True
    rows: bool = False

    @property
    def at_once(self) -> int:
        """How many models go side by side, one on each device."""
        most = jax.device_count() if self.devices else 1
        return max(count for count in range(1, most + 1) if self.models % count == 0)


SIZES = (
    Size(5, 2, 10, 0.9, needed=12, devices=False),
    Size(20, 5, 10, 0.7, needed=10),
    Size(200, 20, 20, 0.97, needed=5, rows=True),
)

OPTIMIZER = optax.adamw(RATE, weight_decay=DECAY)
KEY = jax.random.key(0)


def row_loss(model: Any, u: jax.Array, density: jax.Array, importance: jax.Array) -> jax.Array:
    """The chapter's loss; an input is a row."""
    x = sparse(u, density)
    return weighted_loss(toy_model(model, x), x, importance)


def draws_of(size: Size) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The loss, and the draws that it takes."""
    if size.rows:
        return row_loss, partial(uniform, shape=(BATCH, size.features))
    return batch_last_loss, columns(size.features, BATCH)


def contenders(size: Size) -> dict[str, Contender]:
    """PyTorch and the book on the same task."""
    density = 20.0 ** -jnp.linspace(0, 1, size.models)
    importance = size.decay ** jnp.arange(float(size.features))
    keys = jax.random.split(KEY, size.models)
    start = jax.vmap(lambda key: initial_model(size.features, size.neurons, key=key))(keys)
    each = jnp.broadcast_to(importance, (size.models, size.features))
    loss, draw = draws_of(size)
    theirs = pytorch.ToyModels(size.models, size.features, size.neurons, density, importance)
    check_same(theirs, loss, density, importance, size)

    def ours(key: jax.Array) -> Callable[[int], object]:
        return lambda steps: train_many(
            loss,
            OPTIMIZER,
            start,
            key,
            steps,
            settings=(density, each),
            draw=draw,
            at_once=size.at_once,
        )

    run = pytorch.trainer(theirs)
    unit = 20 if size.rows else 128
    return {
        "PyTorch": Contender(run),
        "PyTorch on one thread": Contender(on_threads(1, run)),
        "book": Contender(ours(KEY), unit),
        "book, own draws for every model": Contender(ours(keys), unit),
    }


def check_same(theirs: Any, loss: Any, density: Any, importance: Any, size: Size) -> None:
    """Both sides have the same loss and gradient, for the same models and inputs."""
    u = jax.random.uniform(KEY, (BATCH, size.features))
    x = torch.stack([torch.as_tensor(np.array(sparse(u, p))) for p in density], dim=1)
    theirs.loss(x).backward()
    models = (jnp.asarray(theirs.W.detach().numpy()), jnp.asarray(theirs.b.detach().numpy()))
    u = u if size.rows else u.T
    slope = jax.vmap(jax.grad(loss), (0, None, 0, None))(models, u, density, importance)
    for mine, other in zip(slope, (theirs.W.grad, theirs.b.grad), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-3, atol=1e-6)


def main() -> None:
    """Runs the three races."""
    for size in SIZES:
        products = size.features * size.neurons * BATCH * size.models
        report(
            f"Toy model, n = {size.features}, m = {size.neurons}, {size.models} models, AdamW, "
            f"batch {BATCH}; PyTorch {torch.__version__} on {torch.get_num_threads()} threads, "
            f"JAX on {size.at_once} of {jax.device_count()} devices; "
            "in the book all models see the same draws, in PyTorch each its own",
            race(contenders(size)),
            needed=size.needed,
            flop=2 * 5 * products,
        )
