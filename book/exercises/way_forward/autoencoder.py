"""Exercises of chapter 5: the autoencoder, its loss, its unit rows, its training."""

from typing import Any

import jax
import numpy as np

from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, generator

Parameters = tuple[Any, Any, Any, Any]


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _unit(D: Any) -> Any:
    return D / np.linalg.norm(D, axis=1, keepdims=True)


def _parameters(rng: np.random.Generator) -> Parameters:
    E, D = rng.normal(size=(2, 4)), _unit(rng.normal(size=(4, 2)))
    return E, rng.normal(scale=0.3, size=4), D, rng.normal(scale=0.3, size=2)


def _autoencoder_and_batch(key: jax.Array) -> Inputs:
    rng = generator(key)
    return _parameters(rng), rng.normal(size=(3, 2))


def _forward(sae: Parameters, a: Any) -> tuple[Any, Any]:
    E, b, D, c = sae
    f = _relu((a - c) @ E + b)
    return f, f @ D + c


_PLANE = (
    np.array([[1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, -1.0]]),
    np.full(4, -0.25),
    np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]),
    np.array([0.5, 0.0]),
)

SAE_FORWARD = Exercise(
    id="way_forward.sae_forward",
    title="Look up and put together",
    points=3,
    difficulty=2,
    importance=5,
    minutes=15,
    functions={"sae_forward": ["autoencoder", "activation"]},
    examples=[
        Example(
            (_PLANE, np.array([[1.5, 0.0], [0.5, 1.0], [0.5, 0.1]])),
            (
                np.array([[0.75, 0, 0, 0], [0, 0.75, 0, 0], [0, 0, 0, 0]]),
                np.array([[1.25, 0.0], [0.5, 0.75], [0.5, 0.0]]),
            ),
        )
    ],
    inputs=_autoencoder_and_batch,
    properties=[
        Property(
            "Latent i is ReLU((a - c) · column i of E + bᵢ); the reconstruction adds up the rows "
            "of D, each times its latent, and c.",
            lambda answer, sae, a: (
                answer.sae_forward(sae, a),
                _by_hand(sae, a),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "no ReLU",
            lambda sae, a: (
                (a - sae[3]) @ sae[0] + sae[1],
                ((a - sae[3]) @ sae[0] + sae[1]) @ sae[2] + sae[3],
            ),
            "Some latents are negative: did you forget the ReLU?",
        ),
        Mistake(
            "not centred",
            lambda sae, a: (
                _relu(a @ sae[0] + sae[1]),
                _relu(a @ sae[0] + sae[1]) @ sae[2] + sae[3],
            ),
            "Take the decoder's bias c off the activation before you encode it.",
        ),
        Mistake(
            "decoder bias not added",
            lambda sae, a: (_forward(sae, a)[0], _forward(sae, a)[0] @ sae[2]),
            "What was taken off before encoding has to be put back: add c to the reconstruction.",
        ),
        Mistake(
            "bias after the ReLU",
            lambda sae, a: (
                _relu((a - sae[3]) @ sae[0]) + sae[1],
                (_relu((a - sae[3]) @ sae[0]) + sae[1]) @ sae[2] + sae[3],
            ),
            "The encoder's bias belongs inside the ReLU: it decides who speaks.",
        ),
        Mistake(
            "reconstruction only",
            lambda sae, a: _forward(sae, a)[1],
            "This is the reconstruction. Return the latents as well: return latents, "
            "reconstruction.",
        ),
    ],
    hints=[
        "Two lines: one for the latents, one for the reconstruction. Start with a - c.",
        "latents = jax.nn.relu((activation - c) @ E + b)",
        "The reconstruction is latents @ D + c. Return both.",
    ],
)


def _by_hand(sae: Parameters, a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    E, b, D, c = sae
    latents = [[max((row - c) @ e + b_i, 0.0) for e, b_i in zip(E.T, b, strict=True)] for row in a]
    rebuilt = [sum(f * d for f, d in zip(row, D, strict=True)) + c for row in latents]
    return np.array(latents), np.array(rebuilt)


def _latents_and_batch(key: jax.Array) -> Inputs:
    rng = generator(key)
    a, rebuilt = rng.normal(size=(2, 3, 2))
    return _relu(rng.normal(size=(3, 4))), a, rebuilt, float(rng.uniform(0.1, 1.0))


def _loss_by_hand(f: Any, a: Any, rebuilt: Any, penalty: float) -> float:
    each = [sum((x - y) ** 2) + penalty * sum(g) for x, y, g in zip(a, rebuilt, f, strict=True)]
    return float(np.mean(each))


def _missed(a: Any, rebuilt: Any) -> Any:
    return ((a - rebuilt) ** 2).sum(1)


SAE_LOSS = Exercise(
    id="way_forward.sae_loss",
    title="Be right, and say little",
    points=2,
    difficulty=2,
    importance=5,
    minutes=10,
    functions={"sae_loss": ["latents", "activation", "reconstruction", "penalty"]},
    examples=[
        Example(
            (
                np.array([[2.0, 0, 1, 0], [0, 0, 0, 0], [0, 3, 0, 0]]),
                np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]),
                np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]]),
                0.5,
            ),
            (5 + 0.5 * 6) / 3,
        )
    ],
    inputs=_latents_and_batch,
    properties=[
        Property(
            "The loss is the mean over the batch of ‖a - â‖² + λ Σ f.",
            lambda answer, f, a, rebuilt, penalty: (
                answer.sae_loss(f, a, rebuilt, penalty),
                _loss_by_hand(f, a, rebuilt, penalty),
            ),
        )
    ],
    mistakes=[
        Mistake(
            "penalty left out",
            lambda f, a, r, penalty: np.mean(_missed(a, r)),
            "The error is right. The price of the latents is missing.",
        ),
        Mistake(
            "averaged over the neurons",
            lambda f, a, r, penalty: np.mean((a - r) ** 2) + penalty * np.mean(f.sum(1)),
            "‖a - â‖² is a sum over the neurons. Average over the batch only.",
        ),
        Mistake(
            "averaged over the latents",
            lambda f, a, r, penalty: np.mean(_missed(a, r)) + penalty * np.mean(f),
            "Add the latents of an activation up before you average over the batch; otherwise a "
            "wider dictionary makes every word cheaper.",
        ),
        Mistake(
            "summed over the batch",
            lambda f, a, r, penalty: np.sum((a - r) ** 2) + penalty * np.sum(f),
            "This is the sum over the batch. Take the mean.",
        ),
        Mistake(
            "squared latents",
            lambda f, a, r, penalty: np.mean(_missed(a, r) + penalty * (f**2).sum(1)),
            "You squared the latents. L1 is their plain sum; squares make latents small, and not "
            "zero.",
        ),
        Mistake(
            "counted",
            lambda f, a, r, penalty: np.mean(_missed(a, r) + penalty * (f > 0).sum(1)),
            "You count the latents that speak. A count has no gradient; add up how loud they are.",
        ),
    ],
    hints=[
        "First one number per activation, then the mean over the batch.",
        "Per activation: the squared errors added over axis 1, plus λ times the sum of latents.",
        "jnp.mean(jnp.sum((activation - reconstruction)**2, 1) + penalty * jnp.sum(latents, 1))",
    ],
)

