"""Qualities have directions, and an activation is the sum of scaled directions.

The directions of n qualities in d neurons are an array of n rows, one unit vector per quality.
Writing scales the rows and adds them, reading takes a dot product with each row; both are one
matrix product.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Num


def unit_direction(angle: Num[Array, ""] | float | int) -> Float[Array, "2"]:
    """The unit vector at an angle to the first neuron's axis.

    Args:
        angle: In degrees, counter-clockwise.
    """
    radians = jnp.deg2rad(angle)
    return jnp.stack([jnp.cos(radians), jnp.sin(radians)])


def random_directions(
    qualities: int, neurons: int, *, key: Key[Array, ""]
) -> Float[Array, "{qualities} {neurons}"]:
    """Unit vectors drawn uniformly from the sphere, one per quality."""
    gaussian = jax.random.normal(key, (qualities, neurons))
    return gaussian / jnp.linalg.norm(gaussian, axis=1, keepdims=True)


def compose(
    intensities: Float[Array, "*batch qualities"],
    directions: Float[Array, "qualities neurons"],
) -> Float[Array, "*batch neurons"]:
    """The sum of the scaled directions, a = Σⱼ xⱼ dⱼ.

    Args:
        intensities: How much there is of each quality, often in [0, 1];
            several rows of them give one activation each.
        directions: One unit vector per row.
    """
    return intensities @ directions


def read_intensities(
    activation: Float[Array, "*batch neurons"],
    directions: Float[Array, "qualities neurons"],
) -> Float[Array, "*batch qualities"]:
    """The dot product with each direction, x̂ⱼ = dⱼ · a.

    It equals the intensity if the directions are orthogonal unit
    vectors, and is off by `interference` if they are not orthogonal.
    """
    return activation @ directions.T


def interference(
    intensities: Float[Array, "*batch qualities"],
    directions: Float[Array, "qualities neurons"],
) -> Float[Array, "*batch qualities"]:
    """What the other qualities add to a reading, Σₖ (dⱼ · dₖ) xₖ, k ≠ j.

    Args:
        intensities: How much there is of each quality.
        directions: One unit vector per row.
    """
    cosines = directions @ directions.T
    return intensities @ (cosines - jnp.diag(jnp.diag(cosines)))


def dual_directions(
    directions: Float[Array, "qualities neurons"],
) -> Float[Array, "qualities neurons"]:
    """The directions that read without interference.

    Row j has dot product 1 with direction j and 0 with every other.
    This needs linearly independent directions; if they are not, the
    rows are those of the least-squares solution.
    """
    return jnp.linalg.pinv(directions).T


def angle_between(
    first: Float[Array, " neurons"], second: Float[Array, " neurons"]
) -> Float[Array, ""]:
    """The angle between two vectors other than zero, in degrees from 0 to 180."""
    cosine = first @ second / (jnp.linalg.norm(first) * jnp.linalg.norm(second))
    return jnp.rad2deg(jnp.arccos(jnp.clip(cosine, -1.0, 1.0)))
