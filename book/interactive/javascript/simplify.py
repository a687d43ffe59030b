"""The same program with less in it: constants computed, short loops unrolled, copies shared.

Everything here keeps the meaning of a `Block` exactly.
It exists because lowered JAX is verbose: `jax.random` counts its positions in 64-bit integers
that JavaScript does not have (all of them are constants), and runs five rounds in a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .stablehlo import Block, Op, Value, make_op

LARGEST_FOLDED = 1 << 22  # entries; a larger constant result is computed in the browser
MOST_UNROLLED = 8  # rounds of a counted loop

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "EQ": np.equal,
    "NE": np.not_equal,
    "LT": np.less,
    "LE": np.less_equal,
    "GT": np.greater,
    "GE": np.greater_equal,
}


def _broadcast(op: Op, array: np.ndarray) -> np.ndarray:
    shape = [1] * len(op.results[0].shape)
    for axis, extent in zip(op.attributes["broadcast_dimensions"], array.shape, strict=True):
        shape[axis] = extent
    return np.broadcast_to(array.reshape(shape), op.results[0].shape)


def _slice(op: Op, array: np.ndarray) -> np.ndarray:
    bounds = zip(
        *(op.attributes[f"{part}s"] for part in ("start_indice", "limit_indice", "stride")),
        strict=True,
    )
    return array[tuple(slice(*bound) for bound in bounds)]


def _iota(op: Op) -> np.ndarray:
    shape, axis = op.results[0].shape, op.attributes["iota_dimension"]
    line = [1] * len(shape)
    line[axis] = shape[axis]
    positions = np.arange(shape[axis]).astype(op.results[0].dtype).reshape(line)
    return np.broadcast_to(positions, shape)


def _unsigned(array: np.ndarray) -> np.ndarray:
    return array.astype(f"u{array.itemsize}")


# How NumPy computes an operation; only those that it computes exactly as XLA does.
FOLDS: dict[str, Callable[..., Any]] = {
    "iota": _iota,
    "broadcast_in_dim": _broadcast,
    "slice": _slice,
    "reshape": lambda op, a: a.reshape(op.results[0].shape),
    "transpose": lambda op, a: a.transpose(op.attributes["permutation"]),
    "reverse": lambda op, a: np.flip(a, op.attributes["dimensions"]),
    "concatenate": lambda op, *parts: np.concatenate(parts, op.attributes["dimension"]),
    "convert": lambda op, a: a.astype(op.results[0].dtype),
    "compare": lambda op, a, b: COMPARISONS[op.attributes["comparison_direction"]](a, b),
    "select": lambda op, which, a, b: np.where(which, a, b),
    "add": lambda op, a, b: a + b,
    "subtract": lambda op, a, b: a - b,
    "multiply": lambda op, a, b: a * b,
    "divide": lambda op, a, b: a / b,
    "negate": lambda op, a: -a,
    "maximum": lambda op, a, b: np.maximum(a, b),
    "minimum": lambda op, a, b: np.minimum(a, b),
    "and": lambda op, a, b: a & b,
    "or": lambda op, a, b: a | b,
    "xor": lambda op, a, b: a ^ b,
    "not": lambda op, a: ~a,
    "shift_left": lambda op, a, b: np.where(b < 8 * a.itemsize, a << b, 0),
    "shift_right_logical": lambda op, a, b: np.where(b < 8 * a.itemsize, _unsigned(a) >> b, 0),
    "clamp": lambda op, low, a, high: np.clip(a, low, high),
}


def _constant(value: Value) -> np.ndarray | None:
    if value.source is not None and value.source.name == "constant":
        return value.source.attributes["value"]
    return None


def _fold(op: Op) -> np.ndarray | None:
    """The operation's result, when it is known now; None when it is not."""
    if op.name == "constant" or op.name not in FOLDS or op.results[0].size > LARGEST_FOLDED:
        return None
    known = [_constant(operand) for operand in op.operands]
    if any(array is None for array in known):
        return None
    kind = op.operands[0].dtype.kind if op.operands else ""
    if op.name == "convert" and kind == "f" and op.results[0].dtype.kind != "f":
        return None  # what becomes of floats out of range is written in the run-time formula
    if op.name == "divide" and kind != "f":
        return None  # so is what becomes of a division by zero
    with np.errstate(all="ignore"):
        return np.asarray(FOLDS[op.name](op, *known)).astype(op.results[0].dtype, copy=False)


def _is_identity(op: Op) -> bool:
    if op.name in ("add", "multiply") and op.results[0].dtype.kind in "iu":
        return _is_all(_constant(op.operands[1]), 0 if op.name == "add" else 1)
    if op.name not in ("convert", "reshape", "broadcast_in_dim", "transpose", "slice", "copy"):
        return False
    before, after = op.operands[0], op.results[0]
    if (before.shape, before.dtype) != (after.shape, after.dtype):
        return False
    if op.name == "transpose":
        return op.attributes["permutation"] == sorted(op.attributes["permutation"])
    return True


def _is_all(array: np.ndarray | None, number: int) -> bool:
    return array is not None and bool((array == number).all())


def _sums_nothing(op: Op) -> bool:
    """Whether this is a sum over axes of length one: only the shape changes."""
    if op.name != "reduce" or len(op.results) != 1 or len(op.blocks[0].ops) != 1:
        return False
    lengths = {op.operands[0].shape[axis] for axis in op.attributes["dimensions"]}
    adds = op.blocks[0].ops[0].name == "add" and _is_all(_constant(op.operands[1]), 0)
    return adds and lengths <= {1}


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
        if _is_identity(new):
            values[op.results[0]] = operands[0]
            continue
        if _sums_nothing(new):
            new.name, new.operands, new.blocks = "reshape", operands[:1], []
        folded = _fold(new)
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
    first, last, add = _constant(start[k]), _constant(limit), step.results[k].source
    if first is None or last is None or add is None or add.name != "add":
        return None
    increments = [_constant(x) for x in add.operands if x is not step.parameters[k]]
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


def outer_values(block: Block) -> set[Value]:
    """The values that a block uses and does not make itself."""
    inside = set(block.parameters)
    used = set(block.results)
    for op in block.ops:
        used.update(op.operands)
        inside.update(op.results)
        for inner in op.blocks:
            used.update(outer_values(inner))
    return used - inside


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
