"""The loss for many steps is the chapter's loss, with the chapter's gradient."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from book.superposition import (
    initial_model,
    linear_model,
    sample_features,
    toy_model,
    weighted_loss,
)
from book.superposition.fast_loss import batch_last_loss, columns


@pytest.mark.parametrize("density", [1.0, 0.1])
@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize(("features", "neurons"), [(5, 2), (60, 3)])  # either way of multiplying
def test_loss_and_gradient_are_the_chapters(features, neurons, linear, density):
    W, b = initial_model(features, neurons, key=jax.random.key(0))
    model = (W, b + 0.1)
    importance = 0.8 ** jnp.arange(float(features))
    key = jax.random.key(1)

    def chapter(model):
        x = sample_features(density, 64, features, key=key)
        read = (linear_model if linear else toy_model)(model, x)
        return weighted_loss(read, x, importance)

    def fast(model):
        u = columns(features, 64)(key)
        return batch_last_loss(model, u, density, importance, linear=linear)

    ours, theirs = jax.value_and_grad(fast)(model), jax.value_and_grad(chapter)(model)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-6), ours, theirs)


def test_the_draws_of_a_size_are_one_function_which_is_compiled_once():
    assert columns(3, 4) is columns(3, 4)
