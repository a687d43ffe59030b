"""Two numbers in one: packing with a floor, and a floor made of ReLUs.

The scheme is the one that Elhage et al., *Toy Models of Superposition* (2022), give as an example
of non-linear compression.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num


def compress(
    x: Float[Array, "*batch"], y: Float[Array, "*batch"], Z: Num[Array, ""] | float | int
) -> Float[Array, "*batch"]:
    """Packs two numbers into one, t = (floor(Z x) + y) / Z.

    Args:
        x: The number in front, in [0, 1); cut to a multiple of 1/Z.
        y: The number behind it, in [0, 1).
        Z: The base, a whole number, 1 or more.
    """
    return (jnp.floor(Z * x) + y) / Z


def recover(
    t: Float[Array, "*batch"], Z: Num[Array, ""] | float | int
) -> tuple[Float[Array, "*batch"], Float[Array, "*batch"]]:
    """What `compress` packed: the multiple of 1/Z that is left of x, and y."""
    whole = jnp.floor(Z * t)
    return whole / Z, Z * t - whole


def staircase(
    x: Float[Array, "*batch"], Z: int, steepness: Num[Array, ""] | float | int
) -> Float[Array, "*batch"]:
    """floor(Z x) for x in [0, 1), nearly, from 2 (Z - 1) ReLUs.

    The step at k / Z is a ramp from 0 to 1, the difference of two ReLUs that share a slope.
    It ends at k / Z, so that the staircase is exact there, and too high on the ramp before it.

    Args:
        x: Where to take the floor.
        Z: How many steps there would be, counting the ground.
        steepness: The slope of the ramps, more than Z, or ramps overlap.
    """
    rise = steepness * (x[..., None] - jnp.arange(1, Z) / Z) + 1
    return jnp.sum(jax.nn.relu(rise) - jax.nn.relu(rise - 1), axis=-1)
