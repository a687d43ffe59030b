"""The phase diagram, two features in one neuron: sampled against PyTorch, and by quadrature."""

import jax
import jax.numpy as jnp

from book.superposition import initial_model
from book.superposition.fast_loss import batch_last_loss, columns
from book.superposition.ledger.experiments import phase_grid
from book.training import train_many
from tests.benchmarks.promises import Promise
from tests.benchmarks.racing import Contender, judged, race, timed
from tests.benchmarks.setup import BATCH, OPTIMIZER, SHARED

CELLS, SEEDS = 10, 10
AT_ONCE = 50
BOUND, SECONDS = 8, 2.0
STEPS, POINTS = 200, 6
TITLE = f"Phase diagram, {CELLS} x {CELLS} cells x {SEEDS} seeds"


def settings(cells: int = CELLS, seeds: int = SEEDS) -> tuple[jax.Array, jax.Array]:
    """The density and the importances of every model of the grid."""
    ratios, densities = jnp.meshgrid(jnp.logspace(-1, 1, cells), jnp.logspace(-2, 0, cells))
    ratio, density = (jnp.repeat(grid.ravel(), seeds) for grid in (ratios, densities))
    return density, jnp.stack([jnp.ones_like(ratio), ratio], axis=1)


def contenders(cells: int = CELLS, seeds: int = SEEDS, batch: int = BATCH) -> dict[str, Contender]:
    """The book on all cells and seeds, the same draws for all."""
    density, importance = settings(cells, seeds)
    keys = jax.random.split(jax.random.key(0), len(density))
    start = jax.vmap(lambda key: initial_model(2, 1, key=key))(keys)

    def ours(steps: int) -> object:
        return train_many(
            batch_last_loss,
            OPTIMIZER,
            start,
            jax.random.key(1),
            steps,
            settings=(density, importance),
            draw=columns(2, batch),
            at_once=min(AT_ONCE, len(density)),
        )

    return {"book": Contender(ours, 16)}


def by_quadrature(cells: int = CELLS, seeds: int = SEEDS, steps: int = STEPS) -> Promise:
    """Times the whole diagram made without sampling, compiled, and how long compiling takes."""
    share = []

    def made(steps: int) -> None:
        result = phase_grid(cells=cells, seeds=seeds, steps=steps, points=POINTS)
        share.append(jnp.mean(jnp.array(result["trained"]) == jnp.array(result["expected"])))

    first, again = timed(made, steps), timed(made, steps)
    note = (
        f"{share[0]:.0%} of the cells as the closed form says; "
        f"compiled in the first call, {first.clock:.1f} s, {first.processor:.1f} s of processors"
    )
    what = "Phase diagram by quadrature"
    return Promise(what, again.clock, again.processor, SECONDS, unit="s", note=note)


def main() -> list[Promise]:
    """Times the quadrature, and runs the race."""
    from tests.benchmarks import pytorch  # it needs PyTorch, which only a race does

    quadrature = by_quadrature()
    outcome = race({**pytorch.contenders(pytorch.ToyModels(2, 1, *settings())), **contenders()})
    flop = 2 * 5 * 2 * BATCH * CELLS * CELLS * SEEDS
    return [judged(TITLE, outcome, bound=BOUND, flop=flop, note=SHARED), quadrature]
