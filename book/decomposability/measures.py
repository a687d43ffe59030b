"""What chapter 1 measures: a lookup table, the selectivity of neurons, and two counts."""

import math
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

UNKNOWN = -1
"""What a lookup table answers to a picture that it does not hold."""

Table = dict[bytes, tuple[int, ...]]
"""The answers to every picture that was seen, under the bytes of the picture."""


def as_bytes(image: Float[Array, "rows columns 3"] | np.ndarray) -> bytes:
    """A picture as a file holds it: each number in [0, 1] as a byte from 0 to 255."""
    return np.round(255 * np.asarray(image)).astype(np.uint8).tobytes()


def lookup_table(
    images: Float[Array, "count rows columns 3"], answers: Int[Array, "count questions"]
) -> Table:
    """Remembers the answers to every picture."""
    rows = np.asarray(answers).tolist()
    return {
        as_bytes(image): tuple(row) for image, row in zip(np.asarray(images), rows, strict=True)
    }


def look_up(table: Table, images: Float[Array, "count rows columns 3"]) -> np.ndarray:
    """The table's answers, shape (count, questions); `UNKNOWN` where a byte differs."""
    unknown = (UNKNOWN,) * len(next(iter(table.values())))
    return np.array([table.get(as_bytes(image), unknown) for image in np.asarray(images)])


def selectivity(
    activations: Float[Array, "batch neurons"], present: Bool[Array, " batch"]
) -> Float[Array, " neurons"]:
    """How much more a neuron puts out when a quality is present, (a - b) / (a + b), in [-1, 1].

    Here a is the mean activation over the inputs with the quality, and b over those without.
    1 means silent without it, 0 means no difference, -1 silent with it. A neuron that is always
    silent gets 0. Source: Morcos et al. (2018), class selectivity.

    Args:
        activations: Not negative, as a ReLU leaves them.
        present: Which inputs have the quality; some must, and some must not.
    """
    a = jnp.mean(activations, axis=0, where=present[:, None])
    b = jnp.mean(activations, axis=0, where=~present[:, None])
    return jnp.where(a + b > 0, (a - b) / jnp.where(a + b > 0, a + b, 1.0), 0.0)


def table_size(values: Sequence[int]) -> int:
    """Entries of a table of all inputs: the product of the numbers of values of the qualities."""
    return math.prod(values)


def code_size(values: Sequence[int]) -> int:
    """Neurons of a decomposed code, one for each value of each quality: the sum."""
    return sum(values)
