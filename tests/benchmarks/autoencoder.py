"""The sparse autoencoder of chapter 5 against PyTorch."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from book.batch_last import sparse
from book.linearity import random_directions
from book.training import train_many, uniform
from book.way_forward import Autoencoder, initial_autoencoder, sae_loss, sample_activations
from tests.benchmarks import pytorch
from tests.benchmarks.pytorch import BATCH, DECAY, RATE
from tests.benchmarks.racing import Contender, on_threads, race, report

FEATURES, NEURONS, LATENTS = 100, 20, 400
DENSITY, PENALTY = 0.05, 0.05
NEEDED = 2
OPTIMIZER = optax.adamw(RATE, weight_decay=DECAY)
DIRECTIONS = random_directions(FEATURES, NEURONS, key=jax.random.key(0))
KEY = jax.random.key(2)


def loss(autoencoder: Autoencoder, activation: jax.Array) -> jax.Array:
    """Of the chapter, on activations that are drawn already."""
    return sae_loss(autoencoder, activation, PENALTY)


def loss_that_draws(autoencoder: Autoencoder, key: jax.Array) -> jax.Array:
    """As a chapter writes it: the step draws its batch with `jax.random.uniform`."""
    return loss(autoencoder, sample_activations(DIRECTIONS, DENSITY, BATCH, key=key))


def draw(key: jax.Array) -> jax.Array:
    """The same activations, for many steps at once."""
    return sparse(uniform(key, (BATCH, FEATURES)), DENSITY) @ DIRECTIONS


def contenders() -> dict[str, Contender]:
    """PyTorch, and the book with batches drawn ahead or in the step."""
    theirs = pytorch.Autoencoder(DIRECTIONS, LATENTS, DENSITY, PENALTY)
    check_same(theirs)
    run = pytorch.trainer(theirs)
    start = initial_autoencoder(LATENTS, NEURONS, key=jax.random.key(1))
    starts = jax.tree.map(lambda leaf: leaf[None], start)
    train = partial(train_many, optimizer=OPTIMIZER, parameters=starts, key=KEY)
    return {
        "PyTorch": Contender(run),
        "PyTorch on one thread": Contender(on_threads(1, run)),
        "book": Contender(lambda steps: train(loss, steps=steps, draw=draw), 32),
        "book, drawing in the step": Contender(
            lambda steps: train(loss_that_draws, steps=steps), 128
        ),
    }


def check_same(theirs: pytorch.Autoencoder) -> None:
    """Both sides have the same loss and gradient, for the same dictionary and activations."""
    activation = draw(KEY)
    theirs.loss(torch.as_tensor(np.array(activation))).backward()
    names = Autoencoder._fields
    ours = Autoencoder(*(jnp.asarray(getattr(theirs, name).detach().numpy()) for name in names))
    slope = jax.grad(loss)(ours, activation)
    for name in names:
        other = getattr(theirs, name).grad
        np.testing.assert_allclose(getattr(slope, name), other, rtol=1e-3, atol=1e-5)


def main() -> None:
    """Runs the race."""
    encode_decode = NEURONS * LATENTS * BATCH
    report(
        f"Sparse autoencoder, n = {FEATURES}, m = {NEURONS}, {LATENTS} latents, AdamW, "
        f"batch {BATCH}; PyTorch {torch.__version__} on {torch.get_num_threads()} threads",
        race(contenders()),
        needed=NEEDED,
        flop=2 * (FEATURES * NEURONS * BATCH + 5 * encode_decode),
    )
