"""Exercises of chapter 3: directions that are written, read, and lined up with neurons."""

import jax
import numpy as np

from .exercise import Example, Exercise, Inputs, Mistake, Property, generator

SLANTED = np.array([[1.0, 0.0], [0.6, 0.8]])
THREE_IN_TWO = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _rotation(rng: np.random.Generator, size: int) -> np.ndarray:
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
    rows = _rotation(rng, 3)[:2]
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


def _independent(key: jax.Array) -> Inputs:
    rng = generator(key)
    rows = _rotation(rng, 3)[:2]
    angle = rng.uniform(0.5, 1.2)  # radians, away from 0, where the duals grow without bound
    return (np.stack([rows[0], np.cos(angle) * rows[0] + np.sin(angle) * rows[1]]),)


DUAL_DIRECTIONS = Exercise(
    id="features.dual_directions",
    title="A reader for slanted directions",
    points=3,
    difficulty=3,
    importance=3,
    minutes=20,
    functions={"dual_directions": ["W"]},
    examples=[
        Example((np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),), np.eye(3)[:2]),
        Example(
            (np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0]]),),
            np.array([[1.0, -0.75, 0.0], [0.0, 1.25, 0.0]]),
        ),
    ],
    inputs=_independent,
    properties=[
        Property(
            "A dual direction has dot product 1 with its own direction and 0 with every other.",
            lambda answer, W: (np.asarray(answer.dual_directions(W)) @ W.T, np.eye(2)),
        ),
        Property(
            "The dual directions listen only where something is written.",
            lambda answer, W: (
                np.asarray(answer.dual_directions(W)) @ np.cross(W[0], W[1]),
                np.zeros(2),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "the directions themselves",
            lambda W: W,
            "These are the directions themselves. They read each other as well.",
        ),
        Mistake(
            "not transposed",
            lambda W: np.linalg.pinv(W),
            "That is the pseudo-inverse, with the dual directions as columns. Transpose it.",
        ),
        Mistake(
            "length 1",
            lambda W: np.linalg.pinv(W).T / np.linalg.norm(np.linalg.pinv(W).T, axis=1)[:, None],
            "They point the right way. Leave their lengths: the dot product with the own "
            "direction must be 1.",
        ),
        Mistake(
            "Gram times directions",
            lambda W: W @ W.T @ W,
            "The cosines have to be undone, not applied once more: use the inverse of W Wᵀ.",
        ),
    ],
    hints=[
        "You want rows D with D Wᵀ = identity.",
        "Try D = M W, a mixture of the directions. Which M makes M W Wᵀ the identity?",
        "M is the inverse of W @ W.T; jnp.linalg.pinv(W).T gives the same.",
    ],
    tolerance=1e-4,
)


def _layers(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 2))


EFFECTIVE_DIRECTION = Exercise(
    id="features.effective_direction",
    title="A direction that no matrix holds",
    points=2,
    difficulty=2,
    importance=4,
    minutes=15,
    functions={"effective_direction": ["W1", "W2", "W3", "j"]},
    examples=[
        Example(
            (
                np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]),
                np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 1.0]]),
                np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 3.0]]),
                0,
            ),
            np.array([3.0, 8.0]),
        )
    ],
    inputs=_layers,
    properties=[
        Property(
            "It is what the last layer holds when feature j alone is present, at 1.",
            lambda answer, a, b, c: (
                tuple(answer.effective_direction(a, b, c, j) for j in (0, 1)),
                tuple(((a[j] @ b) @ c) for j in (0, 1)),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "the first layer's row",
            lambda W1, W2, W3, j: W1[j],
            "That is its direction in the first activation. Two more layers follow.",
        ),
        Mistake(
            "a row of the last layer",
            lambda W1, W2, W3, j: W3[j],
            "The rows of W3 belong to neurons of the layer before it, not to features.",
        ),
        Mistake(
            "all of them",
            lambda W1, W2, W3, j: W1 @ W2 @ W3,
            "These are the directions of all features. Take row j.",
        ),
        Mistake(
            "normalised",
            lambda W1, W2, W3, j: (W1 @ W2 @ W3)[j] / np.linalg.norm((W1 @ W2 @ W3)[j]),
            "Leave its length: it says by how much the activation changes.",
        ),
        Mistake(
            "ReLU between",
            lambda W1, W2, W3, j: np.maximum(np.maximum(W1[j], 0) @ W2, 0) @ W3,
            "There is no ReLU between these layers.",
        ),
    ],
    hints=[
        "Let feature j be present alone, at 1. What does the first layer hold then?",
        "It holds row j of W1. Now let it pass the other two.",
        "W1[j] @ W2 @ W3",
    ],
)


