"""Pictures, the two-question network and its measures, against closed forms and loops."""

import itertools

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.decomposability import (
    HUES,
    SHIFTS,
    SIDE,
    SIZES,
    UNKNOWN,
    Scene,
    accuracy,
    cells,
    code_size,
    coverage,
    cross_entropy,
    every_scene,
    hidden,
    initial_network,
    labels,
    logits,
    look_up,
    lookup_table,
    nearest_training_scene,
    render,
    sample_scenes,
    selectivity,
    table_size,
    train_network,
)

hues = st.floats(0, 1, width=32)
sizes = st.floats(SIZES[0], SIZES[-1])
shifts = st.floats(SHIFTS[0], SHIFTS[-1])
seeds = st.integers(0, 2**32 - 1)
draw = jax.jit(render)
cover = jax.jit(coverage)


def scene(*values: float) -> Scene:
    return Scene(*map(jnp.float32, values))


@given(hues, st.sampled_from([0.0, 1.0]), sizes, shifts, shifts)
def test_a_picture_is_the_background_behind_a_white_shape(hue, shape, size, x, y):
    white = cover(scene(hue, shape, size, x, y))
    image = draw(scene(hue, shape, size, x, y))
    assert image.shape == (SIDE, SIDE, 3)
    assert jnp.all((image >= 0) & (image <= 1))
    for channel, background in enumerate((1 - hue, 0, hue)):
        expected = white + (1 - white) * background
        np.testing.assert_allclose(image[..., channel], expected, atol=1e-6)


@given(sizes, shifts, shifts)
def test_circle_and_triangle_cover_the_area_of_the_circle(size, x, y):
    for shape in (0.0, 1.0):
        area = cover(scene(0.0, shape, size, x, y)).sum()
        assert area == pytest.approx(np.pi * size**2, rel=0.1)  # soft edges add a little


@given(shifts, shifts)
def test_the_circle_sits_where_the_scene_says(x, y):
    white = np.asarray(cover(scene(0.0, 0.0, 2.4, x, y)))
    middle = np.arange(SIDE) - (SIDE - 1) / 2
    assert (white.sum(0) @ middle) / white.sum() == pytest.approx(x, abs=0.05)
    assert (white.sum(1) @ -middle) / white.sum() == pytest.approx(y, abs=0.05)


@pytest.mark.parametrize("quality", range(5))
def test_every_pixel_is_a_smooth_function_of_every_quality(quality):
    at = scene(0.5, 0.5, 2.55, 0.3, -0.2)
    step = 1e-2
    moved = [at._replace(**{at._fields[quality]: at[quality] + s}) for s in (step, -step)]
    slope = getattr(jax.jit(jax.jacfwd(render))(at), at._fields[quality])
    assert jnp.abs(slope).max() > 0.1
    np.testing.assert_allclose(slope, (draw(moved[0]) - draw(moved[1])) / (2 * step), atol=2e-2)


def test_the_training_set_has_every_combination_once():
    scenes = every_scene()
    rows = {tuple(row) for row in np.stack(scenes, axis=1).astype(float).round(3).tolist()}
    assert rows == {
        tuple(round(value, 3) for value in row)
        for row in itertools.product((0, 1), (0, 1), SIZES, SHIFTS, SHIFTS)
    }
    images = np.asarray(jax.vmap(render)(scenes))
    assert len(lookup_table(jnp.asarray(images), labels(scenes))) == 256


def test_sampled_scenes_stay_in_range_and_use_both_colours_and_shapes():
    scenes = sample_scenes(400, key=jax.random.key(0))
    for part, (low, high) in zip(scenes[2:], [(2.1, 3), (-1.2, 1.2), (-1.2, 1.2)], strict=True):
        assert low - 1e-6 <= part.min() < part.max() <= high + 1e-6
    assert np.unique(labels(scenes), axis=0).shape == (4, 2)
    assert 150 < labels(scenes)[:, 0].sum() < 250


@given(st.integers(0, 255), seeds)
def test_the_nearest_training_scene_of_a_slightly_moved_one_is_itself(index, seed):
    one = jax.tree.map(lambda part: part[index], every_scene())
    shake = np.random.default_rng(seed).uniform(-0.14, 0.14, size=5)
    moved = Scene(*(part + np.float32(s) for part, s in zip(one, shake, strict=True)))
    np.testing.assert_allclose(nearest_training_scene(moved), one, atol=1e-6)


@pytest.mark.parametrize("step", range(9))
def test_cells_name_the_colour_of_every_pixel(step):
    at = scene(HUES[step], 1.0, 2.7, 0.4, 0.4)
    places = 16 * np.asarray(cells(at))
    assert places.min() >= 0
    assert places.max() <= 16
    stops = matplotlib.colormaps["pictures"](np.linspace(0, 1, 17))[:, :3]
    first = np.minimum(places.astype(int), 15)
    part = (places - first)[..., None]
    shown = (1 - part) * stops[first] + part * stops[first + 1]
    np.testing.assert_allclose(shown, draw(at), atol=1e-5)


