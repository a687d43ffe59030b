"""A JavaScript engine for tests: compiled functions run in a page of the browser."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from playwright.sync_api import Page

from book.interactive import to_javascript

KINDS = {
    "float32": "Float32Array",
    "float64": "Float64Array",
    "int8": "Int8Array",
    "int16": "Int16Array",
    "int32": "Int32Array",
    "uint8": "Uint8Array",
    "uint16": "Uint16Array",
    "uint32": "Uint32Array",
    "bool": "Uint8Array",
}

# Typed arrays travel as base64; `calls` are lists of arguments, one result list for each.
HARNESS = """([source, calls]) => {
  const read = ([kind, text]) =>
    new globalThis[kind](Uint8Array.from(atob(text), c => c.charCodeAt()).buffer);
  const write = array => [
    array.constructor.name,
    btoa(Array.from(new Uint8Array(array.buffer), c => String.fromCharCode(c)).join("")),
  ];
  const compiled = eval(source);
  return calls.map(call => compiled(...call.map(read)).map(write));
}"""


def leaves(tree: Any) -> list[np.ndarray]:
    """The leaves of a tree as arrays; keys as the two words that they are."""
    arrays = []
    for leaf in jax.tree.leaves(tree):
        array = jax.numpy.asarray(leaf)
        if jax.dtypes.issubdtype(array.dtype, jax.dtypes.prng_key):
            array = jax.random.key_data(array)
        arrays.append(np.asarray(array))
    return arrays


def encode(tree: Any) -> list[tuple[str, str]]:
    """The leaves of a tree as the kind of typed array and its bytes, for the harness."""
    return [
        (KINDS[array.dtype.name], base64.b64encode(array.tobytes()).decode())
        for array in leaves(tree)
    ]


class Engine:
    """Runs what `to_javascript` makes."""

    def __init__(self, page: Page):
        self.page = page

    def run(self, source: str, calls: Sequence[Any]) -> list[list[tuple[str, bytes]]]:
        """For every call the kind and the bytes of each result."""
        answers = self.page.evaluate(HARNESS, [source, [encode(call) for call in calls]])
        return [[(kind, base64.b64decode(text)) for kind, text in answer] for answer in answers]

    def check(
        self, function: Callable[..., Any], *examples: Any, tolerance: float = 4e-6
    ) -> list[np.ndarray]:
        """Compare JavaScript and JAX on these examples: integers exactly, floats to rounding."""
        expected = leaves(jax.jit(function)(*examples))
        (answer,) = self.run(to_javascript(function, *examples), [examples])
        assert len(answer) == len(expected)
        results = []
        for (kind, data), want in zip(answer, expected, strict=True):
            assert kind == KINDS[want.dtype.name]
            got = np.frombuffer(data, want.dtype).reshape(want.shape)
            results.append(got)
            if want.dtype.kind == "f":
                finite = np.abs(want[np.isfinite(want)])
                scale = max(1.0, float(finite.max(initial=0.0)))
                np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * scale)
            else:
                np.testing.assert_array_equal(got, want)
        return results
