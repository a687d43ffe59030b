"""Arrays made of parts: concatenation, padding, updates of a slice, scattered updates."""

from __future__ import annotations

from .elements import Atom, bare
from .index import Index, address
from .kernels import Kernels
from .stablehlo import Op, Value


class Parts(Kernels):
    """Adds to `Kernels` the operations that write into part of an array."""

    def _run_concatenate(self, op: Op) -> None:
        result, axis, first = op.results[0], op.attributes["dimension"], 0
        array = self.allocate(result)
        for operand in op.operands:
            with self.each(operand.shape) as positions:
                for position in positions:
                    where = (*position[:axis], position[axis] + first, *position[axis + 1 :])
                    self.store(array, address(where, result.shape), self.element(operand, position))
            first += operand.shape[axis]

    def _run_pad(self, op: Op) -> None:
        (value, filling), result = op.operands, op.results[0]
        array = self.allocate(result)
        self.line(f"{array.text}.fill({self.element(filling, ()).text})")
        steps = op.attributes["interior_padding"]
        with self.loops(value.shape) as position:
            where = tuple(
                index * (step + 1) + low
                for index, step, low in zip(
                    position, steps, op.attributes["edge_padding_low"], strict=True
                )
            )
            atom = self.element(value, position)
            tests = self.inside_tests(where, result.shape)
            self.line(f"{tests}{array.text}[{address(where, result.shape)}]={bare(atom.text)}")

    def _run_dynamic_update_slice(self, op: Op) -> None:
        operand, update, *starts = op.operands
        array = self._changed_copy(op, operand)
        rooms = [n - m for n, m in zip(operand.shape, update.shape, strict=True)]
        first = [self.start(start, (), room) for start, room in zip(starts, rooms, strict=True)]
        with self.each(update.shape) as positions:
            for position in positions:
                where = tuple(p + start for p, start in zip(position, first, strict=True))
                self.store(array, address(where, operand.shape), self.element(update, position))

    def _changed_copy(self, op: Op, operand: Value) -> Atom:
        """Memory for the result, holding the operand: the operand itself where that is allowed."""
        if op in self.in_place:
            self.storage[op.results[0]] = self.storage[operand]
            return self.storage[operand]
        array = self.allocate(op.results[0])
        self.copy(operand, array)
        return array

    def _run_scatter(self, op: Op) -> None:
        if len(op.results) > 1:
            raise op.refuse("scattering into several arrays at once is not covered")
        operand, indices, updates = op.operands
        array = self._changed_copy(op, operand)
        numbers = op.attributes["scatter_dimension_numbers"]
        window_dims = numbers.get("update_window_dims", [])
        batching = numbers.get("input_batching_dims", [])
        inserted = [*numbers.get("inserted_window_dims", []), *batching]
        vector_dim = numbers.get("index_vector_dim", 0)
        with self.loops(updates.shape) as position:
            batch = [index for axis, index in enumerate(position) if axis not in window_dims]
            window = iter([position[axis] for axis in window_dims])
            where = [Index() if a in inserted else next(window) for a in range(len(operand.shape))]
            tests = []
            for component, axis in enumerate(numbers.get("scatter_dims_to_operand_dims", [])):
                at = list(batch)
                if vector_dim < len(indices.shape):
                    at.insert(vector_dim, Index(component))
                start = self.bind(self.element(indices, tuple(at)))
                rank = axis - sum(other < axis for other in inserted)
                size = 1 if axis in inserted else updates.shape[window_dims[rank]]
                tests.append(f"{start.text}>=0&&{start.text}<={operand.shape[axis] - size}")
                if start.text.isdigit():
                    where[axis] = where[axis] + int(start.text)
                else:
                    where[axis] = where[axis] + self._offset(start, operand.shape[axis])
            for axis, update_axis in zip(
                batching, numbers.get("scatter_indices_batching_dims", []), strict=True
            ):
                where[axis] = batch[update_axis - (update_axis > vector_dim)]
            offset = address(tuple(where), operand.shape)
            with self.inside() as scope:
                new = self.bind(self.element(updates, position))
                old = self.bind(Atom(f"{array.text}[{offset}]", scope, simple=False))
                (changed,) = self.region(op.blocks[0], [old, new])
                self.store(array, offset, changed)
            self.line(f"if({'&&'.join(tests) or 1}){{{';'.join(scope.lines)}}}")

    def _offset(self, atom: Atom, extent: int) -> Index:
        self.extents[atom.text] = extent
        self.home[atom.text] = atom.scope
        return Index.of(atom.text)
