"""Exercises of chapter 5: dead latents, and how good a dictionary is."""

import itertools
from typing import Any

import jax
import numpy as np
from scipy.optimize import linear_sum_assignment

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator


def _latents(key: jax.Array) -> Inputs:
    rng = generator(key)
    latents = np.maximum(rng.normal(size=(3, 4)), 0)
    latents[:, rng.integers(4)] = 0
    latents[:, rng.integers(4)] += 0.1
    return (latents,)


DEAD_LATENTS = Exercise(
    id="way_forward.dead_latents",
    title="Who never speaks?",
    points=1,
    difficulty=1,
    importance=4,
    minutes=5,
    functions={"dead_latents": ["latents"]},
    examples=[
        Example(
            (np.array([[0.5, 0, 0, 2], [0, 0, 0.1, 0], [0, 0, 0, 1]]),),
            np.array([False, True, False, False]),
        )
    ],
    inputs=_latents,
    properties=[
        Property(
            "A latent is dead if it is 0 for every activation.",
            lambda answer, f: (
                answer.dead_latents(f),
                np.array([all(value == 0 for value in column) for column in f.T]),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "the living",
            lambda f: (f > 0).any(0),
            "True stands where a latent lives. It is the other way round.",
        ),
        Mistake(
            "sometimes silent",
            lambda f: (f <= 0).any(0),
            "This finds latents that are silent for some activation. Nearly all are: ask for all.",
        ),
        Mistake(
            "activations instead of latents",
            lambda f: (f <= 0).all(1),
            "This is one answer per activation, a row. A latent is a column: axis=0.",
        ),
        Mistake(
            "numbers of the dead",
            lambda f: np.flatnonzero((f <= 0).all(0)),
            "These are the numbers of the dead latents. Return True or False for every latent.",
        ),
    ],
    hints=[
        "Compare with 0 first; then every latent has a column of True and False.",
        "jnp.all with axis=0 asks whether a whole column is True.",
    ],
)


def _dictionary_and_truth(key: jax.Array) -> Inputs:
    rng = generator(key)
    lengths = rng.permutation([0.1, 0.5, 2.0, 10.0])
    return rng.normal(size=(4, 3)) * lengths[:, None], rng.normal(size=(3, 3))


def _table(dictionary: Any, directions: Any) -> np.ndarray:
    """The cosine of every true direction (row) with every word (column)."""
    return np.array([[d @ w / np.sqrt((d @ d) * (w @ w)) for w in dictionary] for d in directions])


def _best_pairs(table: np.ndarray) -> np.ndarray:
    """By trying all ways to give every row a column of its own."""
    rows = np.arange(len(table))
    ways = itertools.permutations(range(table.shape[1]), len(table))
    return np.array(max(ways, key=lambda way: table[rows, list(way)].sum()))


_WORDS = np.array([[2.0, 0, 0], [0, 0, 1.0], [0.0, 3.0, 4.0], [1.0, -1.0, 0]])
_TRUTH = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 2.0], [1.0, 0.0, 0.0]])

MATCH_FEATURES = Exercise(
    id="way_forward.match_features",
    title="A word for every feature",
    points=3,
    difficulty=3,
    importance=4,
    minutes=20,
    functions={"match_features": ["dictionary", "directions"]},
    examples=[
        Example((_WORDS, _TRUTH), np.array([2, 1, 0])),
        Example((_WORDS[::-1].copy(), _TRUTH), np.array([1, 2, 3])),
    ],
    inputs=_dictionary_and_truth,
    properties=[
        Property(
            "No word serves two features.",
            lambda answer, words, truth: (
                len(set(np.asarray(answer.match_features(words, truth)).tolist())),
                len(truth),
            ),
        ),
        Property(
            "No other pairing has a larger sum of cosines.",
            lambda answer, words, truth: (
                answer.match_features(words, truth),
                _best_pairs(_table(words, truth)),
            ),
        ),
    ],
    mistakes=[
        Mistake(
            "nearest word",
            lambda words, truth: _table(words, truth).argmax(1),
            "You take the nearest word of every feature, and two features may want the same one. "
            "Give each a word of its own.",
        ),
        Mistake(
            "smallest sum",
            lambda words, truth: linear_sum_assignment(_table(words, truth))[1],
            "linear_sum_assignment makes the sum small unless you say maximize=True.",
        ),
        Mistake(
            "not normalised",
            lambda words, truth: linear_sum_assignment(truth @ words.T, maximize=True)[1],
            "These are dot products, so long words win. Divide by the lengths: cosines.",
        ),
        Mistake(
            "rows instead of columns",
            lambda words, truth: linear_sum_assignment(_table(words, truth), maximize=True)[0],
            "linear_sum_assignment returns the rows and the columns. The columns are the words.",
        ),
        Mistake(
            "absolute cosines",
            lambda words, truth: linear_sum_assignment(np.abs(_table(words, truth)), maximize=True)[
                1
            ],
            "A word that points the other way is not the feature: leave the sign of the cosine.",
        ),
    ],
    hints=[
        "First the table of cosines, one row per feature and one column per word.",
        "scipy.optimize.linear_sum_assignment solves such tables; read what it makes small.",
        "_, words = linear_sum_assignment(table, maximize=True); return words",
    ],
)

