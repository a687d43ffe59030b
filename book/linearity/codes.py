"""Three codes for one intensity: a direction, a threshold, and one neuron for each range."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from book import answers


def binary_code(x: Float[Array, "*batch"]) -> Float[Array, "*batch 1"]:
    """One neuron that says whether the intensity is above one half: 1 or 0.

    Args:
        x: Intensities in [0, 1].
    """
    return (x > 0.5).astype(float)[..., None]


def bucket_code(x: Float[Array, "*batch"], buckets: int) -> Float[Array, "*batch {buckets}"]:
    """One neuron for each of several equal ranges: 1 for the range that holds x, 0 for the others.

    Args:
        x: Intensities in [0, 1]; 1 belongs to the last range.
        buckets: How many ranges, and so how many neurons.
    """
    place = jnp.minimum(jnp.floor(buckets * x), buckets - 1)
    return (place[..., None] == jnp.arange(buckets, dtype=place.dtype)).astype(float)


@answers("features.write_activation", "linearity.compose")
def read_direction(
    activation: Float[Array, "*batch neurons"], direction: Float[Array, " neurons"]
) -> Float[Array, "*batch"]:
    """The intensity along a unit vector."""
    return activation @ direction


def read_bucket(activation: Float[Array, "*batch buckets"]) -> Float[Array, "*batch"]:
    """The middle of the range whose neuron is most active.

    Of one neuron alone the two ranges are its off and on: a binary code is read so.
    """
    buckets = activation.shape[-1]
    if buckets == 1:
        return jnp.where(activation[..., 0] > 0.5, 0.75, 0.25)
    return (jnp.argmax(activation, axis=-1).astype(float) + 0.5) / buckets
