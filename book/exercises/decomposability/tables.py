"""Exercises on the table that does without a code."""

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _table(key: jax.Array) -> Inputs:
    rng = generator(key)
    images = rng.uniform(size=(4, 5)).astype(np.float32)
    return images, rng.permutation(4) + 1, images[rng.integers(0, 4)]


LOOKUP_TABLE = Exercise(
    id="decomposability.lookup_table",
    title="A lookup table",
    points=2,
    difficulty=2,
    importance=3,
    minutes=15,
    functions={"lookup_table": ["images", "answers", "image"]},
    examples=[
        Example(
            (np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([3, 7]), np.array([0.5, 0.5])),
            7,
        ),
        Example(
            (np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([3, 7]), np.array([0.0, 0.4])),
            -1,
        ),
    ],
    inputs=_table,
    properties=[
        Property(
            "A picture of the table gets the answer that stands beside it.",
            lambda answer, images, answers, image: (
                answer.lookup_table(images, answers, image),
                int(answers[(images == image).all(axis=1)][0]),
            ),
        ),
        Property(
            "A picture that differs in one entry is unknown, -1.",
            lambda answer, images, answers, image: (
                answer.lookup_table(images, answers, image + np.float32(0.1) * (np.arange(5) == 2)),
                -1,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "the nearest picture",
            lambda images, answers, image: answers[((images - image) ** 2).sum(1).argmin()],
            "You answer with the nearest picture. A table knows no 'near': if no picture is equal, "
            "the answer is -1.",
        ),
        Mistake(
            "any entry equal",
            lambda images, answers, image: (
                answers[(images == image).any(1).argmax()] if (images == image).any() else -1
            ),
            "For you one equal entry is enough (any). All of them must be equal.",
        ),
        Mistake(
            "the row's number",
            lambda images, answers, image: (
                (images == image).all(1).argmax() if (images == image).all(1).any() else -1
            ),
            "This is the number of the row. Return the answer that belongs to it.",
        ),
    ],
    hints=[
        "Which rows are equal to the picture in all their entries?",
        "jnp.all(images == image, axis=1) says it for every row. And if it is no row?",
        "Where one is equal, take answers at its place (argmax); otherwise -1.",
    ],
)
