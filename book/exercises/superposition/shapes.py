"""Exercises of chapter 4 on shapes and phases: the share of a dimension, and which answer wins."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _directions(key: jax.Array) -> Inputs:
    return (generator(key).normal(size=(3, 2)),)


_TRIANGLE = np.stack([[np.cos(a), np.sin(a)] for a in 2 * np.pi * np.arange(3) / 3])

FEATURE_DIMENSIONALITY = Exercise(
    id="superposition.feature_dimensionality",
    title="The share of a dimension",
    points=3,
    difficulty=3,
    importance=4,
    minutes=20,
    functions={"feature_dimensionality": ["W"]},
    examples=[
        Example((np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0]]),), np.array([0.5, 0.5, 1.0])),
        Example((_TRIANGLE,), np.full(3, 2 / 3)),
    ],
    inputs=_directions,
    properties=[
        Property(
            "Dᵢ is ‖Wᵢ‖² divided by the sum over j of (Ŵᵢ · Wⱼ)².",
            lambda answer, W: (
                answer.feature_dimensionality(W),
                [w @ w / sum((w @ v / np.linalg.norm(w)) ** 2 for v in W) for w in W],
            ),
        ),
        Property(
            "Making all directions longer by the same factor changes nothing.",
            lambda answer, W: (
                answer.feature_dimensionality(3 * W),
                answer.feature_dimensionality(W),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "Ŵ not normalised",
            lambda W: (W**2).sum(1) / ((W @ W.T) ** 2).sum(1),
            "In Ŵᵢ the hat means length 1: divide row i by its length before the dot products.",
        ),
        Mistake(
            "both normalised",
            lambda W: (
                (W**2).sum(1) / ((W @ W.T / np.outer(*[np.linalg.norm(W, axis=1)] * 2)) ** 2).sum(1)
            ),
            "Only the first vector has a hat. Wⱼ keeps its length: a short direction interferes "
            "less.",
        ),
        Mistake(
            "without itself",
            lambda W: (
                (W**2).sum(1)
                / np.maximum(
                    ((W / np.linalg.norm(W, axis=1, keepdims=True) @ W.T) ** 2).sum(1)
                    - (W**2).sum(1),
                    1e-9,
                )
            ),
            "The sum runs over all j, and j = i is one of them.",
        ),
        Mistake(
            "not squared",
            lambda W: (
                (W**2).sum(1) / np.abs(W / np.linalg.norm(W, axis=1, keepdims=True) @ W.T).sum(1)
            ),
            "Square the dot products before you add them.",
        ),
        Mistake(
            "summed over the wrong axis",
            lambda W: (
                (W**2).sum(1) / ((W / np.linalg.norm(W, axis=1, keepdims=True) @ W.T) ** 2).sum(0)
            ),
            "You added over i. For each feature i the sum runs over the others, j.",
        ),
    ],
    hints=[
        "Numerator: the squared length of each row. Denominator: what of all rows lies along it.",
        "Normalise the rows and multiply by the transpose of W: entry i, j is Ŵᵢ · Wⱼ.",
        "Square that matrix entry by entry and add along axis 1.",
    ],
    tolerance=1e-4,
)


def _importances_and_densities(key: jax.Array) -> Inputs:
    rng = generator(key)
    return 10 ** rng.uniform(-1, 1, size=6), rng.uniform(0.05, 1, size=6)


def _costs(r: Any, p: Any, pair: Any, alone: Any) -> Any:
    """The answer of least cost, from what a pair costs and what a lost feature costs."""
    return np.argmin([r * alone, pair, alone + 0 * r], axis=0)


PHASE = Exercise(
    id="superposition.phase",
    title="Which of three answers wins",
    points=4,
    difficulty=3,
    importance=3,
    minutes=30,
    functions={"phase": ["r", "p"]},
    examples=[
        Example(
            (
                np.array([1.0, 1.0, 0.1, 0.1, 10.0, 10.0]),
                np.array([0.5, 0.9, 0.1, 0.3, 0.1, 0.3]),
            ),
            np.array([1, 0, 1, 0, 1, 2]),
        )
    ],
    inputs=_importances_and_densities,
    properties=[
        Property(
            "0, 1 or 2: the first answer costs r(p/3 - p²/4), the second (1 + r)p²/6, the third "
            "p/3 - p²/4, and the least of them wins.",
            lambda answer, r, p: (
                answer.phase(r, p),
                [_costs(a, b, (1 + a) * b**2 / 6, b / 3 - b**2 / 4) for a, b in zip(r, p)],  # noqa: B905
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "mean square for variance",
            lambda r, p: _costs(r, p, (1 + r) * p**2 / 6, p / 3),
            "p/3 is the mean square of a lost feature. With the best bias it costs its variance, "
            "p/3 - p²/4.",
        ),
        Mistake(
            "one error of two",
            lambda r, p: _costs(r, p, p**2 / 6, p / 3 - p**2 / 4),
            "When both are present, both readings are off: the errors count 1 + r.",
        ),
        Mistake(
            "always both present",
            lambda r, p: _costs(r, p, (1 + r) * p / 6, p / 3 - p**2 / 4),
            "Both features are present with probability p times p.",
        ),
        Mistake(
            "lost the other one",
            lambda r, p: 2 - _costs(r, p, (1 + r) * p**2 / 6, p / 3 - p**2 / 4),
            "Answer 0 keeps feature 1 and loses feature 2, so its cost has the importance r.",
        ),
    ],
    hints=[
        "Write down what each of the three answers costs, and compare.",
        "Keeping one feature costs the other's importance times its variance; the opposite pair "
        "costs (1 + r) p²/6.",
        "Stack the three costs along a new first axis and take jnp.argmin over it.",
    ],
)
