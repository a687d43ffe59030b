"""Exercises on directions: part along one, orthonormal sets, writing, reading, interference."""

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator

SLANTED = np.array([[1.0, 0.0], [0.6, 0.8]])
THREE_IN_TWO = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def rotation(rng: np.random.Generator, size: int) -> np.ndarray:
    """Orthonormal rows in random directions."""
    return np.linalg.qr(rng.normal(size=(size, size)))[0]


def _activation_and_direction(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.normal(size=3), _unit(rng.normal(size=3))


PROJECT = Exercise(
    id="features.project",
    title="The part along a direction",
    points=2,
    difficulty=1,
    importance=4,
    minutes=8,
    functions={"project": ["activation", "direction"]},
    examples=[
        Example((np.array([2.0, 1.0, 5.0]), np.array([0.6, 0.8, 0.0])), np.array([1.2, 1.6, 0.0]))
    ],
    inputs=_activation_and_direction,
    properties=[
        Property(
            "The projection is the direction, times the reading along it.",
            lambda answer, a, d: (answer.project(a, d), sum(a * d) * d),
        ),
        Property(
            "What is left of the activation is at a right angle to the direction.",
            lambda answer, a, d: ((a - np.asarray(answer.project(a, d))) @ d, 0.0),
        ),
    ],
    mistakes=[
        Mistake(
            "the reading alone",
            lambda a, d: a @ d,
            "This is the reading, a number. The projection is a vector: scale the direction by it.",
        ),
        Mistake(
            "entry by entry",
            lambda a, d: a * d,
            "You multiplied entry by entry. Add these products up first; that is the dot product.",
        ),
        Mistake(
            "the activation scaled",
            lambda a, d: (a @ d) * a,
            "The number is right, but it has to scale the direction, not the activation.",
        ),
        Mistake(
            "the rest",
            lambda a, d: a - (a @ d) * d,
            "This is what is left when the projection is taken away.",
        ),
    ],
    hints=[
        "How far does the activation reach along the direction? And which way does that point?",
        "The reading is a dot product. Scale the direction by it.",
    ],
)


def _four_sets(key: jax.Array) -> Inputs:
    rng = generator(key)
    rows = rotation(rng, 3)[:2]
    lengths = rng.uniform(1.1, 2.0, size=(2, 1))
    slanted = _unit(rows + rng.uniform(0.2, 0.8) * rows[::-1] * [[1], [0]])
    return rows, lengths * rows, slanted


IS_ORTHONORMAL = Exercise(
    id="features.is_orthonormal",
    title="Length 1 and right angles",
    points=2,
    difficulty=2,
    importance=4,
    minutes=12,
    functions={"is_orthonormal": ["directions"]},
    examples=[
        # In float32 the squared length of this row is not exactly 1.
        Example((np.array([[0.28, 0.96], [-0.96, 0.28]]),), True),
        Example((np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0]]),), True),
        Example((np.array([[0.6, 0.8, 0.0], [0.8, 0.6, 0.0]]),), False),
        Example((np.array([[3.0, 0.0, 0.0], [0.0, 0.5, 0.0]]),), False),
    ],
    inputs=_four_sets,
    properties=[
        Property(
            "Rows of a rotation are orthonormal; float32 misses that by some 1e-7.",
            lambda answer, rows, longer, slanted: (answer.is_orthonormal(rows), True),
        ),
        Property(
            "Rows at right angles whose lengths are not 1 are not orthonormal.",
            lambda answer, rows, longer, slanted: (answer.is_orthonormal(longer), False),
        ),
        Property(
            "Rows of length 1 that are not at right angles are not orthonormal.",
            lambda answer, rows, longer, slanted: (answer.is_orthonormal(slanted), False),
        ),
    ],
    mistakes=[
        Mistake(
            "lengths only",
            lambda d: bool(np.allclose(np.linalg.norm(d, axis=1), 1, atol=1e-4)),
            "You test the lengths only. Two rows of length 1 may stand at any angle.",
        ),
        Mistake(
            "angles only",
            lambda d: bool(np.allclose(d @ d.T - np.diag(np.diag(d @ d.T)), 0, atol=1e-4)),
            "You test the angles only. The diagonal of W Wᵀ, the squared lengths, must be 1 too.",
        ),
        Mistake(
            "columns",
            lambda d: bool(np.allclose(d.T @ d, np.eye(d.shape[1]), atol=1e-4)),
            "You compare the columns with each other. The directions are the rows: W Wᵀ.",
        ),
        Mistake(
            "exactly equal",
            lambda d: bool((d.astype(np.float32) @ d.astype(np.float32).T == np.eye(len(d))).all()),
            "float32 rounds: compare with a tolerance, such as jnp.allclose with atol=1e-4.",
        ),
    ],
    hints=[
        "Which matrix product holds all dot products of the rows with each other?",
        "directions @ directions.T has squared lengths on its diagonal. What must it be in all?",
        "Compare it with jnp.eye(n), by jnp.allclose with atol=1e-4.",
    ],
)