UNIT_DECODER = Exercise(
    id="way_forward.unit_decoder",
    title="Words of length one",
    points=2,
    difficulty=2,
    importance=4,
    minutes=10,
    functions={"unit_decoder": ["decoder"]},
    examples=[
        Example(
            (np.array([[3.0, 4.0], [0.0, 0.0], [0.0, -2.0]]),),
            np.array([[0.6, 0.8], [0.0, 0.0], [0.0, -1.0]]),
        )
    ],
    inputs=lambda key: (generator(key).normal(size=(3, 2)) * [[1.0], [0.0], [1.0]],),
    properties=[
        Property(
            "Every row keeps its direction and gets length 1; a row of zeros stays.",
            lambda answer, D: (
                answer.unit_decoder(D),
                [row / np.sqrt(row @ row) if row.any() else row for row in D],
            ),
        )
    ],
    mistakes=[
        Mistake(
            "zero divided by zero",
            lambda D: D / np.linalg.norm(D, axis=1, keepdims=True),
            "A row of zeros has length 0, and 0 / 0 is not a number. Divide such a row by 1.",
        ),
        Mistake(
            "columns",
            lambda D: D / np.linalg.norm(D, axis=0, keepdims=True),
            "You gave the columns length 1. A word of the dictionary is a row: axis=1.",
        ),
        Mistake(
            "the whole matrix",
            lambda D: D / np.linalg.norm(D),
            "You divided by one number, the norm of the whole matrix. Every row has its own.",
        ),
        Mistake(
            "squared length",
            lambda D: D / np.maximum((D**2).sum(1, keepdims=True), 1e-30),
            "You divided by the squared length: the square root is missing.",
        ),
        Mistake(
            "sum of absolute values",
            lambda D: D / np.maximum(np.abs(D).sum(1, keepdims=True), 1e-30),
            "Length is the root of the sum of squares, not the sum of absolute values.",
        ),
    ],
    hints=[
        "jnp.linalg.norm with axis=1 and keepdims=True gives one length per row, in a column.",
        "jnp.where(lengths > 0, lengths, 1.0) is safe to divide by.",
    ],
)


