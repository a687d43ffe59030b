"""Correct answers to the exercises of chapter 2, each written in several ways."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from tests.checks.answers.common import Answers, rows


def _compose_looped(intensities: Any, directions: Any) -> list[float]:
    total = [0.0] * len(directions[0])
    for x, row in zip(intensities, rows(directions), strict=True):
        total = [t + float(x) * entry for t, entry in zip(total, row, strict=True)]
    return total


def _direction_looped(encodings: Any) -> Any:
    longest = max(rows(encodings), key=lambda row: sum(entry**2 for entry in row))
    length = sum(entry**2 for entry in longest) ** 0.5
    return [entry / length for entry in longest]


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
}
