"""Directions against closed forms: energies, bounds, cosines of random directions, prices."""

from itertools import combinations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.linearity import random_directions
from book.superposition import sample_features, toy_model
from book.superposition.geometry import (
    cosine_density,
    directions_within,
    interference_energy,
    largest_cosine,
    least_energy,
    least_largest_cosine,
    pack,
    pair_cost,
)
from book.superposition.ledger.experiments import corners

seeds = st.integers(0, 2**32 - 1)
shapes = st.sampled_from([(3, 2), (5, 2), (8, 3)])


@given(seeds, shapes)
def test_the_energy_is_a_sum_over_pairs_and_never_below_the_bound(seed, shape):
    d = random_directions(*shape, key=jax.random.key(seed))
    expected = sum(float(a @ b) ** 2 for a, b in combinations(np.asarray(d), 2))
    energy = float(interference_energy(d))
    assert energy == pytest.approx(expected, abs=1e-4)
    assert energy >= least_energy(*shape) - 1e-4


@pytest.mark.parametrize(
    "name", ["orthogonal", "triangle", "digon", "pentagon", "tetrahedron", "square antiprism"]
)
def test_uniform_shapes_are_tight_frames(name):
    d = jnp.asarray(corners(name))
    assert float(interference_energy(d)) == pytest.approx(least_energy(*d.shape), abs=1e-5)


@given(seeds, shapes)
def test_the_largest_cosine_is_never_below_the_bound(seed, shape):
    d = random_directions(*shape, key=jax.random.key(seed))
    assert float(largest_cosine(d)) >= least_largest_cosine(*shape) - 1e-5


def test_packing_reaches_the_bound_where_it_can_be_reached():
    # Three directions in a plane and six in space, the diagonals of an icosahedron.
    for features, neurons in ((3, 2), (6, 3)):
        packed = pack(features, neurons, key=jax.random.key(0), steps=800)
        np.testing.assert_allclose(jnp.linalg.norm(packed, axis=1), 1, rtol=1e-5)
        bound = least_largest_cosine(features, neurons)
        assert float(largest_cosine(packed)) == pytest.approx(bound, abs=0.02)


@pytest.mark.parametrize("neurons", [3, 10, 100])
def test_the_density_of_cosines_has_the_spread_one_over_the_root(neurons):
    c = jnp.linspace(-0.9999, 0.9999, 4001)
    weights = cosine_density(c, neurons)
    spread = jnp.sqrt(jnp.sum(weights * c**2) / jnp.sum(weights))
    assert float(spread) == pytest.approx(neurons**-0.5, rel=5e-3)


def test_so_many_random_directions_keep_to_the_limit_more_often_than_not():
    count = int(directions_within(0.5, 64))
    keys = jax.random.split(jax.random.key(0), 40)
    kept = [float(largest_cosine(random_directions(count, 64, key=key))) <= 0.5 for key in keys]
    assert count > 30
    assert np.mean(kept) >= 0.5


@pytest.mark.parametrize("cosine", [-1.0, -0.5, -0.2, 0.0, 0.3, 0.8])
def test_the_price_of_a_pair_is_what_sampling_finds(cosine):
    W = jnp.array([[1.0, 0.0], [cosine, (1 - cosine**2) ** 0.5]])
    x = sample_features(0.3, 200_000, 2, key=jax.random.key(1))
    sampled = jnp.mean(jnp.sum((toy_model((W, jnp.zeros(2)), x) - x) ** 2, axis=1))
    assert float(pair_cost(cosine, 0.3)) == pytest.approx(float(sampled), abs=2e-3)


def test_a_pair_and_a_single_cost_less_than_a_triangle():
    triangle = 3 * pair_cost(-0.5, 0.1)
    assert float(pair_cost(-1.0, 0.1)) == pytest.approx(0.01 / 3, rel=1e-5)
    assert float(triangle) == pytest.approx(0.01 * 3 / 8, rel=1e-5)
