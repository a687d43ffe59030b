"""Exercises on a network: how far it generalises, what its neurons mind, and how it learns."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _predictions(key: jax.Array) -> Inputs:
    rng = generator(key)
    truth, truth_new = rng.integers(0, 2, size=(2, 10, 2))
    told, told_new = truth.copy(), truth_new.copy()
    told[0, 0] = 1 - told[0, 0]
    told_new[:3, 1] = 1 - told_new[:3, 1]
    told_new[3] = -1
    return told, truth, told_new, truth_new


def _share_right(told: np.ndarray, truth: np.ndarray) -> float:
    return sum(list(a) == list(b) for a, b in zip(told, truth, strict=True)) / len(told)


GENERALISATION_GAP = Exercise(
    id="decomposability.generalisation_gap",
    title="The generalisation gap",
    points=2,
    difficulty=2,
    importance=4,
    minutes=10,
    functions={"generalisation_gap": ["told", "truth", "told_new", "truth_new"]},
    examples=[
        Example(
            (
                np.array([[0, 1], [1, 1], [0, 0], [1, 0]]),
                np.array([[0, 1], [1, 1], [0, 0], [1, 0]]),
                np.array([[0, 1], [1, 0], [-1, -1], [1, 0]]),
                np.array([[0, 1], [1, 1], [1, 1], [1, 0]]),
            ),
            0.5,
        )
    ],
    inputs=_predictions,
    properties=[
        Property(
            "The gap is the share of pictures with both answers right, training set minus new.",
            lambda answer, told, truth, told_new, truth_new: (
                answer.generalisation_gap(told, truth, told_new, truth_new),
                _share_right(told, truth) - _share_right(told_new, truth_new),
            ),
        ),
        Property(
            "There is no gap between a set and itself.",
            lambda answer, told, truth, told_new, truth_new: (
                answer.generalisation_gap(told, truth, told, truth),
                0.0,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "answer by answer",
            lambda t, y, tn, yn: (t == y).mean() - (tn == yn).mean(),
            "You count single answers. A picture is right if both of its answers are: all(axis=1).",
        ),
        Mistake(
            "new minus training",
            lambda t, y, tn, yn: (tn == yn).all(1).mean() - (t == y).all(1).mean(),
            "The sign is the other way round: the training set first, minus the new pictures.",
        ),
        Mistake(
            "either answer",
            lambda t, y, tn, yn: (t == y).any(1).mean() - (tn == yn).any(1).mean(),
            "For you one right answer is enough (any). Both must be right.",
        ),
        Mistake(
            "unknown left out",
            lambda t, y, tn, yn: (
                (t == y).all(1)[(t >= 0).all(1)].mean() - (tn == yn).all(1)[(tn >= 0).all(1)].mean()
            ),
            "You leave out pictures with the answer -1. Unknown is not a right answer: count them.",
        ),
    ],
    hints=[
        "When is a picture right? Both of its answers are.",
        "told == truth compares answer by answer; all(axis=1) brings the two together.",
        "The mean of it on the training set, minus the mean of it on the new pictures.",
    ],
)


def _activations(key: jax.Array) -> Inputs:
    rng = generator(key)
    activations = rng.exponential(size=(6, 3))
    activations[:, 1] = 0.0
    return activations, np.array([True, False, False, True, False, False])[rng.permutation(6)]


def _looped(activations: np.ndarray, present: np.ndarray) -> list[float]:
    found = []
    for column in activations.T:
        with_it = [a for a, p in zip(column, present, strict=True) if p]
        without = [a for a, p in zip(column, present, strict=True) if not p]
        a, b = sum(with_it) / len(with_it), sum(without) / len(without)
        found.append((a - b) / (a + b) if a + b else 0.0)
    return found


SELECTIVITY = Exercise(
    id="decomposability.selectivity",
    title="What a neuron minds",
    points=3,
    difficulty=2,
    importance=5,
    minutes=15,
    functions={"selectivity": ["activations", "present"]},
    examples=[
        Example(
            (
                np.array([[3.0, 0, 0], [1, 0, 2], [1, 0, 2], [3, 0, 0], [1, 0, 2], [1, 0, 0]]),
                np.array([True, False, False, True, False, False]),
            ),
            np.array([0.5, 0.0, -1.0]),
        )
    ],
    inputs=_activations,
    properties=[
        Property(
            "(a - b) / (a + b) of the two means, and 0 for a neuron that is always silent.",
            lambda answer, activations, present: (
                answer.selectivity(activations, present),
                np.array(_looped(activations, present)),
            ),
        ),
        Property(
            "For the absence of the quality it has the opposite sign.",
            lambda answer, activations, present: (
                answer.selectivity(activations, ~present),
                -np.array(_looped(activations, present)),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "sums instead of means",
            lambda x, p: np.nan_to_num((x[p].sum(0) - x[~p].sum(0)) / x.sum(0)),
            "You compare sums. If more pictures lack the quality than have it, they win by their "
            "number. Compare means.",
        ),
        Mistake(
            "not divided",
            lambda x, p: x[p].mean(0) - x[~p].mean(0),
            "This is the difference of the means. Divide it by their sum.",
        ),
        Mistake(
            "over the mean of all",
            lambda x, p: np.nan_to_num((x[p].mean(0) - x[~p].mean(0)) / x.mean(0)),
            "You divide by the mean over all pictures. Divide by the sum of the two means.",
        ),
        Mistake(
            "silent neuron not a number",
            lambda x, p: (x[p].mean(0) - x[~p].mean(0)) / (x[p].mean(0) + x[~p].mean(0)),
            "A neuron that is always silent gives 0 / 0. It should get 0.",
        ),
        Mistake(
            "the other sign",
            lambda x, p: np.nan_to_num(
                (x[~p].mean(0) - x[p].mean(0)) / (x[p].mean(0) + x[~p].mean(0))
            ),
            "The sign is the other way round: positive if the neuron is more active with the "
            "quality.",
        ),
    ],
    hints=[
        "Two means for each neuron: over the rows with the quality, and over those without.",
        "activations[present].mean(axis=0) is one of them. What if both are 0?",
        "jnp.where(a + b > 0, (a - b) / (a + b), 0.0), with the sum replaced by 1 where it is 0.",
    ],
)


def _network(key: jax.Array) -> Inputs:
    rng = generator(key)
    images = rng.uniform(size=(4, 2, 1, 3))
    network = (
        rng.normal(size=(6, 3)),
        rng.normal(size=3),
        rng.normal(size=(3, 4)),
        rng.normal(size=4),
    )
    return network, images, rng.integers(0, 2, size=(4, 2)), 0.5


def _gradient(network: Inputs, images: Any, answers: Any) -> Inputs:
    """The gradient of the chapter's loss, by hand: one step back for every step forward."""
    inward, threshold, outward, bias = map(np.asarray, network)
    images, answers = np.asarray(images), np.asarray(answers)
    pixels = images.reshape(len(images), -1) - 0.5
    before = pixels @ inward + threshold
    activations = np.maximum(before, 0)
    logits = (activations @ outward + bias).reshape(-1, 2, 2)
    chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    back = ((chances - np.eye(2)[answers]) / len(images)).reshape(-1, 4)
    behind = (back @ outward.T) * (before > 0)
    return pixels.T @ behind, behind.sum(0), activations.T @ back, back.sum(0)


