"""The measures of a set of directions against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.features import (
    basis_alignment,
    effective_directions,
    is_orthonormal,
    left_over,
    local_directions,
    project,
    reading_loss,
    write_and_read,
)
from book.linearity import random_directions, unit_direction

seeds = st.integers(0, 2**32 - 1)
angles = st.floats(0.0, 360.0)


def rotation(seed: int, size: int = 4) -> jax.Array:
    return jnp.linalg.qr(jax.random.normal(jax.random.key(seed), (size, size)))[0]


def turned(angle: float) -> jax.Array:
    return jnp.stack([unit_direction(angle), unit_direction(angle + 90)])


@given(seeds)
def test_a_projection_lies_along_the_direction_and_leaves_a_right_angle(seed):
    (direction,) = random_directions(1, 4, key=jax.random.key(seed))
    activation = jax.random.normal(jax.random.key(seed + 1), (4,))
    part = project(activation, direction)
    np.testing.assert_allclose(project(part, direction), part, atol=1e-5)
    assert (activation - part) @ direction == pytest.approx(0.0, abs=1e-5)


def test_many_activations_are_projected_row_by_row():
    rows = jnp.array([[2.0, 5.0], [-1.0, 3.0]])
    np.testing.assert_array_equal(project(rows, jnp.array([1.0, 0.0])), [[2, 0], [-1, 0]])


@given(seeds)
def test_rows_of_a_rotation_are_orthonormal_and_any_other_length_is_not(seed):
    rows = rotation(seed)[:3]
    assert is_orthonormal(rows)
    assert not is_orthonormal(1.01 * rows)
    assert not is_orthonormal(rows.at[0].set(rows[1]))


@given(angles)
def test_orthogonal_directions_add_up_to_the_whole_activation(angle):
    activation = jnp.array([0.3, -0.7])
    parts = [project(activation, direction) for direction in turned(angle)]
    np.testing.assert_allclose(sum(parts), activation, atol=1e-6)


def test_nothing_is_left_over_once_there_are_as_many_directions_as_neurons():
    directions = jax.vmap(lambda key: random_directions(8, 5, key=key))(
        jax.vmap(jax.random.key)(jnp.arange(2000))
    )
    left = jax.vmap(left_over)(directions)
    np.testing.assert_allclose(left[:, 5:], 0.0, atol=1e-4)
    expected = (5 - np.arange(5)) / 5
    np.testing.assert_allclose(jnp.mean(left[:, :5] ** 2, axis=0), expected, atol=0.03)


def test_left_over_of_known_directions():
    directions = jnp.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    np.testing.assert_allclose(left_over(directions), [1, 0, 0.8, 0], atol=1e-6)


@given(seeds)
def test_effective_directions_are_what_the_layers_do_one_after_another(seed):
    keys = jax.random.split(jax.random.key(seed), 4)
    shapes = [(3, 5), (5, 2), (2, 4)]
    weights = [jax.random.normal(k, s) for k, s in zip(keys, shapes, strict=False)]
    x = jax.random.normal(keys[3], (3,))
    a = x
    for W in weights:
        a = a @ W
    np.testing.assert_allclose(x @ effective_directions(*weights), a, rtol=1e-3, atol=1e-4)


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"matrix 2 has 4 rows, .* puts out 3 numbers"):
        effective_directions(jnp.ones((2, 3)), jnp.ones((4, 2)))
    with pytest.raises(ValueError, match="one per layer"):
        effective_directions()


@given(seeds)
def test_local_directions_of_a_relu_path_leave_out_the_neurons_that_are_shut(seed):
    keys = jax.random.split(jax.random.key(seed), 3)
    first, second = jax.random.normal(keys[0], (3, 6)), jax.random.normal(keys[1], (6, 2))
    x = jax.random.normal(keys[2], (3,))
    is_open = (x @ first > 0).astype(jnp.float32)
    local = local_directions(lambda x: jax.nn.relu(x @ first) @ second, x)
    np.testing.assert_allclose(local, first @ (is_open[:, None] * second), atol=1e-5)


def test_alignment_is_1_on_the_axes_and_least_on_the_diagonal():
    assert basis_alignment(jnp.array([[0.0, 3.0], [-2.0, 0.0]])) == 1.0
    assert basis_alignment(jnp.ones((3, 4))) == pytest.approx(0.5)


@given(angles)
def test_alignment_of_a_turned_pair_is_a_cosine(angle):
    expected = max(abs(np.cos(np.deg2rad(angle))), abs(np.sin(np.deg2rad(angle))))
    assert basis_alignment(turned(angle)) == pytest.approx(expected, abs=1e-5)


@given(seeds)
def test_a_linear_layer_loses_nothing_in_any_orthogonal_basis(seed):
    x = jax.random.uniform(jax.random.key(seed + 1), (8, 4))
    assert reading_loss(rotation(seed), x, lambda a: a) < 1e-9


def test_with_a_relu_a_permutation_loses_nothing_and_a_rotation_does():
    x = jnp.eye(4)
    shuffled = jnp.eye(4)[jnp.array([2, 0, 3, 1])]
    np.testing.assert_array_equal(write_and_read(shuffled, x, jax.nn.relu), x)
    assert reading_loss(rotation(0), x, jax.nn.relu) > 0.1
