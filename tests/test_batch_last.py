"""The loss for many steps is the chapter's loss, with the chapter's gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from book.batch_last import batch_last_loss, columns, sparse
from book.superposition import initial_model, sample_features, toy_model, weighted_loss


@pytest.mark.parametrize("density", [1.0, 0.1])
@pytest.mark.parametrize(("features", "neurons"), [(5, 2), (12, 3)])  # either way of multiplying
def test_loss_and_gradient_are_the_chapters(features, neurons, density):
    W, b = initial_model(features, neurons, key=jax.random.key(0))
    model = (W, b + 0.1)
    importance = 0.8 ** jnp.arange(float(features))
    u = columns(features, 64)(jax.random.key(1))

    def chapter(model):
        x = sparse(u, density).T
        return weighted_loss(toy_model(model, x), x, importance)

    fast = jax.value_and_grad(batch_last_loss)(model, u, density, importance)
    for mine, theirs in zip(
        jax.tree.leaves(fast), jax.tree.leaves(jax.value_and_grad(chapter)(model)), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("density", [1.0, 0.3])
def test_inputs_are_those_that_the_chapter_draws(density):
    key = jax.random.key(2)
    drawn = sparse(jax.random.uniform(key, (50, 4)), density)
    np.testing.assert_allclose(drawn, sample_features(density, 50, 4, key=key), rtol=1e-6)
