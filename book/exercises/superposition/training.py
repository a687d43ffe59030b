"""Exercises of chapter 4 on training: gradient steps, and many models at once."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _model_batches_rate(key: jax.Array) -> Inputs:
    rng = generator(key)
    model = rng.normal(size=(3, 2)), rng.uniform(0.1, 0.4, size=3)
    return model, rng.uniform(size=(2, 4, 3)), float(rng.uniform(0.1, 0.5))


def _gradient(model: Any, x: Any) -> tuple[Any, Any]:
    """The gradient of the mean squared error, by the chain rule."""
    W, b = model
    before = x @ W @ W.T + b
    back = 2 * (np.maximum(before, 0) - x) * (before > 0) / x.size
    return back.T @ (x @ W) + x.T @ (back @ W), back.sum(axis=0)


def _descend(model: Any, batches: Any, rate: Any) -> tuple[Any, Any]:
    W, b = model
    for x in batches:
        slope_W, slope_b = _gradient((W, b), x)
        W, b = W - rate * slope_W, b - rate * slope_b
    return W, b


def _at_the_start(model: Any, batches: Any, rate: Any) -> tuple[Any, Any]:
    """Every gradient is taken where training began."""
    slopes = [_gradient(model, x) for x in batches]
    return tuple(part - rate * sum(s[k] for s in slopes) for k, part in enumerate(model))


def _bias_left_alone(model: Any, batches: Any, rate: Any) -> tuple[Any, Any]:
    W, b = model
    for x in batches:
        W = W - rate * _gradient((W, b), x)[0]
    return W, b


_START = (np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), np.array([0.1, 0.1, 0.1]))
_BATCHES = np.stack([np.eye(4, 3), np.eye(4, 3)[::-1]])

TRAIN = Exercise(
    id="superposition.train",
    title="Gradient descent on the toy model",
    points=4,
    difficulty=3,
    importance=4,
    minutes=30,
    functions={"train": ["model", "batches", "rate"]},
    examples=[Example((_START, _BATCHES, 0.5), _descend(_START, _BATCHES, 0.5))],
    inputs=_model_batches_rate,
    properties=[
        Property(
            "Each batch in turn moves W and b against the gradient of its mean squared error, "
            "by rate times the gradient.",
            lambda answer, model, batches, rate: (
                answer.train(model, batches, rate),
                _descend(model, batches, rate),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "uphill",
            lambda model, batches, rate: _descend(model, batches, -rate),
            "The loss grows: subtract the gradient, it points uphill.",
        ),
        Mistake(
            "one step",
            lambda model, batches, rate: _descend(model, batches[:1], rate),
            "Only the first batch was used. Take a step for every batch.",
        ),
        Mistake(
            "always from the start",
            _at_the_start,
            "Every gradient was taken at the first model. Each step starts where the last ended.",
        ),
        Mistake(
            "summed error",
            lambda model, batches, rate: _descend(model, batches, rate * batches[0].size),
            "The steps are too long by the number of entries of a batch: the loss is the mean of "
            "the squared errors, not their sum.",
        ),
        Mistake(
            "bias left alone",
            _bias_left_alone,
            "b has not moved. The model is the pair (W, b): differentiate with respect to both.",
        ),
    ],
    hints=[
        "Write the loss as a function of the model and a batch; jax.grad differentiates with "
        "respect to its first argument, and the model may be a pair.",
        "jax.grad(loss)(model, x) is a pair like the model. Take the step in both parts.",
        "A Python loop over the batches will do; jax.lax.scan carries the model faster.",
    ],
    tolerance=1e-4,
)


def _models_and_draws(key: jax.Array) -> Inputs:
    rng = generator(key)
    W, b = rng.normal(size=(2, 3, 2)), rng.normal(scale=0.3, size=(2, 3))
    return W, b, rng.uniform(size=(4, 3)), np.sort(rng.uniform(0.1, 1, size=3))


def _losses(W: Any, b: Any, inputs: list[Any]) -> np.ndarray:
    def loss(w: Any, c: Any, x: Any) -> Any:
        return np.mean((x - np.maximum(x @ w @ w.T + c, 0)) ** 2)

    return np.array([[loss(w, c, x) for w, c in zip(W, b, strict=True)] for x in inputs])


def _sparse(u: Any, densities: Any) -> list[Any]:
    return [np.where(u < p, u / p, 0) for p in densities]


_TWO_W = np.array([[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]])
_TWO_B = np.zeros((2, 3))
_U = np.array([[0.1, 0.8, 0.6], [0.7, 0.2, 0.9], [0.5, 0.4, 0.3], [0.9, 0.6, 0.1]])
_P = np.array([0.25, 0.5, 1.0])

SWEEP = Exercise(
    id="superposition.sweep",
    title="Every model at every density",
    points=3,
    difficulty=3,
    importance=4,
    minutes=20,
    functions={"sweep": ["W", "b", "u", "densities"]},
    examples=[Example((_TWO_W, _TWO_B, _U, _P), _losses(_TWO_W, _TWO_B, _sparse(_U, _P)))],
    inputs=_models_and_draws,
    properties=[
        Property(
            "Entry i, j is the mean squared error of model j on the draws at density i.",
            lambda answer, W, b, u, densities: (
                answer.sweep(W, b, u, densities),
                _losses(W, b, _sparse(u, densities)),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "axes swapped",
            lambda W, b, u, p: _losses(W, b, _sparse(u, p)).T,
            "Models go down and densities across here. The outer vmap gives the first axis: let it "
            "run over the densities.",
        ),
        Mistake(
            "not stretched",
            lambda W, b, u, p: _losses(W, b, [np.where(u < q, u, 0) for q in p]),
            "The intensities of present features should fill the range up to 1: u / p.",
        ),
        Mistake(
            "bias left out",
            lambda W, b, u, p: _losses(W, 0 * b, _sparse(u, p)),
            "The bias does not reach the model. It has one row per model: map over it like W.",
        ),
        Mistake(
            "averaged over the models",
            lambda W, b, u, p: _losses(W, b, _sparse(u, p)).mean(axis=1),
            "This is one number per density. Keep the models apart.",
        ),
        Mistake(
            "no ReLU",
            lambda W, b, u, p: np.array(
                [
                    [np.mean((x - (x @ w @ w.T + c)) ** 2) for w, c in zip(W, b, strict=True)]
                    for x in _sparse(u, p)
                ]
            ),
            "This is the linear model: did you forget the ReLU?",
        ),
    ],
    hints=[
        "First write the loss of one model at one density: loss(w, c, p).",
        "jax.vmap(loss, in_axes=(0, 0, None)) runs over the models.",
        "Wrap that in a second vmap with in_axes=(None, None, 0), over the densities.",
    ],
    tolerance=1e-4,
)
