"""Finding the long axis that many operations walk along together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from book.interactive.javascript.rule import Axis, Rule
from book.interactive.javascript.stablehlo import Op, Value

SHORTEST = 16  # rounds
LARGEST = 3000  # operations on single numbers in one round, all written out


@dataclass
class BatchLoop:
    """One loop over a long axis: where the axis is in each value, and what takes part."""

    extent: int
    axis: dict[Value, int] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)


def best_loop(ops: Sequence[Op], rules: Mapping[str, Rule]) -> BatchLoop | None:
    """The loop that takes in most work; None when there is none worth its code."""
    groups: dict[Axis, Axis] = {}

    def find(axis: Axis) -> Axis:
        while groups.setdefault(axis, axis) != axis:
            axis = groups[axis]
        return axis

    pairs = {op: aligned_axes(op, rules[op.name]) for op in ops}
    for op in ops:
        for one, other in pairs[op]:
            groups[find(one)] = find(other)
    loops: dict[Axis, BatchLoop] = {}
    for axis in groups:
        value, k = axis
        extent = value.shape[k]
        if extent >= SHORTEST:
            loop = loops.setdefault(find(axis), BatchLoop(extent))
            # A value that has the axis twice cannot be followed through one loop.
            loop.axis[value] = -1 if value in loop.axis else k
    best, most = None, 0
    for loop in loops.values():
        loop.axis = {value: k for value, k in loop.axis.items() if k >= 0}
        loop.ops = [op for op in ops if takes_part(op, loop, pairs[op])]
        made = {value for op in loop.ops for value in op.results}
        outside = {value for op in loop.ops for value in op.operands} - made
        loop.axis = {v: k for v, k in loop.axis.items() if v in made or v in outside}
        work = sum(work_of(op, rules[op.name]) // loop.extent for op in loop.ops)
        useful = any(rules[op.name].reduction is not None for op in loop.ops)
        if useful and work <= LARGEST and work * loop.extent > most:
            best, most = loop, work * loop.extent
    return best


def aligned_axes(op: Op, rule: Rule) -> list[tuple[Axis, Axis]]:
    """Pairs of axes that an operation walks along together."""
    result = op.results[0]
    if result.dtype.kind == "u" and op.name != "convert":
        return []  # random bits: long chains on one number, better in a sweep of their own
    if rule.formula is None:
        return list(rule.axes(op))
    same_shape = [operand for operand in op.operands if operand.shape == result.shape]
    return [((x, k), (result, k)) for x in same_shape for k in range(len(result.shape))]


def takes_part(op: Op, loop: BatchLoop, pairs: Sequence[tuple[Axis, Axis]]) -> bool:
    """Whether one round of the loop can do this operation's share; `pairs` are its aligned axes."""
    result = op.results[0]
    if result in loop.axis and pairs:
        own = (result, loop.axis[result])
        linked = {operand: k for (operand, k), other in pairs if other == own}
        return all(loop.axis.get(operand) == linked.get(operand) for operand in op.operands)
    summed = [pair for pair in pairs if pair[1][0] is not result]
    return any(all(loop.axis.get(value) == k for value, k in pair) for pair in summed)


def work_of(op: Op, rule: Rule) -> int:
    """How many operations on single numbers an operation does."""
    if rule.is_view:
        return 0
    terms = rule.reduction(op).extents if rule.reduction is not None else ()
    return op.results[0].size * int(np.prod(terms, dtype=int))
