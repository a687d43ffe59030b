"""Exercises on readers with ReLUs: what they make of noise, and how they approximate a floor."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator

WEIGHTS = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
BIAS = np.array([0.0, 0.0, -1.0])
OUTWARD = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]])


def _reader(key: jax.Array) -> Inputs:
    """A reader of three hidden neurons, some on and some off, none of them near its threshold."""
    rng = generator(key)
    while True:
        activation, bias = rng.normal(size=2), rng.normal(size=3)
        weights, outward = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
        before = activation @ weights + bias
        if np.abs(before).min() > 0.1 and 0 < (before > 0).sum() < 3:
            return activation, weights, bias, outward


def _jacobian(a: Any, weights: Any, bias: Any, outward: Any) -> Any:
    """Readings down, neurons across."""
    return ((weights * (a @ weights + bias > 0)) @ outward).T


NOISE_GAIN = Exercise(
    id="linearity.noise_gain",
    title="What a reader makes of noise",
    points=3,
    difficulty=3,
    importance=3,
    minutes=20,
    functions={"noise_gain": ["activation", "weights", "bias", "outward"]},
    examples=[
        Example((np.array([0.25, 0.25]), WEIGHTS, BIAS, OUTWARD), np.array([1.0, 1.0])),
        Example((np.array([0.75, 0.75]), WEIGHTS, BIAS, OUTWARD), np.array([np.sqrt(13.0), 1.0])),
    ],
    inputs=_reader,
    properties=[
        Property(
            "The gain of a reading is the length of its row of the Jacobian.",
            lambda answer, *reader: (
                answer.noise_gain(*reader),
                np.linalg.norm(_jacobian(*reader), axis=1),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "ReLU forgotten",
            lambda a, w, b, v: np.linalg.norm((w @ v).T, axis=1),
            "You let all hidden neurons pass the noise on. One that is below 0 passes nothing.",
        ),
        Mistake(
            "wrong axis",
            lambda a, w, b, v: np.linalg.norm(_jacobian(a, w, b, v), axis=0),
            "You have one number for each neuron. Each reading has a row in the Jacobian: take "
            "the length of the rows.",
        ),
        Mistake(
            "no root",
            lambda a, w, b, v: np.sum(_jacobian(a, w, b, v) ** 2, axis=1),
            "This is the gain of the variance. Take the root for the standard deviation.",
        ),
        Mistake(
            "slopes added",
            lambda a, w, b, v: np.abs(_jacobian(a, w, b, v)).sum(axis=1),
            "This is the worst case, in which all neurons are off together. Independent noise "
            "adds up by squares.",
        ),
        Mistake(
            "the Jacobian itself",
            lambda a, w, b, v: _jacobian(a, w, b, v),
            "This is the Jacobian. How large is the noise of a reading whose slopes are one row?",
        ),
    ],
    hints=[
        "A small step of the activation moves a reading by its row of the Jacobian times the step.",
        "jax.jacobian(read)(activation) has the Jacobian: one row per reading. By hand: a hidden "
        "neuron passes its weights on if it is on.",
        "Independent noise of size s on each neuron becomes s * sqrt(sum of squares of the row).",
    ],
)


def _places(key: jax.Array) -> Inputs:
    """A place on a tread, one on a ramp, the base and the slope."""
    rng = generator(key)
    base, steepness = int(rng.choice([4, 5])), float(rng.choice([20.0, 50.0]))
    tread = (int(rng.integers(1, base)) + float(rng.uniform(0.1, 0.6))) / base
    ramp = int(rng.integers(1, base)) / base - float(rng.uniform(0.2, 0.8)) / steepness
    return tread, ramp, base, steepness


def _staircase(x: Any, Z: Any, steepness: Any, shift: float = 1.0) -> Any:
    rises = steepness * (x - np.arange(1, Z) / Z) + shift
    return np.clip(rises, 0, 1).sum()


FLOOR_NETWORK = Exercise(
    id="linearity.floor_network",
    title="A floor made of ReLUs",
    points=4,
    difficulty=3,
    importance=3,
    minutes=30,
    functions={"floor_network": ["x", "Z", "steepness"], "steepness_for": ["Z", "share"]},
    examples=[
        Example((0.35, 4, 20.0), 1.0, "floor_network"),
        Example((0.525, 4, 20.0), 2.0, "floor_network"),
        Example((0.475, 4, 20.0), 1.5, "floor_network"),
        Example((5, 0.1), 40.0, "steepness_for"),
    ],
    inputs=_places,
    properties=[
        Property(
            "Between two ramps the output is floor(Z x).",
            lambda answer, tread, ramp, Z, s: (
                answer.floor_network(tread, Z, s),
                np.floor(Z * tread),
            ),
        ),
        Property(
            "On the ramp that ends at k / Z the output rises from k - 1 to k with this slope.",
            lambda answer, tread, ramp, Z, s: (
                answer.floor_network(ramp, Z, s),
                _staircase(ramp, Z, s),
            ),
        ),
        Property(
            "With this slope the ramps take up the given share of the line from 0 to 1.",
            lambda answer, tread, ramp, Z, s: (
                (Z - 1) / np.asarray(answer.steepness_for(Z, (Z - 1) / s)),
                (Z - 1) / s,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "floor itself",
            lambda x, Z, s: np.floor(Z * x),
            "This is the floor. A network of ReLUs has no jumps: between the steps it must climb.",
            "floor_network",
        ),
        Mistake(
            "ramp after the step",
            lambda x, Z, s: _staircase(x, Z, s, 0.0),
            "Your ramps begin at k / Z. They should end there, so that the step is done in time.",
            "floor_network",
        ),
        Mistake(
            "never level",
            lambda x, Z, s: np.maximum(s * (x - np.arange(1, Z) / Z) + 1, 0).sum(),
            "Each ramp goes on rising. A second ReLU that starts where the ramp has reached 1 must "
            "take the rise away again.",
            "floor_network",
        ),
        Mistake(
            "a step at 0",
            lambda x, Z, s: _staircase(x, Z, s) + 1,
            "You are one step too high everywhere: the first step is at 1 / Z, not at 0.",
            "floor_network",
        ),
        Mistake(
            "Z ramps",
            lambda Z, share: Z / share,
            "There is no ramp at 0: Z steps of a staircase have Z - 1 ramps between them.",
            "steepness_for",
        ),
        Mistake(
            "the width of a ramp",
            lambda Z, share: share / (Z - 1),
            "This is the width of one ramp. A ramp rises by 1 over its width: how steep is that?",
            "steepness_for",
        ),
    ],
    hints=[
        "One step first: relu(r) - relu(r - 1) is 0 for r below 0, then r, and 1 for r above 1.",
        "For the step at k / Z let r = steepness * (x - k / Z) + 1. It reaches 1 at k / Z.",
        "Sum over k = 1, ..., Z - 1. A ramp is 1 / steepness wide, and there are Z - 1 of them.",
    ],
    tolerance=1e-4,
)
