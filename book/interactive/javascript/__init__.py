"""A JAX function as JavaScript.

The function is traced and lowered by JAX (`stablehlo`), made smaller (`simplify`), and written as
loops over typed arrays.
What there is to know about one operation is its `rule`, an entry of `rules.RULES`.
A `writer` holds what is written so far; `index` knows positions, `accumulators` sums;
`batch_loops` and `schedule` let operations share loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from book.interactive.javascript.rules import RULES
from book.interactive.javascript.rules.elementwise import HELPERS, NEEDS
from book.interactive.javascript.schedule import enter, run_block
from book.interactive.javascript.simplify import simplify
from book.interactive.javascript.stablehlo import WIDE, Block, NotCovered, is_wide, trace, walk
from book.interactive.javascript.writer import ARRAYS, Atom, Writer, bare

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
        '(()=>{const f=Math.fround;return(a0,o)=>{...return o}})()'

    Raises:
        NotCovered: an operation or a dtype has no translation;
            the message names it, the Python function and the line.

    Source: the operations are those of the StableHLO specification,
    https://openxla.org/stablehlo/spec.
    """
    return _source(simplify(trace(function, *examples)))


def _source(block: Block) -> str:
    """The source of a function of the block's parameters."""
    _check(block)
    writer = Writer(RULES)
    enter(writer, block)
    parameters = [writer.name() for _ in block.parameters]
    for name, value in zip(parameters, block.parameters, strict=True):
        array = Atom(name, writer.root)
        writer.storage[value] = array if value.shape else _entry(writer, name, 0)
    kinds = ",".join(f"new {ARRAYS[v.dtype.name]}({v.size})" for v in block.results)
    writer.line(f"o=o||[{kinds}]")
    outs = [_entry(writer, "o", k) for k in range(len(block.results))]
    for out, number in zip(outs, run_block(writer, block, outs), strict=True):
        if number is not None:
            writer.line(f"{out.text}[0]={bare(number.text)}")
    body = ";".join([*writer.root.lines, "return o"])
    called = writer.called.union(*(NEEDS.get(name, ()) for name in writer.called))
    helpers = {name: code for name, code in HELPERS.items() if name in called}
    made_once = {**helpers, **writer.permanent}
    constants = ",".join(f"{name}={source}" for name, source in made_once.items())
    declared = f"const {constants};" if constants else ""
    return f"(()=>{{{declared}return({','.join([*parameters, 'o'])})=>{{{body}}}}})()"


def _entry(writer: Writer, array: str, k: int) -> Atom:
    return writer.bind(Atom(f"{array}[{k}]", writer.root, simple=False))


def _check(block: Block) -> None:
    """Raise `NotCovered` for the first operation that has no JavaScript."""
    for op in walk(block):
        rule = RULES.get(op.name)
        if rule is None:
            raise op.refuse("there is no JavaScript for it")
        if op.name != "constant" and any(is_wide(value) for value in op.results):
            raise op.refuse(WIDE)
        why = rule.refuse(op)
        if why is not None:
            raise op.refuse(why)
    for value in block.results:
        if is_wide(value) and value.source is not None:
            raise value.source.refuse(WIDE)
