"""A JAX function as JavaScript.

The function is traced and lowered by JAX (`stablehlo`), made smaller (`simplify`), and written as
loops over typed arrays (`program`).
Each module adds one idea to the one before it: `index` positions, `formulas` one operation on
numbers, `elements` one element of an array, `views` rearrangements, `kernels` sums and products,
`parts` updates, `order` sorting, `passes` and `schedule` shared loops, `program` control flow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from book.interactive.javascript.program import program
from book.interactive.javascript.simplify import simplify
from book.interactive.javascript.stablehlo import NotCovered, trace

__all__ = ["NotCovered", "to_javascript"]


def to_javascript(function: Callable[..., Any], *examples: Any) -> str:
    """The source of one JavaScript expression: a function that computes what `function` computes.

    The JavaScript function takes one typed array per leaf of `examples`, in the order of
    ``jax.tree.leaves(examples)``, and returns an array of typed arrays, one per leaf of the result.
    Arrays are row-major; a scalar is an array of length 1.
    float32 is a ``Float32Array``, int32 an ``Int32Array``, uint32 a ``Uint32Array``, bool a
    ``Uint8Array`` of 0 and 1 (also int8, int16, uint8, uint16, and float64 where JAX has it);
    a key of `jax.random.key` is the ``Uint32Array`` of its two words.
    One further argument may be given, an array of typed arrays like the result:
    then the results are written there and nothing is allocated.
    It must not share memory with the other arguments.

    Only shapes and dtypes of the examples matter.
    Arrays that `function` closes over become constants.

    Covered: element-wise arithmetic, comparison, logic and transcendental functions, 32-bit
    integers with wrap-around; views (reshape, transpose, slices, broadcasting, padding,
    concatenation); reductions, cumulative sums, sorting; matrix products; indexing, also dynamic,
    and scattered updates; ``lax.while_loop``, ``fori_loop``, ``scan``, ``cond`` and ``switch``;
    ``jax.random``, whose bits are the same as JAX's; and so `jax.grad` of, and optax updates on,
    all of these.

    Float32 arithmetic is rounded as in JAX.  Long sums are kept in double precision, and functions
    such as ``exp`` are the engine's, so results differ from JAX by rounding only.

    Example:
        >>> import jax.numpy as jnp
        >>> to_javascript(lambda x: 2 * x, jnp.ones(3))
        '(()=>{const f=Math.fround;return(a,o)=>{...}})()'

    Raises:
        NotCovered: an operation or a dtype has no translation;
            the message names it, the Python function and the line.

    Source: the operations are those of the StableHLO specification,
    https://openxla.org/stablehlo/spec.
    """
    return program(simplify(trace(function, *examples)))
