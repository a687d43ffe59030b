"""What the rows of the ledger measure: functions of a size that return plain numbers.

A result holds lists and numbers only, so that it can be kept in a file. In each list the first
axis is the seed; `lost` is the share of the signal that is lost, as in chapter 4.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from jaxtyping import Array, Float, Key

from book.phase import answer_of, expected_loss, quadrature, winner
from book.superposition import (
    Model,
    feature_dimensionality,
    initial_model,
    linear_model,
    sample_features,
    sample_pairs,
    superposition_of,
    toy_model,
    weighted_loss,
)
from book.training import train

Result = dict[str, Any]

LARGE = 100  # from so many features on, models are trained one after another

MODELS = {"relu": toy_model, "linear": linear_model}

Draw = Callable[[Key[Array, ""]], Float[Array, "batch features"]]

Trained = tuple[
    tuple[Float[Array, "seeds features neurons"], Float[Array, "seeds features"]],
    Float[Array, " seeds"],
]
"""The parameters W and b of every seed, and the share of the signal that each loses."""


def toy(
    *,
    features: int,
    neurons: int,
    density: float,
    decay: float,
    seeds: int,
    steps: int,
    batch: int,
    rate: float = 1e-2,
    model: str = "relu",
) -> Result:
    """Trains the toy model, or its linear relative, from several seeds.

    Args:
        features: How many features, n.
        neurons: How many neurons, d.
        density: The probability that a feature is present.
        decay: The importance of each feature relative to the one before.
        seeds: How many models to train; seed k draws its start and its batches with key k.
        steps: Training steps.
        batch: Inputs per step.
        rate: Adam's step size at first; it falls to zero along a cosine.
        model: "relu" or "linear".
    """
    sizes = features, neurons, seeds, steps, batch, rate, model
    (W, _), lost = _toy(*sizes, jnp.float32(density), jnp.float32(decay))
    return {
        "lost": _numbers(lost),
        "norms": _numbers(jnp.linalg.norm(W, axis=2)),
        "superposition": _numbers(jax.vmap(superposition_of)(W)),
        "dimensionality": _numbers(jax.vmap(feature_dimensionality)(W)),
        **({"directions": _numbers(W)} if W[0].size <= 24 else {}),
    }


@partial(jax.jit, static_argnums=range(7))
def _toy(
    features: int,
    neurons: int,
    seeds: int,
    steps: int,
    batch: int,
    rate: float,
    model: str,
    density: Float[Array, ""],
    decay: Float[Array, ""],
) -> Trained:
    importance = decay ** jnp.arange(float(features))

    def draw(key: Key[Array, ""]) -> Float[Array, "batch features"]:
        return sample_features(density, batch, features, key=key)

    nothing = importance.mean() * density / 3
    return _fit(draw, importance, nothing, (features, neurons), seeds, steps, rate, MODELS[model])


def pairs(
    *,
    pairs: int,
    neurons: int,
    density: float,
    together: bool,
    seeds: int,
    steps: int,
    batch: int,
    rate: float = 1e-2,
) -> Result:
    """Trains the toy model on features that come in pairs; see `sample_pairs`.

    The result has the cosine of the two directions of every pair, `within`.
    """
    sizes = pairs, neurons, seeds, steps, batch, rate
    (W, _), lost = _pairs(*sizes, jnp.float32(density), jnp.asarray(together))
    units = W / jnp.maximum(jnp.linalg.norm(W, axis=2, keepdims=True), 1e-9)
    return {
        "lost": _numbers(lost),
        "within": _numbers(jnp.sum(units[:, 0::2] * units[:, 1::2], axis=2)),
        "directions": _numbers(W),
    }


@partial(jax.jit, static_argnums=range(6))
def _pairs(
    pairs: int,
    neurons: int,
    seeds: int,
    steps: int,
    batch: int,
    rate: float,
    density: Float[Array, ""],
    together: Array,
) -> Trained:
    def draw(key: Key[Array, ""]) -> Float[Array, "batch features"]:
        return sample_pairs(density, together, batch, pairs, key=key)

    sizes = 2 * pairs, neurons
    return _fit(draw, jnp.ones(2 * pairs), density / 3, sizes, seeds, steps, rate, toy_model)


def _fit(
    draw: Draw,
    importance: Float[Array, " features"],
    nothing: Float[Array, ""],
    sizes: tuple[int, int],
    seeds: int,
    steps: int,
    rate: float,
    model: Callable[..., Any],
) -> Trained:
    """Models from several seeds, and the share of the signal that each loses at the end.

    The loss is divided by what a model loses that answers 0, so that Adam sees gradients of the
    same size at every density.
    """

    def loss(parameters: Model, key: Key[Array, ""]) -> Float[Array, ""]:
        x = draw(key)
        return weighted_loss(model(parameters, x), x, importance) / nothing

    def run(key: Key[Array, ""]) -> tuple[Model, Float[Array, ""]]:
        optimizer = optax.adam(optax.cosine_decay_schedule(rate, steps))
        trained, losses = train(loss, optimizer, initial_model(*sizes, key=key), key, steps)
        return trained, losses[-max(steps // 10, 1) :].mean()

    keys = jax.vmap(jax.random.key)(jnp.arange(seeds))
    return lax.map(run, keys) if sizes[0] >= LARGE else jax.vmap(run)(keys)


def phase_grid(*, cells: int, seeds: int, steps: int, points: int) -> Result:
    """Two features in one neuron, over a grid of importances and densities.

    The importance of feature 2 runs from 1/10 to 10 and the density from 1/100 to 1, both in
    equal factors. Trained on the expected loss, without sampling.

    Returns:
        For each cell what the best seed answers (`trained`, 0 to 3 as `answer_of`), what the
        closed form says (`expected`), and the share of seeds that end where the best one does.
    """
    importances, densities = jnp.logspace(-1, 1, cells), jnp.logspace(-2, 0, cells)
    answers, losses = _phase_grid(importances, densities, seeds, steps, points)
    best = jnp.take_along_axis(answers, losses.argmin(axis=2)[..., None], axis=2)
    return {
        "importances": _numbers(importances),
        "densities": _numbers(densities),
        "trained": best[..., 0].tolist(),
        "expected": winner(*jnp.meshgrid(importances, densities)).tolist(),
        "agreeing_seeds": _numbers(jnp.mean(answers == best, axis=2)),
    }


@partial(jax.jit, static_argnums=(2, 3, 4))
def _phase_grid(
    importances: Array, densities: Array, seeds: int, steps: int, points: int
) -> tuple[Array, Array]:
    def run(r: Array, p: Array, key: Key[Array, ""]) -> tuple[Array, Array]:
        inputs = quadrature(p, points)

        def loss(parameters: Model, key: Key[Array, ""]) -> Array:
            return expected_loss(parameters, r, inputs) / (p * (1 + r))

        optimizer = optax.adam(optax.cosine_decay_schedule(5e-2, steps))
        (W, _), losses = train(loss, optimizer, initial_model(2, 1, key=key), key, steps)
        return answer_of(W), losses[-1]

    over_seeds = jax.vmap(run, (None, None, 0))
    over_row = jax.vmap(over_seeds, (0, None, None))
    keys = jax.vmap(jax.random.key)(jnp.arange(seeds))
    return jax.vmap(over_row, (None, 0, None))(importances, densities, keys)


def shape(*, name: str) -> Result:
    """The dimensionality of the corners of a known shape, no training."""
    return {"dimensionality": _numbers(feature_dimensionality(jnp.asarray(corners(name))))}


def corners(name: str) -> Float[np.ndarray, "features neurons"]:
    """The corners of one of the shapes that the paper finds.

    Raises:
        ValueError: The name is none of "orthogonal", "tetrahedron", "triangle", "digon",
            "pentagon" and "square antiprism".
    """
    up = np.sqrt(0.5)
    shapes = {
        "orthogonal": np.eye(3),
        "tetrahedron": np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3),
        "triangle": _ring(3),
        "digon": np.array([[1.0], [-1.0]]),
        "pentagon": _ring(5),
        "square antiprism": np.concatenate(
            [
                np.column_stack([_ring(4), np.full(4, up)]),
                np.column_stack([_ring(4, np.pi / 4), np.full(4, -up)]),
            ]
        )
        / np.sqrt(1.5),
    }
    if name not in shapes:
        raise ValueError(f"corners: there is no shape {name!r}; known are {', '.join(shapes)}.")
    return shapes[name].astype(np.float32)


def _ring(corners: int, turn: float = 0.0) -> np.ndarray:
    angles = 2 * np.pi * np.arange(corners) / corners + turn
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _numbers(array: Array) -> list[Any]:
    """As lists of Python's numbers, of six digits: enough to judge by, and short in a file."""
    return np.vectorize(lambda value: float(f"{value:.6g}"))(np.asarray(array)).tolist()
