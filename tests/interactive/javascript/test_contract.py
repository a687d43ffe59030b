"""What `to_javascript` promises its callers, beyond numbers."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from playwright.sync_api import Page

from book.interactive.javascript import NotCovered, to_javascript
from tests.engine import Engine


@pytest.fixture
def page(engine: Engine) -> Page:
    return engine.page


def test_one_typed_array_per_leaf(engine: Engine) -> None:
    engine.check(
        lambda tree, x: {"a": tree["b"] + x, "b": (tree["a"], x > 1)},
        {"b": jnp.ones(3), "a": jnp.arange(4)},
        2.0,
    )


def test_arguments_that_are_not_used_are_still_taken(engine: Engine) -> None:
    engine.check(lambda x, unused, y: x - y, jnp.ones(2), jnp.zeros((3, 3)), 5.0)


def test_results_are_fresh_on_every_call(page: Page) -> None:
    source = to_javascript(lambda x: (2 * x, x.sum()), jnp.ones(3))
    first, second = page.evaluate(
        """source => {
          const f = eval(source), x = new Float32Array([1, 2, 3]);
          const first = f(x), second = f(first[0]);
          return [first, second].map(result => result.map(a => Array.from(a)));
        }""",
        source,
    )
    assert first == [[2, 4, 6], [6]]
    assert second == [[4, 8, 12], [12]]


def test_results_go_where_they_are_asked_for(page: Page) -> None:
    source = to_javascript(lambda x: (x @ x, jnp.sort(x[0]), x.T), jnp.ones((3, 3)))
    same = page.evaluate(
        """source => {
          const f = eval(source), x = new Float32Array([9, 2, 3, 4, 5, 6, 7, 8, 1]);
          const out = [new Float32Array(9), new Float32Array(3), new Float32Array(9)];
          const result = f(x, out), fresh = f(x);
          return result === out && out.every((a, k) => String(a) === String(fresh[k]));
        }""",
        source,
    )
    assert same is True


def test_arguments_are_not_changed(page: Page) -> None:
    source = to_javascript(lambda x: (x.at[0].set(7), jnp.sort(x)), jnp.ones(3))
    kept = page.evaluate(
        "source => { const x = Float32Array.of(3, 1, 2); eval(source)(x); return Array.from(x) }",
        source,
    )
    assert kept == [3, 1, 2]


def test_the_source_is_an_expression(page: Page) -> None:
    source = to_javascript(lambda x: x + 1, 1.0)
    assert page.evaluate(f"() => ({source})(new Float32Array([1]))[0][0]") == 2


def test_large_constants_are_compact(engine: Engine) -> None:
    table = jax.random.normal(jax.random.key(0), (40, 50))
    source = to_javascript(lambda i: table[i], jnp.int32(0))
    assert len(source) < 1.4 * 4 * table.size + 500  # base64 of four bytes each
    engine.check(lambda i: table[i], jnp.int32(17))


def test_a_table_of_equal_numbers_costs_nothing() -> None:
    source = to_javascript(lambda i: jnp.full((400, 500), 2.5)[i] + jnp.arange(500.0), jnp.int32(0))
    assert len(source) < 500


def test_a_small_function_is_small() -> None:
    def vector_sum(red: jax.Array, size: jax.Array, angle: jax.Array) -> jax.Array:
        radians = jnp.deg2rad(angle)
        return red * jnp.array([1.0, 0.0]) + size * jnp.array([jnp.cos(radians), jnp.sin(radians)])

    assert len(gzip.compress(to_javascript(vector_sum, 0.5, 0.5, 90.0).encode())) < 300


def test_the_same_function_gives_the_same_source() -> None:
    def function(x: jax.Array) -> jax.Array:
        return jax.random.normal(jax.random.key(0), (3,)) @ x

    assert to_javascript(function, jnp.ones(3)) == to_javascript(function, jnp.ones(3))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("polygamma", lambda x: jax.scipy.special.polygamma(1, x)),
        ("custom_call", lambda x: jnp.linalg.inv(x)),
        ("complex", lambda x: jnp.fft.fft(x).real),
        ("bf16", lambda x: x.astype(jnp.bfloat16)),
    ],
)
def test_what_is_not_covered_is_named_with_its_line(name: str, function: object) -> None:
    with pytest.raises(NotCovered) as caught:
        to_javascript(function, jnp.ones((3, 3)))  # type: ignore[arg-type]
    message = str(caught.value)
    assert name in message
    assert "function <lambda> (test_contract.py, line " in message
    line = int(message.split("test_contract.py, line ")[1].split(")")[0])
    with open(__file__) as source:
        assert f'"{name}"' in source.read().splitlines()[line - 1]


def test_the_line_is_found_inside_called_functions() -> None:
    @jax.jit
    def inner(x: jax.Array) -> jax.Array:
        return jnp.linalg.inv(jnp.diag(x))

    with pytest.raises(NotCovered, match=r"custom_call.*function \S*inner \(test_contract.py"):
        to_javascript(lambda x: inner(2 * x), jnp.ones(2))


def test_wide_integers_are_refused() -> None:
    with jax.enable_x64(True), pytest.raises(NotCovered, match="64-bit integers"):
        to_javascript(lambda i: i + 1, np.int64(3))


@pytest.mark.parametrize("function", [lambda i: i, lambda i: np.int64(3), lambda i: i // 2])
def test_wide_integers_are_no_arguments_and_no_results(function: Callable[[Any], Any]) -> None:
    with jax.enable_x64(True), pytest.raises(NotCovered, match=r"64-bit integers.*, line "):
        to_javascript(function, np.int64(3))


# Odd ways to call what is covered: each is translated right, or refused as anything else.
ODD: dict[str, Callable[[Any], Any]] = {
    "product": lambda x: x @ x.T,
    "product of another type": lambda x: jax.lax.dot(x, x.T, preferred_element_type=jnp.float32),
    "sums": lambda x: (x.sum(0), x.sum(1), x.prod(0), jnp.cumsum(x, 0), jnp.cumprod(x, 1)),
    "sum in a loop over rows": lambda x: jax.vmap(lambda row: row.sum() + row)(
        jnp.tile(x, (20, 1))
    ),
    "extremes": lambda x: (jnp.max(x, 0, initial=0), jax.lax.cummax(x, 1), jnp.argmax(x[:1], 1)),
    "order": lambda x: (jnp.sort(x, 0), jnp.argsort(x, 1), jax.lax.top_k(x, 0)),
    "patterns": lambda x: x.view(jnp.uint8),
    "other patterns": lambda x: jax.lax.bitcast_convert_type(x, jnp.int32),
    "bits": lambda x: (jax.lax.clz(x), jax.lax.population_count(x), x << 1, x >> x, ~x),
    "arithmetic": lambda x: (x + x, x * x, x // 3, x % 3, x**3, -x, abs(x), jax.lax.square(x)),
    "functions": lambda x: (jnp.exp(x), jax.lax.lgamma(x), jnp.round(x), x / 3, jnp.isfinite(x)),
    "types": lambda x: [x.astype(t) for t in ("bool", "int8", "uint16", "int32", "float32")],
    "shapes": lambda x: (x.T.reshape(-1), x[::-1, 1:], jnp.pad(x, 1), jnp.concatenate([x, x], 1)),
    "reading": lambda x: [x.at[jnp.array([0, 7])].get(mode=mode) for mode in ("fill", "clip")],
    "writing": lambda x: [
        x.at[jnp.array([0, 7])].set(x[:1], mode=mode) for mode in ("drop", "clip")
    ],
    "writing nowhere": lambda x: x.at[jnp.zeros(0, int)].add(x[:0]),
    "positions": lambda x: jnp.arange(5.0)[x],
    "loops": lambda x: (
        jax.lax.fori_loop(0, 9, lambda _, c: c | x, x),
        jax.lax.scan(lambda c, row: (c, row), x.sum(), x),
        jax.lax.while_loop(lambda c: c[1], lambda c: (c[0], ~c[1]), (x, jnp.array(True))),
    ),
    "kernel": lambda x: jnp.convolve(x.reshape(-1), jnp.ones(2, x.dtype)),
    "gradient": jax.grad(lambda x: jnp.tanh(x @ x.T).sum() + jnp.cumprod(x, 1).sum()),
    "half": lambda x: x.astype(jnp.float16),
    "complex": lambda x: x + 1j,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_programs_are_right_or_refused(engine: Engine, name: str) -> None:
    refused = compiled = 0
    for dtype in ("bool", "int8", "uint8", "int16", "int32", "uint32", "float32", "float16"):
        for shape in ((2, 3), (0, 3), (3, 0), (17, 1)):
            x = (jnp.arange(np.prod(shape)) - 2).reshape(shape).astype(dtype)
            try:
                jax.eval_shape(ODD[name], x)
            except (TypeError, ValueError, IndexError):
                continue  # JAX itself refuses
            try:
                to_javascript(ODD[name], x)
            except NotCovered as error:
                refusal = str(error)
            else:
                compiled += 1
                if compiled % 4 == 1:
                    engine.check(ODD[name], x)
                continue
            assert re.search(r"It comes from function .*, line \d+\)", refusal)
            refused += 1
    assert refused + compiled > 0


def test_doubles_keep_their_digits(engine: Engine) -> None:
    with jax.enable_x64(True):
        engine.check(lambda x: (x / 3, x @ x, jnp.exp(x)), np.ones(3) / 7, tolerance=1e-14)
