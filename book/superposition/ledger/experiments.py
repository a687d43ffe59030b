"""What the rows of the ledger measure: functions of a size that return plain numbers.

A result holds lists and numbers only, so that it can be kept in a file. In each list the first
axis is the seed; `lost` is the share of the signal that is lost, as in chapter 4.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Key, Num

from book.superposition.fast_loss import batch_last_loss, columns
from book.superposition.model import (
    Model,
    feature_dimensionality,
    initial_model,
    sample_pairs,
    superposition_of,
    toy_model,
    weighted_loss,
)
from book.superposition.phase_diagram import answer_of, expected_loss, quadrature, winner
from book.training import train_many

Result = dict[str, Any]


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
    **how: Any,
) -> Result:
    """Trains the toy model, or its linear relative, from several seeds.

    The loss is divided by what a model loses that answers 0, so that Adam sees gradients of the
    same size at every density.

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
        how: For `train_many`, `progress` and `keep`.
    """
    (W, _), lost = fit(
        {"relu": lost_share, "linear": lost_share_linear}[model],  # type: ignore[arg-type]
        (features, neurons),
        (jnp.float32(density), decay ** jnp.arange(float(features))),
        seeds=seeds,
        steps=steps,
        rate=rate,
        draw=columns(features, batch),
        **how,
    )
    return {
        "lost": _numbers(lost),
        "norms": _numbers(np.linalg.norm(W, axis=2)),
        "superposition": _numbers(jax.jit(jax.vmap(superposition_of))(W)),
        "dimensionality": _numbers(jax.jit(jax.vmap(feature_dimensionality))(W)),
        **({"directions": _numbers(W)} if W[0].size <= 24 else {}),
    }


def lost_share(
    model: Model,
    u: Float[Array, "features batch"],
    density: Num[Array, ""],
    importance: Float[Array, " features"],
    *,
    linear: bool = False,
) -> Float[Array, ""]:
    """The loss of a batch, over what a model loses that answers 0."""
    nothing = jnp.mean(importance) * density / 3
    return batch_last_loss(model, u, density, importance, linear=linear) / nothing


lost_share_linear = partial(lost_share, linear=True)


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
    **how: Any,
) -> Result:
    """Trains the toy model on features that come in pairs; see `sample_pairs` and `toy`.

    The result has the cosine of the two directions of every pair, `within`.
    """
    (W, _), lost = fit(
        pairs_loss(pairs, batch),
        (2 * pairs, neurons),
        (jnp.float32(density), jnp.asarray(together)),
        seeds=seeds,
        steps=steps,
        rate=rate,
        **how,
    )
    units = W / jnp.maximum(jnp.linalg.norm(W, axis=2, keepdims=True), 1e-9)
    return {
        "lost": _numbers(lost),
        "within": _numbers(jnp.sum(units[:, 0::2] * units[:, 1::2], axis=2)),
        "directions": _numbers(W),
    }


@cache  # one function for each size, so that JAX compiles a training with it once
def pairs_loss(pairs: int, batch: int) -> Callable[..., Float[Array, ""]]:
    """Makes the loss of a model whose features come in pairs, over what answering 0 loses."""

    def loss(
        model: Model, key: Key[Array, ""], density: Num[Array, ""], together: Array
    ) -> Float[Array, ""]:
        x = sample_pairs(density, together, batch, pairs, key=key)
        return weighted_loss(toy_model(model, x), x, jnp.ones(2 * pairs)) / (density / 3)

    return loss


def fit(
    loss: Callable[..., Float[Array, ""]],
    sizes: tuple[int, int],
    settings: tuple[Array, ...],
    *,
    seeds: int,
    steps: int,
    rate: float,
    **how: Any,
) -> tuple[
    tuple[Float[Array, "seeds features neurons"], Float[Array, "seeds features"]],
    Float[np.ndarray, " seeds"],
]:
    """Models from several seeds, and the mean of the last tenth of their losses.

    Args:
        loss: Of one model, for `train_many`.
        sizes: Features and neurons.
        settings: What the loss takes besides, the same for all seeds.
        seeds: How many models.
        steps: Training steps.
        rate: Adam's step size at first.
        how: For `train_many`.
    """
    keys, starts = seeded(*sizes, seeds)
    trained, losses = train_many(
        loss,
        falling_adam(rate, steps),
        starts,
        keys,
        steps,
        settings=tuple(jnp.broadcast_to(each, (seeds, *each.shape)) for each in settings),
        **how,
    )
    return trained, losses[:, -max(steps // 10, 1) :].mean(axis=1)


@partial(jax.jit, static_argnums=(0, 1, 2))
def seeded(
    features: int, neurons: int, seeds: int
) -> tuple[
    Key[Array, " seeds"],
    tuple[Float[Array, "seeds features neurons"], Float[Array, "seeds features"]],
]:
    """The key k of every seed k, and the models that they start."""
    keys = jax.vmap(jax.random.key)(jnp.arange(seeds))
    return keys, jax.vmap(lambda key: initial_model(features, neurons, key=key))(keys)


@cache
def falling_adam(rate: float, steps: int) -> optax.GradientTransformation:
    """Adam with a step size that falls to zero along a cosine."""
    return optax.adam(optax.cosine_decay_schedule(rate, steps))


def phase_grid(*, cells: int, seeds: int, steps: int, points: int, **how: Any) -> Result:
    """Two features in one neuron, over a grid of importances and densities.

    The importance of feature 2 runs from 1/10 to 10 and the density from 1/100 to 1, both in
    equal factors. Trained on the expected loss, without sampling.

    Returns:
        For each cell what the best seed answers (`trained`, 0 to 3 as `answer_of`), what the
        closed form says (`expected`), and the share of seeds that end where the best one does.
    """
    importances, densities = np.logspace((-1, -2), (1, 0), cells, dtype=np.float32).T
    r, p = np.meshgrid(importances, densities)
    keys, (W, b) = seeded(2, 1, seeds)
    (W, _), losses = train_many(
        quadrature_loss(points),
        falling_adam(5e-2, steps),
        (np.tile(W, (cells**2, 1, 1)), np.tile(b, (cells**2, 1))),
        keys[0],
        steps,
        settings=(np.repeat(r, seeds), np.repeat(p, seeds)),
        at_once=cells * seeds,
        **how,
    )
    answers = np.asarray(jax.jit(answer_of)(W)).reshape(cells, cells, seeds)
    last = losses[:, -1].reshape(cells, cells, seeds)
    best = np.take_along_axis(answers, last.argmin(axis=2)[..., None], axis=2)
    return {
        "importances": _numbers(importances),
        "densities": _numbers(densities),
        "trained": best[..., 0].tolist(),
        "expected": jax.jit(winner)(r, p).tolist(),
        "agreeing_seeds": _numbers(np.mean(answers == best, axis=2)),
    }


@cache
def quadrature_loss(points: int) -> Callable[..., Float[Array, ""]]:
    """Makes the expected loss of two features in one neuron, over what answering 0 loses."""

    def loss(
        model: Model, key: Key[Array, ""], r: Num[Array, ""], p: Num[Array, ""]
    ) -> Float[Array, ""]:
        return expected_loss(model, r, quadrature(p, points)) / (p * (1 + r))

    return loss


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


def _numbers(array: Array | np.ndarray) -> list[Any]:
    """As lists of Python's numbers, of six digits: enough to judge by, and short in a file."""
    return np.vectorize(lambda value: float(f"{value:.6g}"))(np.asarray(array)).tolist()
