"""Finding the long axis that many operations walk along together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from .elements import VIEWS
from .formulas import FORMULAS
from .kernels import contracted_shape
from .stablehlo import Op, Value

SHORTEST_PASS = 16  # rounds
LARGEST_PASS = 3000  # operations on single numbers in one round, all written out

Axis = tuple[Value, int]


@dataclass
class Pass:
    """One loop over a long axis: where the axis is in each value, and what takes part."""

    extent: int
    axis: dict[Value, int] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)


def is_elementwise(op: Op) -> bool:
    """Whether every element of the result has a formula of the elements at the same position."""
    return op.name in FORMULAS


def best_pass(ops: Sequence[Op]) -> Pass | None:
    """The pass that takes most work into one loop; None when there is none worth its code."""
    groups: dict[Axis, Axis] = {}

    def find(axis: Axis) -> Axis:
        while groups.setdefault(axis, axis) != axis:
            axis = groups[axis]
        return axis

    pairs = {op: list(aligned_axes(op)) for op in ops}
    for op in ops:
        for one, other in pairs[op]:
            groups[find(one)] = find(other)
    passes: dict[Axis, Pass] = {}
    for axis in groups:
        value, k = axis
        extent = value.shape[k]
        if extent >= SHORTEST_PASS:
            loop = passes.setdefault(find(axis), Pass(extent))
            # A value that has the axis twice cannot be followed through one loop.
            loop.axis[value] = -1 if value in loop.axis else k
    best, most = None, 0
    for loop in passes.values():
        loop.axis = {value: k for value, k in loop.axis.items() if k >= 0}
        loop.ops = [op for op in ops if takes_part(op, loop, pairs[op])]
        made = {value for op in loop.ops for value in op.results}
        outside = {value for op in loop.ops for value in op.operands} - made
        loop.axis = {v: k for v, k in loop.axis.items() if v in made or v in outside}
        work = sum(work_per_round(op, loop) for op in loop.ops)
        useful = any(op.name in ("reduce", "dot_general") for op in loop.ops)
        if useful and work <= LARGEST_PASS and work * loop.extent > most:
            best, most = loop, work * loop.extent
    return best


def aligned_axes(op: Op) -> Iterator[tuple[Axis, Axis]]:
    """Pairs of axes that an operation walks along together."""
    if op.results[0].dtype.kind == "u" and op.name != "convert":
        return  # random bits: long chains on one number, better in a sweep of their own
    (result, *_) = op.results
    if is_elementwise(op):
        for operand in op.operands:
            if operand.shape == result.shape:
                yield from (((operand, k), (result, k)) for k in range(len(result.shape)))
    elif op.name == "broadcast_in_dim":
        for k, axis in enumerate(op.attributes["broadcast_dimensions"]):
            if op.operands[0].shape[k] == result.shape[axis]:
                yield (op.operands[0], k), (result, axis)
    elif op.name == "transpose":
        for k, source in enumerate(op.attributes["permutation"]):
            yield (op.operands[0], source), (result, k)
    elif op.name == "reshape":
        yield from _reshape_axes(op.operands[0], result)
    elif op.name == "reduce" and len(op.results) == 1:
        axes, kept = op.attributes["dimensions"], 0
        for k in range(len(op.operands[0].shape)):
            if k in axes:
                yield (op.operands[0], k), (op.operands[0], k)
            else:
                yield (op.operands[0], k), (result, kept)
                kept += 1
    elif op.name == "dot_general":
        yield from _dot_axes(op)


def _reshape_axes(before: Value, after: Value) -> Iterator[tuple[Axis, Axis]]:
    for k, extent in enumerate(before.shape):
        if extent < SHORTEST_PASS:
            continue
        for j, other in enumerate(after.shape):
            same_place = np.prod(before.shape[:k]) == np.prod(after.shape[:j])
            if other == extent and same_place:
                yield (before, k), (after, j)


def _dot_axes(op: Op) -> Iterator[tuple[Axis, Axis]]:
    numbers = op.attributes["dot_dimension_numbers"]
    left, right = op.operands
    (result,) = op.results
    batch = [numbers.get(f"{side}_batching_dimensions", []) for side in ("lhs", "rhs")]
    inner = [numbers.get(f"{side}_contracting_dimensions", []) for side in ("lhs", "rhs")]
    yield from (((left, i), (right, j)) for i, j in zip(*inner, strict=True))
    yield from (((left, i), (result, k)) for k, i in enumerate(batch[0]))
    yield from (((right, j), (result, k)) for k, j in enumerate(batch[1]))
    used = len(batch[0])
    for operand, own_batch, own_inner in zip((left, right), batch, inner, strict=True):
        for axis in range(len(operand.shape)):
            if axis not in (*own_batch, *own_inner):
                yield (operand, axis), (result, used)
                used += 1


def takes_part(op: Op, loop: Pass, pairs: Sequence[tuple[Axis, Axis]]) -> bool:
    """Whether one round of the pass can do this operation's share; `pairs` are its aligned axes."""
    (result, *_) = op.results
    if not pairs:
        return False
    if result in loop.axis:
        own = (result, loop.axis[result])
        linked = {operand: k for (operand, k), other in pairs if other == own}
        return all(loop.axis.get(operand) == linked.get(operand) for operand in op.operands)
    if op.name == "reduce":
        return loop.axis.get(op.operands[0]) in op.attributes["dimensions"]
    if op.name == "dot_general":
        left, right = ((operand, loop.axis.get(operand, -1)) for operand in op.operands)
        return (left, right) in pairs and result not in (left[0], right[0])
    return False


def work_per_round(op: Op, loop: Pass) -> int:
    """How many operations on single numbers one round of the pass does for this operation."""
    (result, *_) = op.results
    size = result.size // (loop.extent if result in loop.axis else 1)
    if op.name == "dot_general":
        inner = int(np.prod(contracted_shape(op), dtype=int))
        return size * inner // (1 if result in loop.axis else loop.extent)
    if op.name == "reduce":
        return op.operands[0].size // loop.extent
    return 0 if op.name in VIEWS else size
