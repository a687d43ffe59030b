"""Correct answers to the exercises of chapter 4, each written in several ways."""

from itertools import combinations
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.exercises.answers.common import Answers, rows


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


def _sparse_looped(u: Any, density: Any) -> list[list[float]]:
    return [[v / density if v < density else 0.0 for v in row] for row in rows(u)]


def _sparse(u: Any, density: Any) -> Any:
    return jnp.where(u < density, u / density, 0.0)


def _energy_looped(directions: Any) -> float:
    return sum(
        sum(a * b for a, b in zip(v, w, strict=True)) ** 2
        for v, w in combinations(rows(directions), 2)
    )


def _three_jax(angle: Any) -> Any:
    turns = jnp.deg2rad(angle + jnp.array([0.0, 120.0, 240.0]))
    return jnp.stack([jnp.cos(turns), jnp.sin(turns)], axis=1)


def _three_complex(angle: Any) -> list[list[float]]:
    first = np.exp(1j * np.deg2rad(angle))
    turned = [first * np.exp(2j * np.pi * k / 3) for k in range(3)]
    return [[float(z.real), float(z.imag)] for z in turned]


def _cosines_jax(normal: Any) -> Any:
    units = normal / jnp.linalg.norm(normal, axis=1, keepdims=True)
    return (units @ units.T)[np.triu_indices(len(normal), 1)]


def _cosines_looped(normal: Any) -> list[float]:
    pairs = combinations(np.asarray(normal, float), 2)
    return [float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) for a, b in pairs]


def _mean_squared(model: Any, x: Any) -> Any:
    W, b = model
    return jnp.mean((x - jax.nn.relu(x @ W @ W.T + b)) ** 2)


def _train_looped(model: Any, batches: Any, rate: Any) -> Any:
    for x in batches:
        slope = jax.grad(_mean_squared)(model, x)
        model = jax.tree.map(lambda part, change: part - rate * change, model, slope)
    return model


def _train_scan(model: Any, batches: Any, rate: Any) -> Any:
    def step(model: Any, x: Any) -> Any:
        W, b = jax.grad(_mean_squared)(model, x)
        return (model[0] - rate * W, model[1] - rate * b), None

    return jax.lax.scan(step, model, batches)[0]


def _sweep_vmap(W: Any, b: Any, u: Any, densities: Any) -> Any:
    def loss(w: Any, c: Any, p: Any) -> Any:
        return _mean_squared((w, c), _sparse(u, p))

    over_models = jax.vmap(loss, in_axes=(0, 0, None))
    return jax.vmap(over_models, in_axes=(None, None, 0))(W, b, densities)


def _sweep_numpy(W: Any, b: Any, u: Any, densities: Any) -> list[list[float]]:
    found = []
    for p in np.asarray(densities):
        x = np.where(np.asarray(u) < p, np.asarray(u) / p, 0)
        found.append(
            [
                float(np.mean((x - np.maximum(x @ w @ w.T + c, 0)) ** 2))
                for w, c in zip(np.asarray(W), np.asarray(b), strict=True)
            ]
        )
    return found


def _phase_jax(r: Any, p: Any) -> Any:
    alone = p / 3 - p**2 / 4
    return jnp.argmin(jnp.stack([r * alone, (1 + r) * p**2 / 6, alone]), axis=0)


def _phase_looped(r: Any, p: Any) -> list[int]:
    answers = []
    for a, q in zip(map(float, r), map(float, p), strict=True):
        alone = q / 3 - q * q / 4
        costs = [a * alone, (1 + a) * q * q / 6, alone]
        answers.append(costs.index(min(costs)))
    return answers


CORRECT: Answers = {
    "superposition.interference_energy": [
        (lambda d: (jnp.sum((d @ d.T) ** 2) - len(d)) / 2,),
        (lambda d: float(np.sum(np.triu(np.asarray(d @ d.T) ** 2, 1))),),
        (_energy_looped,),
    ],
    "superposition.best_three_directions": [(_three_jax,), (_three_complex,)],
    "superposition.random_cosines": [(_cosines_jax,), (_cosines_looped,)],
    "superposition.sparse_features": [(_sparse,), (_sparse_looped,)],
    "superposition.train": [(_train_scan,), (_train_looped,)],
    "superposition.sweep": [(_sweep_vmap,), (_sweep_numpy,)],
    "superposition.phase": [(_phase_jax,), (_phase_looped,)],
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
