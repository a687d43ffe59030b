"""The toy model that stores n sparse features in fewer neurons.

The model and its measures are those of Elhage et al., *Toy Models of Superposition* (2022).
Here W has one row per feature, so a row is that feature's direction; the paper writes it
with one column per feature, our W transposed, and m for our number of neurons d.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Num, Shaped

Model = tuple[Float[Array, "features neurons"], Float[Array, " features"]]
"""The toy model's parameters: the directions W and the bias b."""


def sample_features(
    density: Num[Array, ""] | float | int,
    batch: int,
    features: int,
    *,
    key: Key[Array, ""],
) -> Float[Array, "{batch} {features}"]:
    """Sparse intensities: present with probability p, then uniform.

    One draw u per entry is enough: u < p happens with probability p,
    and given that it does, u / p is uniform in [0, 1).

    Args:
        density: The probability p that a feature is present, in (0, 1].
        batch: How many inputs to draw.
        features: How many features an input has.
        key: The randomness.
    """
    u = jax.random.uniform(key, (batch, features))
    return jnp.where(u < density, u / density, 0.0)


def initial_model(features: int, neurons: int, *, key: Key[Array, ""]) -> Model:
    """Directions drawn from a normal distribution, and a bias of zero.

    The standard deviation is Glorot's, √(2 / (features + neurons)), for this one model.
    (The paper's notebook counts all the models it trains at once in the fan, so that a
    model's start depends on how many others are trained beside it.)
    """
    scale = jnp.sqrt(2.0 / (features + neurons))
    return scale * jax.random.normal(key, (features, neurons)), jnp.zeros(features)


def toy_model(
    model: Model,
    x: Float[Array, "*batch features"],
) -> Float[Array, "*batch features"]:
    """Writes features into neurons and reads them, ReLU(W Wᵀ x + b)."""
    W, b = model
    activation = x @ W
    return jax.nn.relu(activation @ W.T + b)


def weighted_loss(
    reconstruction: Float[Array, "batch features"],
    x: Float[Array, "batch features"],
    importance: Float[Array, " features"],
) -> Float[Array, ""]:
    """The mean of Iᵢ (xᵢ - x̂ᵢ)² over the batch and the features.

    Args:
        reconstruction: What the model gives back, x̂.
        x: What it was given.
        importance: How much a feature's error counts, Iᵢ ≥ 0.
    """
    return jnp.mean(importance * (x - reconstruction) ** 2)


def feature_dimensionality(
    W: Float[Array, "features neurons"],
) -> Float[Array, " features"]:
    """Each feature's share of a dimension, Dᵢ = ‖wᵢ‖² / Σⱼ (ŵᵢ · wⱼ)².

    From 0 to 1: 1 for a feature orthogonal to all others, 1/2 for each
    of an opposite pair, 2/5 for each corner of a pentagon, 0 for a row
    of zeros. Source: Elhage et al. (2022), section on geometry.
    """
    norms = jnp.sum(W**2, axis=1)
    overlaps = jnp.sum((W @ W.T) ** 2, axis=1)
    return norms**2 / jnp.where(overlaps > 0, overlaps, 1.0)


def represented(W: Float[Array, "features neurons"]) -> Int[Array, ""]:
    """How many features the model represents: the rows of W longer than 1/2."""
    return jnp.sum(jnp.linalg.norm(W, axis=1) > 0.5)


def linear_model(
    model: Model,
    x: Float[Array, "*batch features"],
) -> Float[Array, "*batch features"]:
    """The toy model without its ReLU, W Wᵀ x + b."""
    W, b = model
    activation = x @ W
    return activation @ W.T + b


def superposition_of(W: Float[Array, "features neurons"]) -> Float[Array, " features"]:
    """What the other features write along each feature's direction, Σⱼ (ŵᵢ · wⱼ)², j ≠ i.

    0 for a feature with a dimension of its own, about 1 for one that
    shares its direction with as much of others. 0 for a row of zeros.
    Source: Elhage et al. (2022), section "Basic Results".
    """
    norms = jnp.sum(W**2, axis=1)
    overlaps = jnp.sum((W @ W.T) ** 2, axis=1) - norms**2
    return overlaps / jnp.where(norms > 0, norms, 1.0)


def sample_pairs(
    density: Num[Array, ""] | float,
    together: Shaped[Array, ""] | bool,
    batch: int,
    pairs: int,
    *,
    key: Key[Array, ""],
) -> Float[Array, "{batch} {2*pairs}"]:
    """Sparse intensities of features that come in pairs.

    A pair is correlated if its two features are always present together,
    and anticorrelated if never: then one of the two, by chance, is there
    whenever the pair is. Feature 1 belongs with 2, 3 with 4, and so on.
    Either way a feature is present with probability p.

    Args:
        density: The probability p that a feature is present; at most 1/2 if anticorrelated.
        together: 1 for correlated pairs, 0 for anticorrelated ones.
        batch: How many inputs to draw.
        pairs: How many pairs of features.
        key: The randomness.
    """
    pair_key, side_key, value_key = jax.random.split(key, 3)
    chance = jnp.where(together, density, 2 * density)
    there = jax.random.uniform(pair_key, (batch, pairs, 1)) < chance
    side = jax.random.bernoulli(side_key, 0.5, (batch, pairs, 1))
    chosen = jnp.concatenate([side, ~side], axis=2) | jnp.asarray(together, bool)
    values = jax.random.uniform(value_key, (batch, pairs, 2))
    return jnp.where(there & chosen, values, 0.0).reshape(batch, 2 * pairs)
