"""Sorting, and the k largest."""

from __future__ import annotations

from collections.abc import Callable

from book.interactive.javascript.accumulators import merge
from book.interactive.javascript.index import Index, address
from book.interactive.javascript.rule import Rule
from book.interactive.javascript.stablehlo import Op
from book.interactive.javascript.writer import Atom, Writer


def _sort(writer: Writer, op: Op) -> None:
    axis = op.attributes["dimension"]
    shape = op.operands[0].shape
    for result in op.results:
        writer.allocate(result)
    others = [*shape[:axis], *shape[axis + 1 :]]
    with writer.loops(others) as outer:
        where = lambda i: merge(outer, [axis], [i], len(shape))  # noqa: E731
        order = _sorted_positions(
            writer,
            shape[axis],
            lambda p, q: writer.region(
                op.blocks[0],
                [writer.element(x, where(i)) for x in op.operands for i in (p, q)],
            )[0],
        )
        with writer.loop(shape[axis]) as step:
            source = _entry(writer, order, step, shape[axis])
            for operand, result in zip(op.operands, op.results, strict=True):
                offset = address(where(step), shape)
                element = writer.element(operand, where(source))
                writer.store(writer.storage[result], offset, element)


def _top_k(writer: Writer, op: Op) -> None:
    value = op.operands[0]
    largest, place = (writer.allocate(result) for result in op.results)
    with writer.loops(value.shape[:-1]) as outer:

        def above(p: Index, q: Index) -> Atom:
            a, b = (writer.element(value, (*outer, i)) for i in (p, q))
            scope = writer.deepest(a.scope, b.scope)
            return Atom(writer.call("below", b.text, a.text), scope, simple=False)

        order = _sorted_positions(writer, value.shape[-1], above)
        with writer.loop(op.results[0].shape[-1]) as step:
            source = _entry(writer, order, step, value.shape[-1])
            offset = address((*outer, step), op.results[0].shape)
            writer.store(largest, offset, writer.element(value, (*outer, source)))
            writer.line(f"{place.text}[{offset}]={source}")


def _entry(writer: Writer, array: str, step: Index, extent: int) -> Index:
    scope = writer.deepest(writer.scope, writer.home_of(step))
    return writer.position(Atom(f"{array}[{step}]", scope, simple=False), extent)


def _sorted_positions(writer: Writer, extent: int, before: Callable[[Index, Index], Atom]) -> str:
    """The name of an array of the positions, stably sorted by what comes before what."""
    order = writer.once_made(f"new Int32Array({extent})")
    writer.line(f"for(let i=0;i<{extent};i++){order}[i]=i")
    p, q = writer.name(), writer.name()
    with writer.inside() as scope:
        for name in (p, q):
            writer.home[name] = scope
            writer.extents[name] = extent
        forward = writer.bind(before(Index.of(p), Index.of(q))).text
        backward = writer.bind(before(Index.of(q), Index.of(p))).text
    body = ";".join([*scope.lines, f"return {forward}?-1:{backward}?1:0"])
    writer.line(f"{order}.sort(({p},{q})=>{{{body}}})")
    return order


RULES = {"sort": Rule(run=_sort), "top_k": Rule(run=_top_k)}
