"""Correct answers to the exercises of chapter 3, each written in several ways."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from tests.exercises.answers.common import Answers, rows


def _dot(first: Any, second: Any) -> float:
    return sum(float(a) * float(b) for a, b in zip(first, second, strict=True))


def _is_orthonormal_looped(directions: Any) -> bool:
    table = rows(directions)
    return all(
        abs(_dot(first, second) - (i == j)) < 1e-4
        for i, first in enumerate(table)
        for j, second in enumerate(table)
    )


def _interference_looped(x: Any, W: Any) -> list[float]:
    table = rows(W)
    return [
        sum(_dot(own, row) * float(x[k]) for k, row in enumerate(table) if k != j)
        for j, own in enumerate(table)
    ]


def _alignment_looped(W: Any) -> float:
    best = [max(map(abs, row)) / _dot(row, row) ** 0.5 for row in rows(W)]
    return sum(best) / len(best)


def _capacity_by_gram_schmidt(W: Any) -> int:
    basis: list[np.ndarray] = []
    for row in np.asarray(W, np.float64):
        rest = row - sum((row @ known) * known for known in basis)
        if np.linalg.norm(rest) > 1e-4:
            basis.append(rest / np.linalg.norm(rest))
    return len(basis)


CORRECT: Answers = {
    "features.project": [
        (lambda activation, direction: (activation @ direction) * direction,),
        (lambda a, d: np.outer(d, d) @ a,),
        (lambda a, d: [_dot(a, d) * float(entry) for entry in d],),
    ],
    "features.is_orthonormal": [
        (lambda d: jnp.allclose(d @ d.T, jnp.eye(len(d)), atol=1e-4),),
        (lambda d: bool(np.abs(np.asarray(d) @ np.asarray(d).T - np.eye(len(d))).max() < 1e-3),),
        (_is_orthonormal_looped,),
    ],
    "features.write_activation": [
        (lambda x, W: x @ W,),
        (lambda x, W: (np.asarray(x)[:, None] * np.asarray(W)).sum(axis=0),),
        (lambda x, W: [_dot(x, column) for column in zip(*rows(W), strict=True)],),
    ],
    "features.read_intensities": [
        (lambda activation, W: W @ activation,),
        (lambda a, W: np.einsum("d,nd->n", a, W),),
        (lambda a, W: [_dot(a, row) for row in rows(W)],),
    ],
    "features.interference": [
        (lambda x, W: W @ (x @ W) - (W * W).sum(axis=1) * x,),
        (lambda x, W: (np.asarray(W) @ np.asarray(W).T - np.eye(len(W))) @ np.asarray(x),),
        (_interference_looped,),
    ],
    "features.dual_directions": [
        (lambda W: jnp.linalg.pinv(W).T,),
        (lambda W: np.linalg.inv(np.asarray(W) @ np.asarray(W).T) @ np.asarray(W),),
        (lambda W: np.linalg.lstsq(np.asarray(W), np.eye(len(W)), rcond=None)[0].T,),
    ],
    "features.effective_direction": [
        (lambda W1, W2, W3, j: W1[j] @ W2 @ W3,),
        (lambda W1, W2, W3, j: (np.asarray(W1) @ np.asarray(W2) @ np.asarray(W3))[j],),
        (lambda W1, W2, W3, j: jnp.eye(len(W1))[j] @ (W1 @ (W2 @ W3)),),
    ],
    "features.basis_alignment": [
        (lambda W: jnp.mean(jnp.max(jnp.abs(W), axis=1) / jnp.linalg.norm(W, axis=1)),),
        (lambda W: np.mean(np.sqrt(np.max(W**2, axis=1) / np.sum(W**2, axis=1))),),
        (_alignment_looped,),
    ],
    "features.orthogonal_capacity": [
        (lambda W: jnp.linalg.matrix_rank(W, rtol=1e-4),),
        (lambda W: int((np.linalg.svd(np.asarray(W), compute_uv=False) > 1e-4).sum()),),
        (_capacity_by_gram_schmidt,),
    ],
}
