"""The sparse autoencoder of chapter 5 against PyTorch."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from book.linearity import random_directions
from book.superposition.fast_loss import sparse
from book.training import train_many, uniform
from book.way_forward import Autoencoder, initial_autoencoder, sae_loss, sample_activations
from tests.benchmarks.promises import Promise
from tests.benchmarks.racing import Contender, judged, race
from tests.benchmarks.setup import BATCH, OPTIMIZER

FEATURES, NEURONS, LATENTS = 100, 20, 400
DENSITY, PENALTY = 0.05, 0.05
BOUND = 2
TITLE = f"Sparse autoencoder, n = {FEATURES}, m = {NEURONS}, {LATENTS} latents"
DIRECTIONS = random_directions(FEATURES, NEURONS, key=jax.random.key(0))
KEY = jax.random.key(2)


def loss(autoencoder: Autoencoder, activation: jax.Array) -> jax.Array:
    """Of the chapter, on activations that are drawn already."""
    return sae_loss(autoencoder, activation, PENALTY)


def contenders(latents: int = LATENTS, batch: int = BATCH) -> dict[str, Contender]:
    """The book with batches drawn for many steps at once, or in each step."""

    def draw(key: jax.Array) -> jax.Array:
        return sparse(uniform(key, (batch, FEATURES)), DENSITY) @ DIRECTIONS

    def loss_that_draws(autoencoder: Autoencoder, key: jax.Array) -> jax.Array:
        return loss(autoencoder, sample_activations(DIRECTIONS, DENSITY, batch, key=key))

    start = initial_autoencoder(latents, NEURONS, key=jax.random.key(1))
    starts = jax.tree.map(lambda leaf: leaf[None], start)
    train = partial(train_many, optimizer=OPTIMIZER, parameters=starts, key=KEY)
    return {
        "book": Contender(lambda steps: train(loss, steps=steps, draw=draw), 32),
        "book, drawing in the step": Contender(
            lambda steps: train(loss_that_draws, steps=steps), 128
        ),
    }


def check_same(theirs: Any, slopes: Callable[..., Any]) -> None:
    """Both sides have the same loss and gradient, for the same dictionary and activations."""
    activation = sample_activations(DIRECTIONS, DENSITY, BATCH, key=KEY)
    parameters, expected = slopes(theirs, activation)
    ours = Autoencoder(*(jnp.asarray(parameters[name]) for name in Autoencoder._fields))
    slope = jax.grad(loss)(ours, activation)
    for name in Autoencoder._fields:
        np.testing.assert_allclose(getattr(slope, name), expected[name], rtol=1e-3, atol=1e-5)


def main() -> list[Promise]:
    """Runs the race."""
    from tests.benchmarks import pytorch  # it needs PyTorch, which only a race does

    theirs = pytorch.Autoencoder(DIRECTIONS, LATENTS, DENSITY, PENALTY)
    check_same(theirs, pytorch.slopes)
    outcome = race({**pytorch.contenders(theirs), **contenders()})
    flop = 2 * BATCH * NEURONS * (FEATURES + 5 * LATENTS)
    return [judged(TITLE, outcome, bound=BOUND, flop=flop, note="one model, fresh draws for both")]
