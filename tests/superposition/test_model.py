"""The toy model and its measures against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.superposition import (
    feature_dimensionality,
    initial_model,
    linear_model,
    represented,
    sample_features,
    sample_pairs,
    superposition_of,
    toy_model,
    weighted_loss,
)

seeds = st.integers(0, 2**32 - 1)
# A few shapes: every new one is compiled anew.
shapes = st.sampled_from([(1, 1), (2, 2), (5, 2), (9, 4)])


def polygon(corners: int) -> np.ndarray:
    turn = 2 * np.pi * np.arange(corners) / corners
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def antiprism() -> np.ndarray:
    """Two squares turned by 45 degrees against each other, its three directions equally used."""
    height = np.sqrt(0.5)
    upper = np.column_stack([polygon(4), np.full(4, height)])
    turned = polygon(8)[1::2]
    return np.concatenate([upper, np.column_stack([turned, np.full(4, -height)])])


TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])

SHAPES = {
    "orthogonal": (np.eye(4), 1),
    "tetrahedron": (TETRAHEDRON, 3 / 4),
    "triangle": (polygon(3), 2 / 3),
    "digon": (np.array([[1.0], [-1.0]]), 1 / 2),
    "two digons": (np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]), 1 / 2),
    "pentagon": (polygon(5), 2 / 5),
    "square antiprism": (antiprism(), 3 / 8),
}


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_dimensionality_of_known_shapes(shape, scale):
    W, expected = SHAPES[shape]
    dimensionality = feature_dimensionality(jnp.asarray(scale * W, jnp.float32))
    np.testing.assert_allclose(dimensionality, expected, rtol=1e-5)


def test_a_feature_without_a_direction_has_dimensionality_zero():
    W = jnp.array([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(feature_dimensionality(W), [1, 0, 1])


@given(seeds, shapes)
def test_dimensionality_lies_between_zero_and_one(seed, shape):
    W = jax.random.normal(jax.random.key(seed), shape)
    dimensionality = feature_dimensionality(W)
    assert jnp.all(dimensionality > 0)
    assert jnp.all(dimensionality <= 1 + 1e-5)


@given(seeds, shapes)
def test_dimensionalities_add_up_to_at_most_the_number_of_neurons(seed, shape):
    W = jax.random.normal(jax.random.key(seed), shape)
    assert feature_dimensionality(W).sum() <= min(shape) + 1e-4


@given(seeds, st.floats(0, 360))
def test_dimensionality_does_not_change_when_the_plane_is_turned(seed, degrees):
    W = jax.random.normal(jax.random.key(seed), (5, 2))
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turned = W @ jnp.array([[cos, sin], [-sin, cos]], jnp.float32)
    np.testing.assert_allclose(
        feature_dimensionality(turned), feature_dimensionality(W), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("density", [1.0, 0.3, 0.01])
def test_features_are_present_with_the_density_and_then_uniform(density):
    x = np.asarray(sample_features(density, 200_000, 2, key=jax.random.key(0)))
    present = x[x > 0]
    assert present.size / x.size == pytest.approx(density, rel=0.05)
    assert x.min() >= 0
    assert x.max() <= 1
    assert np.quantile(present, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.02)


def test_features_are_drawn_independently():
    x = sample_features(0.5, 100_000, 3, key=jax.random.key(1))
    np.testing.assert_allclose(jnp.corrcoef(x.T), np.eye(3), atol=0.02)


def test_toy_model_of_a_digon_reads_back_either_feature_but_not_both():
    model = (jnp.array([[1.0], [-1.0]]), jnp.zeros(2))
    x = jnp.array([[0.8, 0.0], [0.0, 0.6], [0.8, 0.6]])
    np.testing.assert_allclose(toy_model(model, x), [[0.8, 0.0], [0.0, 0.6], [0.2, 0.0]], atol=1e-6)


def test_toy_model_adds_its_bias_before_the_relu():
    model = (jnp.zeros((3, 2)), jnp.array([0.5, 0.0, -0.5]))
    np.testing.assert_allclose(toy_model(model, jnp.ones(3)), [0.5, 0.0, 0.0])


def test_weighted_loss_is_the_mean_over_batch_and_features():
    x = jnp.array([[1.0, 0.0], [0.0, 1.0]])
    reconstruction = jnp.array([[0.0, 0.0], [0.0, -1.0]])
    loss = weighted_loss(reconstruction, x, jnp.array([1.0, 0.5]))
    assert loss == pytest.approx((1.0 * 1 + 0.5 * 4) / 4)


def test_initial_model_has_glorot_spread_and_no_bias():
    W, b = initial_model(300, 200, key=jax.random.key(0))
    assert jnp.std(W) == pytest.approx((2 / 500) ** 0.5, rel=0.02)
    assert not jnp.any(b)


def test_represented_counts_the_rows_longer_than_one_half():
    assert represented(jnp.array([[0.6, 0.0], [0.4, 0.4], [0.4, 0.0], [0.0, -0.5]])) == 2


def test_the_linear_model_has_no_relu():
    model = (jnp.array([[1.0], [-1.0]]), jnp.array([0.0, 0.5]))
    np.testing.assert_allclose(linear_model(model, jnp.array([0.8, 0.0])), [0.8, -0.3], atol=1e-6)


def test_superposition_is_what_others_write_along_a_direction():
    W = jnp.array([[2.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.0, 0.0]])
    np.testing.assert_allclose(superposition_of(W), [1.0, 4.0, 0.0, 0.0], rtol=1e-6)


@pytest.mark.parametrize("together", [True, False])
def test_pairs_have_the_density_and_come_together_or_never(together):
    x = np.asarray(sample_pairs(0.2, together, 100_000, 2, key=jax.random.key(0)))
    present = x > 0
    np.testing.assert_allclose(present.mean(axis=0), 0.2, atol=0.01)
    both = (present[:, 0] & present[:, 1]).mean()
    assert both == pytest.approx(0.2 if together else 0.0, abs=0.01)
    across = (present[:, 0] & present[:, 2]).mean()
    assert across == pytest.approx(0.04, abs=0.005)
    assert np.quantile(x[present], [0.25, 0.75]) == pytest.approx([0.25, 0.75], abs=0.02)
