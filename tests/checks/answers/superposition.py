"""Correct answers to the exercises of chapter 4, each written in several ways."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.checks.answers.common import Answers, rows


def _model_numpy(model: Any, x: Any) -> Any:
    W, b = (np.asarray(part) for part in model)
    return np.maximum(np.asarray(x) @ W @ W.T + b, 0)


def _model_per_row(model: Any, x: Any) -> Any:
    W, b = model
    return jnp.stack([jax.nn.relu(W @ (W.T @ row) + b) for row in x])


def _loss_looped(reconstruction: Any, x: Any, importance: Any) -> float:
    total, count = 0.0, 0
    for row, other in zip(rows(x), rows(reconstruction), strict=True):
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


CORRECT: Answers = {
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