def _directions(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.normal(size=(3, 2)), rng.uniform(0.5, 3.0, size=(3, 1))


BASIS_ALIGNMENT = Exercise(
    id="features.basis_alignment",
    title="Who has a neuron?",
    points=2,
    difficulty=2,
    importance=3,
    minutes=15,
    functions={"basis_alignment": ["W"]},
    examples=[
        Example((np.array([[0.0, 2.0], [-3.0, 0.0], [0.0, 1.0]]),), 1.0),
        Example((np.array([[0.6, -0.8], [1.0, 0.0], [0.0, 5.0]]),), 2.8 / 3),
    ],
    inputs=_directions,
    properties=[
        Property(
            "It is the mean, over the rows, of the largest |cosine| with a neuron.",
            lambda answer, W, scale: (
                answer.basis_alignment(W),
                sum(max(abs(row)) / np.sqrt(sum(row**2)) for row in W) / len(W),
            ),
        ),
        Property(
            "The lengths of the rows do not matter.",
            lambda answer, W, scale: (
                answer.basis_alignment(scale * W),
                sum(max(abs(row)) / np.sqrt(sum(row**2)) for row in W) / len(W),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "lengths left in",
            lambda W: np.abs(W).max(axis=1).mean(),
            "A long row is not a well aligned one: divide each row by its length.",
        ),
        Mistake(
            "signs left in",
            lambda W: (W / np.linalg.norm(W, axis=1, keepdims=True)).max(axis=1).mean(),
            "A direction against a neuron is aligned with it too: take absolute values first.",
        ),
        Mistake(
            "columns",
            lambda W: (np.abs(W) / np.linalg.norm(W, axis=1, keepdims=True)).max(axis=0).mean(),
            "You look for the best feature of each neuron. Ask each feature, a row, for its "
            "best neuron.",
        ),
        Mistake(
            "the sum of the entries",
            lambda W: (np.abs(W).max(axis=1) / np.abs(W).sum(axis=1)).mean(),
            "Length is the root of the sum of squares, not the sum of the absolute entries.",
        ),
    ],
    hints=[
        "The cosine of a row with neuron i is its entry i, divided by what?",
        "Divide by the row's length, take absolute values, and then the largest in each row.",
        "jnp.abs(W).max(axis=1) / jnp.linalg.norm(W, axis=1), and the mean of it.",
    ],
)


def _of_some_rank(key: jax.Array) -> Inputs:
    rng = generator(key)
    rank = int(rng.integers(1, 4))
    mixing = _rotation(rng, 4)[:, :rank] * rng.uniform(0.5, 2.0, size=rank)
    return mixing @ _rotation(rng, 3)[:rank], rank


ORTHOGONAL_CAPACITY = Exercise(
    id="features.orthogonal_capacity",
    title="How many right angles?",
    points=2,
    difficulty=3,
    importance=3,
    minutes=15,
    functions={"orthogonal_capacity": ["W"]},
    examples=[
        Example((np.array([[1.0, 0, 0], [0, 1.0, 0], [0.6, 0.8, 0], [0.8, 0.6, 0]]),), 2),
        Example((np.array([[1.0, 0, 0], [0.6, 0.8, 0], [0, 0.6, 0.8], [0, 0, 1.0]]),), 3),
    ],
    inputs=_of_some_rank,
    properties=[
        Property(
            "It is the number of independent directions among the rows.",
            lambda answer, W, rank: (answer.orthogonal_capacity(W), rank),
        ),
        Property(
            "A row that is said twice makes no more room.",
            lambda answer, W, rank: (
                answer.orthogonal_capacity(np.stack([W[0], W[0], 2 * W[0], -W[0]])),
                1,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "features counted",
            lambda W: len(W),
            "You count the rows. Some of them are mixtures of others.",
        ),
        Mistake(
            "neurons counted",
            lambda W: W.shape[1],
            "You count the neurons. That is the most there can be, but the rows can depend on each "
            "other: how many are new, given those before?",
        ),
        Mistake(
            "right angles among the rows",
            lambda W: int((np.abs(np.triu(W @ W.T, 1) + np.tril(np.ones((4, 4)))) < 1e-4).sum()),
            "You count pairs of rows at a right angle. The room is what matters, not how these "
            "rows use it.",
        ),
    ],
    hints=[
        "Take the rows one at a time. What is new in a row, given the earlier ones?",
        "The number of rows that bring something new is called the rank.",
        "jnp.linalg.matrix_rank(W, rtol=1e-4) counts the singular values that are not about 0.",
    ],
)

EXERCISES = (
    PROJECT,
    IS_ORTHONORMAL,
    WRITE_ACTIVATION,
    READ_INTENSITIES,
    INTERFERENCE,
    DUAL_DIRECTIONS,
    EFFECTIVE_DIRECTION,
    BASIS_ALIGNMENT,
    ORTHOGONAL_CAPACITY,
)
