"""Sorting, and the k largest."""

from __future__ import annotations

from collections.abc import Callable

from .elements import Atom
from .index import Index, Position, address
from .kernels import Kernels, merge
from .stablehlo import Op, Value


class Order(Kernels):
    """Adds to `Kernels` the operations that sort positions by what stands there."""

    def _run_sort(self, op: Op) -> None:
        axis = op.attributes["dimension"]
        shape = op.operands[0].shape
        for result in op.results:
            self.allocate(result)
        others = [*shape[:axis], *shape[axis + 1 :]]
        with self.loops(others) as outer:
            where = lambda i: merge(outer, [axis], [i], len(shape))  # noqa: E731
            order = self._sorted_positions(
                shape[axis],
                lambda p, q: self.region(
                    op.blocks[0],
                    [self.element(x, where(i)) for x in op.operands for i in (p, q)],
                )[0],
            )
            self._in_order(order, shape[axis], op, where)

    def _run_top_k(self, op: Op) -> None:
        value = op.operands[0]
        for result in op.results:
            self.allocate(result)
        with self.loops(value.shape[:-1]) as outer:
            where = lambda i: (*outer, i)  # noqa: E731
            order = self._sorted_positions(
                value.shape[-1], lambda p, q: self._above(value, where(p), where(q))
            )
            with self.loop(op.results[0].shape[-1]) as step:
                source = self.position(self._entry(order, step), value.shape[-1])
                offset = address((*outer, step), op.results[0].shape)
                largest, position = (self.storage[result] for result in op.results)
                self.store(largest, offset, self.element(value, where(source)))
                self.line(f"{position.text}[{offset}]={source}")

    def _above(self, value: Value, p: Position, q: Position) -> Atom:
        a, b = self.element(value, p), self.element(value, q)
        scope = self.deepest(a.scope, b.scope)
        return Atom(f"below({b.text},{a.text})", scope, simple=False)

    def _entry(self, array: str, step: Index) -> Atom:
        return Atom(f"{array}[{step}]", self.deepest(self.scope, self.home_of(step)), simple=False)

    def _in_order(
        self, order: str, extent: int, op: Op, where: Callable[[Index], Position]
    ) -> None:
        with self.loop(extent) as step:
            source = self.position(self._entry(order, step), extent)
            for operand, result in zip(op.operands, op.results, strict=True):
                offset = address(where(step), result.shape)
                self.store(self.storage[result], offset, self.element(operand, where(source)))

    def _sorted_positions(self, extent: int, before: Callable[[Index, Index], Atom]) -> str:
        """The name of an array of the positions, stably sorted by what comes before what."""
        order = self.name()
        self.permanent.append(f"{order}=new Int32Array({extent})")
        self.line(f"for(let i=0;i<{extent};i++){order}[i]=i")
        p, q = self.name(), self.name()
        with self.inside() as scope:
            for name in (p, q):
                self.home[name] = scope
                self.extents[name] = extent
            forward = self.bind(before(Index.of(p), Index.of(q))).text
            backward = self.bind(before(Index.of(q), Index.of(p))).text
        body = ";".join([*scope.lines, f"return {forward}?-1:{backward}?1:0"])
        self.line(f"{order}.sort(({p},{q})=>{{{body}}})")
        return order
