"""Whole training runs in the browser's engine equal the same runs in JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from book.interactive import to_javascript
from tests.engine import HARNESS, Engine, encode, leaves

STEPS = 500
FEATURES, NEURONS, BATCH = 5, 2, 256

# The state goes round in two sets of arrays, as on the page: nothing is allocated.
TRAIN = """([source, states, steps]) => {
  const read = ([kind, text]) =>
    new globalThis[kind](Uint8Array.from(atob(text), c => c.charCodeAt()).buffer);
  const step = eval(source);
  let now = states.map(read), then = states.map(read);
  for (let k = 0; k < steps; k++) {
    const result = step(...now, then);
    if (result !== then) throw Error("the results are not where they were asked for");
    [now, then] = [then, now];
  }
  return now.map(array => Array.from(array));
}"""


def loss(params: Any, batch: jax.Array) -> jax.Array:
    weights, bias = params
    guess = jax.nn.relu(batch @ weights @ weights.T + bias)
    importance = 0.9 ** jnp.arange(FEATURES)
    return (importance * (batch - guess) ** 2).sum() / BATCH


def training(optimizer: optax.GradientTransformation) -> tuple[Callable[..., Any], Any]:
    """One step of training on fresh random data, and the state that it starts from."""

    def step(params: Any, moments: Any, key: jax.Array) -> Any:
        key, use = jax.random.split(key)
        draw = jax.random.uniform(use, (BATCH, FEATURES))
        gradient = jax.grad(loss)(params, jnp.where(draw < 0.3, draw / 0.3, 0.0))
        updates, moments = optimizer.update(gradient, moments, params)
        return optax.apply_updates(params, updates), moments, key

    weights = jax.random.normal(jax.random.key(1), (FEATURES, NEURONS))
    params = (weights, jnp.zeros(FEATURES))
    return step, (params, optimizer.init(params), jax.random.key(2))


@pytest.mark.parametrize(
    "optimizer",
    [optax.adam(3e-3), optax.adamw(3e-3, weight_decay=1e-2), optax.sgd(0.1, momentum=0.9)],
    ids=["adam", "adamw", "momentum"],
)
def test_training_step_by_step(engine: Engine, optimizer: optax.GradientTransformation) -> None:
    step, state = training(optimizer)
    expected = jax.jit(
        lambda state: jax.lax.fori_loop(0, STEPS, lambda _, state: step(*state), state)
    )(state)
    answer = engine.page.evaluate(TRAIN, [to_javascript(step, *state), encode(state), STEPS])
    for got, want in zip(answer, leaves(expected), strict=True):
        np.testing.assert_allclose(np.array(got).reshape(want.shape), want, atol=1e-4)
    assert loss(expected[0], jnp.eye(FEATURES)) != loss(state[0], jnp.eye(FEATURES))


def test_training_in_one_scan(engine: Engine) -> None:
    step, state = training(optax.adam(3e-3))

    def train(state: Any) -> Any:
        def body(state: Any, _: None) -> Any:
            state = step(*state)
            return state, loss(state[0], jnp.eye(FEATURES))

        return jax.lax.scan(body, state, None, length=STEPS)

    engine.check(train, state, tolerance=1e-4)


def test_the_harness_is_not_what_makes_it_pass(engine: Engine) -> None:
    """A wrong step is told from the right one by the same comparison."""
    step, state = training(optax.adam(3e-3))
    slower, _ = training(optax.adam(2e-3))
    right, wrong = (
        engine.page.evaluate(HARNESS, [to_javascript(f, *state), [encode(state)]])
        for f in (step, slower)
    )
    assert right[0][0] != wrong[0][0]
