"""Correct answers to the exercises of chapter 2 on word vectors, each written in several ways."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from tests.exercises.answers.common import Answers, rows


def _analogy(vectors: Any, a: Any, b: Any, c: Any) -> Any:
    unit = vectors / jnp.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ (vectors[b] - vectors[a] + vectors[c])
    return jnp.argmax(cosines.at[jnp.array([a, b, c])].set(-jnp.inf))


def _analogy_looped(vectors: Any, a: Any, b: Any, c: Any) -> int:
    table = np.asarray(vectors)
    target = table[b] - table[a] + table[c]
    best, answer = -np.inf, -1
    for word, row in enumerate(table):
        cosine = row @ target / np.sqrt(row @ row)
        if word not in (a, b, c) and cosine > best:
            best, answer = cosine, word
    return answer


def _consistency_looped(offsets: Any) -> float:
    units = [np.array(row) / np.linalg.norm(row) for row in rows(offsets)]
    cosines = [one @ other for i, one in enumerate(units) for other in units[i + 1 :]]
    return float(sum(cosines) / len(cosines))


def _consistency(offsets: Any) -> Any:
    unit = offsets / jnp.linalg.norm(offsets, axis=1, keepdims=True)
    count = len(unit)
    return ((unit @ unit.T).sum() - count) / (count * (count - 1))


def _consistency_by_triangle(offsets: Any) -> Any:
    unit = np.asarray(offsets) / np.linalg.norm(offsets, axis=1)[:, None]
    return (unit @ unit.T)[np.triu_indices(len(unit), 1)].mean()


CORRECT: Answers = {
    "linearity.analogy": [(_analogy,), (_analogy_looped,)],
    "linearity.offset_consistency": [
        (_consistency,),
        (_consistency_looped,),
        (_consistency_by_triangle,),
    ],
}
