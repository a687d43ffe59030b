"""The toy model's loss for many steps: the same numbers as in `book.superposition`, sooner.

An input is a column here, so a row holds one feature's intensities of the whole batch. Where there
are few features, a processor then works on long rows instead of on short ones. The draws are an
argument, so they can be made for many steps at once and be shared by models of different density.
"""

from collections.abc import Callable
from functools import cache

import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Num

from book import answers
from book.superposition.model import Model
from book.training import uniform

FEW = 50
"""Up to so many features W Wᵀ is multiplied out: measured on two cores, for batches of 1,024."""


@cache  # one function for each size, so that JAX compiles a training with it once
def columns(features: int, batch: int) -> Callable[[Key[Array, ""]], Float[Array, "..."]]:
    """Makes `draw(key)`, the draws of a batch: those of `sample_features`, an input a column."""

    def draw(key: Key[Array, ""]) -> Float[Array, "features batch"]:
        return uniform(key, (batch, features)).T

    return draw


@answers("superposition.sparse_features")
def sparse(u: Float[Array, "*shape"], density: Num[Array, ""] | float) -> Float[Array, "*shape"]:
    """Intensities from draws in [0, 1), as in `sample_features`: u / p where u < p, 0 elsewhere."""
    return jnp.where(u < density, u * (1 / density), 0.0)


def batch_last_loss(
    model: Model,
    u: Float[Array, "features batch"],
    density: Num[Array, ""] | float,
    importance: Float[Array, " features"],
    *,
    linear: bool = False,
) -> Float[Array, ""]:
    """What `weighted_loss` is for `toy_model`, the mean of Iᵢ (xᵢ - x̂ᵢ)².

    Args:
        model: The directions W and the bias b.
        u: Draws in [0, 1), of which `sparse` makes the inputs.
        density: The probability p that a feature is present, in (0, 1].
        importance: How much a feature's error counts.
        linear: Whether the ReLU is left out, as in `linear_model`.
    """
    W, b = model
    x = sparse(u, density)
    features = len(W)
    # Two products with the small matrix W Wᵀ, forward and back, against five with flat ones.
    read = (W @ W.T) @ x if features <= FEW else W @ (W.T @ x)
    sums = read + b[:, None]
    missed = x - (sums if linear else jnp.maximum(sums, 0))
    return importance @ jnp.mean(missed**2, axis=1) / features
