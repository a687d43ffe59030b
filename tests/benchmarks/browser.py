"""Steps of training per second in the browser: compiled from JAX, and written by hand.

Every contender trains the same toy model (n = 5, m = 2, batch 256, Adam) on the same batch, in the
browser's engine, in turn, several times over; the printed ratios are medians of ratios within a
turn, because machines change their speed between turns.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import optax

from book.interactive import to_javascript
from tests.benchmarks.promises import Promise
from tests.browser import launch_browser
from tests.engine import encode

FEATURES, NEURONS, BATCH = 5, 2, 256
STEPS, TURNS = 8_000, 9
BOUNDS = {"straightforward": 3.0, "fused": 0.5}

RACE = """([source, state, given, written, steps, turns]) => {
  const read = ([kind, text]) =>
    new globalThis[kind](Uint8Array.from(atob(text), c => c.charCodeAt()).buffer);
  const [x, importance] = given.map(read);
  const compiled = eval(source);
  const contenders = {
    compiled: () => {
      let now = state.map(read), then = state.map(read);
      return { step: () => (compiled(...now, x, importance, then), [now, then] = [then, now]),
               loss: () => now.at(-1)[0] };
    },
  };
  for (const [name, text] of Object.entries(written))
    contenders[name] = () => {
      const { W, step } = eval(text)(256, 5, 2);
      let loss;
      W.set(read(state[0]));
      return { step: () => (loss = step(x, importance)), loss: () => loss };
    };
  const rates = { "multiply-add": [] }, losses = {};
  const a = new Float64Array(4096).fill(0.5), b = new Float64Array(4096).fill(0.25);
  for (let turn = 0; turn < turns; turn++) {
    for (const [name, make] of Object.entries(contenders)) {
      const { step, loss } = make(), begin = performance.now();
      for (let k = 0; k < steps; k++) step();
      (rates[name] ??= []).push((1000 * steps) / (performance.now() - begin));
      losses[name] = loss();
    }
    let sum = 0;
    const begin = performance.now();
    for (let k = 0; k < 2000; k++) for (let i = 0; i < 4096; i++) sum += a[i] * b[i];
    rates["multiply-add"].push((sum > 0 ? 1000 * 2000 * 4096 : 0) / (performance.now() - begin));
  }
  return { rates, losses };
}"""


def loss(params: Any, batch: jax.Array, importance: jax.Array) -> jax.Array:
    """Mean weighted squared error of the toy model."""
    weights, bias = params
    guess = jax.nn.relu(batch @ weights @ weights.T + bias)
    return (importance * (batch - guess) ** 2).mean()


def main() -> list[Promise]:
    """Run the race and print every rate; the ratios are what the book promises."""
    optimizer = optax.adam(1e-3)

    def step(
        params: Any, moments: Any, last: jax.Array, batch: jax.Array, weight: jax.Array
    ) -> Any:
        value, gradient = jax.value_and_grad(loss)(params, batch, weight)
        updates, moments = optimizer.update(gradient, moments, params)
        return optax.apply_updates(params, updates), moments, value

    params = (jax.random.normal(jax.random.key(0), (FEATURES, NEURONS)), jnp.zeros(FEATURES))
    draw = jax.random.uniform(jax.random.key(1), (BATCH, FEATURES))
    batch = jnp.where(draw < 0.3, draw / 0.3, 0.0)
    importance = 0.9 ** jnp.arange(FEATURES)
    state = (params, optimizer.init(params), jnp.zeros(()))
    folder = Path(__file__).parent
    written = {name: (folder / f"{name}.js").read_text() for name in BOUNDS}
    source = to_javascript(step, *state, batch, importance)
    with launch_browser() as browser:
        page = browser.new_page()
        race = [source, encode(state), encode((batch, importance)), written, STEPS, TURNS]
        answer = page.evaluate(RACE, race)
    rates, losses = answer["rates"], answer["losses"]
    assert max(losses.values()) - min(losses.values()) < 1e-5, f"different training: {losses}"
    print(f"Toy model, n = {FEATURES}, m = {NEURONS}, batch {BATCH}, Adam; median of {TURNS} turns")
    for name in ("straightforward", "fused", "compiled"):
        print(f"  {name:16} {statistics.median(rates[name]):10,.0f} steps/s")
    speed = statistics.median(rates["multiply-add"]) / 1e6
    print(f"  a plain dot product multiplies and adds {speed:,.0f} million times/s")
    promises = []
    for name, bound in BOUNDS.items():
        turns = zip(rates["compiled"], rates[name], strict=True)
        ratio = statistics.median(own / other for own, other in turns)
        promises.append(Promise(f"Compiled JavaScript against {name}", ratio, None, bound))
    return promises
