"""Scores of a dictionary: what it keeps, what of it is used, which features it found."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int
from scipy.optimize import linear_sum_assignment

from book.way_forward.autoencoder import unit_decoder


def dead_latents(latents: Float[Array, "samples latents"]) -> Bool[Array, " latents"]:
    """Which latents are silent for every sample."""
    return jnp.all(latents <= 0, axis=0)


def sparsity_and_fidelity(
    latents: Float[Array, "samples latents"],
    activation: Float[Array, "samples neurons"],
    reconstruction: Float[Array, "samples neurons"],
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """How many latents speak at once, and how much of the activations is lost.

    Returns:
        L0, the mean number of latents above zero, and the share of the
        variance that is not explained, Σ‖a - â‖² / Σ‖a - ā‖²: 0 is perfect,
        and 1 is what always answering the mean activation ā would give.
    """
    active = jnp.mean(jnp.sum(latents > 0, axis=1))
    missed = jnp.sum((activation - reconstruction) ** 2)
    spread = jnp.sum((activation - jnp.mean(activation, axis=0)) ** 2)
    return active, missed / spread


def cosines(
    first: Float[Array, "first neurons"], second: Float[Array, "second neurons"]
) -> Float[Array, "first second"]:
    """The cosine between every row of the one and every row of the other."""
    return unit_decoder(first) @ unit_decoder(second).T


def mean_max_cosine(
    dictionary: Float[Array, "latents neurons"], directions: Float[Array, "features neurons"]
) -> Float[Array, ""]:
    """The mean over the true directions of the cosine with the nearest row of the dictionary.

    Source: Sharkey, Braun and Millidge, *Taking features out of superposition* (2022).
    """
    return jnp.mean(jnp.max(cosines(directions, dictionary), axis=1))


def match_features(
    dictionary: Float[Array, "latents neurons"], directions: Float[Array, "features neurons"]
) -> tuple[Int[Array, " features"], Float[Array, " features"]]:
    """Pairs every true direction with a latent of its own, for the largest sum of cosines.

    Args:
        dictionary: The decoder; at least as many rows as there are features.
        directions: The true directions.

    Returns:
        For every feature its latent, and the cosine between the two.
    """
    table = cosines(directions, dictionary)
    features, latents = linear_sum_assignment(table, maximize=True)
    return jnp.asarray(latents), table[features, latents]