def test_a_lookup_table_knows_its_pictures_and_nothing_else():
    scenes = every_scene()
    images, answers = jax.vmap(render)(scenes), labels(scenes)
    table = lookup_table(images, answers)
    np.testing.assert_array_equal(look_up(table, images), answers)
    assert np.all(look_up(table, images.at[:, 3, 3, 1].add(0.01)) == UNKNOWN)
    rounded_away = images.at[:, 3, 3, 1].multiply(1 - 1e-6)
    np.testing.assert_array_equal(look_up(table, rounded_away), answers)


def test_what_the_hue_figure_calls_known_is_what_the_table_knows():
    table = lookup_table(jax.vmap(render)(every_scene()), labels(every_scene()))
    for hue, x in itertools.product((0.0, 0.5, 1.0), np.arange(-1.2, 1.3, 0.2)):
        at = scene(hue, 0.0, 2.7, x, 0.4)
        nearest = nearest_training_scene(at)
        same = bool(jnp.all(jnp.round(255 * draw(at)) == jnp.round(255 * draw(nearest))))
        assert same == (look_up(table, draw(at)[None])[0, 0] != UNKNOWN)


def test_hidden_neurons_are_an_affine_map_and_a_relu():
    network = initial_network(5, key=jax.random.key(0))._replace(threshold=jnp.arange(5.0) - 2)
    images = jax.random.uniform(jax.random.key(1), (3, SIDE, SIDE, 3))
    pixels = np.asarray(images).reshape(3, -1) - 0.5
    before = pixels @ np.asarray(network.inward) + np.arange(5.0) - 2
    np.testing.assert_allclose(hidden(network, images), np.maximum(before, 0), atol=1e-4)
    assert logits(network, images).shape == (3, 2, 2)
    np.testing.assert_allclose(hidden(network, images)[1], hidden(network, images[1]), atol=1e-5)


def test_a_network_that_knows_nothing_loses_two_coins():
    network = jax.tree.map(jnp.zeros_like, initial_network(4, key=jax.random.key(0)))
    images = jnp.zeros((4, SIDE, SIDE, 3))
    answers = jnp.array([[0, 0], [0, 1], [1, 0], [0, 1]])
    assert cross_entropy(network, images, answers) == pytest.approx(2 * np.log(2))
    np.testing.assert_allclose(accuracy(network, images, answers), [0.75, 0.5])


def test_before_the_relu_purple_is_the_mean_of_red_and_blue():
    network = initial_network(6, key=jax.random.key(2))._replace(threshold=jnp.full(6, 100.0))
    red, purple, blue = (hidden(network, draw(scene(h, 1.0, 2.5, 0.1, 0.2))) for h in (0, 0.5, 1))
    np.testing.assert_allclose(purple, (red + blue) / 2, rtol=1e-5)


def test_training_makes_the_answers_right():
    scenes = every_scene()
    images, answers = jax.vmap(render)(scenes), labels(scenes)
    train = jax.jit(jax.vmap(lambda key: train_network(images, answers, key=key)))
    networks = train(jax.vmap(jax.random.key)(jnp.arange(3)))
    right = jax.vmap(accuracy, in_axes=(0, None, None))(networks, images, answers)
    assert right.min(axis=1).max() > 0.97


@given(seeds)
def test_selectivity_is_a_difference_over_a_sum_of_means(seed):
    rng = np.random.default_rng(seed)
    activations, present = rng.exponential(size=(6, 3)), np.array([1, 1, 0, 0, 0, 1], bool)
    activations[:, 1] = 0
    a, b = activations[present].mean(0), activations[~present].mean(0)
    expected = np.where(a + b > 0, (a - b) / np.where(a + b > 0, a + b, 1), 0)
    given_arrays = jnp.asarray(activations, jnp.float32), jnp.asarray(present)
    np.testing.assert_allclose(selectivity(*given_arrays), expected, atol=1e-5)
    opposite = selectivity(given_arrays[0], ~given_arrays[1])
    np.testing.assert_allclose(opposite, -expected, atol=1e-5)


def test_selectivity_of_known_neurons():
    activations = jnp.array([[3.0, 0.0, 2.0, 0.0], [1.0, 5.0, 2.0, 0.0]])
    present = jnp.array([True, False])
    np.testing.assert_allclose(selectivity(activations, present), [0.5, -1, 0, 0])


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_the_two_counts_count_combinations_and_values(values):
    assert table_size(values) == len(list(itertools.product(*map(range, values))))
    assert code_size(values) == len([v for count in values for v in range(count)])
