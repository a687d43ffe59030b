"""Measures of a set of directions, and a layer that learns one."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

Nonlinearity = Callable[[Array], Array]
"""What a layer does to each neuron by itself, such as `jax.nn.relu`."""


def project(
    activation: Float[Array, "*batch neurons"], direction: Float[Array, " neurons"]
) -> Float[Array, "*batch neurons"]:
    """The part of an activation that lies along a unit vector, (d · a) d.

    Args:
        activation: One activation, or several rows of them.
        direction: A vector of length 1.
    """
    return (activation @ direction)[..., None] * direction


def is_orthonormal(
    directions: Float[Array, "features neurons"], tolerance: float = 1e-4
) -> Bool[Array, ""]:
    """Whether the rows have length 1 and are at right angles to each other.

    Args:
        directions: One direction per row.
        tolerance: How far a dot product may be from 0, or a squared length from 1; float32 rounds.
    """
    missed = directions @ directions.T - jnp.eye(len(directions))
    return jnp.all(jnp.abs(missed) < tolerance)


def left_over(directions: Float[Array, "features neurons"]) -> Float[Array, " features"]:
    """What is new in each direction: its length at right angles to all the earlier ones.

    For random directions of length 1, number k keeps √((d - k) / d) on average over the squares,
    k counted from 0; from the d-th on nothing is left.
    """

    def take(basis: Array, direction: Array) -> tuple[Array, Array]:
        rest = direction - basis @ (basis.T @ direction)
        rest = rest - basis @ (basis.T @ rest)  # once more: float32 leaves a trace the first time
        length = jnp.linalg.norm(rest)
        is_new = length > 1e-4
        column = jnp.where(is_new, rest / jnp.where(is_new, length, 1.0), 0.0)
        return jnp.column_stack([basis[:, 1:], column]), length

    neurons = directions.shape[1]
    # Room for all directions, of which at most `neurons` are not zero.
    start = jnp.zeros((neurons, len(directions)))
    return jax.lax.scan(take, start, directions)[1]


def effective_directions(*weights: Float[Array, "_ _"]) -> Float[Array, "features neurons"]:
    """The directions that a feature has after several linear layers: the product W₁ W₂ ... .

    Args:
        weights: One matrix per layer, the first one first; each turns a row with as many entries
            as it has rows into one with as many entries as it has columns.

    Raises:
        ValueError: No matrix is given, or two neighbours do not fit.
    """
    if not weights:
        raise ValueError("effective_directions: no matrix given; give one per layer.")
    product = weights[0]
    for number, W in enumerate(weights[1:], start=2):
        if product.shape[1] != W.shape[0]:
            raise ValueError(
                f"effective_directions: matrix {number} has {W.shape[0]} rows, and the layer "
                f"before it puts out {product.shape[1]} numbers; these must be equal."
            )
        product = product @ W
    return product


def local_directions(
    path: Callable[[Float[Array, " features"]], Float[Array, " neurons"]],
    x: Float[Array, " features"],
) -> Float[Array, "features neurons"]:
    """The directions of the features near one input, for a path that is not linear.

    Row j says how the activation changes when intensity j grows by a little: the transpose of
    the Jacobian. For a linear path it is the same at every input.

    Args:
        path: From intensities to an activation, differentiable.
        x: The input at which to look.
    """
    return jax.jacobian(path)(x).T


def basis_alignment(directions: Float[Array, "features neurons"]) -> Float[Array, ""]:
    """How well each direction agrees with its best neuron: the mean of the largest |cosine|.

    It is 1 if every feature lies along one neuron, and at least 1/√d.

    Args:
        directions: One direction per row, of any length but 0.
    """
    lengths = jnp.linalg.norm(directions, axis=1)
    return jnp.mean(jnp.max(jnp.abs(directions), axis=1) / lengths)


def write_and_read(
    W: Float[Array, "features neurons"],
    x: Float[Array, "*batch features"],
    nonlinearity: Nonlinearity,
) -> Float[Array, "*batch features"]:
    """A layer that writes features into its neurons and reads them back, φ(x W) Wᵀ.

    Args:
        W: The directions, one per row.
        x: The intensities.
        nonlinearity: φ, applied to each neuron by itself.
    """
    return nonlinearity(x @ W) @ W.T


def reading_loss(
    W: Float[Array, "features neurons"],
    x: Float[Array, "batch features"],
    nonlinearity: Nonlinearity,
) -> Float[Array, ""]:
    """The squared error of all readings of one input, as a mean over the batch."""
    return jnp.mean(jnp.sum((write_and_read(W, x, nonlinearity) - x) ** 2, axis=1))
