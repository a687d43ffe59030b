"""Which operations share a loop, and in which order the loops run.

Two kinds of loop are shared.
A *pass* runs once over a long axis that many operations have in common, the batch: one round takes
one example through all of them, in local variables, and adds its share to every sum over the batch.
A *sweep* runs over all elements of arrays of one shape: the update of every moment in Adam.
Both are found the same way.  An operation joins the loop of stage s when each operand is either
finished before the loop or made in the same round of it; a sum over the axis is finished only after
the loop, so what reads it belongs to stage s + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .elements import VIEWS, Atom, Flat
from .formulas import rounded
from .index import Index, Position, address
from .kernels import (
    LARGEST_WRITTEN_OUT,
    Accumulators,
    contracted_shape,
    is_addition,
    merge,
    positions,
)
from .order import Order
from .parts import Parts
from .passes import Pass, best_pass, is_elementwise
from .simplify import outer_values
from .stablehlo import Block, Op, Value
from .views import Views

DEEPEST_EXPRESSION = 24  # operations in one expression; what is longer gets names in between


class Schedule(Parts, Order, Views):
    """Adds to the operations the order in which they run, and what shares a loop."""

    def __init__(self) -> None:
        super().__init__()
        self.users: dict[Value, list[Op | None]] = {}  # None: the block's caller

    def enter(self, block: Block) -> None:
        """Learn who uses the values of a block."""
        for op in block.ops:
            used = list(op.operands)
            for inner in op.blocks:
                self.enter(inner)
                used += outer_values(inner)
            for value in used:
                self.users.setdefault(value, []).append(op)
        for value in block.results:
            self.users.setdefault(value, []).append(None)
        nesting: dict[Value, int] = {}
        for op in block.ops:
            depth = 1 + max((nesting.get(operand, 0) for operand in op.operands), default=0)
            for value in op.results:
                if depth < DEEPEST_EXPRESSION and self._asked_once(value):
                    self.once.add(value)
                    nesting[value] = depth

    def _asked_once(self, value: Value) -> bool:
        users = self.users.get(value, [])
        if len(users) != 1:
            return False
        (user,) = users
        return user is None or is_elementwise(user) or user.name == "reduce"

    def is_lazy(self, op: Op) -> bool:
        """Whether an operation has no loop: its elements are made where they are read."""
        if op.name in VIEWS:
            return True
        if not is_elementwise(op):
            return False
        (value,) = op.results
        if not value.shape:
            return True
        users = self.users[value]
        return len(users) == 1 and users[0] is not None and users[0].name == "reduce"

    def carry_out(self, ops: Sequence[Op]) -> None:
        """Run operations, sharing loops where they can be shared."""
        ops = list(ops)
        loop = best_pass(ops)
        if loop is not None:
            for before, together in stages(ops, loop.ops, lambda value: value in loop.axis):
                self.carry_out(before)
                self._run_pass(loop, together)
            return
        shape = next((op.results[0].shape for op in ops if self._sweeps(op)), None)
        if shape is not None:
            members = [op for op in ops if self._sweeps(op) and op.results[0].shape == shape]
            for before, together in stages(ops, members, lambda value: True):
                self.carry_out(before)
                self._run_sweep(together)
            return
        for op in ops:
            if not self.is_lazy(op):
                self.run(op)
            elif not op.results[0].shape:
                self._name_elements([op], ())

    def _sweeps(self, op: Op) -> bool:
        return is_elementwise(op) and not self.is_lazy(op)

    # Sweeps

    def _run_sweep(self, ops: list[Op]) -> None:
        members = set(ops)
        results = [value for op in ops for value in op.results]
        values = [value for value in results if self._is_read_outside(value, members)]
        if not values:
            return
        shape = values[0].shape
        arrays = [self.memory(value) for value in values]
        size = int(np.prod(shape, dtype=int))
        if size * len(ops) > LARGEST_WRITTEN_OUT and all(self.is_flat(value) for value in values):
            with self.loop(size) as offset:
                self._name_elements(ops, Flat(offset))
                for value, array in zip(values, arrays, strict=True):
                    self.store(array, offset, self.element(value, Flat(offset)))
        else:
            with self.each(shape, len(ops)) as places:
                for position in places:
                    self._name_elements(ops, position)
                    for value, array in zip(values, arrays, strict=True):
                        offset = address(position, shape)
                        self.store(array, offset, self.element(value, position))
        self.storage.update(zip(values, arrays, strict=True))

    def _name_elements(self, ops: Sequence[Op], position: Position | Flat) -> None:
        """Name the elements at one position in the order of the operations.

        Asked for from the last operation only, a long chain would be one deep recursion.
        """
        for op in ops:
            (value, *_) = op.results
            if is_elementwise(op) and value not in self.once:
                self.element(value, position)

    def _is_read_outside(self, value: Value, ops: set[Op]) -> bool:
        return any(user is None or user not in ops for user in self.users.get(value, []))

    # Passes

    def _run_pass(self, loop: Pass, ops: list[Op]) -> None:
        members = set(ops)
        mapped = [op for op in ops if op.results[0] in loop.axis]
        sums = [op for op in ops if op.results[0] not in loop.axis]
        stored = self._escaping(mapped, members)
        if not stored and not sums:
            return
        arrays = [self.memory(value) for value in stored]
        for op in sums:
            for result in op.results:
                if result.shape:
                    self.allocate(result)
        running = [Accumulators(self, op, positions(op.results[0].shape)) for op in sums]
        with self.loop(loop.extent) as round_:
            for op in mapped:
                for position in self._positions_in_round(loop, op.results[0], round_):
                    self._name_elements([op], position)
            for value, array in zip(stored, arrays, strict=True):
                for position in self._positions_in_round(loop, value, round_):
                    self.store(array, address(position, value.shape), self.element(value, position))
            for op, sum_ in zip(sums, running, strict=True):
                self._add_round(loop, op, sum_, round_)
        for sum_ in running:
            sum_.finish()
        self.storage.update(zip(stored, arrays, strict=True))

    @staticmethod
    def _positions_in_round(loop: Pass, value: Value, round_: Index) -> list[Position]:
        axis = loop.axis[value]
        rest = [*value.shape[:axis], *value.shape[axis + 1 :]]
        return [merge(place, [axis], [round_], len(value.shape)) for place in positions(rest)]

    def _escaping(self, ops: Sequence[Op], members: set[Op]) -> list[Value]:
        """Values of a pass that are read after it; a view is read again from what it shows."""
        escaping: set[Value] = set()
        for op in reversed(ops):
            (value,) = op.results
            for user in self.users.get(value, []):
                again = user is not None and user.name in VIEWS and user.results[0] in escaping
                if user is None or user not in members or again:
                    escaping.add(value)
        return [op.results[0] for op in ops if op.results[0] in escaping and op.name not in VIEWS]

    def _add_round(self, loop: Pass, op: Op, sums: Accumulators, round_: Index) -> None:
        operand = op.operands[0]
        if op.name == "reduce":
            axes = sorted(op.attributes["dimensions"])
            extents = [operand.shape[axis] for axis in axes]
            long = axes.index(loop.axis[operand])
        else:
            extents = contracted_shape(op)
            numbers = op.attributes["dot_dimension_numbers"]
            long = numbers["lhs_contracting_dimensions"].index(loop.axis[operand])
        for place in positions(op.results[0].shape):
            for short in positions([*extents[:long], *extents[long + 1 :]]):
                inner = (*short[:long], round_, *short[long:])
                if op.name == "reduce":
                    inner = merge(place, axes, inner, len(operand.shape))
                sums.add(place, inner)

    # Inside a pass a short sum or product is written out.

    def _reduce(self, op: Op, position: Position) -> Atom:
        operand, axes = op.operands[0], sorted(op.attributes["dimensions"])
        atom = self.element(op.operands[1], ())
        total = atom.text
        atoms = [
            self.element(operand, merge(position, axes, inner, len(operand.shape)))
            for inner in positions([operand.shape[axis] for axis in axes])
        ]
        if op.blocks[0].results[0].dtype.kind == "f" and is_addition(op.blocks[0]):
            scope = self.deepest(*(a.scope for a in atoms))
            terms = [a.text for a in atoms] + ([] if total == "0" else [total])
            return Atom(rounded(op.results[0].dtype, "+".join(terms)), scope, simple=False)
        for other in atoms:
            (atom,) = self.region(op.blocks[0], [atom, other])
        return atom

    def _dot_general(self, op: Op, position: Position) -> Atom:
        terms = [self.dot_terms(op, position, k) for k in positions(contracted_shape(op))]
        return Atom(rounded(op.results[0].dtype, "+".join(terms)), self.scope, simple=False)


def stages(
    ops: Sequence[Op], members: Sequence[Op], streams: Callable[[Value], bool]
) -> Iterator[tuple[list[Op], list[Op]]]:
    """Split operations into (others that run first, members that share the loop), in order.

    `streams` says of a member's result whether other members can read it in the same round.
    """
    shared = set(members)
    made_by = {value: op for op in ops for value in op.results}
    stage: dict[Op, int] = {}
    for op in ops:
        stage[op] = 0
        for value in _sources(op):
            source = made_by.get(value)
            if source is not None:
                at_once = source not in shared or (op in shared and streams(value))
                stage[op] = max(stage[op], stage[source] + (0 if at_once else 1))
    last = max(stage.values(), default=-1)
    needed: dict[Value, int] = {}
    for op in reversed(ops):
        if op not in shared:  # as late as its first reader allows: more to share a loop with
            stage[op] = min((needed.get(value, last) for value in op.results), default=last)
        for value in _sources(op):
            needed[value] = min(needed.get(value, last), stage[op])
    for k in range(last + 1):
        here = [op for op in ops if stage[op] == k]
        yield [op for op in here if op not in shared], [op for op in here if op in shared]


def _sources(op: Op) -> list[Value]:
    """What an operation reads, in its inner blocks too."""
    return [*op.operands, *(value for inner in op.blocks for value in outer_values(inner))]
