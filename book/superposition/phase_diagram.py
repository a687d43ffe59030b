"""Chapter 4, superposition: two features and one neuron, where all can be calculated.

Feature 1 has importance 1 and feature 2 importance r. Each is present with density p, then uniform
in [0, 1]. There are three answers that a single neuron can give.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Num

from book import answers
from book.superposition.model import Model, toy_model

ANSWERS = ("only feature 1", "both, in opposite directions", "only feature 2")


def answer_losses(
    r: Num[Array, "*shape"] | float, p: Num[Array, "*shape"] | float
) -> Float[Array, "*shape 3"]:
    """What each of the three answers loses, in the order of `ANSWERS`.

    A feature that is ignored costs its importance times the variance
    p/3 - p²/4 of its intensity: the best that can be said of it is its
    mean, by the bias. Opposite unit directions with zero bias lose only
    when both features are present, with probability p²: then the reading
    of either is off by the smaller intensity, whose mean square is 1/6.
    Summed over both features, not averaged.

    Args:
        r: The importance of feature 2; that of feature 1 is 1.
        p: The density, in (0, 1].
    """
    r, p = jnp.broadcast_arrays(jnp.asarray(r, float), jnp.asarray(p, float))
    variance = p / 3 - p**2 / 4
    return jnp.stack([r * variance, (1 + r) * p**2 / 6, variance], axis=-1)


@answers("superposition.phase")
def winner(
    r: Num[Array, "*shape"] | float, p: Num[Array, "*shape"] | float
) -> Int[Array, "*shape"]:
    """Which of the three answers loses least: 0, 1 or 2."""
    return jnp.argmin(answer_losses(r, p), axis=-1)


def boundary(r: Num[Array, "*shape"] | float) -> Float[Array, "*shape"]:
    """The density below which keeping both features wins: min(4r/(2 + 5r), 4/(5 + 2r)).

    Unit directions and zero bias, as in `answer_losses`.
    """
    r = jnp.asarray(r, float)
    return jnp.minimum(4 * r / (2 + 5 * r), 4 / (5 + 2 * r))


class Quadrature(NamedTuple):
    """Inputs and their weights: a weighted sum over them is the expectation over all inputs.

    Attributes:
        x: The inputs, one per row.
        weights: The probability that each stands for; they add up to 1.
    """

    x: Float[Array, "inputs 2"]
    weights: Float[Array, " inputs"]


def quadrature(p: Num[Array, ""] | float, points: int = 12) -> Quadrature:
    """All inputs of two features, on a grid: nothing, one of them, or both are present.

    An intensity is represented by the midpoints of equal parts of [0, 1].
    A loss over these inputs has no noise, so that training on it needs
    few steps.

    Args:
        p: The density.
        points: Into how many parts an intensity is divided.
    """
    middle = (jnp.arange(points) + 0.5) / points
    nothing = jnp.zeros(points)
    one = jnp.concatenate([jnp.stack([middle, nothing], 1), jnp.stack([nothing, middle], 1)])
    both = jnp.stack(jnp.meshgrid(middle, middle), axis=-1).reshape(-1, 2)
    x = jnp.concatenate([jnp.zeros((1, 2)), one, both])
    weights = jnp.concatenate(
        [
            jnp.full(1, (1 - p) ** 2),
            jnp.full(2 * points, p * (1 - p) / points),
            jnp.full(points**2, p**2 / points**2),
        ]
    )
    return Quadrature(x, weights)


def expected_loss(model: Model, r: Num[Array, ""] | float, inputs: Quadrature) -> Float[Array, ""]:
    """The expectation of the weighted squared error, summed over both features."""
    missed = (inputs.x - toy_model(model, inputs.x)) ** 2
    importance = jnp.stack([jnp.ones(()), jnp.asarray(r, float)])
    return inputs.weights @ missed @ importance


def answer_of(W: Float[Array, "*shape 2 1"]) -> Int[Array, "*shape"]:
    """The answer that a trained model gives: 0, 1 or 2 as in `ANSWERS`, and 3 for none of them.

    A feature counts as kept when its weight is larger than 1/2.
    """
    first, second = W[..., 0, 0], W[..., 1, 0]
    keeps_first, keeps_second = jnp.abs(first) > 0.5, jnp.abs(second) > 0.5
    opposite = keeps_first & keeps_second & (first * second < 0)
    return jnp.where(
        opposite,
        1,
        jnp.where(keeps_first & ~keeps_second, 0, jnp.where(keeps_second & ~keeps_first, 2, 3)),
    )
