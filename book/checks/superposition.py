"""Exercises of chapter 4: the toy model, its loss, and the share of a dimension."""

from typing import Any

import jax
import numpy as np

from .exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _model_and_batch(key: jax.Array) -> Inputs:
    rng = generator(key)
    model = rng.normal(size=(5, 2)), rng.normal(scale=0.3, size=5)
    return model, rng.uniform(size=(6, 5)) * (rng.uniform(size=(6, 5)) < 0.5)


def _rebuilt(answer: object, model: tuple[np.ndarray, np.ndarray], x: np.ndarray) -> np.ndarray:
    W, b = model
    rows = [sum(x_i * w_i for x_i, w_i in zip(row, W, strict=True)) for row in x]
    return np.array([[max(w_j @ h + b_j, 0) for w_j, b_j in zip(W, b, strict=True)] for h in rows])


_DIGON = (np.array([[1.0], [-1.0]]), np.zeros(2))

TOY_MODEL = Exercise(
    id="superposition.toy_model",
    title="The toy model",
    points=3,
    difficulty=2,
    importance=5,
    minutes=15,
    functions={"toy_model": ["model", "x"]},
    examples=[
        Example((_DIGON, np.array([[0.5, 0.0], [0.0, 0.8]])), np.array([[0.5, 0.0], [0.0, 0.8]])),
        Example((_DIGON, np.array([[0.5, 0.2]])), np.array([[0.3, 0.0]])),
    ],
    inputs=_model_and_batch,
    properties=[
        Property(
            "The reconstruction is ReLU(W Wᵀ x + b), for every row x.",
            lambda answer, model, x: (answer.toy_model(model, x), _rebuilt(answer, model, x)),
        ),
    ],
    mistakes=[
        Mistake(
            "no ReLU",
            lambda model, x: x @ model[0] @ model[0].T + model[1],
            "This is the linear model: did you forget the ReLU?",
        ),
        Mistake(
            "no bias",
            lambda model, x: _relu(x @ model[0] @ model[0].T),
            "The bias b is missing.",
        ),
        Mistake(
            "bias after the ReLU",
            lambda model, x: _relu(x @ model[0] @ model[0].T) + model[1],
            "Add the bias before the ReLU: it decides what the ReLU lets through.",
        ),
        Mistake(
            "ReLU in the middle",
            lambda model, x: _relu(x @ model[0]) @ model[0].T + model[1],
            "The ReLU belongs at the end. The two neurons in the middle are linear.",
        ),
        Mistake(
            "activation only",
            lambda model, x: x @ model[0],
            "This is the activation of the neurons. Now read the features back with Wᵀ.",
        ),
    ],
    hints=[
        "Three steps: write the features into the neurons, read them back, apply the ReLU.",
        "A row of W is a feature's direction. For a batch of rows x, writing is x @ W.",
        "jax.nn.relu(x @ W @ W.T + b), with W, b = model.",
    ],
)


def _reconstructions(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.uniform(size=(6, 5)), rng.uniform(size=(6, 5)), rng.uniform(0.1, 1, size=5)


_IMPORTANCE = np.array([1.0, 0.5])

WEIGHTED_LOSS = Exercise(
    id="superposition.weighted_loss",
    title="A loss that knows what matters",
    points=2,
    difficulty=1,
    importance=4,
    minutes=10,
    functions={"weighted_loss": ["reconstruction", "x", "importance"]},
    examples=[
        Example(
            (np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]]), _IMPORTANCE),
            0.375,
        ),
        Example((np.ones((2, 3)), np.ones((2, 3)), np.ones(3)), 0.0),
    ],
    inputs=_reconstructions,
    properties=[
        Property(
            "The loss is the mean of Iᵢ (xᵢ - x̂ᵢ)² over the batch and over the features.",
            lambda answer, y, x, importance: (
                answer.weighted_loss(y, x, importance),
                sum(i * np.mean((a - b) ** 2) for i, a, b in zip(importance, x.T, y.T, strict=True))
                / len(importance),
            ),
        ),
        Property(
            "Twice the importance is twice the loss.",
            lambda answer, y, x, importance: (
                answer.weighted_loss(y, x, 2 * importance),
                2 * np.asarray(answer.weighted_loss(y, x, importance)),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "importance left out",
            lambda y, x, i: np.mean((x - y) ** 2),
            "Every feature counts the same here. Weight the squared errors by the importance.",
        ),
        Mistake(
            "importance squared",
            lambda y, x, i: np.mean((i * (x - y)) ** 2),
            "The importance was squared together with the error. Weight after squaring.",
        ),
        Mistake(
            "summed over the features",
            lambda y, x, i: np.mean(np.sum(i * (x - y) ** 2, axis=1)),
            "You add over the features and average over the batch. Average over both.",
        ),
        Mistake(
            "summed",
            lambda y, x, i: np.sum(i * (x - y) ** 2),
            "This is the sum. The loss is the mean, so that it does not grow with the batch.",
        ),
        Mistake(
            "not squared",
            lambda y, x, i: np.mean(i * np.abs(x - y)),
            "You took the absolute error. The loss uses its square.",
        ),
        Mistake(
            "one loss per feature",
            lambda y, x, i: np.mean(i * (x - y) ** 2, axis=0),
            "This is one number per feature. Average over the features as well.",
        ),
    ],
    hints=[
        "Start with the squared error of every entry, an array like x.",
        "The importance has one entry per feature, the last axis, so it broadcasts by itself.",
        "jnp.mean(importance * (x - reconstruction) ** 2)",
    ],
)


def _directions(key: jax.Array) -> Inputs:
    return (generator(key).normal(size=(5, 2)),)


_PENTAGON = np.stack([[np.cos(a), np.sin(a)] for a in 2 * np.pi * np.arange(5) / 5])

FEATURE_DIMENSIONALITY = Exercise(
    id="superposition.feature_dimensionality",
    title="The share of a dimension",
    points=3,
    difficulty=3,
    importance=4,
    minutes=20,
    functions={"feature_dimensionality": ["W"]},
    examples=[
        Example((np.eye(2),), np.ones(2)),
        Example((np.array([[1.0, 0.0], [-1.0, 0.0]]),), np.array([0.5, 0.5])),
        Example((_PENTAGON,), np.full(5, 0.4)),
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

EXERCISES = (TOY_MODEL, WEIGHTED_LOSS, FEATURE_DIMENSIONALITY)
