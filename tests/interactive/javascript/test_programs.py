"""Random programs on arrays of random shapes: JavaScript against JAX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine import Engine

# Every function maps [-2, 2] into [-2, 2], so that programs of any length stay in range.
UNARY: list[Callable[[Any], Any]] = [
    jnp.sin,
    jnp.tanh,
    jnp.abs,
    jnp.negative,
    lambda x: jnp.floor(x),
    lambda x: jax.nn.relu(x),
    lambda x: jnp.sqrt(jnp.abs(x)),
    lambda x: jnp.exp(-jnp.abs(x)),
    lambda x: jnp.clip(x, -0.5, 1.5),
]
BINARY: list[Callable[[Any, Any], Any]] = [
    lambda x, y: (x + y) / 2,
    lambda x, y: x * y / 2,
    lambda x, y: (x - y) / 2,
    lambda x, y: x / (jnp.abs(y) + 1),
    jnp.maximum,
    jnp.minimum,
    lambda x, y: jnp.where(x < y, x, -y),
]
REDUCE: list[Callable[[Any, int], Any]] = [
    lambda x, axis: x.mean(axis),
    lambda x, axis: x.max(axis, keepdims=True),
    lambda x, axis: jnp.cumsum(x, axis) / x.shape[axis],
    lambda x, axis: jnp.flip(x, axis),
    lambda x, axis: jnp.sort(x, axis),
    lambda x, axis: jnp.concatenate([x, -x], axis),
    lambda x, axis: jnp.take(x, jnp.array([0, x.shape[axis] - 1]), axis=axis),
    lambda x, axis: jnp.roll(x, 1, axis),
    lambda x, axis: jnp.moveaxis(x, axis, 0),
    lambda x, axis: jnp.argmin(x, axis) * 0.1,
    lambda x, axis: jnp.expand_dims(x, axis),
]


@dataclass(frozen=True)
class Step:
    """One line of a program: what to apply to which earlier results."""

    kind: str
    choice: int
    first: int
    second: int
    axis: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["unary", "binary", "reduce", "product"]),
        *[st.integers(0, 99)] * 4,
    ),
    min_size=1,
    max_size=9,
)
extents = st.one_of(st.integers(1, 6), st.sampled_from([17, 40]))


def program(lines: list[Step]) -> Callable[..., Any]:
    """The function of two arrays that runs these lines and returns the last three results."""

    def run(*arrays: jax.Array) -> list[jax.Array]:
        made = list(arrays)
        for line in lines:
            x, y = (made[k % len(made)] for k in (line.first, line.second))
            axis = line.axis % x.ndim if x.ndim else 0
            if line.kind == "unary" or not x.ndim:
                made.append(UNARY[line.choice % len(UNARY)](x))
            elif line.kind == "reduce":
                made.append(REDUCE[line.choice % len(REDUCE)](x, axis))
            elif line.kind == "product" and y.ndim:
                contracted = jnp.moveaxis(x, axis, -1)
                other = jnp.resize(y, (contracted.shape[-1], 3))
                made.append(contracted @ other / (2 * contracted.shape[-1]))
            else:
                made.append(BINARY[line.choice % len(BINARY)](x, y if _fits(x, y) else x[:1]))
            if made[-1].size > 4000 or made[-1].ndim > 4:
                made[-1] = made[-1].reshape(-1)[:7]
        return made[-3:]

    return run


def _fits(x: jax.Array, y: jax.Array) -> bool:
    try:
        return jnp.broadcast_shapes(x.shape, y.shape) == x.shape
    except ValueError:
        return False


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.lists(extents, min_size=1, max_size=3), st.integers(0, 2**31 - 1))
def test_programs_on_floats(engine: Engine, lines: list[Step], shape: list[int], seed: int) -> None:
    x, y = jax.random.uniform(jax.random.key(seed), (2, *shape), minval=-2.0, maxval=2.0)
    # Floor, sort and argmin jump: a difference of one rounding may become a difference of one.
    # So inputs are multiples of 1/64, for which most intermediate results are exact.
    engine.check(program(lines), jnp.round(64 * x) / 64, y, tolerance=1e-4)


WORDS: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x ^ y,
    lambda x, y: x | ~y,
    lambda x, y: x & y,
    lambda x, y: x << (y & 31),
    lambda x, y: x >> (y & 31),
    lambda x, y: jnp.where(x < y, x, y),
    lambda x, y: x // jnp.maximum(y, 1),
    lambda x, y: x % jnp.maximum(y, 1),
    jnp.maximum,
]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), max_size=14),
    st.sampled_from(["uint32", "int32"]),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40),
)
def test_programs_on_integers_are_exact(
    engine: Engine, lines: list[tuple[int, int, int]], dtype: str, numbers: list[int]
) -> None:
    def run(x: jax.Array) -> list[jax.Array]:
        made = [x, x[::-1], x.sum() + jnp.zeros_like(x)]
        for choice, first, second in lines:
            x, y = made[first % len(made)], made[second % len(made)]
            made.append(WORDS[choice % len(WORDS)](x, y))
        return made[-3:]

    engine.check(run, jnp.asarray(np.array(numbers, np.uint32).astype(dtype)))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 9), max_size=3), st.integers(1, 5))
def test_random_bits_are_those_of_jax(
    engine: Engine, seed: int, shape: list[int], count: int
) -> None:
    def draw(key: jax.Array) -> Any:
        keys = jax.random.split(key, count)
        bits = jax.vmap(lambda k: jax.random.bits(k, tuple(shape)))(keys)
        return keys, bits, jax.random.uniform(keys[-1], tuple(shape))

    key = jax.random.key(seed)
    bits, uniform = engine.check(draw, key)[1:]
    np.testing.assert_array_equal(uniform, np.asarray(jax.jit(draw)(key)[2]))
    assert bits.dtype == np.uint32