def _descended(
    sae: Parameters, a: Any, penalty: Any, rate: Any, steps: Any, unit: bool = True
) -> Parameters:
    """Gradient descent with the gradient written out by hand."""
    E, b, D, c = (np.asarray(part, float) for part in sae)
    a = np.asarray(a, float)
    for _ in range(steps):
        f, rebuilt = _forward((E, b, D, c), a)
        error = 2 * (rebuilt - a) / len(a)
        into = (error @ D.T + penalty / len(a)) * (f > 0)
        dE, db, dD = (a - c).T @ into, into.sum(0), f.T @ error
        dc = error.sum(0) - (into @ E.T).sum(0)
        E, b, D, c = E - rate * dE, b - rate * db, D - rate * dD, c - rate * dc
        D = _unit(D) if unit else D
    return E, b, D, c


def _training(key: jax.Array) -> Inputs:
    rng = generator(key)
    return _parameters(rng), rng.normal(size=(3, 2)), 0.3, 0.05, 3


_SMALL = _parameters(np.random.default_rng(5))
_BATCH = np.array([[1.0, 0.5], [-0.5, 1.0], [0.2, -1.0]])

TRAIN_SAE = Exercise(
    id="way_forward.train_sae",
    title="Train it",
    points=4,
    difficulty=4,
    importance=5,
    minutes=30,
    functions={"train_sae": ["autoencoder", "activation", "penalty", "rate", "steps"]},
    examples=[
        Example((_SMALL, _BATCH, 0.3, 0.05, 1), _descended(_SMALL, _BATCH, 0.3, 0.05, 1)),
    ],
    inputs=_training,
    properties=[
        Property(
            "The rows of the trained decoder have length 1.",
            lambda answer, *given: (
                np.linalg.norm(np.asarray(tuple(answer.train_sae(*given))[2]), axis=1),
                np.ones(4),
            ),
        ),
        Property(
            "Each step goes down the gradient, rate times as far, and then gives the rows of D "
            "length 1.",
            lambda answer, *given: (tuple(answer.train_sae(*given)), _descended(*given)),
        ),
    ],
    mistakes=[
        Mistake(
            "uphill",
            lambda sae, a, penalty, rate, steps: _descended(sae, a, penalty, -rate, steps),
            "You went up the gradient. Subtract rate times the gradient.",
        ),
        Mistake(
            "rows not renewed",
            lambda sae, a, penalty, rate, steps: _descended(sae, a, penalty, rate, steps, False),
            "Give the rows of the decoder length 1 again after every step.",
        ),
        Mistake(
            "one step only",
            lambda sae, a, penalty, rate, steps: _descended(sae, a, penalty, rate, 1),
            "That is one step. Take `steps` of them, each from where the last one ended.",
        ),
        Mistake(
            "no penalty",
            lambda sae, a, penalty, rate, steps: _descended(sae, a, 0.0, rate, steps),
            "The gradient knows nothing of the penalty. Put λ Σ f into the loss.",
        ),
        Mistake(
            "steps forgotten",
            lambda sae, a, penalty, rate, steps: sae,
            "These are the parameters that were given. Return the trained ones.",
        ),
    ],
    hints=[
        "Write loss(autoencoder) inside train_sae; jax.grad(loss) gives a tuple of four as well.",
        "One step: jax.tree.map(lambda p, g: p - rate * g, autoencoder, gradient).",
        "Then E, b, D, c = autoencoder, and D / jnp.linalg.norm(D, axis=1, keepdims=True).",
    ],
    tolerance=1e-4,
)