def _intensities_and_matrix(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.uniform(size=3), _unit(rng.normal(size=(3, 2)))


WRITE_ACTIVATION = Exercise(
    id="features.write_activation",
    title="Neuron by neuron",
    points=2,
    difficulty=1,
    importance=4,
    minutes=10,
    functions={"write_activation": ["x", "W"]},
    examples=[Example((np.array([0.5, 1.0, 0.2]), THREE_IN_TWO), np.array([1.1, 1.0]))],
    inputs=_intensities_and_matrix,
    properties=[
        Property(
            "Neuron i adds up the intensities, weighted by column i.",
            lambda answer, x, W: (
                answer.write_activation(x, W),
                np.array([sum(x * column) for column in W.T]),
            ),
        ),
        Property(
            "A feature that is present alone, at 1, writes its row.",
            lambda answer, x, W: (answer.write_activation(np.array([0.0, 1.0, 0.0]), W), W[1]),
        ),
    ],
    mistakes=[
        Mistake(
            "not added",
            lambda x, W: x[:, None] * W,
            "These are the encodings, a row per feature. The layer holds their sum: axis 0.",
        ),
        Mistake(
            "added by feature",
            lambda x, W: (x[:, None] * W).sum(axis=1),
            "You added along the rows, one number per feature. A neuron adds down its column.",
        ),
        Mistake(
            "averaged",
            lambda x, W: x @ W / len(x),
            "This is the mean over the features. A neuron adds them up.",
        ),
        Mistake(
            "a reader's ReLU",
            lambda x, W: np.maximum(x @ W, 0),
            "Negative activities are cut off here. This layer has no ReLU.",
        ),
    ],
    hints=[
        "What arrives at neuron 1 from feature 1? And from the others?",
        "Column i of W holds what neuron i gives to each feature.",
        "All neurons at once: x @ W.",
    ],
)


def _activation_and_matrix(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.normal(size=2), _unit(rng.normal(size=(3, 2)))


READ_INTENSITIES = Exercise(
    id="features.read_intensities",
    title="Read every feature",
    points=2,
    difficulty=1,
    importance=5,
    minutes=8,
    functions={"read_intensities": ["activation", "W"]},
    examples=[Example((np.array([1.1, 1.0]), THREE_IN_TWO), np.array([1.1, 1.46, 1.0]))],
    inputs=_activation_and_matrix,
    properties=[
        Property(
            "Reading j is the dot product of the activation with row j.",
            lambda answer, a, W: (
                answer.read_intensities(a, W),
                np.array([sum(a * row) for row in W]),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "encodings",
            lambda a, W: (W @ a)[:, None] * W,
            "You scaled the directions by the readings. The readings alone are asked for.",
        ),
        Mistake(
            "the dual reader",
            lambda a, W: a @ np.linalg.pinv(W),
            "This reads along the dual directions. Here, read along the rows themselves.",
        ),
        Mistake(
            "products not added",
            lambda a, W: W * a,
            "These are the products, entry by entry. Add up each row.",
        ),
        Mistake(
            "lengths lost",
            lambda a, W: W @ a / np.linalg.norm(a),
            "These are cosines. Leave the activation its length; it carries the intensities.",
        ),
    ],
    hints=[
        "One reading is a dot product with one row. How many are there?",
        "A matrix times a vector takes the dot product with every row: W @ activation.",
    ],
)

INTERFERENCE = Exercise(
    id="features.interference",
    title="What the others add",
    points=2,
    difficulty=2,
    importance=5,
    minutes=15,
    functions={"interference": ["x", "W"]},
    examples=[
        Example((np.array([0.5, 1.0]), SLANTED), np.array([0.6, 0.3])),
        Example((np.array([0.5, 1.0, 0.2]), THREE_IN_TWO), np.array([0.6, 0.46, 0.8])),
    ],
    inputs=_intensities_and_matrix,
    properties=[
        Property(
            "Interference is the reading, less the intensity.",
            lambda answer, x, W: (answer.interference(x, W), W @ (x @ W) - x),
        ),
        Property(
            "A feature that is present alone does not disturb itself.",
            lambda answer, x, W: (
                np.asarray(answer.interference(np.array([0.0, 1.0, 0.0]), W))[1],
                0.0,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "the whole reading",
            lambda x, W: W @ (x @ W),
            "This is the whole reading. Take the feature's own part away.",
        ),
        Mistake(
            "the other sign",
            lambda x, W: x - W @ (x @ W),
            "The sign is the other way round: interference is reading less intensity.",
        ),
        Mistake(
            "without intensities",
            lambda x, W: (W @ W.T - np.eye(len(W))).sum(axis=1),
            "You added the cosines. Each counts as much as its feature is present: times xₖ.",
        ),
        Mistake(
            "absolute cosines",
            lambda x, W: np.abs(W @ W.T - np.eye(len(W))) @ x,
            "Two shadows of opposite sign cancel. Keep the signs of the cosines.",
        ),
    ],
    hints=[
        "Write the sum over k ≠ j of (wⱼ · wₖ) xₖ for three features.",
        "All dot products of rows: W @ W.T. Which of its entries must not count?",
        "Reading minus intensity gives the same: W @ (x @ W) - x.",
    ],
)
