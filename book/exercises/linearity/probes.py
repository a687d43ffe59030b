"""Exercises on reading what others wrote."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator

ACTIVATIONS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])


def _activations_and_intensities(key: jax.Array) -> Inputs:
    """Correlated neurons that are not 0 in the mean, and an intensity that they hold nearly."""
    rng = generator(key)
    activations = rng.normal(size=(6, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]]) + rng.normal(size=2)
    weights, constant = rng.normal(size=2), rng.normal()
    return activations, activations @ weights + constant + 0.3 * rng.normal(size=6)


def _fit(activations: Any, intensities: Any) -> Any:
    return np.linalg.lstsq(activations, intensities, rcond=None)[0]


def _not_turned_back(activations: Any, intensities: Any) -> Any:
    return _fit(activations - activations.mean(0), intensities), intensities.mean()


def _one_by_one(activations: Any, intensities: Any) -> Any:
    centred = activations - activations.mean(0)
    weights = centred.T @ intensities / (centred**2).sum(0)
    return weights, intensities.mean() - activations.mean(0) @ weights


def _off(probe: Any, activations: Any, intensities: Any) -> np.ndarray:
    """What the readings miss, added up, and added up in proportion to each neuron."""
    weights, constant = (np.asarray(part, float) for part in probe)
    missed = activations @ weights + constant - intensities
    return np.append(missed.sum(), activations.T @ missed)


LINEAR_PROBE = Exercise(
    id="linearity.linear_probe",
    title="A linear probe",
    points=3,
    difficulty=2,
    importance=4,
    minutes=20,
    functions={"linear_probe": ["activations", "intensities"]},
    examples=[
        Example(
            (ACTIVATIONS, ACTIVATIONS @ np.array([2.0, -1.0]) + 1.0),
            (np.array([2.0, -1.0]), 1.0),
        )
    ],
    inputs=_activations_and_intensities,
    properties=[
        Property(
            "What the readings miss adds up to 0, also when each is multiplied by a neuron's "
            "activation.",
            lambda answer, a, x: (_off(answer.linear_probe(a, x), a, x), np.zeros(3)),
        )
    ],
    mistakes=[
        Mistake(
            "no constant",
            lambda a, x: (_fit(a, x), 0.0),
            "Your probe has no constant: it must answer 0 where all neurons are silent. Add a "
            "column of ones.",
        ),
        Mistake(
            "constant of the centred neurons",
            _not_turned_back,
            "The weights are right. The constant is that of centred activations: subtract what "
            "the weights read from the mean activation.",
        ),
        Mistake(
            "one neuron at a time",
            _one_by_one,
            "You fitted each neuron by itself. They vary together, so find all weights at once.",
        ),
        Mistake(
            "in one array",
            lambda a, x: _fit(np.column_stack([a, np.ones(len(a))]), x),
            "All numbers are right. Return them as two results: the weights, then the constant.",
        ),
    ],
    hints=[
        "A column of ones beside the activations makes the constant one more weight.",
        "np.linalg.lstsq(columns, intensities, rcond=None)[0] makes the squared error least.",
        "columns = np.column_stack([activations, np.ones(len(activations))]); the last entry of "
        "the fit is the constant.",
    ],
    tolerance=1e-4,
)
