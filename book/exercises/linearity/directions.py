"""Exercises on directions, on codes for one intensity, and on sums."""

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _encodings(key: jax.Array) -> Inputs:
    rng = generator(key)
    intensities = rng.permutation(np.append(0.0, rng.uniform(0.2, 2.0, size=3)))
    direction = rng.normal(size=3)
    return (intensities[:, None] * direction / np.linalg.norm(direction),)


DIRECTION_OF = Exercise(
    id="linearity.direction_of",
    title="The direction of a quality",
    points=2,
    difficulty=1,
    importance=4,
    minutes=10,
    functions={"direction_of": ["encodings"]},
    examples=[
        Example(
            (np.array([[0.0, 0.0, 0.0], [0.3, 0.0, 0.4], [0.6, 0.0, 0.8], [1.5, 0.0, 2.0]]),),
            np.array([0.6, 0.0, 0.8]),
        )
    ],
    inputs=_encodings,
    properties=[
        Property(
            "A direction has length 1.",
            lambda answer, e: (np.linalg.norm(np.asarray(answer.direction_of(e))), 1.0),
        ),
        Property(
            "Every encoding is its own length times the direction.",
            lambda answer, e: (
                np.linalg.norm(e, axis=1)[:, None] * np.asarray(answer.direction_of(e)),
                e,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "mean, not normalised",
            lambda e: e.mean(0),
            "This is the mean of the encodings. It points the right way; now give it length 1.",
        ),
        Mistake(
            "first row",
            lambda e: e[0] / np.linalg.norm(e[0]),
            "You look at the first encoding only. Its intensity may be 0, and then it has no "
            "direction.",
        ),
        Mistake(
            "entries that add up to one",
            lambda e: e.sum(0) / np.abs(e.sum(0)).sum(),
            "Length is the square root of the sum of squares, not the sum of the entries.",
        ),
        Mistake(
            "one direction per row",
            lambda e: e / np.linalg.norm(e, axis=1, keepdims=True),
            "You return one direction for every encoding. They share one: a single vector.",
        ),
    ],
    hints=[
        "All rows point the same way, but one may be all zeros. What points the same way as all?",
        "The sum of the rows points that way.",
        "Divide the sum of the rows by its length, jnp.linalg.norm.",
    ],
)


def _intensity_and_buckets(key: jax.Array) -> Inputs:
    """An intensity well inside a range, but not in its middle."""
    rng = generator(key)
    buckets = int(rng.choice([4, 5]))
    return (int(rng.integers(0, buckets)) + float(rng.uniform(0.55, 0.9))) / buckets, buckets


def _one_of(place: int, buckets: int) -> np.ndarray:
    return (np.arange(buckets) == place).astype(float)


BUCKET_CODE = Exercise(
    id="linearity.bucket_code",
    title="One neuron for each range",
    points=2,
    difficulty=1,
    importance=2,
    minutes=15,
    functions={"bucket_code": ["x", "buckets"], "read_bucket": ["activation"]},
    examples=[
        Example((0.4, 4), np.array([0.0, 1.0, 0.0, 0.0]), "bucket_code"),
        Example((1.0, 5), np.array([0.0, 0.0, 0.0, 0.0, 1.0]), "bucket_code"),
        Example((np.array([0.0, 1.0, 0.0, 0.0]),), 0.375, "read_bucket"),
    ],
    inputs=_intensity_and_buckets,
    properties=[
        Property(
            "The neuron of the range that holds x is 1, the others are 0.",
            lambda answer, x, buckets: (
                answer.bucket_code(x, buckets),
                _one_of(int(buckets * x), buckets),
            ),
        ),
        Property(
            "The reading is the middle of the range whose neuron is on.",
            lambda answer, x, buckets: (
                answer.read_bucket(_one_of(int(buckets * x), buckets)),
                (int(buckets * x) + 0.5) / buckets,
            ),
        ),
        Property(
            "The last range holds 1 as well.",
            lambda answer, x, buckets: (
                answer.bucket_code(1.0, buckets),
                _one_of(buckets - 1, buckets),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "1 in no range",
            lambda x, buckets: _one_of(int(buckets * x), int(buckets)),
            "For x = 1 no neuron is on. 1 belongs to the last range: cut the number of the range "
            "to at most buckets - 1.",
            "bucket_code",
        ),
        Mistake(
            "rounded",
            lambda x, buckets: _one_of(round(buckets * float(x)), int(buckets)),
            "You round to the nearest border. The range that holds x begins below it: floor.",
            "bucket_code",
        ),
        Mistake(
            "a thermometer",
            lambda x, buckets: (np.arange(buckets) <= min(int(buckets * x), buckets - 1)) * 1.0,
            "The neurons of lower ranges are on too. Only that of the range with x should be.",
            "bucket_code",
        ),
        Mistake(
            "lower border",
            lambda activation: np.argmax(activation) / len(activation),
            "This is the lower border of the range. Its middle is half a range higher.",
            "read_bucket",
        ),
        Mistake(
            "the number of the range",
            lambda activation: np.argmax(activation),
            "This is the number of the neuron. Which intensity lies in the middle of its range?",
            "read_bucket",
        ),
    ],
    hints=[
        "With 4 ranges, 4 * 0.4 = 1.6, and 0.4 is in the second one. What does floor make of 1.6?",
        "Compare jnp.arange(buckets) with the number of the range. 1 needs jnp.minimum.",
        "Range k runs from k / buckets to (k + 1) / buckets; jnp.argmax finds k.",
    ],
)


def _intensities_and_directions(key: jax.Array) -> Inputs:
    rng = generator(key)
    directions = rng.normal(size=(3, 4))
    return rng.uniform(size=3), directions / np.linalg.norm(directions, axis=1, keepdims=True)


COMPOSE = Exercise(
    id="linearity.compose",
    title="Add encodings",
    points=2,
    difficulty=1,
    importance=5,
    minutes=10,
    functions={"compose": ["intensities", "directions"]},
    examples=[
        Example((np.array([0.4, 0.8]), np.array([[0.6, 0.8], [0.0, 1.0]])), np.array([0.24, 1.12])),
        Example(
            (
                np.array([1.0, 0.5, 2.0]),
                np.array([[0.0, 1.0, 0, 0], [0.6, 0.8, 0, 0], [0, 0, 1, 0]]),
            ),
            np.array([0.3, 1.4, 2.0, 0.0]),
        ),
    ],
    inputs=_intensities_and_directions,
    properties=[
        Property(
            "The activation is the sum of the directions, each times its intensity.",
            lambda answer, x, d: (answer.compose(x, d), sum(a * v for a, v in zip(x, d))),  # noqa: B905
        ),
        Property(
            "Twice the intensities give twice the activation.",
            lambda answer, x, d: (answer.compose(2 * x, d), 2 * np.asarray(answer.compose(x, d))),
        ),
    ],
    mistakes=[
        Mistake(
            "averaged",
            lambda x, d: x @ d / len(x),
            "This is the mean of the encodings. A composition is their sum.",
        ),
        Mistake(
            "intensities left out",
            lambda x, d: d.sum(0),
            "You added the directions. First scale each by its intensity.",
        ),
        Mistake(
            "not added",
            lambda x, d: x[:, None] * d,
            "These are the encodings, one per row. The layer holds one vector: add them.",
        ),
        Mistake(
            "read instead of written",
            lambda x, d: d @ x,
            "Here the intensities meet the neurons. Each intensity belongs to one row of "
            "directions; did you transpose?",
        ),
        Mistake(
            "normalised",
            lambda x, d: x @ d / np.linalg.norm(x @ d),
            "You gave the sum length 1. Its length carries information; leave it.",
        ),
    ],
    hints=[
        "An encoding is a direction (a row) times its intensity. How many of them are there?",
        "Scale every row, then add the rows up: sum over axis 0.",
        "A sum of scaled rows is a matrix product: a vector of intensities times the matrix.",
    ],
)
