"""Exercises on codes made of pieces."""

import itertools

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _code(values: np.ndarray, choices: int) -> np.ndarray:
    code = np.zeros(len(values) * choices)
    for quality, value in enumerate(values):
        code[quality * choices + value] = 1.0
    return code


def _values(key: jax.Array) -> Inputs:
    rng = generator(key)
    return rng.permutation(4)[:3], 4


ENCODE_QUALITIES = Exercise(
    id="decomposability.encode_qualities",
    title="A code made of pieces",
    points=2,
    difficulty=2,
    importance=4,
    minutes=15,
    functions={"encode_qualities": ["values", "choices"]},
    examples=[
        Example((np.array([1, 0, 2]), 3), np.array([0.0, 1, 0, 1, 0, 0, 0, 0, 1])),
        Example((np.array([0, 3, 1]), 4), np.array([1.0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0])),
    ],
    inputs=_values,
    properties=[
        Property(
            "Block j of the code has a single 1, at place values[j].",
            lambda answer, values, k: (answer.encode_qualities(values, k), _code(values, k)),
        ),
        Property(
            "Changing one quality leaves the other blocks alone.",
            lambda answer, values, k: (
                np.asarray(answer.encode_qualities((values + np.arange(3) // 2) % k, k))[: 2 * k],
                _code(values[:2], k),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "one row per quality",
            lambda values, k: np.eye(k)[values],
            "Right so far, but these are the blocks, one per row. Put them one after another.",
        ),
        Mistake(
            "value by value",
            lambda values, k: np.eye(k)[values].T.ravel(),
            "You go through the values first. All places of quality 0 come first, then those of "
            "quality 1.",
        ),
        Mistake(
            "the blocks on top of each other",
            lambda values, k: np.eye(k)[values].sum(0),
            "You added the blocks up, so nobody can tell whose value is whose. Each quality needs "
            "places of its own.",
        ),
        Mistake(
            "counted from one",
            lambda values, k: np.eye(k)[(values - 1) % k].ravel(),
            "Each 1 stands a place too early. Values count from 0: value 0 is the first place.",
        ),
    ],
    hints=[
        "How long is the code? A block of `choices` places for each quality.",
        "Row v of the identity matrix, jnp.eye(choices), has its 1 at place v.",
        "Index the identity with all values at once, and flatten: .ravel().",
    ],
)


def _noisy_code(key: jax.Array) -> Inputs:
    rng = generator(key)
    values = rng.permutation(4)[:3]
    return _code(values, 4) + rng.uniform(-0.4, 0.4, size=12), 4


DECODE_QUALITIES = Exercise(
    id="decomposability.decode_qualities",
    title="Read the pieces",
    points=2,
    difficulty=2,
    importance=3,
    minutes=10,
    functions={"decode_qualities": ["code", "choices"]},
    examples=[
        Example((np.array([0.0, 1, 0, 1, 0, 0, 0, 0, 1]), 3), np.array([1, 0, 2])),
        Example(
            (np.array([0.1, 0.0, 0.3, 0.9, -0.2, 0.7, 0.2, 0.0, 0.0, 0.1, 0.6, 0.4]), 4),
            np.array([3, 1, 2]),
        ),
    ],
    inputs=_noisy_code,
    properties=[
        Property(
            "The value of a quality is the place of the largest entry in its block.",
            lambda answer, code, k: (
                answer.decode_qualities(code, k),
                np.array([max(range(k), key=code[j * k : j * k + k].item) for j in range(3)]),
            ),
        ),
        Property(
            "A code without noise gives its values back.",
            lambda answer, code, k: (
                answer.decode_qualities(_code(np.array([2, 0, 3]), k), k),
                np.array([2, 0, 3]),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "places in the whole code",
            lambda code, k: code.reshape(-1, k).argmax(1) + k * np.arange(len(code) // k),
            "These are places in the whole code. A value is a place within its own block.",
        ),
        Mistake(
            "looked for ones",
            lambda code, k: (code.reshape(-1, k) == 1).argmax(1),
            "You look for entries equal to 1. With noise there are none; take the largest.",
        ),
        Mistake(
            "across the blocks",
            lambda code, k: code.reshape(-1, k).argmax(0),
            "You compare the blocks with each other (axis 0). Compare within a block.",
        ),
        Mistake(
            "one block for all",
            lambda code, k: code.argmax(),
            "This is the largest entry of all. There is one value for each block.",
        ),
    ],
    hints=[
        "Cut the code into blocks of `choices` places: reshape.",
        "Which axis runs within a block?",
        "code.reshape(-1, choices).argmax(axis=1)",
    ],
)


def _encodings(key: jax.Array) -> Inputs:
    rng = generator(key)
    return (*rng.normal(size=(3, 4)), float(rng.uniform(0.1, 0.4)))


BLEND = Exercise(
    id="decomposability.blend",
    title="What purple must be",
    points=2,
    difficulty=2,
    importance=4,
    minutes=10,
    functions={"blend": ["red", "blue", "shape", "hue"]},
    examples=[
        Example(
            (
                np.array([1.0, 0, 0, 0]),
                np.array([0.0, 1, 0, 0]),
                np.array([0.0, 0, 0, 1]),
                0.25,
            ),
            np.array([0.75, 0.25, 0, 1]),
        ),
    ],
    inputs=_encodings,
    properties=[
        Property(
            "The colours share, 1 - hue for red and hue for blue; the shape is there in full.",
            lambda answer, red, blue, shape, hue: (
                answer.blend(red, blue, shape, hue),
                red + hue * (blue - red) + shape,
            ),
        ),
        Property(
            "At hue 0 the activation is red and the shape, without any blue.",
            lambda answer, red, blue, shape, hue: (
                answer.blend(red, blue, shape, 0.0),
                red + shape,
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "the shape shared too",
            lambda red, blue, shape, hue: (1 - hue) * (red + shape) + hue * blue,
            "The shape fades with the red. It is a circle on any background: add it in full.",
        ),
        Mistake(
            "the wrong way round",
            lambda red, blue, shape, hue: hue * red + (1 - hue) * blue + shape,
            "At hue 0 the background is red, and yours is blue.",
        ),
        Mistake(
            "always half and half",
            lambda red, blue, shape, hue: (red + blue) / 2 + shape,
            "You mix half and half for every hue. The hue says how much blue there is.",
        ),
        Mistake(
            "the shape left out",
            lambda red, blue, shape, hue: (1 - hue) * red + hue * blue,
            "This is the encoding of the colour. The activation holds the shape as well.",
        ),
    ],
    hints=[
        "At hue 0 the picture has red and the shape, at hue 1 blue and the shape.",
        "Between them red gets the share 1 - hue, and blue the share hue. What of the shape?",
        "(1 - hue) * red + hue * blue, and the shape once more in full.",
    ],
)

TABLE_SIZE = Exercise(
    id="decomposability.table_size",
    title="Product and sum",
    points=2,
    difficulty=1,
    importance=4,
    minutes=5,
    functions={"table_size": ["values"]},
    examples=[
        Example((np.array([2, 2, 4, 4, 4]),), (256, 16)),
        Example((np.array([10]),), (10, 10)),
    ],
    inputs=lambda key: (generator(key).integers(2, 8, size=5),),
    properties=[
        Property(
            "The table needs an entry for every combination, the code a place for every value.",
            lambda answer, values: (
                answer.table_size(values),
                (
                    len(list(itertools.product(*map(range, values)))),
                    len([value for quality in values for value in range(quality)]),
                ),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "swapped",
            lambda values: (values.sum(), values.prod()),
            "Both counts are right, in the wrong order: first the table, then the code.",
        ),
        Mistake(
            "as if all had the most values",
            lambda values: (values.max() ** len(values), values.max() * len(values)),
            "You count as if every quality had as many values as the richest one.",
        ),
        Mistake(
            "two values each",
            lambda values: (2 ** len(values), 2 * len(values)),
            "You count two values for each quality. The numbers are given in `values`.",
        ),
    ],
    hints=[
        "Two colours and two shapes: how many different pictures? And how many values in all?",
        "Every value of one quality can meet every value of another: the table multiplies.",
        "The product for the table, and the sum for the code.",
    ],
)
