"""Correct answers to every exercise, written in several ways."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Answer = Callable[..., Any]


def _rows(values: Any) -> list[list[float]]:
    return [list(map(float, row)) for row in values]


def _compose_looped(intensities: Any, directions: Any) -> list[float]:
    total = [0.0] * len(directions[0])
    for x, row in zip(intensities, _rows(directions), strict=True):
        total = [t + float(x) * entry for t, entry in zip(total, row, strict=True)]
    return total


def _direction_looped(encodings: Any) -> Any:
    longest = max(_rows(encodings), key=lambda row: sum(entry**2 for entry in row))
    length = sum(entry**2 for entry in longest) ** 0.5
    return [entry / length for entry in longest]


def _model_numpy(model: Any, x: Any) -> Any:
    W, b = (np.asarray(part) for part in model)
    return np.maximum(np.asarray(x) @ W @ W.T + b, 0)


def _model_per_row(model: Any, x: Any) -> Any:
    W, b = model
    return jnp.stack([jax.nn.relu(W @ (W.T @ row) + b) for row in x])


def _loss_looped(reconstruction: Any, x: Any, importance: Any) -> float:
    total, count = 0.0, 0
    for row, other in zip(_rows(x), _rows(reconstruction), strict=True):
        for i, a, b in zip(importance, row, other, strict=True):
            total, count = total + float(i) * (a - b) ** 2, count + 1
    return total / count


def _dimensionality_looped(W: Any) -> list[float]:
    rows = np.asarray(W, float)
    shares = []
    for row in rows:
        unit = row / np.sqrt((row**2).sum())
        shares.append((row**2).sum() / sum((unit @ other) ** 2 for other in rows))
    return shares


def _dimensionality_gram(W: Any) -> Any:
    gram = jnp.asarray(W) @ jnp.asarray(W).T
    return jnp.diag(gram) ** 2 / (gram**2).sum(axis=1)


CORRECT: dict[str, list[tuple[Answer, ...]]] = {
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
    "superposition.toy_model": [
        (lambda model, x: jax.nn.relu(x @ model[0] @ model[0].T + model[1]),),
        (_model_numpy,),
        (_model_per_row,),
    ],
    "superposition.weighted_loss": [
        (lambda y, x, importance: jnp.mean(importance * (x - y) ** 2),),
        (lambda y, x, importance: float(np.average(np.asarray(x - y) ** 2 * importance)),),
        (_loss_looped,),
    ],
    "superposition.feature_dimensionality": [
        (_dimensionality_gram,),
        (_dimensionality_looped,),
    ],
}

# Ways to spoil a correct result.
SPOILED: dict[str, Callable[[Any], Any]] = {
    "another sign": lambda result: -result,
    "a constant more": lambda result: result + 0.1,
    "twice as much": lambda result: 2 * result,
    "a constant": lambda result: np.full_like(result, 0.5),
    "nothing": lambda result: None,
    "an entry short": lambda result: result[..., :-1] if result.ndim else result[None],
    "the order reversed": lambda result: result[..., ::-1] if result.ndim else result - 0.1,
    "one axis more": lambda result: result[None],
    "shifted": lambda result: np.roll(result, 1, axis=-1) if result.ndim else result * 1.01,
    "not a number": lambda result: result * np.nan,
}
