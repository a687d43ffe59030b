"""Exercises on sets of directions: duals, through layers, neurons as a basis, capacity."""

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator
from book.exercises.features.directions import rotation


def _independent(key: jax.Array) -> Inputs:
    rng = generator(key)
    rows = rotation(rng, 3)[:2]
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
    mixing = rotation(rng, 4)[:, :rank] * rng.uniform(0.5, 2.0, size=rank)
    return mixing @ rotation(rng, 3)[:rank], rank


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
