"""Exercises of chapter 4 on the toy model: sparse features, the model, and its loss."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _draws(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.uniform(size=(4, 3)), float(rng.uniform(0.2, 0.8))


SPARSE_FEATURES = Exercise(
    id="superposition.sparse_features",
    title="Sparse features from one draw",
    points=2,
    difficulty=2,
    importance=4,
    minutes=10,
    functions={"sparse_features": ["u", "density"]},
    examples=[
        Example(
            (
                np.array([[0.1, 0.6, 0.3], [0.9, 0.05, 0.45], [0.7, 0.8, 0.6], [0.25, 0.5, 0.2]]),
                0.5,
            ),
            np.array([[0.2, 0.0, 0.6], [0.0, 0.1, 0.9], [0.0, 0.0, 0.0], [0.5, 0.0, 0.4]]),
        )
    ],
    inputs=_draws,
    properties=[
        Property(
            "A feature is present where u < p, with intensity u/p; elsewhere it is 0.",
            lambda answer, u, p: (
                answer.sparse_features(u, p),
                [[value / p if value < p else 0.0 for value in row] for row in u],
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "not stretched",
            lambda u, p: np.where(u < p, u, 0),
            "Where u < p, u lies between 0 and p. The intensity should fill the range up to 1: "
            "divide by p.",
        ),
        Mistake(
            "the wrong side",
            lambda u, p: np.where(u > p, u, 0),
            "These features are present with probability 1 - p. u < p happens with probability p.",
        ),
        Mistake(
            "the wrong side, stretched",
            lambda u, p: np.where(u > p, (u - p) / (1 - p), 0),
            "Uniform, but present with probability 1 - p. u < p happens with probability p.",
        ),
        Mistake(
            "always present",
            lambda u, p: u / p,
            "No feature is absent here. Use jnp.where to set those with u ≥ p to zero.",
        ),
        Mistake(
            "only presence",
            lambda u, p: (u < p) * 1.0,
            "This says which features are present. A present one has an intensity, u/p.",
        ),
    ],
    hints=[
        "u < p is true with probability p. What do you know about u where it is true?",
        "Given u < p, it is uniform between 0 and p. Stretch it to the range from 0 to 1.",
        "jnp.where(u < density, u / density, 0.0)",
    ],
)


def _model_and_batch(key: jax.Array) -> Inputs:
    rng = generator(key)
    model = rng.normal(size=(3, 2)), rng.normal(scale=0.3, size=3)
    return model, rng.uniform(size=(2, 3)) * (rng.uniform(size=(2, 3)) < 0.6)


def _rebuilt(answer: object, model: tuple[np.ndarray, np.ndarray], x: np.ndarray) -> np.ndarray:
    W, b = model
    rows = [sum(x_i * w_i for x_i, w_i in zip(row, W, strict=True)) for row in x]
    return np.array([[max(w_j @ h + b_j, 0) for w_j, b_j in zip(W, b, strict=True)] for h in rows])


# Features 1 and 2 share a line, feature 3 has the other neuron for itself.
_MODEL = (np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]), np.array([0.0, 0.0, -0.1]))

TOY_MODEL = Exercise(
    id="superposition.toy_model",
    title="The toy model",
    points=3,
    difficulty=2,
    importance=5,
    minutes=15,
    functions={"toy_model": ["model", "x"]},
    examples=[
        Example(
            (_MODEL, np.array([[0.5, 0.0, 0.0], [0.0, 0.8, 0.4]])),
            np.array([[0.5, 0.0, 0.0], [0.0, 0.8, 0.3]]),
        ),
        Example(
            (_MODEL, np.array([[0.5, 0.2, 0.0], [0.1, 0.9, 0.6]])),
            np.array([[0.3, 0.0, 0.0], [0.0, 0.8, 0.5]]),
        ),
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
    return rng.uniform(size=(2, 3)), rng.uniform(size=(2, 3)), rng.uniform(0.1, 1, size=3)


_IMPORTANCE = np.array([1.0, 0.5, 0.2])

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
            (
                np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
                np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]),
                _IMPORTANCE,
            ),
            0.25,
        ),
        Example((np.ones((2, 3)), np.ones((2, 3)), _IMPORTANCE), 0.0),
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
