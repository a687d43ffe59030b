"""The same program with less in it: constants computed, short loops unrolled, copies shared.

Everything here keeps the meaning of a `Block` exactly.
It exists because lowered JAX is verbose: `jax.random` counts its positions in 64-bit integers
that JavaScript does not have (all of them are constants), and runs five rounds in a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from book.interactive.javascript.rule import Rule
from book.interactive.javascript.rules import RULES
from book.interactive.javascript.stablehlo import Block, Op, Value, constant, make_op, outer_values

LARGEST_FOLDED = 1 << 22  # entries; a larger constant result is computed in the browser
MOST_UNROLLED = 8  # rounds of a counted loop


def _fold(op: Op, rule: Rule) -> np.ndarray | None:
    """The operation's result, when it is known now; None when it is not."""
    arrays = [constant(operand) for operand in op.operands]
    large = any(result.size > LARGEST_FOLDED for result in op.results)
    if large or any(array is None for array in arrays):
        return None
    with np.errstate(all="ignore"):
        folded = rule.fold(op, *arrays)
    return None if folded is None else np.asarray(folded).astype(op.results[0].dtype, copy=False)


def simplify(block: Block) -> Block:
    """The block with constants folded, short counted loops unrolled, and nothing done twice."""
    return _without_dead_ops(_rewrite_block(block, {}, {}))


Values = dict[Value, Value]  # what stands for a value of the original program
Known = dict[Any, Op]  # operations already there, by signature


def _rewrite_block(block: Block, values: Values, known: Known) -> Block:
    values, known = dict(values), dict(known)
    parameters = []
    for parameter in block.parameters:
        if parameter not in values:
            values[parameter] = Value(parameter.shape, parameter.dtype)
            parameters.append(values[parameter])
    ops: list[Op] = []
    _rewrite(block.ops, values, known, ops)
    return Block(parameters, ops, [values[result] for result in block.results])


def _rewrite(source: Sequence[Op], values: Values, known: Known, ops: list[Op]) -> None:
    """Append the operations of `source` to `ops`, in terms of `values`."""
    for op in source:
        operands = [values.get(operand, operand) for operand in op.operands]
        new = make_op(
            op.name,
            operands,
            [(result.shape, result.dtype) for result in op.results],
            op.attributes,
            op.blocks,
            op.where,
        )
        rule = RULES.get(op.name, Rule())
        simpler = rule.simpler(new)
        if isinstance(simpler, Value):
            values[op.results[0]] = simpler
            continue
        new = simpler or new
        folded = _fold(new, RULES.get(new.name, rule))
        if folded is not None:
            types = [(new.results[0].shape, new.results[0].dtype)]
            new = make_op("constant", [], types, {"value": folded}, where=op.where)
        if op.name == "while":
            results = _rewrite_while(op, operands, values, known, ops)
            values.update(zip(op.results, results, strict=True))
            continue
        new.blocks = [_rewrite_block(inner, values, known) for inner in new.blocks]
        signature = _signature(new)
        if signature in known:
            new = known[signature]
        else:
            ops.append(new)
            if signature is not None:
                known[signature] = new
        values.update(zip(op.results, new.results, strict=True))


def _rewrite_while(
    op: Op, start: list[Value], values: Values, known: Known, ops: list[Op]
) -> list[Value]:
    body = op.blocks[1]
    carried = [
        k
        for k, (before, after) in enumerate(zip(body.parameters, body.results, strict=True))
        if before is not after
    ]
    fixed = {
        block.parameters[k]: start[k]
        for block in op.blocks
        for k in range(len(start))
        if k not in carried
    }
    inner = {**values, **fixed}
    test, step = (_rewrite_block(block, inner, known) for block in op.blocks)
    step.results = [step.results[k] for k in carried]
    results = list(start)
    rounds = _count_rounds(test, step, [start[k] for k in carried])
    if rounds is not None and rounds <= MOST_UNROLLED:
        for _ in range(rounds):
            local = {**inner, **{body.parameters[k]: results[k] for k in carried}}
            _rewrite(body.ops, local, known, ops)
            for k in carried:
                results[k] = local[body.results[k]]
    else:
        types = [(start[k].shape, start[k].dtype) for k in carried]
        loop = make_op("while", [start[k] for k in carried], types, {}, [test, step], op.where)
        ops.append(loop)
        for k, result in zip(carried, loop.results, strict=True):
            results[k] = result
    return [values.get(result, result) for result in results]


def _count_rounds(test: Block, step: Block, start: list[Value]) -> int | None:
    """How often a loop that counts up by one to a constant runs; None for any other loop."""
    compare = test.results[0].source
    if compare is None or compare.name != "compare":
        return None
    counter, limit = compare.operands
    if compare.attributes["comparison_direction"] != "LT" or counter not in test.parameters:
        return None
    k = test.parameters.index(counter)
    first, last, add = constant(start[k]), constant(limit), step.results[k].source
    if first is None or last is None or add is None or add.name != "add":
        return None
    increments = [constant(x) for x in add.operands if x is not step.parameters[k]]
    if len(increments) != 1 or increments[0] is None or increments[0] != 1:
        return None
    return max(0, int(last) - int(first))


def _without_dead_ops(block: Block) -> Block:
    needed = set(block.results)
    kept = []
    for op in reversed(block.ops):
        if needed.isdisjoint(op.results):
            continue
        op.blocks = [_without_dead_ops(inner) for inner in op.blocks]
        kept.append(op)
        needed.update(op.operands)
        for inner in op.blocks:
            needed.update(outer_values(inner))
    return Block(block.parameters, kept[::-1], block.results)


def _signature(op: Op) -> Any:
    """Equal for two operations that compute the same; None when that is not worth knowing."""
    if op.blocks:
        return None
    types = tuple((result.shape, str(result.dtype)) for result in op.results)
    if op.name == "constant":
        value = op.attributes["value"]
        splat = value.size > 0 and (value == value.flat[0]).all()
        return (types, value.flat[0].tobytes()) if splat else None
    attributes = repr(sorted(op.attributes.items()))
    return op.name, tuple(id(operand) for operand in op.operands), types, attributes
