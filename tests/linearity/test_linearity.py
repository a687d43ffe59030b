"""Directions, codes, packed numbers and probes against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.linearity import (
    angle_between,
    apply_probe,
    binary_code,
    bucket_code,
    compose,
    compress,
    dual_directions,
    explained,
    fit_probe,
    interference,
    random_directions,
    read_bucket,
    read_direction,
    read_intensities,
    recover,
    staircase,
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


@given(st.floats(0.0, 1.0), st.floats(-180.0, 180.0))
def test_a_direction_reads_back_the_intensity_that_scaled_it(x, angle):
    direction = unit_direction(angle)
    assert read_direction(x * direction, direction) == pytest.approx(x, abs=1e-6)


@given(st.floats(0.0, 1.0, width=32), st.sampled_from([2, 5, 16]))
def test_one_neuron_is_on_and_its_range_is_half_a_range_from_the_intensity_at_most(x, buckets):
    code = bucket_code(jnp.float32(x), buckets)
    assert code.shape == (buckets,)
    assert sorted(code.tolist()) == [0.0] * (buckets - 1) + [1.0]
    assert abs(read_bucket(code) - x) <= 0.5 / buckets + 1e-6


def test_the_error_of_ranges_is_that_of_a_uniform_number_in_one_range():
    x = (jnp.arange(10_000.0) + 0.5) / 10_000
    error = jnp.sqrt(jnp.mean((read_bucket(bucket_code(x, 5)) - x) ** 2))
    assert error == pytest.approx(1 / 5 / 12**0.5, rel=1e-3)


@pytest.mark.parametrize(("x", "on", "reading"), [(0.0, 0, 0.25), (0.5, 0, 0.25), (0.8, 1, 0.75)])
def test_a_binary_code_says_on_which_side_of_one_half(x, on, reading):
    code = binary_code(jnp.array(x))
    assert code.tolist() == [on]
    assert read_bucket(code) == reading


# Powers of two: float32 packs and recovers such numbers without rounding.
@given(st.sampled_from([2, 16, 256]), st.integers(0, 255), st.integers(0, 1023))
def test_recover_undoes_compress_exactly_where_float32_does_not_round(Z, k, m):
    x, y = (k % Z) / Z, m / 1024
    assert recover(compress(jnp.float32(x), jnp.float32(y), Z), Z) == (x, y)


@given(st.sampled_from([10, 100]), st.integers(0, 99), st.floats(0.1, 0.9))
def test_compress_keeps_x_to_the_step_below_and_y_to_the_budget(Z, k, y):
    x = (k % Z + 0.5) / Z
    x_read, y_read = recover(compress(jnp.float32(x), jnp.float32(y), Z), Z)
    assert x_read == pytest.approx((k % Z) / Z, abs=1e-6)
    assert y_read == pytest.approx(y, abs=4 * Z * 2**-24)


def test_packing_passes_no_gradient_to_the_number_in_front():
    x_slope, y_slope = jax.grad(compress, argnums=(0, 1))(0.43, 0.3, 10.0)
    assert (x_slope, y_slope) == (0.0, pytest.approx(0.1))
    slopes = jax.jacobian(recover)(0.43, 10.0)
    assert slopes[0] == 0.0
    assert slopes[1] == pytest.approx(10.0)


@given(st.sampled_from([2, 4, 10]), st.floats(0.0, 0.999), st.sampled_from([20.0, 200.0]))
def test_the_staircase_is_the_floor_off_its_ramps_and_between_the_steps_on_them(Z, x, steepness):
    height = float(staircase(jnp.float32(x), Z, steepness))
    left = 1 - (Z * x) % 1  # to the next step, in treads
    if left / Z > 1 / steepness + 1e-4 and left < 1 - 1e-4:
        assert height == pytest.approx(np.floor(Z * x), abs=1e-3)
    assert np.floor(Z * x) - 1e-2 <= height <= np.floor(Z * x) + 1 + 1e-2


def test_ramps_cover_one_over_the_steepness_each():
    x = (jnp.arange(100_000.0) + 0.5) / 100_000
    wrong = jnp.mean(jnp.abs(staircase(x, 5, 50.0) - jnp.floor(5 * x)) > 1e-3)
    assert wrong == pytest.approx(4 / 50, abs=1e-3)


@given(seeds)
def test_a_probe_finds_weights_and_constant_of_what_is_linear(seed):
    rng = np.random.default_rng(seed)
    activations = jnp.asarray(rng.normal(2.0, 1.0, size=(40, 3)), jnp.float32)
    weights, constant = rng.normal(size=(3, 2)), rng.normal(size=2)
    intensities = activations @ weights + constant
    probe = fit_probe(activations, intensities)
    np.testing.assert_allclose(probe[0], weights, atol=1e-3)
    np.testing.assert_allclose(probe[1], constant, atol=5e-3)
    np.testing.assert_allclose(apply_probe(probe, activations), intensities, atol=1e-3)
    np.testing.assert_allclose(
        explained(apply_probe(probe, activations), intensities), 1, atol=1e-3
    )


@given(seeds)
def test_what_a_probe_misses_has_nothing_to_do_with_any_neuron(seed):
    rng = np.random.default_rng(seed)
    activations, intensities = (jnp.asarray(rng.normal(size=(40, k)), jnp.float32) for k in (3, 2))
    missed = apply_probe(fit_probe(activations, intensities), activations) - intensities
    np.testing.assert_allclose(missed.sum(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(activations.T @ missed, 0, atol=1e-3)


def test_explained_is_one_for_exact_readings_and_zero_for_the_mean():
    x = jnp.array([[0.0], [1.0], [2.0], [5.0]])
    assert explained(x, x).tolist() == [1.0]
    assert explained(jnp.full_like(x, 2.0), x).tolist() == [0.0]
    assert explained(-x, x)[0] < 0
