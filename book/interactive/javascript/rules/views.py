"""Constants, and operations that only rearrange elements: which element of the operand is meant."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from book.interactive.javascript.index import Index, Position, address, divide
from book.interactive.javascript.rule import Axis, Rule
from book.interactive.javascript.rules.elementwise import literal, same_type
from book.interactive.javascript.stablehlo import Op, Value
from book.interactive.javascript.writer import ARRAYS, Atom, Flat, Writer

Axes = Iterator[tuple[Axis, Axis]]

# Constants


def _constant(writer: Writer, op: Op, position: Position | Flat) -> Atom:
    array: np.ndarray = op.attributes["value"]
    if _is_splat(op):
        return Atom(literal(array.flat[0]), writer.root)
    assert not isinstance(position, Flat), "other constants are not flat"
    if all(index.is_known for index in position):
        return Atom(literal(array[tuple(index.constant for index in position)]), writer.root)
    steps = _affine_steps(array)
    if steps is not None:
        index = Index(int(array.flat[0]))
        for axis, step in enumerate(steps):
            index = index + position[axis] * step
        return _number(writer, index)
    return writer.entry(Atom(_table(writer, array), writer.root), op.results[0], position)


def _is_splat(op: Op) -> bool:
    """Whether all entries of a constant are the same."""
    array: np.ndarray = op.attributes["value"]
    if array.size == 0:
        return False
    return not any(array.strides) or bool((array == array.flat[0]).all())


def _too_large(op: Op) -> str | None:
    array: np.ndarray = op.attributes["value"]
    large = (
        array.dtype.kind in "iu"
        and array.size
        and not -(2**53) <= array.min() <= array.max() <= 2**53
    )
    return "integers are covered up to 2**53" if large else None


def _table(writer: Writer, array: np.ndarray) -> str:
    """A constant array: a short one as numbers, a long one as the base64 of its bytes."""
    if array.dtype.name not in ARRAYS:
        array = array.astype(float)  # 64-bit integers, none of them too large
    kind = ARRAYS[array.dtype.name]
    # The array rounds each number to its dtype, so the shortest text is enough.
    numbers = ",".join(str(x) if np.isfinite(x) else literal(x) for x in array.ravel())
    coded = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    if len(numbers) <= len(coded) + 50:
        source = f"new {kind}([{numbers.lower()}])"
    else:
        source = f"new {kind}(Uint8Array.from(atob('{coded}'),c=>c.charCodeAt()).buffer)"
    there = (name for name, other in writer.permanent.items() if other == source)
    return next(there, None) or writer.once_made(source)


def _affine_steps(array: np.ndarray) -> list[int] | None:
    """Per axis the constant step of an array of whole numbers; None where there is none."""
    if array.dtype.kind == "f":
        whole = np.isfinite(array) & (np.abs(array) < 2**24) & ~np.signbit(array)
        if not (whole.all() and (array == np.floor(array)).all()):
            return None
    wide = array.astype(np.int64)
    steps = []
    for axis in range(wide.ndim):
        difference = np.diff(wide, axis=axis)
        if difference.size and (difference != difference.flat[0]).any():
            return None
        steps.append(int(difference.flat[0]) if difference.size else 0)
    return steps


def _number(writer: Writer, index: Index) -> Atom:
    """A position as a number to calculate with."""
    text = str(index)
    return Atom(text if text.isalnum() else f"({text})", writer.home_of(index), text.isalnum())


def _iota(writer: Writer, op: Op, position: Position) -> Atom:
    return _number(writer, position[op.attributes["iota_dimension"]])


def _fold_iota(op: Op) -> np.ndarray:
    shape, axis = op.results[0].shape, op.attributes["iota_dimension"]
    line = [1] * len(shape)
    line[axis] = shape[axis]
    numbers = np.arange(shape[axis]).astype(op.results[0].dtype)
    return np.broadcast_to(numbers.reshape(line), shape)


# The same elements elsewhere


def _view(where: Callable[[Op, Sequence[Any]], Sequence[Any]], walks: bool = False) -> Rule:
    """An operation that shows at a position what stands at another one in its operand.

    All there is to know follows from ``where(op, position)``, which computes with positions of the
    program and with NumPy's alike.
    """

    def axes(op: Op) -> Axes:
        operand, result = op.operands[0], op.results[0]
        position = [Index.of(str(k)) for k in range(len(result.shape))]
        for k, index in enumerate(where(op, position)):
            if index in position:
                axis = position.index(index)
                if operand.shape[k] == result.shape[axis]:
                    yield (operand, k), (result, axis)

    def fold(op: Op, array: np.ndarray) -> np.ndarray:
        shape = op.results[0].shape
        return np.broadcast_to(array[tuple(where(op, np.indices(shape, sparse=True)))], shape)

    def simpler(op: Op) -> Value | None:
        extents = enumerate(op.results[0].shape)
        position = [Index() if extent == 1 else Index.of(str(k)) for k, extent in extents]
        return same_type(op) if list(where(op, position)) == position else None

    return Rule(
        element=lambda writer, op, position: writer.element(
            op.operands[0], tuple(where(op, position)) if op.operands[0].shape else ()
        ),
        axes=axes if walks else lambda op: (),
        fold=fold,
        simpler=simpler,
    )


def _broadcast(op: Op, position: Sequence[Any]) -> Sequence[Any]:
    axes = zip(op.attributes["broadcast_dimensions"], op.operands[0].shape, strict=True)
    return [position[axis] * (extent != 1) for axis, extent in axes]


def _transpose(op: Op, position: Sequence[Any]) -> Sequence[Any]:
    order = op.attributes["permutation"]
    return [position[order.index(k)] for k in range(len(order))]


def _slice(op: Op, position: Sequence[Any]) -> Sequence[Any]:
    starts, strides = op.attributes["start_indices"], op.attributes["strides"]
    return [i * step + start for i, start, step in zip(position, starts, strides, strict=True)]


def _reverse(op: Op, position: Sequence[Any]) -> Sequence[Any]:
    last = [extent - 1 for extent in op.results[0].shape]
    turned = op.attributes["dimensions"]
    return [i * -1 + last[k] if k in turned else i for k, i in enumerate(position)]


def _reshape(writer: Writer, op: Op, position: Position | Flat) -> Atom:
    operand = op.operands[0]
    if isinstance(position, Flat):
        return writer.element(operand, position)
    return writer.element(operand, _regroup(writer, position, op.results[0].shape, operand.shape))


def _regroup(
    writer: Writer, position: Position, after: Sequence[int], before: Sequence[int]
) -> Position:
    """The position in shape `before` of the entry at `position` in shape `after`."""
    inner: list[Index] = []
    a = b = 0
    while b < len(before):
        count_after = count_before = 1  # the next axes that hold the same number of entries
        first_a, first_b = a, b
        while b == first_b or count_after != count_before:
            if b > first_b and count_after < count_before:
                count_after, a = count_after * after[a], a + 1
            else:
                count_before, b = count_before * before[b], b + 1
        inner += _split(writer, address(position[first_a:a], after[first_a:a]), before[first_b:b])
    return tuple(inner)


def _split(writer: Writer, offset: Index, shape: Sequence[int]) -> list[Index]:
    parts: list[Index] = []
    for extent in reversed(shape[1:]):
        key = ("divided", offset, extent)
        divided = divide(offset, extent, writer.extents) or writer.recall(key)
        if divided is None:
            scope, high = writer.home_of(offset), offset.bounds(writer.extents)[1]
            whole = Atom(f"({offset})/{extent}|0", scope, simple=False)
            rest = Atom(f"({offset})%{extent}", scope, simple=False)
            divided = writer.position(whole, high // extent + 1), writer.position(rest, extent)
            scope.memo[key] = divided
        offset, remainder = divided
        parts.append(remainder)
    return [offset, *reversed(parts)] if shape else []


def _reshape_axes(op: Op) -> Axes:
    (before,), (after,) = op.operands, op.results
    for k, extent in enumerate(before.shape):
        for j, other in enumerate(after.shape):
            same_place = np.prod(before.shape[:k]) == np.prod(after.shape[:j])
            if other == extent > 1 and same_place:
                yield (before, k), (after, j)


# Elements at computed places


def _dynamic_slice(writer: Writer, op: Op, position: Position) -> Atom:
    operand, *starts = op.operands
    sizes = op.attributes["slice_sizes"]
    inner = (
        index + writer.start(start, (), extent - size)
        for index, start, extent, size in zip(position, starts, operand.shape, sizes, strict=True)
    )
    return writer.element(operand, tuple(inner))


def _gather(writer: Writer, op: Op, position: Position) -> Atom:
    operand, starts = op.operands
    numbers, sizes = op.attributes["dimension_numbers"], op.attributes["slice_sizes"]
    offset_dims = numbers.get("offset_dims", [])
    batching = numbers.get("operand_batching_dims", [])
    dropped = [*numbers.get("collapsed_slice_dims", []), *batching]
    vector_dim = numbers.get("index_vector_dim", 0)
    batch = [index for axis, index in enumerate(position) if axis not in offset_dims]
    window = iter([position[axis] for axis in offset_dims])
    inner = [Index() if axis in dropped else next(window) for axis in range(len(sizes))]
    for component, axis in enumerate(numbers.get("start_index_map", [])):
        where = list(batch)
        if vector_dim < len(starts.shape):
            where.insert(vector_dim, Index(component))
        room = operand.shape[axis] - sizes[axis]
        inner[axis] = inner[axis] + writer.start(starts, tuple(where), room)
    for axis, start_axis in zip(
        batching, numbers.get("start_indices_batching_dims", []), strict=True
    ):
        inner[axis] = batch[start_axis - (start_axis > vector_dim)]
    return writer.element(operand, tuple(inner))


RULES = {
    "constant": Rule(element=_constant, flat=_is_splat, refuse=_too_large),
    "iota": Rule(element=_iota, fold=_fold_iota),
    "broadcast_in_dim": replace(
        _view(_broadcast, walks=True), flat=lambda op: not op.operands[0].shape
    ),
    "transpose": _view(_transpose, walks=True),
    "slice": _view(_slice),
    "reverse": _view(_reverse),
    "reshape": Rule(
        element=_reshape,
        flat=lambda op: True,
        axes=_reshape_axes,
        fold=lambda op, a: a.reshape(op.results[0].shape),
        simpler=same_type,
    ),
    "dynamic_slice": Rule(element=_dynamic_slice),
    "gather": Rule(element=_gather),
}
