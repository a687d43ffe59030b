"""Uniform draws for training: the numbers of `jax.random.uniform`, at a fraction of its time.

On a CPU most of a small model's training step goes into `jax.random.uniform`: JAX rolls the
rounds of its generator up in a loop there, which compiles quickly and passes over memory once a
round. Here the rounds are written one after the other, so XLA makes one pass of them.
"""

import math

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Key, UInt32

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA


def uniform(key: Key[Array, ""], shape: tuple[int, ...]) -> Float[Array, "..."]:
    """Draws from [0, 1): bit for bit what `jax.random.uniform(key, shape)` draws.

    Args:
        key: A key of JAX's default kind, threefry.
        shape: The shape of the draws, fewer than 2³² in all.

    Source: Salmon et al., *Parallel random numbers: as easy as 1, 2, 3* (2011), Threefry-2x32
    with 20 rounds; entry i is the two words of block i, combined by exclusive or.
    """
    first, second = jax.random.key_data(key)
    schedule = (first, second, first ^ second ^ jnp.uint32(PARITY))
    counter = jnp.arange(math.prod(shape), dtype=jnp.uint32).reshape(shape)
    left, right = jnp.full(shape, first), counter + second
    for group in range(5):
        for turn in ROTATIONS[group % 2]:
            left = left + right
            right = left ^ rotated(right, turn)
        left = left + schedule[(group + 1) % 3]
        right = right + schedule[(group + 2) % 3] + jnp.uint32(group + 1)
    return between_zero_and_one(left ^ right)


def rotated(word: UInt32[Array, "..."], turn: int) -> UInt32[Array, "..."]:
    """The 32 bits of every word, turned to the left."""
    return (word << jnp.uint32(turn)) | (word >> jnp.uint32(32 - turn))


def between_zero_and_one(word: UInt32[Array, "..."]) -> Float[Array, "..."]:
    """The word's upper 23 bits as the fraction of a float in [1, 2), less 1."""
    one = jnp.uint32(0x3F800000)
    return lax.bitcast_convert_type((word >> jnp.uint32(9)) | one, jnp.float32) - 1.0
