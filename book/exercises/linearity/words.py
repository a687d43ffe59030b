"""Exercises of chapter 2 on offsets between word vectors."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator

# Rows: man, king, woman, queen, cottage, garden, crown, throne.
# Columns: royalty, gender, and being a person.
WORDS = np.array(
    [
        [0.0, 1.0, 1.0],
        [1.0, 1.0, 1.0],
        [0.0, -1.0, 1.0],
        [2.0, -2.0, 2.0],
        [0.0, 0.0, -1.0],
        [0.0, 0.0, -2.0],
        [1.0, 0.0, -1.0],
        [2.0, 0.0, -1.0],
    ]
)


def _vectors(key: jax.Array) -> Inputs:
    """Words of very different lengths; the usual mistakes give other answers on most of them."""
    rng = generator(key)
    while True:
        directions = rng.normal(size=(8, 3))
        vectors = directions * rng.uniform(0.3, 3.0, size=(8, 1))
        a, b, c = (int(i) for i in rng.choice(8, size=3, replace=False))
        gap = _gap(vectors, a, b, c)
        answer = _nearest(vectors, a, b, c)
        others = {_nearest(vectors, b, a, c), *(_other(vectors, a, b, c))}
        if gap > 0.02 and answer > 1 and answer not in others:
            return vectors, a, b, c


def _cosines(vectors: Any, a: Any, b: Any, c: Any) -> np.ndarray:
    vectors = np.asarray(vectors)
    target = vectors[b] - vectors[a] + vectors[c]
    return vectors @ target / np.linalg.norm(vectors, axis=1) / np.linalg.norm(target)


def _nearest(vectors: Any, a: Any, b: Any, c: Any) -> int:
    return _best(_cosines(vectors, a, b, c), a, b, c)


def _best(scores: Any, *left_out: Any) -> int:
    scores = np.array(scores)
    scores[list(map(int, left_out))] = -np.inf
    return int(np.argmax(scores))


def _gap(vectors: Any, a: Any, b: Any, c: Any) -> float:
    left = np.sort(np.delete(_cosines(vectors, a, b, c), [a, b, c]))
    return float(left[-1] - left[-2])


def _products(vectors: Any, a: Any, b: Any, c: Any) -> int:
    return _best(vectors @ (vectors[b] - vectors[a] + vectors[c]), a, b, c)


def _distances(vectors: Any, a: Any, b: Any, c: Any) -> int:
    away = np.asarray(vectors - (vectors[b] - vectors[a] + vectors[c]))
    return _best(-np.linalg.norm(away, axis=1), a, b, c)


def _other(vectors: Any, a: Any, b: Any, c: Any) -> tuple[int, ...]:
    return _products(vectors, a, b, c), _distances(vectors, a, b, c)


ANALOGY = Exercise(
    id="linearity.analogy",
    title="King − man + woman",
    points=3,
    difficulty=2,
    importance=3,
    minutes=15,
    functions={"analogy": ["vectors", "a", "b", "c"]},
    examples=[Example((WORDS, 0, 1, 2), 3)],
    inputs=_vectors,
    properties=[
        Property(
            "Of all words but a, b and c, the answer has the largest cosine with b - a + c.",
            lambda answer, v, a, b, c: (answer.analogy(v, a, b, c), _nearest(v, a, b, c)),
        )
    ],
    mistakes=[
        Mistake(
            "question not left out",
            lambda v, a, b, c: int(np.argmax(_cosines(v, a, b, c))),
            "Your answer is one of the words that were put in, which are often the nearest. "
            "Leave a, b and c out.",
        ),
        Mistake(
            "dot product",
            _products,
            "Long vectors win here: this is the largest dot product. A cosine divides by the "
            "length of each word's vector.",
        ),
        Mistake(
            "other way round",
            lambda v, a, b, c: _nearest(v, b, a, c),
            "You go from b to a. The offset from a to b is b - a; add it to c.",
        ),
        Mistake(
            "distance",
            _distances,
            "This is the word at the smallest distance. Compare directions: the largest cosine.",
        ),
    ],
    hints=[
        "Where should the answer be, if the offset from c to it is the offset from a to b?",
        "Compare every row with vectors[b] - vectors[a] + vectors[c] by the cosine.",
        "Set the cosines of a, b and c to -inf before you take the argmax.",
    ],
)


def _mean_of_pairs(offsets: Any) -> float:
    unit = [row / np.linalg.norm(row) for row in offsets]
    return float(np.mean([u @ v for i, u in enumerate(unit) for v in unit[:i]]))


def _with_itself(offsets: Any) -> Any:
    unit = offsets / np.linalg.norm(offsets, axis=1, keepdims=True)
    return np.mean(unit @ unit.T)


def _products_of_pairs(offsets: Any) -> Any:
    products = offsets @ offsets.T
    return (products.sum() - np.trace(products)) / (len(offsets) * (len(offsets) - 1))


def _with_mean(offsets: Any) -> Any:
    mean = offsets.mean(axis=0)
    return np.mean(offsets @ mean / np.linalg.norm(offsets, axis=1) / np.linalg.norm(mean))


OFFSET_CONSISTENCY = Exercise(
    id="linearity.offset_consistency",
    title="How parallel are offsets?",
    points=2,
    difficulty=2,
    importance=4,
    minutes=15,
    functions={"offset_consistency": ["offsets"]},
    examples=[
        Example((np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]]),), np.sqrt(2) / 3),
        Example((np.array([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]]),), -1 / 3),
    ],
    inputs=lambda key: (generator(key).normal(0.4, 1.0, size=(4, 3)),),
    properties=[
        Property(
            "It is the mean of the cosines of all pairs of different offsets.",
            lambda answer, e: (answer.offset_consistency(e), _mean_of_pairs(e)),
        ),
        Property(
            "The length of an offset does not count.",
            lambda answer, e: (
                answer.offset_consistency(e * np.array([[0.5], [1.0], [2.0], [4.0]])),
                answer.offset_consistency(e),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "each with itself",
            _with_itself,
            "You count the cosine of every offset with itself, which is always 1. Leave the "
            "diagonal out.",
        ),
        Mistake(
            "not normalised",
            _products_of_pairs,
            "This is a mean of dot products. Divide each offset by its length first.",
        ),
        Mistake(
            "with the mean offset",
            _with_mean,
            "You compare each offset with their mean, in which it is contained. Compare the "
            "offsets with one another.",
        ),
        Mistake(
            "summed",
            lambda e: _mean_of_pairs(e) * len(e) * (len(e) - 1) / 2,
            "This is the sum over all pairs. Divide by the number of pairs.",
        ),
    ],
    hints=[
        "Give every offset length 1. What do the dot products of all rows with all rows form?",
        "unit @ unit.T holds every cosine, those of each row with itself on the diagonal.",
        "Sum the matrix, subtract m for the diagonal, and divide by m (m - 1).",
    ],
)
