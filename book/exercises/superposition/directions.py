"""Exercises of chapter 4 on directions: their interference, the best three, and random ones."""

from itertools import combinations
from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _units(key: jax.Array) -> Inputs:
    rows = generator(key).normal(size=(3, 2))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True),)


INTERFERENCE_ENERGY = Exercise(
    id="superposition.interference_energy",
    title="The energy of interference",
    points=2,
    difficulty=2,
    importance=4,
    minutes=10,
    functions={"interference_energy": ["directions"]},
    examples=[
        Example((np.array([[1.0, 0.0], [0.0, 1.0], [-0.6, 0.8]]),), 1.0),
        Example((np.array([[1.0, 0.0], [-1.0, 0.0], [0.6, 0.8]]),), 1.72),
    ],
    inputs=_units,
    properties=[
        Property(
            "The energy is the sum of the squared dot products of all pairs, each pair once.",
            lambda answer, d: (
                answer.interference_energy(d),
                sum((a @ b) ** 2 for a, b in combinations(d, 2)),
            ),
        ),
        Property(
            "Turning one direction around changes nothing.",
            lambda answer, d: (
                answer.interference_energy(d * np.array([[-1.0], [1.0], [1.0]])),
                np.asarray(answer.interference_energy(d)),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "every pair twice",
            lambda d: ((d @ d.T) ** 2).sum() - len(d),
            "Each pair is counted twice: the matrix has it above and below the diagonal.",
        ),
        Mistake(
            "itself included",
            lambda d: ((d @ d.T) ** 2).sum(),
            "The diagonal holds each direction with itself. Only pairs of different ones count.",
        ),
        Mistake(
            "half, itself included",
            lambda d: ((d @ d.T) ** 2).sum() / 2,
            "Half of all entries is right for the pairs; but the diagonal is still in it.",
        ),
        Mistake(
            "not squared",
            lambda d: sum(a @ b for a, b in combinations(d, 2)),
            "Square the cosines before you add them, or opposite signs cancel.",
        ),
        Mistake(
            "absolute values",
            lambda d: sum(abs(a @ b) for a, b in combinations(d, 2)),
            "You took absolute values. The energy adds up squares.",
        ),
    ],
    hints=[
        "directions @ directions.T holds the cosines of all pairs at once.",
        "Square its entries. The diagonal does not count, and every pair is in it twice.",
        "(the sum of all squares - the number of directions) / 2",
    ],
)


def _three(angle: Any, step: float) -> Any:
    turns = np.deg2rad(angle + step * np.arange(3))
    return np.stack([np.cos(turns), np.sin(turns)], axis=1)


BEST_THREE_DIRECTIONS = Exercise(
    id="superposition.best_three_directions",
    title="Room for three",
    points=2,
    difficulty=2,
    importance=3,
    minutes=15,
    functions={"best_three_directions": ["angle"]},
    examples=[Example((0.0,), _three(0.0, 120.0))],
    inputs=lambda key: (float(generator(key).uniform(10, 80)),),
    properties=[
        Property(
            "The first direction has the angle that was given.",
            lambda answer, angle: (
                np.asarray(answer.best_three_directions(angle))[0],
                _three(angle, 0.0)[0],
            ),
        ),
        Property(
            "All cosines are -1/2, so that the energy is 3/4 and a ReLU cuts all interference off.",
            lambda answer, angle: (
                _gram(answer.best_three_directions(angle)),
                np.array([[1.0, -0.5, -0.5], [-0.5, 1.0, -0.5], [-0.5, -0.5, 1.0]]),
            ),
        ),
        Property(
            "The others follow counter-clockwise.",
            lambda answer, angle: (answer.best_three_directions(angle), _three(angle, 120.0)),
        ),
    ],
    mistakes=[
        Mistake(
            "60 degrees apart",
            lambda angle: _three(angle, 60.0),
            "The energy is 3/4, but two cosines are positive: a ReLU cannot cut these off. "
            "Turn one direction around.",
        ),
        Mistake(
            "right angles",
            lambda angle: _three(angle, 90.0),
            "Two of these are opposite, which costs an energy of 1. Spread the three evenly.",
        ),
        Mistake(
            "clockwise",
            lambda angle: _three(angle, -120.0),
            "Right, but clockwise. Let the angles grow.",
        ),
        Mistake(
            "degrees taken for radians",
            lambda angle: np.stack(
                [
                    np.cos(angle + 120.0 * np.arange(3)),
                    np.sin(angle + 120.0 * np.arange(3)),
                ],
                axis=1,
            ),
            "cos and sin want radians: jnp.deg2rad.",
        ),
    ],
    hints=[
        "The least energy of three unit vectors in a plane is 3/4. Share it evenly: each cosine "
        "squared is 1/4.",
        "A ReLU forgives negative interference. Which angle has a cosine of -1/2?",
        "The angles are angle, angle + 120 and angle + 240 degrees.",
    ],
    tolerance=1e-4,
)


def _gram(directions: Any) -> np.ndarray:
    rows = np.asarray(directions)
    return rows @ rows.T


def _matrix(rows: Any) -> Any:
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units @ units.T


def _cosines(rows: Any) -> Any:
    return _matrix(rows)[np.triu_indices(len(rows), 1)]


RANDOM_COSINES = Exercise(
    id="superposition.random_cosines",
    title="Cosines of random directions",
    points=3,
    difficulty=2,
    importance=3,
    minutes=15,
    functions={"random_cosines": ["normal"]},
    examples=[
        Example(
            (np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 3.0], [3.0, 0.0, 4.0], [0.0, -1.0, 0.0]]),),
            np.array([0.0, 0.6, 0.0, 0.8, 0.0, 0.0]),
        )
    ],
    inputs=lambda key: (generator(key).normal(size=(4, 3)),),
    properties=[
        Property(
            "The cosines of rows 1 and 2, 1 and 3, and so on: each pair once, row by row.",
            lambda answer, rows: (
                answer.random_cosines(rows),
                [a @ b / np.sqrt((a @ a) * (b @ b)) for a, b in combinations(rows, 2)],
            ),
        ),
        Property(
            "Longer rows have the same cosines.",
            lambda answer, rows: (
                answer.random_cosines(rows * np.array([[1.0], [2.0], [3.0], [4.0]])),
                np.asarray(answer.random_cosines(rows)),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "not normalised",
            lambda rows: (rows @ rows.T)[np.triu_indices(len(rows), 1)],
            "These are dot products. Give every row length 1 first.",
        ),
        Mistake(
            "a matrix",
            _matrix,
            "All the cosines are in this matrix, twice, and ones on its diagonal. Take the part "
            "above the diagonal.",
        ),
        Mistake(
            "with the diagonal",
            lambda rows: _matrix(rows)[np.triu_indices(len(rows))],
            "The cosine of a row with itself is 1 and does not count: use k=1 in triu_indices.",
        ),
        Mistake(
            "below the diagonal",
            lambda rows: _matrix(rows)[np.tril_indices(len(rows), -1)],
            "The right numbers in another order: go along the rows above the diagonal.",
        ),
        Mistake(
            "columns",
            lambda rows: _cosines(rows.T),
            "You compared the columns. A direction is a row.",
        ),
    ],
    hints=[
        "Divide each row by its length; keepdims=True keeps the shapes together.",
        "The product of the matrix with its transpose holds every cosine. Which part do you need?",
        "cosines[np.triu_indices(len(normal), 1)]",
    ],
)
