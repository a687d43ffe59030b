"""The training loop: on problems with known answers, and on the toy model."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from book.superposition import (
    feature_dimensionality,
    initial_model,
    represented,
    sample_features,
    toy_model,
    weighted_loss,
)
from book.training import advance, append, begin, train

TARGET = jnp.array([1.0, -2.0, 3.0])


def noisy_distance(parameters, key):
    """Least where the parameters equal TARGET, whatever the key."""
    scale = jax.random.uniform(key, (), minval=0.5, maxval=1.5)
    return scale * jnp.sum((parameters - TARGET) ** 2)


def test_training_finds_the_minimum_and_the_losses_fall():
    parameters, losses = train(
        noisy_distance, optax.adam(3e-2), jnp.zeros(3), jax.random.key(0), 1000
    )
    np.testing.assert_allclose(parameters, TARGET, atol=1e-2)
    assert losses.shape == (1000,)
    assert losses[-1] < 1e-3 * losses[0]


def test_one_step_of_gradient_descent_is_the_formula():
    key = jax.random.key(0)
    run, value = advance(noisy_distance, optax.sgd(0.1), begin(optax.sgd(0.1), jnp.zeros(3)), key)
    scale = jax.random.uniform(key, (), minval=0.5, maxval=1.5)
    np.testing.assert_allclose(run.parameters, 0.1 * 2 * scale * TARGET, rtol=1e-6)
    assert value == pytest.approx(float(scale) * 14, rel=1e-6)
    assert run.steps == 1


def test_weight_decay_sees_the_parameters():
    optimizer = optax.adamw(0.1, weight_decay=0.5)
    run, _ = advance(lambda p, key: 0 * jnp.sum(p), optimizer, begin(optimizer, TARGET), KEY)
    np.testing.assert_allclose(run.parameters, 0.95 * TARGET, rtol=1e-6)


KEY = jax.random.key(0)


def test_training_is_the_same_as_advancing_by_hand():
    optimizer = optax.adam(1e-2)
    run = begin(optimizer, jnp.zeros(3))
    for t in range(5):
        run, _ = advance(noisy_distance, optimizer, run, jax.random.fold_in(KEY, t))
    parameters, _ = train(noisy_distance, optimizer, jnp.zeros(3), KEY, 5)
    np.testing.assert_allclose(parameters, run.parameters, rtol=1e-5)


def test_many_runs_at_once_are_the_single_runs():
    keys = jax.vmap(jax.random.key)(jnp.arange(3))
    run = partial(train, noisy_distance, optax.adam(1e-2), jnp.zeros(3), steps=20)
    many, _ = jax.vmap(lambda key: run(key))(keys)
    for key, parameters in zip(keys, many, strict=True):
        np.testing.assert_allclose(run(key)[0], parameters, rtol=1e-5)


def test_no_steps_is_an_error_that_says_so():
    with pytest.raises(ValueError, match="steps is 0"):
        train(noisy_distance, optax.sgd(0.1), jnp.zeros(3), KEY, 0)


def test_remember_drops_the_oldest():
    np.testing.assert_array_equal(append(jnp.array([1.0, 2.0, 3.0]), jnp.float32(4)), [2, 3, 4])


SEEDS = 6


def trained_toy_models(density: float):
    """Toy models of five features and two neurons from several seeds, and their last losses."""
    importance = 0.9 ** jnp.arange(5.0)

    def loss(model, key):
        x = sample_features(density, 256, 5, key=key)
        return weighted_loss(toy_model(model, x), x, importance)

    def run(key):
        return train(loss, optax.adam(5e-3), initial_model(5, 2, key=key), key, 4000)

    (W, _), losses = jax.jit(jax.vmap(run))(jax.vmap(jax.random.key)(jnp.arange(SEEDS)))
    return W, losses[:, -500:].mean(axis=1)


def test_dense_features_get_a_neuron_each_until_the_neurons_run_out():
    W, losses = trained_toy_models(density=1.0)
    best = W[losses.argmin()]
    assert jnp.sum(best**2) == pytest.approx(2.0, abs=0.05)
    assert represented(best) == 2
    np.testing.assert_allclose(jnp.sort(feature_dimensionality(best)), [0, 0, 0, 1, 1], atol=0.05)


def test_sparse_features_fold_into_a_pentagon():
    W, losses = trained_toy_models(density=0.05)
    best = W[losses.argmin()]
    assert represented(best) == 5
    np.testing.assert_allclose(feature_dimensionality(best), 2 / 5, atol=0.03)
