"""The phase diagram, two features in one neuron: sampled against PyTorch, and by quadrature."""

import time

import jax
import jax.numpy as jnp
import optax
import torch

from book.batch_last import batch_last_loss, columns
from book.ledger.experiments import phase_grid
from book.superposition import initial_model
from book.training import train_many
from tests.benchmarks import pytorch
from tests.benchmarks.pytorch import BATCH, DECAY, RATE
from tests.benchmarks.racing import Contender, race, report

CELLS, SEEDS = 10, 10
AT_ONCE = 50
NEEDED, SECONDS = 8, 2.0
QUADRATURE = {"cells": CELLS, "seeds": SEEDS, "steps": 200, "points": 6}


def contenders() -> dict[str, Contender]:
    """PyTorch and the book on all cells and seeds at once."""
    ratios, densities = jnp.meshgrid(jnp.logspace(-1, 1, CELLS), jnp.logspace(-2, 0, CELLS))
    ratio, density = (jnp.repeat(grid.ravel(), SEEDS) for grid in (ratios, densities))
    importance = jnp.stack([jnp.ones_like(ratio), ratio], axis=1)
    keys = jax.random.split(jax.random.key(0), len(ratio))
    start = jax.vmap(lambda key: initial_model(2, 1, key=key))(keys)
    optimizer = optax.adamw(RATE, weight_decay=DECAY)
    draw = columns(2, BATCH)

    def ours(steps: int) -> object:
        return train_many(
            batch_last_loss,
            optimizer,
            start,
            jax.random.key(1),
            steps,
            settings=(density, importance),
            draw=draw,
            at_once=AT_ONCE,
        )

    theirs = pytorch.trainer(pytorch.ToyModels(len(ratio), 2, 1, density, importance))
    return {"PyTorch": Contender(theirs), "book": Contender(ours, 16)}


def main() -> None:
    """Runs the race, and times the quadrature, whose first call compiles."""
    report(
        f"Phase diagram, {CELLS} x {CELLS} cells x {SEEDS} seeds, n = 2, m = 1, AdamW, "
        f"batch {BATCH}; PyTorch {torch.__version__} on {torch.get_num_threads()} threads; "
        "in the book all models see the same draws, in PyTorch each its own",
        race(contenders()),
        needed=NEEDED,
        flop=2 * 5 * 2 * BATCH * CELLS * CELLS * SEEDS,
    )
    for call in ("first, with compilation", "second"):
        begin = time.perf_counter()
        result = phase_grid(**QUADRATURE)
        seconds = time.perf_counter() - begin
        agree = jnp.mean(jnp.array(result["trained"]) == jnp.array(result["expected"]))
        print(
            f"  by quadrature, trained in all, {call} call: {seconds:.2f} s (the book promises "
            f"{SECONDS:g}); {agree:.0%} of the cells as the closed form says"
        )
