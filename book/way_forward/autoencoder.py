"""A sparse autoencoder: the dictionary, its loss and its training data.

Dictionary learning: an activation is explained as the sum of a few directions out of many.
The directions are the rows of the decoder, and there are more of them than neurons.
Here the activations are made from directions that we know, so what is found can be scored.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key, Num

from book.linearity import random_directions
from book.superposition import sample_features


class Autoencoder(NamedTuple):
    """A sparse autoencoder.

    Attributes:
        encoder: Column i reads latent i from an activation.
        encoder_bias: Added to the readings; a negative one keeps a latent silent for longer.
        decoder: Row i, at length 1, is the direction of latent i: a word of the dictionary.
        decoder_bias: The reconstruction when no latent is active.
    """

    encoder: Float[Array, "*runs neurons latents"]
    encoder_bias: Float[Array, "*runs latents"]
    decoder: Float[Array, "*runs latents neurons"]
    decoder_bias: Float[Array, "*runs neurons"]


def sample_activations(
    directions: Float[Array, "features neurons"],
    density: Num[Array, ""] | float | int,
    batch: int,
    *,
    key: Key[Array, ""],
) -> Float[Array, "{batch} neurons"]:
    """Activations whose features are known: sparse intensities times the true directions.

    Args:
        directions: The true directions, one per row.
        density: The probability that a feature is present, in (0, 1].
        batch: How many activations to draw.
        key: The randomness.
    """
    return sample_features(density, batch, len(directions), key=key) @ directions


def initial_autoencoder(latents: int, neurons: int, *, key: Key[Array, ""]) -> Autoencoder:
    """Random unit directions; a latent first reads along the direction that it writes."""
    directions = random_directions(latents, neurons, key=key)
    return Autoencoder(directions.T, jnp.zeros(latents), directions, jnp.zeros(neurons))


def unit_decoder(decoder: Float[Array, "latents neurons"]) -> Float[Array, "latents neurons"]:
    """The decoder with rows of length 1; a row of zeros stays.

    Without this, the L1 penalty could be had for nothing: latents half
    as large, directions twice as long, the same reconstruction.
    """
    lengths = jnp.linalg.norm(decoder, axis=1, keepdims=True)
    return decoder / jnp.where(lengths > 0, lengths, 1.0)


def encode(
    autoencoder: Autoencoder, activation: Float[Array, "*batch neurons"]
) -> Float[Array, "*batch latents"]:
    """What each latent reads before the ReLU."""
    centred = activation - autoencoder.decoder_bias
    return centred @ autoencoder.encoder + autoencoder.encoder_bias


def decode(
    autoencoder: Autoencoder, latents: Float[Array, "*batch latents"]
) -> Float[Array, "*batch neurons"]:
    """The sum of the dictionary's unit directions, each scaled by its latent."""
    return latents @ unit_decoder(autoencoder.decoder) + autoencoder.decoder_bias


def sae_forward(
    autoencoder: Autoencoder, activation: Float[Array, "*batch neurons"]
) -> tuple[Float[Array, "*batch latents"], Float[Array, "*batch neurons"]]:
    """Latents and reconstruction, f = ReLU((a - c) E + b) and â = f D + c."""
    latents = jax.nn.relu(encode(autoencoder, activation))
    return latents, decode(autoencoder, latents)


def sae_loss(
    autoencoder: Autoencoder,
    activation: Float[Array, "batch neurons"],
    penalty: Num[Array, ""] | float | int,
) -> Float[Array, ""]:
    """The mean over the batch of ‖a - â‖² + λ Σᵢ fᵢ.

    Args:
        autoencoder: The parameters.
        activation: What to reconstruct.
        penalty: The L1 coefficient λ ≥ 0: what a unit of latent costs.
    """
    latents, reconstruction = sae_forward(autoencoder, activation)
    missed = jnp.sum((activation - reconstruction) ** 2, axis=1)
    return jnp.mean(missed + penalty * jnp.sum(latents, axis=1))


def keep_largest(
    readings: Float[Array, "*batch latents"], k: int
) -> Float[Array, "*batch latents"]:
    """The k largest readings of every activation, as far as they are positive; 0 elsewhere."""
    rest = jax.lax.stop_gradient(readings)
    for _ in range(k - 1):  # for a small k quicker than sorting, and all that JavaScript needs
        rest = jnp.where(rest < jnp.max(rest, axis=-1, keepdims=True), rest, -jnp.inf)
    threshold = jnp.max(rest, axis=-1, keepdims=True)
    return jnp.where(readings >= threshold, jax.nn.relu(readings), 0.0)


def topk_forward(
    autoencoder: Autoencoder, activation: Float[Array, "*batch neurons"], k: int
) -> tuple[Float[Array, "*batch latents"], Float[Array, "*batch neurons"]]:
    """Latents and reconstruction when only the k largest readings may speak.

    Source: Gao et al., *Scaling and evaluating sparse autoencoders* (2024).
    """
    latents = keep_largest(encode(autoencoder, activation), k)
    return latents, decode(autoencoder, latents)


def topk_loss(
    autoencoder: Autoencoder, activation: Float[Array, "batch neurons"], k: int
) -> Float[Array, ""]:
    """The mean over the batch of ‖a - â‖²; no penalty, since k sets the sparsity."""
    _, reconstruction = topk_forward(autoencoder, activation, k)
    return jnp.mean(jnp.sum((activation - reconstruction) ** 2, axis=1))


def resample(
    autoencoder: Autoencoder,
    activation: Float[Array, "samples neurons"],
    missed: Float[Array, " samples"],
    dead: Bool[Array, " latents"],
    *,
    key: Key[Array, ""],
) -> Autoencoder:
    """Gives every dead latent a new direction: an activation that is reconstructed badly.

    Living latents stay. The encoder of a new latent is a fifth as long as
    the others, so that it does not disturb them at once. Begin a new
    optimizer state afterwards. Source: Bricken et al. (2023), appendix.

    Args:
        autoencoder: What has been trained so far.
        activation: Candidates.
        missed: The squared error of each candidate; it is chosen with a
            probability that grows with the square of it.
        dead: Which latents begin anew.
        key: Chooses.
    """
    samples, latents = len(activation), len(dead)
    chosen = jax.random.choice(key, samples, (latents,), p=missed**2 / jnp.sum(missed**2))
    directions = unit_decoder(activation[chosen] - autoencoder.decoder_bias)
    lengths = jnp.linalg.norm(autoencoder.encoder, axis=0)
    length = 0.2 * jnp.sum(jnp.where(dead, 0.0, lengths)) / jnp.maximum(jnp.sum(~dead), 1)
    return autoencoder._replace(
        encoder=jnp.where(dead, length * directions.T, autoencoder.encoder),
        encoder_bias=jnp.where(dead, 0.0, autoencoder.encoder_bias),
        decoder=jnp.where(dead[:, None], directions, autoencoder.decoder),
    )
