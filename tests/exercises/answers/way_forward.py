"""Correct answers to the exercises of chapter 5, each written in several ways."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import linear_sum_assignment

from tests.exercises.answers.common import Answers, rows


def _forward(sae: Any, a: Any) -> Any:
    E, b, D, c = sae
    latents = jax.nn.relu((a - c) @ E + b)
    return latents, latents @ D + c


def _forward_per_row(sae: Any, a: Any) -> Any:
    E, b, D, c = (np.asarray(part) for part in sae)
    latents = np.stack([np.maximum(E.T @ (row - c) + b, 0) for row in np.asarray(a)])
    return latents, np.stack([D.T @ f + c for f in latents])


def _loss_looped(latents: Any, a: Any, rebuilt: Any, penalty: float) -> float:
    total = 0.0
    for f, x, y in zip(rows(latents), rows(a), rows(rebuilt), strict=True):
        total += sum((p - q) ** 2 for p, q in zip(x, y, strict=True)) + penalty * sum(f)
    return total / len(a)


def _unit_where(D: Any) -> Any:
    lengths = jnp.linalg.norm(D, axis=1, keepdims=True)
    return D / jnp.where(lengths > 0, lengths, 1)


def _unit_looped(D: Any) -> Any:
    return [[v / (sum(w * w for w in row) ** 0.5 or 1) for v in row] for row in rows(D)]


def _train(sae: Any, a: Any, penalty: float, rate: float, steps: int) -> Any:
    def loss(sae: Any) -> Any:
        f, rebuilt = _forward(sae, a)
        return jnp.mean(jnp.sum((a - rebuilt) ** 2, axis=1) + penalty * jnp.sum(f, axis=1))

    for _ in range(steps):
        sae = jax.tree.map(lambda p, g: p - rate * g, sae, jax.grad(loss)(sae))
        sae = (*sae[:2], _unit_where(sae[2]), sae[3])
    return sae


def _train_numpy(sae: Any, a: Any, penalty: float, rate: float, steps: int) -> Any:
    E, b, D, c = (np.asarray(part, float) for part in sae)
    a = np.asarray(a, float)
    for _ in range(steps):
        changes = [np.zeros_like(part) for part in (E, b, D, c)]
        for row in a:
            f = np.maximum((row - c) @ E + b, 0)
            error = 2 * (f @ D + c - row)
            into = np.where(f > 0, D @ error + penalty, 0)
            gradients = np.outer(row - c, into), into, np.outer(f, error), error - E @ into
            changes = [change + g / len(a) for change, g in zip(changes, gradients, strict=True)]
        E, b, D, c = (p - rate * g for p, g in zip((E, b, D, c), changes, strict=True))
        D = D / np.sqrt((D**2).sum(1))[:, None]
    return E, b, D, c


def _cosines(words: Any, truth: Any) -> Any:
    words, truth = np.asarray(words), np.asarray(truth)
    lengths = np.outer(np.linalg.norm(truth, axis=1), np.linalg.norm(words, axis=1))
    return truth @ words.T / lengths


def _match_all(words: Any, truth: Any) -> Any:
    table = _cosines(words, truth)
    ways = itertools.permutations(range(len(words)), len(truth))
    return list(max(ways, key=lambda way: sum(table[i, j] for i, j in enumerate(way))))


def _sparsity_looped(latents: Any, a: Any, rebuilt: Any) -> Any:
    a = np.asarray(a)
    missed = sum(float(((x - y) ** 2).sum()) for x, y in zip(a, np.asarray(rebuilt), strict=True))
    speaking = sum(sum(v > 0 for v in row) for row in rows(latents))
    return speaking / len(a), missed / (len(a) * a.var(axis=0).sum())


CORRECT: Answers = {
    "way_forward.sae_forward": [(_forward,), (_forward_per_row,)],
    "way_forward.sae_loss": [
        (
            lambda f, a, r, penalty: jnp.mean(
                jnp.sum((a - r) ** 2, axis=1) + penalty * jnp.sum(f, axis=1)
            ),
        ),
        (_loss_looped,),
    ],
    "way_forward.unit_decoder": [(_unit_where,), (_unit_looped,)],
    "way_forward.train_sae": [(_train,), (_train_numpy,)],
    "way_forward.dead_latents": [
        (lambda f: jnp.all(f <= 0, axis=0),),
        (lambda f: [not any(column) for column in np.asarray(f).T.tolist()],),
    ],
    "way_forward.match_features": [
        (lambda words, truth: linear_sum_assignment(-_cosines(words, truth))[1],),
        (_match_all,),
    ],
    "way_forward.mean_max_cosine": [
        (lambda words, truth: jnp.mean(jnp.max(_unit_where(truth) @ _unit_where(words).T, 1)),),
        (lambda words, truth: sum(map(max, _cosines(words, truth).tolist())) / len(truth),),
    ],
    "way_forward.sparsity_and_fidelity": [
        (
            lambda f, a, r: (
                jnp.mean(jnp.sum(f > 0, axis=1)),
                jnp.sum((a - r) ** 2) / jnp.sum((a - jnp.mean(a, axis=0)) ** 2),
            ),
        ),
        (_sparsity_looped,),
    ],
}