def _moved(network: Inputs, images: Any, answers: Any, rate: float) -> Inputs:
    gradient = _gradient(network, images, answers)
    return tuple(w - rate * g for w, g in zip(network, gradient, strict=True))


_EXAMPLE = (
    (np.zeros((6, 3)), np.ones(3), np.zeros((3, 4)), np.zeros(4)),
    np.full((4, 2, 1, 3), 0.5),
    np.array([[0, 0], [0, 0], [0, 0], [0, 1]]),
    1.0,
)
_EXAMPLE_MOVED = (
    np.zeros((6, 3)),
    np.ones(3),
    np.tile([0.5, -0.5, 0.25, -0.25], (3, 1)),
    np.array([0.5, -0.5, 0.25, -0.25]),
)

TRAIN_STEP = Exercise(
    id="decomposability.train_step",
    title="One step of training",
    points=3,
    difficulty=3,
    importance=5,
    minutes=25,
    functions={"train_step": ["network", "images", "answers", "rate"]},
    examples=[Example(_EXAMPLE, _EXAMPLE_MOVED)],
    inputs=_network,
    properties=[
        Property(
            "Every parameter moves by the rate times its gradient, downhill.",
            lambda answer, network, images, answers, rate: (
                answer.train_step(network, images, answers, rate),
                _moved(network, images, answers, rate),
            ),
        ),
        Property(
            "With a rate of 0 nothing moves.",
            lambda answer, network, images, answers, rate: (
                answer.train_step(network, images, answers, 0.0),
                network,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "uphill",
            lambda network, images, answers, rate: _moved(network, images, answers, -rate),
            "You go uphill: the loss grows. optax turns the sign for you; if you subtract by hand, "
            "do it once.",
        ),
        Mistake(
            "the update only",
            lambda network, images, answers, rate: tuple(
                -rate * g for g in _gradient(network, images, answers)
            ),
            "This is the change. Add it to the parameters: optax.apply_updates.",
        ),
        Mistake(
            "the gradient",
            lambda network, images, answers, rate: _gradient(network, images, answers),
            "This is the gradient. Give it to the optimizer, and its updates to the parameters.",
        ),
        Mistake(
            "summed over the batch",
            lambda network, images, answers, rate: _moved(
                network, images, answers, rate * len(images)
            ),
            "Your step is as many times too large as there are pictures. The loss is a mean over "
            "the batch.",
        ),
        Mistake(
            "nothing learned",
            lambda network, images, answers, rate: network,
            "The network comes back as it was. optax.apply_updates returns the new parameters and "
            "leaves the old ones alone.",
        ),
    ],
    hints=[
        "A gradient, an optimizer that makes updates of it, and parameters that take them up.",
        "jax.grad(cross_entropy)(Network(*network), images, answers) is the gradient.",
        "optimizer = optax.sgd(rate); its state is optimizer.init(network).",
        "updates, _ = optimizer.update(gradient, state); return optax.apply_updates(network, "
        "updates).",
    ],
    jit=True,
)
