"""Two features and one neuron: what is calculated against what is sampled."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.superposition import sample_features, toy_model
from book.superposition.phase_diagram import (
    answer_losses,
    answer_of,
    boundary,
    expected_loss,
    quadrature,
    winner,
)

importances = st.floats(0.0625, 16, width=32)
densities = st.floats(0.015625, 1, width=32)

#: The model of each answer: W, and the bias at a density.
MODELS = (
    (jnp.array([[1.0], [0.0]]), lambda p: jnp.array([0.0, p / 2])),
    (jnp.array([[1.0], [-1.0]]), lambda p: jnp.zeros(2)),
    (jnp.array([[0.0], [1.0]]), lambda p: jnp.array([p / 2, 0.0])),
)


@pytest.mark.parametrize("answer", range(3))
@pytest.mark.parametrize(("r", "p"), [(0.3, 0.2), (1.0, 0.7), (4.0, 1.0)])
def test_the_losses_of_the_answers_are_expected_losses(answer, r, p):
    W, bias = MODELS[answer]
    exact = expected_loss((W, bias(p)), r, quadrature(p, 60))
    assert float(answer_losses(r, p)[answer]) == pytest.approx(float(exact), rel=2e-3)
    x = sample_features(p, 400_000, 2, key=jax.random.key(0))
    missed = jnp.mean((x - toy_model((W, bias(p)), x)) ** 2, axis=0)
    assert float(answer_losses(r, p)[answer]) == pytest.approx(
        float(missed[0] + r * missed[1]), rel=2e-2
    )


@given(importances, densities)
def test_the_pair_wins_exactly_below_the_boundary(r, p):
    limit = float(boundary(r))
    if abs(p - limit) > 1e-3:
        assert (int(winner(r, p)) == 1) == (p < limit)


@given(importances, densities)
def test_exchanging_the_features_exchanges_the_answers(r, p):
    if abs(p - float(boundary(r))) > 1e-3 and abs(r - 1) > 1e-3:
        assert int(winner(1 / r, p)) == 2 - int(winner(r, p))


def test_the_boundary_at_known_places():
    np.testing.assert_allclose(
        boundary(jnp.array([0.1, 1.0, 10.0])), [0.16, 4 / 7, 0.16], rtol=1e-5
    )


@given(densities)
def test_the_weights_of_the_quadrature_are_probabilities(p):
    inputs = quadrature(p)
    assert float(inputs.weights.sum()) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(inputs.weights @ inputs.x, [p / 2, p / 2], rtol=1e-4)


def test_the_answer_of_a_model():
    W = jnp.array(
        [[[1.0], [0.1]], [[0.9], [-0.8]], [[0.0], [-1.0]], [[0.9], [0.8]], [[0.1], [0.2]]]
    )
    assert answer_of(W).tolist() == [0, 1, 2, 3, 3]
