"""Arrays made of parts: concatenation, padding, updates of a slice, scattered updates."""

from __future__ import annotations

import numpy as np

from book.interactive.javascript.index import Index, address
from book.interactive.javascript.rule import Rule
from book.interactive.javascript.stablehlo import Op, Value
from book.interactive.javascript.writer import Atom, Writer, bare, condition


def _concatenate(writer: Writer, op: Op) -> None:
    result, axis, first = op.results[0], op.attributes["dimension"], 0
    array = writer.allocate(result)
    for operand in op.operands:
        with writer.each(operand.shape) as positions:
            for position in positions:
                where = (*position[:axis], position[axis] + first, *position[axis + 1 :])
                offset = address(where, result.shape)
                writer.store(array, offset, writer.element(operand, position))
        first += operand.shape[axis]


def _pad(writer: Writer, op: Op) -> None:
    (value, filling), result = op.operands, op.results[0]
    array = writer.allocate(result)
    writer.line(f"{array.text}.fill({writer.element(filling, ()).text})")
    steps, lows = op.attributes["interior_padding"], op.attributes["edge_padding_low"]
    with writer.loops(value.shape) as position:
        where = tuple(
            index * (step + 1) + low for index, step, low in zip(position, steps, lows, strict=True)
        )
        atom = writer.element(value, position)
        test = condition(writer.inside_tests(where, result.shape))
        writer.line(f"{test}{array.text}[{address(where, result.shape)}]={bare(atom.text)}")


def _dynamic_update_slice(writer: Writer, op: Op) -> None:
    operand, update, *starts = op.operands
    array = _changed_copy(writer, op, operand)
    rooms = [n - m for n, m in zip(operand.shape, update.shape, strict=True)]
    first = [writer.start(start, (), room) for start, room in zip(starts, rooms, strict=True)]
    with writer.each(update.shape) as positions:
        for position in positions:
            where = tuple(p + start for p, start in zip(position, first, strict=True))
            writer.store(array, address(where, operand.shape), writer.element(update, position))


def _changed_copy(writer: Writer, op: Op, operand: Value) -> Atom:
    """Memory for the result, holding the operand: the operand itself where that is allowed."""
    if op in writer.in_place:
        writer.storage[op.results[0]] = writer.storage[operand]
        return writer.storage[operand]
    array = writer.allocate(op.results[0])
    writer.copy(operand, array)
    return array


def _scatter(writer: Writer, op: Op) -> None:
    operand, indices, updates = op.operands
    array = _changed_copy(writer, op, operand)
    numbers = op.attributes["scatter_dimension_numbers"]
    window_dims = numbers.get("update_window_dims", [])
    batching = numbers.get("input_batching_dims", [])
    inserted = [*numbers.get("inserted_window_dims", []), *batching]
    vector_dim = numbers.get("index_vector_dim", 0)
    with writer.loops(updates.shape) as position:
        batch = [index for axis, index in enumerate(position) if axis not in window_dims]
        window = iter([position[axis] for axis in window_dims])
        where = [Index() if a in inserted else next(window) for a in range(len(operand.shape))]
        tests = []
        for component, axis in enumerate(numbers.get("scatter_dims_to_operand_dims", [])):
            at = list(batch)
            if vector_dim < len(indices.shape):
                at.insert(vector_dim, Index(component))
            start = writer.bind(writer.element(indices, tuple(at)))
            rank = axis - sum(other < axis for other in inserted)
            size = 1 if axis in inserted else updates.shape[window_dims[rank]]
            tests.append(f"{start.text}>=0&&{start.text}<={operand.shape[axis] - size}")
            if start.text.isdigit():
                where[axis] = where[axis] + int(start.text)
            else:
                where[axis] = where[axis] + _offset(writer, start, operand.shape[axis])
        for axis, update_axis in zip(
            batching, numbers.get("scatter_indices_batching_dims", []), strict=True
        ):
            where[axis] = batch[update_axis - (update_axis > vector_dim)]
        offset = address(tuple(where), operand.shape)
        with writer.inside() as scope:
            new = writer.bind(writer.element(updates, position))
            old = writer.bind(Atom(f"{array.text}[{offset}]", scope, simple=False))
            (changed,) = writer.region(op.blocks[0], [old, new])
            writer.store(array, offset, changed)
        writer.line(f"{condition(tests)}{{{';'.join(scope.lines)}}}")


def _offset(writer: Writer, atom: Atom, extent: int) -> Index:
    writer.extents[atom.text] = extent
    writer.home[atom.text] = atom.scope
    return Index.of(atom.text)


def _several(op: Op) -> str | None:
    several = len(op.results) > 1
    return "scattering into several arrays at once is not covered" if several else None


RULES = {
    "concatenate": Rule(
        run=_concatenate,
        fold=lambda op, *parts: np.concatenate(parts, op.attributes["dimension"]),
    ),
    "pad": Rule(run=_pad),
    "dynamic_update_slice": Rule(run=_dynamic_update_slice, in_place=True),
    "scatter": Rule(run=_scatter, refuse=_several, in_place=True),
}
