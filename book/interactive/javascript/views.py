"""Constants, and operations that only rearrange elements: which element of the operand is meant."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from .elements import ARRAYS, Atom, Elements, Flat, is_splat
from .formulas import literal
from .index import Index, Position, address, divide
from .stablehlo import Op


class Views(Elements):
    """Adds to `Elements` one method per operation of `VIEWS`, named after it."""

    def __init__(self) -> None:
        super().__init__()
        self._tables: dict[str, str] = {}  # names of constant arrays, by their source

    def _constant(self, op: Op, position: Position | Flat) -> Atom:
        array: np.ndarray = op.attributes["value"]
        if is_splat(array):
            return Atom(literal(array.flat[0]), self.root)
        assert not isinstance(position, Flat), "other constants are not flat"
        if all(index.is_known for index in position):
            return Atom(literal(array[tuple(index.constant for index in position)]), self.root)
        steps = _affine_steps(array)
        if steps is not None:
            index = Index(int(array.flat[0]))
            for axis, step in enumerate(steps):
                index = index + position[axis] * step
            return self._number(index)
        return self._load(Atom(self._table(array), self.root), op.results[0], position)

    def _table(self, array: np.ndarray) -> str:
        """A constant array: a short one as numbers, a long one as the base64 of its bytes."""
        kind = ARRAYS[array.dtype.name]
        # The array rounds each number to its dtype, so the shortest text is enough.
        numbers = ",".join(str(x) if np.isfinite(x) else literal(x) for x in array.ravel())
        coded = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
        if len(numbers) <= len(coded) + 50:
            source = f"new {kind}([{numbers.lower()}])"
        else:
            source = f"new {kind}(Uint8Array.from(atob('{coded}'),c=>c.charCodeAt()).buffer)"
        if source not in self._tables:
            self._tables[source] = self.name()
            self.permanent.append(f"{self._tables[source]}={source}")
        return self._tables[source]

    def _number(self, index: Index) -> Atom:
        """A position as a number to calculate with."""
        text = str(index)
        return Atom(text if text.isalnum() else f"({text})", self.home_of(index), text.isalnum())

    def _iota(self, op: Op, position: Position) -> Atom:
        return self._number(position[op.attributes["iota_dimension"]])

    def _broadcast_in_dim(self, op: Op, position: Position) -> Atom:
        axes = zip(op.attributes["broadcast_dimensions"], op.operands[0].shape, strict=True)
        inner = tuple(Index() if extent == 1 else position[axis] for axis, extent in axes)
        return self.element(op.operands[0], inner)

    def _transpose(self, op: Op, position: Position) -> Atom:
        inner = [Index()] * len(position)
        for axis, source in enumerate(op.attributes["permutation"]):
            inner[source] = position[axis]
        return self.element(op.operands[0], tuple(inner))

    def _slice(self, op: Op, position: Position) -> Atom:
        starts, strides = op.attributes["start_indices"], op.attributes["strides"]
        inner = (
            i * stride + start for i, start, stride in zip(position, starts, strides, strict=True)
        )
        return self.element(op.operands[0], tuple(inner))

    def _reverse(self, op: Op, position: Position) -> Atom:
        return self.element(
            op.operands[0],
            tuple(
                index * -1 + (extent - 1) if axis in op.attributes["dimensions"] else index
                for axis, (index, extent) in enumerate(
                    zip(position, op.operands[0].shape, strict=True)
                )
            ),
        )

    def _reshape(self, op: Op, position: Position) -> Atom:
        before, after = op.operands[0].shape, op.results[0].shape
        return self.element(op.operands[0], self._regroup(position, after, before))

    def _regroup(self, position: Position, after: Sequence[int], before: Sequence[int]) -> Position:
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
            inner += self._split(address(position[first_a:a], after[first_a:a]), before[first_b:b])
        return tuple(inner)

    def _split(self, offset: Index, shape: Sequence[int]) -> list[Index]:
        parts: list[Index] = []
        for extent in reversed(shape[1:]):
            key = ("divided", offset, extent)
            divided = divide(offset, extent, self.extents) or self.recall(key)
            if divided is None:
                scope, high = self.home_of(offset), offset.bounds(self.extents)[1]
                whole = Atom(f"({offset})/{extent}|0", scope, simple=False)
                rest = Atom(f"({offset})%{extent}", scope, simple=False)
                divided = self.position(whole, high // extent + 1), self.position(rest, extent)
                scope.memo[key] = divided
            offset, remainder = divided
            parts.append(remainder)
        return [offset, *reversed(parts)] if shape else []

    def _dynamic_slice(self, op: Op, position: Position) -> Atom:
        operand, *starts = op.operands
        sizes = op.attributes["slice_sizes"]
        return self.element(
            operand,
            tuple(
                index + self.start(start, (), extent - size)
                for index, start, extent, size in zip(
                    position, starts, operand.shape, sizes, strict=True
                )
            ),
        )

    def _gather(self, op: Op, position: Position) -> Atom:
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
            inner[axis] = inner[axis] + self.start(starts, tuple(where), room)
        for axis, start_axis in zip(
            batching, numbers.get("start_indices_batching_dims", []), strict=True
        ):
            inner[axis] = batch[start_axis - (start_axis > vector_dim)]
        return self.element(operand, tuple(inner))

    def _concatenate(self, op: Op, position: Position) -> Atom:
        axis = op.attributes["dimension"]
        offset = position[axis].constant
        for operand in op.operands:
            if offset < operand.shape[axis]:
                inner = (*position[:axis], Index(offset), *position[axis + 1 :])
                return self.element(operand, inner)
            offset -= operand.shape[axis]
        raise AssertionError("a position inside a concatenation lies in one of its parts")


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
