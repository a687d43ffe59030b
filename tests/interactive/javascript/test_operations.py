"""Every kind of operation, in the browser's engine, against JAX."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.engine import Engine

KEY = jax.random.key(3)
INTEGERS = jnp.array([[3, -7, 2**31 - 1], [-(2**31), 5, 0]], jnp.int32)
WORDS = jnp.array([0, 1, 7, 2**32 - 1, 2**31], jnp.uint32)
FLOATS = jnp.array(
    [0.0, -0.0, 1.5, 2.5, -2.5, -1.5, 0.5, -0.5, 3e9, -3e9, np.nan, np.inf, -np.inf, 1e-3, 0.3]
)
OPEN_UNIT = jnp.linspace(0.01, 0.99, 17)
MATRIX = jax.random.normal(KEY, (4, 5))
SQUARE = jax.random.normal(KEY, (4, 4))
CUBE = jax.random.normal(KEY, (3, 4, 5))
PLACES = jnp.array([0, 3, 3, 1])

INTEGER_ARITHMETIC: dict[str, Callable[[Any], Any]] = {
    "sum": lambda i: (i + i, i - 7 * i, -i, abs(i), jnp.sign(i)),
    "product": lambda i: (i * i, jnp.power(i, 3), jnp.square(i)),
    "quotient": lambda i: (i // 3, i % 3, i // -3, i % -3),
    "division by zero": lambda i: (jax.lax.div(i, 0 * i), jax.lax.rem(i, 0 * i)),
    "bits": lambda i: (i & 5, i | 5, i ^ 5, ~i, jax.lax.population_count(i), jax.lax.clz(i)),
    "shifts": lambda i: (i << 3, i >> 2, jax.lax.shift_right_logical(i, jnp.abs(i) & 63)),
    "extremes": lambda i: (jnp.maximum(i, 2), jnp.minimum(i, 2), jnp.clip(i, -3, 4)),
    "conversion": lambda i: [i.astype(t) for t in ("float32", "uint32", "int8", "uint16", "bool")],
    "reduction": lambda i: (i.sum(), i.sum(0), i.prod(1), i.max(), i.argmin(1), i @ i.T),
    "order": lambda i: (jnp.sort(i, 1), jnp.argsort(i, 0), jnp.cumsum(i, 0)),
}

WORD_ARITHMETIC: dict[str, Callable[[Any], Any]] = {
    "wrap-around": lambda u: (u + u, u * u, u - 7, u * jnp.uint32(2654435769), u.sum()),
    "quotient": lambda u: (u // 3, u % 3, u // jnp.maximum(u, 1)),
    "bits": lambda u: (~u, u ^ (u >> 1), u << u, u >> u, u | 8, u & 9),
    "signs of patterns": lambda u: [x > 7 for x in (~u | u, ~u & u[::-1], ~u ^ u[::-1], -u, ~u)],
    "conversion": lambda u: [u.astype(t) for t in ("float32", "int32", "uint8", "int16")],
    "comparison": lambda u: (u < 7, u.max(), u.min(), jnp.sort(u), u == u[::-1]),
    "patterns": lambda u: (u.view(jnp.int32), (u >> 9 | 0x3F800000).view(jnp.float32)),
}

FLOAT_CASES: dict[str, Callable[[Any], Any]] = {
    "rounding": lambda x: (jnp.round(x), jnp.floor(x), jnp.ceil(x), jnp.trunc(x), jnp.sign(x)),
    "conversion": lambda x: [x.astype(t) for t in ("int32", "uint32", "int8", "bool")],
    "comparison": lambda x: (x < 1, x != x, x >= 0, jnp.isnan(x), jnp.isfinite(x), jnp.isinf(x)),
    "extremes": lambda x: (jnp.maximum(x, 1), jnp.minimum(x, 1), jnp.clip(x, -1, 1)),
    "remainder": lambda x: (x % 1.3, jax.lax.rem(x, jnp.float32(-1.3))),
    "order": lambda x: (jnp.sort(x), jnp.argsort(x), jnp.argmax(x), jnp.nan_to_num(x)),
    "patterns": lambda x: (x.view(jnp.uint32), x.view(jnp.int32)),
    "powers": lambda x: (jnp.power(x, 2.0), jnp.power(1.0, x), x**3, jnp.square(x)),
}

TRANSCENDENTAL: dict[str, Callable[[Any], Any]] = {
    **{
        name: getattr(jnp, name)
        for name in (
            *("exp", "exp2", "expm1", "log", "log2", "log1p", "sqrt", "cbrt", "sinc"),
            *("sin", "cos", "tan", "arcsin", "arccos", "arctan"),
            *("sinh", "cosh", "tanh", "arcsinh", "arctanh"),
        )
    },
    **{name: getattr(jax.nn, name) for name in ("sigmoid", "softplus", "silu", "elu", "gelu")},
    "arccosh": lambda x: jnp.arccosh(x + 1),
    "rsqrt": jax.lax.rsqrt,
    "erf": lambda x: (jax.lax.erf(3 * x), jax.lax.erfc(3 * x), jax.lax.erf_inv(x)),
    "lgamma": lambda x: [jax.lax.lgamma(y) for y in (x, 40 * x, -5 * x, jnp.round(3 * x) - 3)],
    "two arguments": lambda x: (
        jnp.arctan2(x, x - 0.5),
        jnp.hypot(x, 2 * x),
        jnp.logaddexp(x, 0.0),
        jnp.power(x, x),
    ),
}

LOGIC: dict[str, Callable[[Any], Any]] = {
    "connectives": lambda b: (b & ~b, b | ~b, b ^ True, ~b, b == True),  # noqa: E712
    "reduction": lambda b: (b.any(), b.all(), b.sum(), b.max(), b.min(), jnp.argmax(b)),
    "selection": lambda b: (jnp.where(b, 1, 2), b.astype(jnp.float32), jnp.cumsum(b)),
}

SHAPES: dict[str, Callable[[Any], Any]] = {
    "tile": lambda x: (jnp.tile(x, (2, 1, 3)), jnp.repeat(x, 2, 1), jnp.stack([x, x], 1)),
    "transpose": lambda x: (x.T, x.swapaxes(0, 1), jnp.moveaxis(2 * x, 0, 2)),
    "reshape": lambda x: (x.swapaxes(0, 2).reshape(10, 6), (2 * x).reshape(-1), x.reshape(2, 30)),
    "slice": lambda x: (x[1], x[:, ::2, 1:4], x.reshape(-1)[::-1][3:40:4], x[..., -1]),
    "reverse": lambda x: (jnp.flip(x, (0, 2)), jnp.roll(x, 1, 1), jnp.rot90(x[0])),
    "broadcast": lambda x: (x[:, :1] - x, jnp.broadcast_to(x[0, 0], (2, 5)), x * x[0, 0, 0]),
    "parts": lambda x: (jnp.tril(x[0]), jnp.triu(x[0], 1), jnp.eye(4) @ x[0], jnp.diag(x[0])),
    "grid": lambda x: (jnp.meshgrid(x[0, 0], x[0, 1]), jnp.linspace(x[0, 0, 0], 1, 7)),
    "pad": lambda x: (
        jnp.pad(x, ((0, 0), (1, 0), (0, 2)), mode="edge"),
        jnp.pad(x[0, 0], 2, mode="reflect"),
        jax.lax.pad(x, 0.5, ((1, 1, 1), (-1, 0, 0), (0, -2, 2))),
    ),
    "concatenate": lambda x: (
        jnp.concatenate([x, 2 * x, x[:1]]),
        jnp.concatenate([x[:, :1], x], 1),
        jnp.array([x[0, 0, 0], 2, x[1, 1, 1]]),
    ),
    "empty": lambda x: (x[:0], x[:0].sum(), jnp.concatenate([x[:0], x])),
}

REDUCTIONS: dict[str, Callable[[Any], Any]] = {
    "sum": lambda x: (x.sum(), x.sum((0, 2)), x.mean(1, keepdims=True) - x, jnp.trace(x[0])),
    "extremes": lambda x: (x.max(1), x.min((0, 1)), x.argmin(1), x.argmax(), jnp.prod(x, 0)),
    "logic": lambda x: ((x > 0).any(1), (x > -1).all()),
    "moments": lambda x: (jnp.var(x), x.std(1), jnp.linalg.norm(x), jnp.linalg.norm(x[0], axis=1)),
    "order": lambda x: (jnp.median(x, 0), jnp.quantile(x, 0.3), jax.lax.top_k(x, 2)),
    "softmax": lambda x: (jax.nn.softmax(x, 1), jax.nn.logsumexp(x, 2)),
    "cumulative": lambda x: (
        jnp.cumsum(x, 1),
        jnp.cumprod(x, 2),
        jax.lax.cummax(x, 0, reverse=True),
        jnp.cumsum(x[:, ::-1], 1)[:, ::-1],
        jnp.diff(x, axis=0),
    ),
    "windows": lambda x: (
        jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 2, 2), (1, 1, 2), "SAME"),
        jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (2, 2, 1), (1, 1, 1), "VALID"),
    ),
}

# Strides, padding, dilations of both sides, groups of features and of the batch.
KERNELS = {
    "plain": ((1, 1), "SAME", (1, 1), (1, 1), 1, 1),
    "strided": ((2, 1), ((1, 2), (0, 1)), (1, 1), (2, 1), 2, 1),
    "spread": ((1, 2), ((-1, 2), (3, -1)), (2, 3), (1, 2), 1, 2),
}


def convolution(x: jax.Array, *options: Any) -> Any:
    """A convolution of an image with a kernel, and its gradients."""
    strides, padding, spread, dilation, features, batch = options
    image = jnp.resize(x, (2, 5, 4, 4))
    kernel = jnp.resize(x[::-1], (3, 2, 4 // features, 4))

    def result(image: jax.Array, kernel: jax.Array) -> jax.Array:
        return jax.lax.conv_general_dilated(
            *(image, kernel, strides, padding, spread, dilation),
            *(("NHWC", "HWIO", "NHWC"), features, batch),
        )

    def total(image: jax.Array, kernel: jax.Array) -> jax.Array:
        return jnp.tanh(result(image, kernel)).sum()

    return result(image, kernel), jax.grad(total, (0, 1))(image, kernel)


PRODUCTS: dict[str, Callable[[Any], Any]] = {
    "matrix": lambda x: (x @ x.T, x.T @ x, x @ x[0], jnp.dot(x[0], x[1]), jnp.outer(x[0], x[1])),
    "batched": lambda x: (
        jnp.einsum("bi,bj->bij", x, x),
        jnp.einsum("bi,bi->b", x, 2 * x),
        jax.vmap(lambda row: jnp.outer(row, row) @ row)(x),
    ),
    "convolution": lambda x: [convolution(x, *options) for options in KERNELS.values()],
    "wide": lambda x: (jnp.tile(x, (9, 7)) @ jnp.tile(x, (9, 7)).T, jnp.kron(x, jnp.ones((2, 2)))),
}

INDEXING: dict[str, Callable[[Any], Any]] = {
    "take": lambda x: (x[PLACES], x[:, PLACES], x[PLACES, PLACES], x[jnp.argmax(x[0])]),
    "out of range": lambda x: (
        x.at[PLACES + 2].get(mode="fill", fill_value=7),
        x.at[PLACES + 2].get(mode="clip"),
        x.at[PLACES + 2].add(1, mode="drop"),
    ),
    "set": lambda x: (x.at[1].set(9), x.at[:, 1].multiply(2), x.at[1:3].max(0.0), x.at[0, 1].get()),
    "scatter": lambda x: (
        x.at[PLACES].add(x[PLACES]),
        x.at[PLACES, PLACES].set(1),
        jax.ops.segment_sum(x, PLACES, 5),
        jnp.bincount(PLACES, length=6),
    ),
    "per row": lambda x: (
        jnp.take_along_axis(x, jnp.argsort(x, 1), 1),
        jax.vmap(lambda row, j: row[j])(x, PLACES),
        jax.vmap(lambda row, j: row.at[j].set(0))(x, PLACES),
        jax.vmap(lambda row, j: jax.lax.dynamic_slice(row, (j,), (2,)))(x, PLACES),
    ),
    "search": lambda x: jnp.searchsorted(jnp.sort(x[0]), x[1]),
}

CONTROL: dict[str, Callable[[Any], Any]] = {
    "counted loop": lambda x: jax.lax.fori_loop(0, 20, lambda i, c: c * 0.9 + i, x),
    "short loop": lambda x: jax.lax.fori_loop(0, 3, lambda i, c: c * 0.9 + i, x),
    "scan": lambda x: jax.lax.scan(lambda c, row: ((c[1], c[0] + row), c[0]), (x[0], x[1]), x),
    "long scan": lambda x: jax.lax.scan(
        lambda c, _: (jnp.tanh(c @ c.T @ c), c.sum()), x, None, length=20
    ),
    "backward scan": lambda x: jax.lax.scan(
        lambda c, _: (c * 1.1, c), x, None, length=12, reverse=True
    ),
    "swap": lambda x: jax.lax.fori_loop(0, 11, lambda _, c: (c[1] + 0.1, c[0]), (x, 2 * x)),
    "while": lambda x: jax.lax.while_loop(
        lambda c: c[0].sum() < 100, lambda c: (c[0] * 1.5 + 1, c[1] + 1), (jnp.abs(x), 0)
    ),
    "while under vmap": lambda x: jax.vmap(
        lambda row: jax.lax.while_loop(
            lambda c: c[0] < 10, lambda c: (c[0] * 2 + 1, c[1] + row), (jnp.abs(row[0]), row)
        )
    )(x),
    "cond": lambda x: jax.lax.cond(x[0, 0] > 0, lambda x: (x, x.sum()), lambda x: (-x, 0.0), x),
    "switch": lambda x: [
        jax.lax.switch((x.sum() > 0).astype(int) + k, [jnp.sin, jnp.cos, jnp.abs], x)
        for k in (0, 1)
    ],
    "map": lambda x: jax.lax.map(jnp.sum, x),
    "associative scan": lambda x: jax.lax.associative_scan(jnp.add, x),
}

DERIVATIVES: dict[str, Callable[[Any], Any]] = {
    "gradient of ReLUs": jax.grad(lambda x: jax.nn.relu(jax.nn.relu(x @ x) @ x.T).sum()),
    "gradient through scan": jax.grad(
        lambda x: jax.lax.scan(lambda c, row: (jnp.tanh(c + row), None), x[0], x)[0].sum()
    ),
    "gradient of a sort": jax.grad(lambda x: (jnp.sort(x, 0) * jnp.arange(4.0)).sum()),
    "gradient of a maximum": jax.grad(lambda x: (x.max(1) ** 2).sum() + jnp.linalg.norm(x)),
    "jacobian": jax.jacobian(lambda x: jnp.tanh(x @ x)),
    "hessian": jax.hessian(lambda x: jnp.sum(jnp.sin(x[0]) * x[1])),
}

RANDOM: dict[str, Callable[[Any], Any]] = {
    "bits": lambda key: jax.random.bits(key, (7,)),
    "split": lambda key: (jax.random.split(key, 3), jax.random.fold_in(key, 7)),
    "uniform": lambda key: jax.random.uniform(key, (5, 3)),
    "bernoulli": lambda key: jax.random.bernoulli(key, 0.3, (40,)),
    "normal": lambda key: jax.random.normal(key, (50,)),
    "randint": lambda key: jax.random.randint(key, (9,), -3, 12),
    "permutation": lambda key: (jax.random.permutation(key, 10), jax.random.choice(key, 9, (4,))),
    "categorical": lambda key: jax.random.categorical(key, jnp.zeros((6, 4))),
    "chain": lambda key: jax.random.uniform(
        jax.random.fold_in(jax.random.split(jax.random.fold_in(key, 1))[1], 2)
    ),
}

FAMILIES: list[tuple[str, dict[str, Callable[[Any], Any]], Any]] = [
    ("integers", INTEGER_ARITHMETIC, INTEGERS),
    ("words", WORD_ARITHMETIC, WORDS),
    ("floats", FLOAT_CASES, FLOATS),
    ("transcendental", TRANSCENDENTAL, OPEN_UNIT),
    ("logic", LOGIC, jnp.array([True, False, True])),
    ("shapes", SHAPES, CUBE),
    ("reductions", REDUCTIONS, CUBE),
    ("products", PRODUCTS, MATRIX),
    ("indexing", INDEXING, SQUARE),
    ("control", CONTROL, SQUARE),
    ("derivatives", DERIVATIVES, SQUARE),
    ("random", RANDOM, KEY),
]


@pytest.mark.parametrize(
    ("function", "example"),
    [
        pytest.param(function, example, id=f"{family}: {name}")
        for family, functions, example in FAMILIES
        for name, function in functions.items()
    ],
)
def test_the_browser_computes_what_jax_computes(
    engine: Engine, function: Callable[[Any], Any], example: Any
) -> None:
    engine.check(function, example)


def test_a_key_can_be_made_from_a_seed(engine: Engine) -> None:
    engine.check(lambda seed: jax.random.uniform(jax.random.key(seed), (4,)), jnp.int32(5))


@pytest.mark.parametrize("index", [-5, -1, 0, 2, 3, 7])
def test_dynamic_positions(engine: Engine, index: int) -> None:
    engine.check(
        lambda x, i: (
            x[i],
            x[:, i],
            jax.lax.dynamic_slice(x, (i, i), (2, 2)),
            jax.lax.dynamic_update_slice(x, 2 * x[:2, :2], (i, i)),
            x.at[i, 1].add(1),
            jnp.take(x, i, axis=1),
            jnp.roll(x, i, 0),
        ),
        MATRIX,
        jnp.int32(index),
    )


def test_results_that_are_arguments_or_constants(engine: Engine) -> None:
    engine.check(lambda x, y: (x, x, y, y + 1, jnp.ones(3), 2, True, x.T), jnp.ones((3, 2)), 1.5)


def test_long_chains_do_not_exhaust_the_stack(engine: Engine) -> None:
    def chain(x: jax.Array) -> jax.Array:
        for k in range(400):
            x = jnp.abs(x) + k * 1e-3 if k % 2 else x * 0.99
        return x

    engine.check(chain, jnp.float32(0.5))
    engine.check(chain, OPEN_UNIT)
