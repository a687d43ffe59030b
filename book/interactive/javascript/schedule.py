"""Which operations share a loop, and in which order the loops run.

Two kinds of loop are shared.
A *batch loop* runs once over a long axis that many operations have in common: one round takes
one example through all of them, in local variables, and adds its share to every sum over the batch.
A *sweep* runs over all elements of arrays of one shape: the update of every moment in Adam.
Both are found the same way.  An operation joins the loop of stage s when each operand is either
finished before the loop or made in the same round of it; a sum over the axis is finished only after
the loop, so what reads it belongs to stage s + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from book.interactive.javascript.accumulators import Accumulators, merge, reduction_of
from book.interactive.javascript.batch_loops import BatchLoop, best_loop
from book.interactive.javascript.index import Index, Position, address
from book.interactive.javascript.stablehlo import Block, Op, Value, outer_values
from book.interactive.javascript.writer import LARGEST_WRITTEN_OUT, Atom, Flat, Writer, positions

DEEPEST_EXPRESSION = 24  # operations in one expression; what is longer gets names in between


def enter(writer: Writer, block: Block) -> None:
    """Learn who uses the values of a block."""
    for op in block.ops:
        for inner in op.blocks:
            enter(writer, inner)
        for value in _sources(op):
            writer.users.setdefault(value, []).append(op)
    for value in block.results:
        writer.users.setdefault(value, []).append(None)
    nesting: dict[Value, int] = {}
    for op in block.ops:
        depth = 1 + max((nesting.get(operand, 0) for operand in op.operands), default=0)
        for value in op.results:
            if depth < DEEPEST_EXPRESSION and _asked_once(writer, value):
                writer.once.add(value)
                nesting[value] = depth


def _asked_once(writer: Writer, value: Value) -> bool:
    users = writer.users.get(value, [])
    return len(users) == 1 and (users[0] is None or _reads_once(writer, users[0]))


def _reads_once(writer: Writer, op: Op) -> bool:
    return _is_elementwise(writer, op) or writer.rule(op).reads_once


def _is_elementwise(writer: Writer, op: Op) -> bool:
    return writer.rule(op).formula is not None


def _is_lazy(writer: Writer, op: Op) -> bool:
    """Whether an operation has no loop: its elements are made where they are read."""
    if not _is_elementwise(writer, op):
        return writer.rule(op).is_view
    (value,) = op.results
    users = writer.users[value]
    alone = len(users) == 1 and users[0] is not None and writer.rule(users[0]).reads_once
    return alone or not value.shape


def run_block(writer: Writer, block: Block, targets: Sequence[Atom]) -> list[Atom | None]:
    """Run a block here: array results into their targets, numbers as returned expressions."""
    made = {value for op in block.ops for value in op.results}
    for value, target in zip(block.results, targets, strict=True):
        if value.shape and value in made and value not in writer.targets:
            writer.targets[value] = target
    carry_out(writer, block.ops)
    for value, target in zip(block.results, targets, strict=True):
        stored = writer.storage.get(value)
        if value.shape and (stored is None or stored.text != target.text):
            writer.copy(value, target)
    return [None if v.shape else writer.bind(writer.element(v, ())) for v in block.results]


def carry_out(writer: Writer, ops: Sequence[Op]) -> None:
    """Run operations, sharing loops where they can be shared."""
    loop = best_loop(ops, writer.rules)
    if loop is not None:
        for before, together in stages(ops, loop.ops, lambda value: value in loop.axis):
            carry_out(writer, before)
            _run_batch_loop(writer, loop, together)
        return
    sweeping = [op for op in ops if _is_elementwise(writer, op) and not _is_lazy(writer, op)]
    if sweeping:
        shape = sweeping[0].results[0].shape
        members = [op for op in sweeping if op.results[0].shape == shape]
        for before, together in stages(ops, members, lambda value: True):
            carry_out(writer, before)
            _run_sweep(writer, together)
        return
    for op in ops:
        run = writer.rule(op).run
        if run is not None:
            run(writer, op)
        elif not op.results[0].shape:
            _name_elements(writer, [op], ())


def _run_sweep(writer: Writer, ops: list[Op]) -> None:
    results = [value for op in ops for value in op.results]
    values = [value for value in results if not set(writer.users.get(value, [])) <= set(ops)]
    if not values:
        return
    shape = values[0].shape
    arrays = [writer.memory(value) for value in values]
    size = values[0].size

    def store(position: Position | Flat, offset: Index) -> None:
        _name_elements(writer, ops, position)
        for value, array in zip(values, arrays, strict=True):
            writer.store(array, offset, writer.element(value, position))

    if size * len(ops) > LARGEST_WRITTEN_OUT and all(writer.is_flat(value) for value in values):
        with writer.loop(size) as offset:
            store(Flat(offset), offset)
    else:
        with writer.each(shape, len(ops)) as places:
            for position in places:
                store(position, address(position, shape))
    writer.storage.update(zip(values, arrays, strict=True))


def _name_elements(writer: Writer, ops: Sequence[Op], position: Position | Flat) -> None:
    """Name the elements at one position in the order of the operations.

    Asked for from the last operation only, a long chain would be one deep recursion.
    """
    for op in ops:
        (value, *_) = op.results
        if _is_elementwise(writer, op) and value not in writer.once:
            writer.element(value, position)


def _run_batch_loop(writer: Writer, loop: BatchLoop, ops: list[Op]) -> None:
    mapped = [op for op in ops if op.results[0] in loop.axis]
    stored = _escaping(writer, mapped, set(ops))
    sums = [(op, reduction_of(writer, op)) for op in ops if op not in mapped]
    if not stored and not sums:
        return
    arrays = [writer.memory(value) for value in stored]
    for op, _ in sums:
        for result in op.results:
            if result.shape:
                writer.allocate(result)
    running = [
        Accumulators(writer, op, parts.starts, parts.block, positions(op.results[0].shape))
        for op, parts in sums
    ]
    with writer.loop(loop.extent) as turn:
        for op in mapped:
            for position in _positions_in_round(loop, op.results[0], turn):
                _name_elements(writer, [op], position)
        for value, array in zip(stored, arrays, strict=True):
            for position in _positions_in_round(loop, value, turn):
                writer.store(array, address(position, value.shape), writer.element(value, position))
        for (op, parts), total in zip(sums, running, strict=True):
            long = list(parts.axes).index(loop.axis[op.operands[0]])
            others = [*parts.extents[:long], *parts.extents[long + 1 :]]
            for place in total.names:
                for short in positions(others):
                    inner = (*short[:long], turn, *short[long:])
                    total.add(place, parts.terms(writer, place, inner))
    for total in running:
        total.finish()
    writer.storage.update(zip(stored, arrays, strict=True))


def _positions_in_round(loop: BatchLoop, value: Value, turn: Index) -> list[Position]:
    axis = loop.axis[value]
    rest = [*value.shape[:axis], *value.shape[axis + 1 :]]
    return [merge(place, [axis], [turn], len(value.shape)) for place in positions(rest)]


def _escaping(writer: Writer, ops: Sequence[Op], members: set[Op]) -> list[Value]:
    """Values of a batch loop that are read after it; a view is read from what it shows."""
    escaping: set[Value] = set()
    for op in reversed(ops):
        (value,) = op.results
        for user in writer.users.get(value, []):
            again = user is not None and writer.rule(user).is_view and user.results[0] in escaping
            if user is None or user not in members or again:
                escaping.add(value)
    shown = [op.results[0] for op in ops if not writer.rule(op).is_view]
    return [value for value in shown if value in escaping]


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
