"""Exercises on two numbers in one: the rule, and the digits that it costs."""

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _pair(key: jax.Array) -> Inputs:
    rng = generator(key)
    base = int(rng.choice([10, 20, 50]))
    # Between the grid points: on them float32 may fall to either side.
    return (int(rng.integers(0, base)) + 0.5) / base, float(rng.uniform(0.1, 0.9)), base


COMPRESS = Exercise(
    id="linearity.compress",
    title="Two numbers in one",
    points=3,
    difficulty=3,
    importance=3,
    minutes=20,
    functions={"compress": ["x", "y", "Z"], "recover": ["t", "Z"]},
    examples=[
        Example((0.35, 0.5, 10), 0.35, "compress"),
        Example((0.72, 0.25, 10), 0.725, "compress"),
        Example((0.725, 10), (0.7, 0.25), "recover"),
    ],
    inputs=_pair,
    properties=[
        Property(
            "compress puts floor(Z x) before the point of Z t, and y behind it.",
            lambda answer, x, y, base: (
                answer.compress(x, y, base),
                (np.floor(base * x) + y) / base,
            ),
        ),
        Property(
            "recover gives x back to the last multiple of 1/Z below it, and y.",
            lambda answer, x, y, base: (
                answer.recover((np.floor(base * x) + y) / base, base),
                (np.floor(base * x) / base, y),
            ),
        ),
        Property(
            "recover undoes compress.",
            lambda answer, x, y, base: (
                answer.recover(answer.compress(x, y, base), base),
                (np.floor(base * x) / base, y),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "no floor",
            lambda x, y, Z: (Z * x + y) / Z,
            "x must be cut to a multiple of 1/Z first, or its digits run into those of y: floor.",
            "compress",
        ),
        Mistake(
            "not divided",
            lambda x, y, Z: np.floor(Z * x) + y,
            "Right so far, but the result should lie in [0, 1): divide by Z.",
            "compress",
        ),
        Mistake(
            "swapped",
            lambda x, y, Z: (np.floor(Z * y) + x) / Z,
            "x and y have changed places: x goes in front.",
            "compress",
        ),
        Mistake(
            "swapped results",
            lambda t, Z: (Z * t - np.floor(Z * t), np.floor(Z * t) / Z),
            "Both values are right, in the wrong order: return x first, then y.",
            "recover",
        ),
        Mistake(
            "x as a whole number",
            lambda t, Z: (np.floor(Z * t), Z * t - np.floor(Z * t)),
            "floor(Z t) is Z times x. Divide it by Z.",
            "recover",
        ),
    ],
    hints=[
        "Take Z = 10: x loses all digits but the first, and the digits of y are put behind it.",
        "Z x has the digits that x keeps in front of the point. floor keeps just these.",
        "t = (floor(Z x) + y) / Z. To recover, multiply by Z and split at the point.",
    ],
    tolerance=2e-5,
)

PRECISION_BUDGET = Exercise(
    id="linearity.precision_budget",
    title="The budget of a float32",
    points=2,
    difficulty=2,
    importance=2,
    minutes=15,
    functions={"precision_budget": ["Z"]},
    examples=[Example((1024,), (1 / 1024, 2**-14)), Example((1,), (1.0, 2**-24))],
    inputs=lambda key: (int(generator(key).integers(2, 5000)),),
    properties=[
        Property(
            "x can change in steps of 1/Z, and y in Z times the step of a float32.",
            lambda answer, base: (
                tuple(a * b for a, b in zip(answer.precision_budget(base), (base, 2**24 / base))),  # noqa: B905
                (1.0, 1.0),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "step above one",
            lambda Z: (1 / Z, Z * 2**-23),
            "2^-23 is the step of a float32 between 1 and 2. Between 1/2 and 1 it is half of that.",
        ),
        Mistake(
            "step not scaled",
            lambda Z: (1 / Z, 2**-24),
            "2^-24 is the step of t. Recovering y multiplies by Z, and so the step too.",
        ),
        Mistake(
            "swapped",
            lambda Z: (Z * 2**-24, 1 / Z),
            "Both steps are right, in the wrong order: x first, then y.",
        ),
    ],
    hints=[
        "t lies in [0, 1). What is the smallest change of a float32 between 1/2 and 1?",
        "It has 24 binary digits, so t changes in steps of 2^-24. y is read from Z t.",
        "The steps are 1/Z for x and Z * 2^-24 for y.",
    ],
)
