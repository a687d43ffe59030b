"""Chapter 4, superposition: how directions lie to each other when there are more than neurons.

Directions are the rows of an array, one unit vector per feature, as in `book.linearity`.
"""

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Key, Num

from book.linearity import random_directions
from book.training import train


def off_diagonal(
    matrix: Float[Array, "features features"],
) -> Float[Array, "features features"]:
    """The matrix with zeros on its diagonal: what features do to others, not to themselves."""
    return matrix * (1 - jnp.eye(len(matrix)))


def interference_energy(directions: Float[Array, "features neurons"]) -> Float[Array, ""]:
    """The squared cosines of all pairs of directions, added up: Σⱼ﹤ₖ (dⱼ · dₖ)².

    From 0, all at right angles, to n(n - 1)/2, all on one line. For n
    unit vectors in d ≤ n neurons it is at least n(n - d)/(2d); the
    directions that reach this are called a tight frame.
    Source: Benedetto and Fickus (2003), where twice this plus n is the frame potential.
    """
    return jnp.sum(off_diagonal(directions @ directions.T) ** 2) / 2


def least_energy(features: int, neurons: int) -> float:
    """The least interference energy of that many unit vectors: 0 while there is room."""
    return max(0.0, features * (features - neurons) / (2 * neurons))


def cosine_density(
    cosine: Num[Array, "*shape"], neurons: Num[Array, ""] | float | int
) -> Float[Array, "*shape"]:
    """The density of the cosine of two random directions, not normalised: (1 - c²)^((d - 3)/2).

    Args:
        cosine: Between -1 and 1, both excluded.
        neurons: The number of dimensions d, at least 2.
    """
    return jnp.exp(0.5 * (neurons - 3) * jnp.log1p(-(cosine**2)))


def largest_cosine(directions: Float[Array, "features neurons"]) -> Float[Array, ""]:
    """The largest absolute cosine of any two of the directions."""
    return jnp.max(jnp.abs(off_diagonal(directions @ directions.T)))


def least_largest_cosine(features: int, neurons: int) -> float:
    """Welch's bound: the largest cosine of n unit vectors in d neurons is never smaller.

    √((n - d) / (d (n - 1))) for n > d, otherwise 0. It follows from the
    least energy, shared evenly among the pairs. Source: Welch (1974).
    """
    if features <= neurons:
        return 0.0
    return ((features - neurons) / (neurons * (features - 1))) ** 0.5


def pack(
    features: int, neurons: int, *, key: Key[Array, ""], steps: int = 1500
) -> Float[Array, "{features} {neurons}"]:
    """Directions pushed apart by gradient descent until the largest cosine is small.

    The loss is a smooth stand-in for the largest squared cosine, the
    log of a sum of exponentials over all pairs, which grows sharper
    while the directions move.

    Args:
        features: How many directions.
        neurons: In how many dimensions.
        key: Where they start.
        steps: Steps of Adam, with a step size that falls to zero.
    """

    def unit(rows: Float[Array, "features neurons"]) -> Float[Array, "features neurons"]:
        return rows / jnp.linalg.norm(rows, axis=1, keepdims=True)

    def loss(rows: Float[Array, "features neurons"], key: Key[Array, ""]) -> Float[Array, ""]:
        squares = off_diagonal(unit(rows) @ unit(rows).T) ** 2
        return jax.nn.logsumexp(150.0 * squares) / 150.0

    optimizer = optax.adam(optax.cosine_decay_schedule(3e-2, steps))
    first = random_directions(features, neurons, key=key)
    rows, _ = train(loss, optimizer, first, key, steps)
    return unit(rows)


def directions_within(cosine: float, neurons: int) -> float:
    """So many random directions have all cosines below a limit, with a chance of one half or more.

    A random pair is beyond ±c with probability at most 2 exp(-d c²/2)
    (Ball 1997, lemma 2.2), and n directions have fewer than n²/2 pairs;
    n = exp(d c²/4) / √2 makes the expected number of pairs beyond the
    limit at most one half.

    Args:
        cosine: The limit c, between 0 and 1.
        neurons: The number of dimensions d.
    """
    return float(jnp.exp(neurons * cosine**2 / 4) / jnp.sqrt(2.0))


def pair_cost(
    cosine: Num[Array, "*shape"] | float, density: Num[Array, ""] | float
) -> Float[Array, "*shape"]:
    """What two features cost each other, when nothing else is present: both squared errors.

    For unit directions, zero bias and a ReLU. With a = |c|, a positive
    cosine costs 2 p a²/3, because it is read also when only one of them
    is present; a negative one p² (2a² - a³)/3, only when both are.

    Args:
        cosine: Between their directions, c in [-1, 1].
        density: The probability p that a feature is present.
    """
    a = jnp.abs(cosine)
    return jnp.where(cosine > 0, 2 * density * a**2 / 3, density**2 * (2 * a**2 - a**3) / 3)
