"""Correct answers to the exercises of chapter 2, each written in several ways."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.exercises.answers.common import Answers, rows


def _compose_looped(intensities: Any, directions: Any) -> list[float]:
    total = [0.0] * len(directions[0])
    for x, row in zip(intensities, rows(directions), strict=True):
        total = [t + float(x) * entry for t, entry in zip(total, row, strict=True)]
    return total


def _direction_looped(encodings: Any) -> Any:
    longest = max(rows(encodings), key=lambda row: sum(entry**2 for entry in row))
    length = sum(entry**2 for entry in longest) ** 0.5
    return [entry / length for entry in longest]


def _bucket(x: Any, buckets: Any) -> Any:
    place = min(int(buckets * x), buckets - 1)
    return (jnp.arange(buckets) == place).astype(float)


def _bucket_looped(x: Any, buckets: Any) -> list[float]:
    borders = [k / buckets for k in range(buckets)]
    place = max(k for k, border in enumerate(borders) if border <= x)
    return [1.0 if k == place else 0.0 for k in range(buckets)]


def _gain(activation: Any, weights: Any, bias: Any, outward: Any) -> Any:
    on = activation @ weights + bias > 0
    return jnp.linalg.norm((weights * on) @ outward, axis=0)


def _gain_by_jax(activation: Any, weights: Any, bias: Any, outward: Any) -> Any:
    def read(activation: Any) -> Any:
        return jax.nn.relu(activation @ weights + bias) @ outward

    return jnp.sqrt((jax.jacobian(read)(activation) ** 2).sum(axis=1))


def _staircase(x: Any, Z: Any, steepness: Any) -> Any:
    rise = steepness * (x - np.arange(1, Z) / Z) + 1
    return jnp.sum(jax.nn.relu(rise) - jax.nn.relu(rise - 1))


def _staircase_looped(x: Any, Z: Any, steepness: Any) -> float:
    rises = [steepness * (x - k / Z) + 1 for k in range(1, Z)]
    return float(sum(max(rise, 0.0) - max(rise - 1, 0.0) for rise in rises))


def _probe(activations: Any, intensities: Any) -> Any:
    columns = np.column_stack([activations, np.ones(len(activations))])
    fit = np.linalg.lstsq(columns, intensities, rcond=None)[0]
    return fit[:-1], fit[-1]


def _probe_in_jax(activations: Any, intensities: Any) -> Any:
    columns = jnp.column_stack([activations, jnp.ones(len(activations))])
    fit = jnp.linalg.lstsq(columns, intensities)[0]
    return fit[:-1], fit[-1]


def _probe_centred(activations: Any, intensities: Any) -> Any:
    activations, intensities = np.asarray(activations), np.asarray(intensities)
    centre = activations.mean(axis=0)
    covariance = (activations - centre).T @ (activations - centre)
    weights = np.linalg.solve(covariance, (activations - centre).T @ intensities)
    return weights, intensities.mean() - centre @ weights


CORRECT: Answers = {
    "linearity.compose": [
        (lambda intensities, directions: intensities @ directions,),
        (lambda x, d: np.einsum("n,nd->d", x, d),),
        (lambda x, d: (jnp.asarray(x)[:, None] * d).sum(axis=0),),
        (_compose_looped,),
    ],
    "linearity.compress": [
        (
            lambda x, y, Z: (jnp.floor(Z * x) + y) / Z,
            lambda t, Z: (jnp.floor(Z * t) / Z, Z * t - jnp.floor(Z * t)),
        ),
        (
            lambda x, y, Z: np.floor(x * Z) / Z + y / Z,
            lambda t, Z: [int(t * Z) / Z, (t * Z) % 1],
        ),
    ],
    "linearity.precision_budget": [
        (lambda Z: (1 / Z, Z * 2**-24),),
        (lambda Z: (1 / Z, Z * np.spacing(np.float32(0.75))),),
        (lambda Z: jnp.array([1 / Z, Z / 2**24]).tolist(),),
    ],
    "linearity.direction_of": [
        (lambda e: e.sum(0) / jnp.linalg.norm(e.sum(0)),),
        (lambda e: np.mean(e, axis=0) / np.linalg.norm(np.mean(e, axis=0)),),
        (_direction_looped,),
    ],
    "linearity.bucket_code": [
        (_bucket, lambda a: (jnp.argmax(a) + 0.5) / len(a)),
        (
            lambda x, N: (jnp.arange(N) == jnp.minimum(jnp.floor(N * x), N - 1)) * 1.0,
            lambda a: (jnp.argmax(a) + 0.5) / len(a),
        ),
        (
            lambda x, N: np.eye(N)[min(int(x * N), N - 1)],
            lambda a: np.dot(a, (np.arange(len(a)) + 0.5) / len(a)),
        ),
        (_bucket_looped, lambda a: (list(a).index(1) + 0.5) / len(a)),
    ],
    "linearity.noise_gain": [
        (_gain,),
        (_gain_by_jax,),
    ],
    "linearity.floor_network": [
        (_staircase, lambda Z, share: (Z - 1) / share),
        (_staircase_looped, lambda Z, share: np.divide(Z - 1, share)),
    ],
    "linearity.linear_probe": [
        (_probe,),
        (_probe_in_jax,),
        (_probe_centred,),
    ],
}
