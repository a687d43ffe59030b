"""Directions, sums and readings against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.linearity import (
    angle_between,
    compose,
    dual_directions,
    interference,
    random_directions,
    read_intensities,
    unit_direction,
)

angles = st.floats(1.0, 179.0)
intensities = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
seeds = st.integers(0, 2**32 - 1)
# A few shapes: every new one is compiled anew.
shapes = st.sampled_from([(1, 1), (2, 2), (5, 2), (3, 8)])


def pair(angle: float) -> jax.Array:
    return jnp.stack([unit_direction(0.0), unit_direction(angle)])


@pytest.mark.parametrize(
    ("angle", "expected"),
    [(0, [1, 0]), (90, [0, 1]), (180, [-1, 0]), (270, [0, -1]), (60, [0.5, 3**0.5 / 2])],
)
def test_unit_direction_of_known_angles(angle, expected):
    np.testing.assert_allclose(unit_direction(angle), expected, atol=1e-6)


@given(angles)
def test_angle_between_recovers_the_angle(angle):
    first, second = pair(angle)
    assert angle_between(first, 3 * second) == pytest.approx(angle, abs=0.05)


def test_compose_adds_the_scaled_directions():
    directions = jnp.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0]])
    np.testing.assert_allclose(compose(jnp.array([2.0, 0.5]), directions), [2.3, 0.4, 0.0])


def test_compose_takes_one_intensity_vector_or_many():
    directions = pair(40.0)
    x = jnp.array([[0.1, 0.9], [0.8, 0.3]])
    np.testing.assert_allclose(
        compose(x, directions), jnp.stack([compose(row, directions) for row in x]), rtol=1e-6
    )


@given(intensities, st.integers(0, 359))
def test_orthogonal_directions_read_back_exactly_however_they_are_turned(x, turn):
    directions = jnp.stack([unit_direction(turn), unit_direction(turn + 90)])
    reading = read_intensities(compose(jnp.array(x), directions), directions)
    np.testing.assert_allclose(reading, x, atol=1e-6)


@given(intensities, angles)
def test_two_readings_are_off_by_the_cosine_times_the_other_intensity(x, angle):
    directions = pair(angle)
    red, size = x
    cosine = np.cos(np.deg2rad(angle))
    reading = read_intensities(compose(jnp.array(x), directions), directions)
    np.testing.assert_allclose(reading, [red + size * cosine, size + red * cosine], atol=1e-6)


@given(seeds, shapes)
def test_reading_is_intensity_plus_interference(seed, shape):
    qualities, neurons = shape
    direction_key, intensity_key = jax.random.split(jax.random.key(seed))
    directions = random_directions(qualities, neurons, key=direction_key)
    x = jax.random.uniform(intensity_key, (qualities,))
    reading = read_intensities(compose(x, directions), directions)
    np.testing.assert_allclose(reading, x + interference(x, directions), atol=1e-5)


@given(intensities, st.floats(10.0, 170.0))
def test_dual_directions_read_exactly_at_any_angle(x, angle):
    directions = pair(angle)
    reading = read_intensities(compose(jnp.array(x), directions), dual_directions(directions))
    np.testing.assert_allclose(reading, x, atol=1e-4)


@given(st.floats(10.0, 170.0))
def test_dual_directions_are_longer_by_one_over_the_sine(angle):
    lengths = jnp.linalg.norm(dual_directions(pair(angle)), axis=1)
    np.testing.assert_allclose(lengths, 1 / np.sin(np.deg2rad(angle)), rtol=1e-3)


@given(seeds, shapes)
def test_random_directions_have_unit_length(seed, shape):
    directions = random_directions(*shape, key=jax.random.key(seed))
    assert directions.shape == shape
    np.testing.assert_allclose(jnp.linalg.norm(directions, axis=1), 1.0, rtol=1e-5)


def test_cosines_of_random_directions_spread_as_one_over_the_root_of_the_neurons():
    first, second = (random_directions(4000, 100, key=jax.random.key(seed)) for seed in (0, 1))
    spread = jnp.std(jnp.sum(first * second, axis=1))
    assert spread == pytest.approx(1 / 10, rel=0.05)
