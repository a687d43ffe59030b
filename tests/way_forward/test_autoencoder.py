"""Chapter 5's functions, against closed forms and by their properties."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book.linearity import random_directions
from book.training import train
from book.way_forward import (
    Autoencoder,
    dead_latents,
    initial_autoencoder,
    keep_largest,
    match_features,
    mean_max_cosine,
    resample,
    sae_forward,
    sae_loss,
    sample_activations,
    sparsity_and_fidelity,
    topk_forward,
    topk_loss,
    unit_decoder,
)

SEEDS = st.integers(0, 2**31 - 1)
FEW = settings(max_examples=10, deadline=None)


def axis_autoencoder(bias: float = 0.0) -> Autoencoder:
    """Four words, up, down, left and right: every activation in the plane is two of them."""
    words = jnp.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    return Autoencoder(words.T, jnp.full(4, bias), words, jnp.zeros(2))


@FEW
@given(seed=SEEDS)
def test_words_along_both_senses_of_the_axes_rebuild_everything(seed: int) -> None:
    activation = jax.random.normal(jax.random.key(seed), (8, 2))
    latents, rebuilt = sae_forward(axis_autoencoder(), activation)
    np.testing.assert_allclose(rebuilt, activation, atol=1e-6)
    assert float(sae_loss(axis_autoencoder(), activation, 0.5)) == pytest.approx(
        0.5 * float(jnp.mean(jnp.sum(jnp.abs(activation), axis=1))), rel=1e-5
    )
    assert np.all(np.sum(np.asarray(latents) > 0, axis=1) == 2)


@FEW
@given(seed=SEEDS, factor=st.floats(0.1, 10))
def test_the_length_of_a_decoder_row_changes_nothing(seed: int, factor: float) -> None:
    key = jax.random.key(seed)
    sae = initial_autoencoder(6, 3, key=key)
    longer = sae._replace(decoder=jnp.float32(factor) * sae.decoder)
    activation = jax.random.normal(key, (8, 3))
    np.testing.assert_allclose(
        sae_loss(longer, activation, 0.3), sae_loss(sae, activation, 0.3), rtol=1e-5
    )


def test_a_row_of_zeros_stays_and_its_gradient_is_finite() -> None:
    decoder = jnp.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(unit_decoder(decoder), [[0.6, 0.8], [0.0, 0.0]])


def test_the_best_latent_of_a_word_alone_is_half_the_penalty_too_quiet() -> None:
    penalties = jnp.array([0.0, 0.2, 0.6])
    activation = jnp.array([[0.7, 0.0]])
    biases = jnp.linspace(-0.7, 0.0, 141)
    losses = jnp.array(
        [[sae_loss(axis_autoencoder(float(b)), activation, p) for b in biases] for p in penalties]
    )
    np.testing.assert_allclose(biases[losses.argmin(axis=1)], -penalties / 2, atol=0.006)


@FEW
@given(seed=SEEDS, k=st.integers(1, 5))
def test_keep_largest_agrees_with_sorting(seed: int, k: int) -> None:
    readings = np.asarray(jax.random.normal(jax.random.key(seed), (7, 6)))
    kept = np.zeros_like(readings)
    for row, out in zip(readings, kept, strict=True):
        largest = np.argsort(row)[-k:]
        out[largest] = np.maximum(row[largest], 0)
    np.testing.assert_array_equal(keep_largest(jnp.asarray(readings), k), kept)


def test_with_all_latents_top_k_is_the_autoencoder_without_a_penalty() -> None:
    sae = initial_autoencoder(6, 3, key=jax.random.key(0))
    activation = jax.random.normal(jax.random.key(1), (8, 3))
    np.testing.assert_allclose(
        topk_loss(sae, activation, 6), sae_loss(sae, activation, 0.0), rtol=1e-6
    )


@FEW
@given(seed=SEEDS)
def test_a_shuffled_truth_is_matched_perfectly(seed: int) -> None:
    key = jax.random.key(seed)
    truth = random_directions(7, 4, key=key)
    order = np.asarray(jax.random.permutation(key, 10))
    words = jnp.concatenate([truth, random_directions(3, 4, key=jax.random.fold_in(key, 1))])
    latents, cosine = match_features(2.0 * words[order], truth)
    np.testing.assert_array_equal(order[np.asarray(latents)], np.arange(7))
    np.testing.assert_allclose(cosine, 1, atol=1e-5)
    assert float(mean_max_cosine(words, truth)) == pytest.approx(1, abs=1e-5)


def test_a_word_between_two_features_serves_one_of_them() -> None:
    truth = jnp.eye(2)
    words = jnp.array([[1.0, 1.0], [-1.0, 0.0]])
    _, cosine = match_features(words, truth)
    assert float(mean_max_cosine(words, truth)) == pytest.approx(0.5**0.5)
    assert float(jnp.sum(cosine)) == pytest.approx(0.5**0.5, abs=1e-6)  # the other one gets 0


def test_resampling_renews_the_dead_only_with_what_was_missed() -> None:
    sae = axis_autoencoder()
    activation = jnp.array([[2.0, 0.0], [0.0, -3.0], [0.6, 0.8]])
    missed = jnp.array([0.0, 0.0, 1.0])
    dead = jnp.array([False, True, False, True])
    again = resample(sae, activation, missed, dead, key=jax.random.key(0))
    np.testing.assert_allclose(again.decoder[dead], [[0.6, 0.8], [0.6, 0.8]], rtol=1e-6)
    np.testing.assert_array_equal(again.decoder[~dead], sae.decoder[~dead])
    np.testing.assert_array_equal(again.encoder[:, ~dead], sae.encoder[:, ~dead])
    np.testing.assert_allclose(jnp.linalg.norm(again.encoder[:, dead], axis=0), 0.2, rtol=1e-6)


def test_dead_latents_and_sparsity_by_hand() -> None:
    latents = jnp.array([[0.5, 0.0, 0.0], [1.0, 0.0, 2.0]])
    assert dead_latents(latents).tolist() == [False, True, False]
    activation = jnp.array([[1.0, 3.0], [3.0, 3.0]])
    active, lost = sparsity_and_fidelity(latents, activation, jnp.array([[1.0, 3.0], [3.0, 2.0]]))
    assert (float(active), float(lost)) == (1.5, 0.5)
    _, of_the_mean = sparsity_and_fidelity(latents, activation, jnp.array([[2.0, 3.0], [2.0, 3.0]]))
    assert float(of_the_mean) == 1


def test_activations_are_sums_of_the_true_directions() -> None:
    directions = random_directions(5, 3, key=jax.random.key(0))
    dense = sample_activations(directions, 1.0, 50_000, key=jax.random.key(1))
    np.testing.assert_allclose(dense.mean(axis=0), 0.5 * directions.sum(axis=0), atol=0.02)


def test_training_finds_the_directions_of_a_small_world() -> None:
    truth = random_directions(8, 5, key=jax.random.key(4))

    def found(key: jax.Array) -> jax.Array:
        def loss(sae: Autoencoder, key: jax.Array) -> jax.Array:
            return topk_loss(sae, sample_activations(truth, 0.1, 64, key=key), 1)

        sae, _ = train(loss, optax.adam(1e-2), initial_autoencoder(24, 5, key=key), key, 800)
        latents, _ = topk_forward(sae, truth, 1)
        assert latents.shape == (8, 24)
        return sae.decoder

    decoders = jax.jit(jax.vmap(found))(jax.vmap(jax.random.key)(jnp.arange(3)))
    recovered = [int(jnp.sum(match_features(words, truth)[1] > 0.9)) for words in decoders]
    assert max(recovered) == 8