MEAN_MAX_COSINE = Exercise(
    id="way_forward.mean_max_cosine",
    title="How near is the nearest word?",
    points=2,
    difficulty=2,
    importance=4,
    minutes=10,
    functions={"mean_max_cosine": ["dictionary", "directions"]},
    examples=[Example((_WORDS, _TRUTH), (7 / 5 / np.sqrt(2) + 2) / 3)],
    inputs=_dictionary_and_truth,
    properties=[
        Property(
            "The mean over the true directions of the cosine with the nearest word.",
            lambda answer, words, truth: (
                answer.mean_max_cosine(words, truth),
                np.mean([max(row) for row in _table(words, truth)]),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "from the words",
            lambda words, truth: _table(words, truth).max(0).mean(),
            "You look for the nearest true direction of every word. Superfluous words would cost; "
            "ask for the nearest word of every true direction.",
        ),
        Mistake(
            "not normalised",
            lambda words, truth: (truth @ words.T).max(1).mean(),
            "These are dot products. Divide by the lengths of both rows.",
        ),
        Mistake(
            "absolute value",
            lambda words, truth: np.abs(_table(words, truth)).max(1).mean(),
            "A word that points the other way does not count as near: no absolute value.",
        ),
        Mistake(
            "mean of all",
            lambda words, truth: _table(words, truth).mean(),
            "This is the mean over all pairs. Take the largest of every row first.",
        ),
        Mistake(
            "best of all",
            lambda words, truth: _table(words, truth).max(),
            "This is the single best pair. Take the best of every row, then the mean.",
        ),
    ],
    hints=[
        "Give all rows length 1; then one matrix product is the table of cosines.",
        "With features as rows and words as columns: the max over axis 1, then the mean.",
    ],
)


def _reconstruction(key: jax.Array) -> Inputs:
    rng = generator(key)
    a = rng.normal(size=(3, 2)) + 1
    return np.maximum(rng.normal(size=(3, 4)), 0), a, a + 0.3 * rng.normal(size=(3, 2))


def _spread(a: Any) -> Any:
    return ((a - a.mean(0)) ** 2).sum()


def _speaking(f: Any) -> Any:
    return (f > 0).sum(1).mean()


def _lost(a: Any, rebuilt: Any) -> Any:
    return ((a - rebuilt) ** 2).sum() / _spread(a)


SPARSITY_AND_FIDELITY = Exercise(
    id="way_forward.sparsity_and_fidelity",
    title="How little it says, how much it loses",
    points=3,
    difficulty=2,
    importance=4,
    minutes=15,
    functions={"sparsity_and_fidelity": ["latents", "activation", "reconstruction"]},
    examples=[
        Example(
            (
                np.array([[0.5, 0, 0, 2], [0, 0, 0.1, 0], [0, 0, 0, 0]]),
                np.array([[1.0, 3.0], [2.0, 3.0], [3.0, 3.0]]),
                np.array([[1.0, 3.0], [2.0, 3.0], [3.0, 2.0]]),
            ),
            (1.0, 0.5),
        )
    ],
    inputs=_reconstruction,
    properties=[
        Property(
            "First the mean number of latents above 0, then Σ‖a - â‖² / Σ‖a - ā‖².",
            lambda answer, f, a, rebuilt: (
                answer.sparsity_and_fidelity(f, a, rebuilt),
                (
                    sum(sum(value > 0 for value in row) for row in f) / len(f),
                    sum((x - y) @ (x - y) for x, y in zip(a, rebuilt, strict=True))
                    / sum((x - a.mean(0)) @ (x - a.mean(0)) for x in a),
                ),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "L1 instead of L0",
            lambda f, a, r: (f.sum(1).mean(), _lost(a, r)),
            "You added up how loud the latents are. L0 counts how many are above 0.",
        ),
        Mistake(
            "share of the latents",
            lambda f, a, r: ((f > 0).mean(), _lost(a, r)),
            "This is the share of latents that speak. L0 is their number per activation.",
        ),
        Mistake(
            "mean not taken off",
            lambda f, a, r: (_speaking(f), ((a - r) ** 2).sum() / (a**2).sum()),
            "Compare with always answering the mean activation: take it off below the line.",
        ),
        Mistake(
            "share explained",
            lambda f, a, r: (_speaking(f), 1 - _lost(a, r)),
            "This is the share that is explained. Return the share that is lost.",
        ),
        Mistake(
            "one mean for all neurons",
            lambda f, a, r: (_speaking(f), ((a - r) ** 2).sum() / ((a - a.mean()) ** 2).sum()),
            "Every neuron has its own mean: average over the batch, axis 0.",
        ),
    ],
    hints=[
        "latents > 0 is an array of True and False; its sum over axis 1 counts.",
        "Both sums of squares run over everything, batch and neurons. Divide the first by the "
        "second.",
    ],
)
