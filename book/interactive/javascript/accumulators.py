"""Running sums, products, maxima, ...: what a loop adds up in local variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from book.interactive.javascript.index import Index, Position
from book.interactive.javascript.rule import Reduction
from book.interactive.javascript.stablehlo import Block, Op, Value, make_op
from book.interactive.javascript.writer import Atom, Writer, bare, positions


class Accumulators:
    """One local variable for each result of a reduction, at each of these positions.

    Sums of floats are kept in double precision and rounded once, at the end.
    """

    def __init__(
        self,
        writer: Writer,
        op: Op,
        starts: Sequence[Value],
        block: Block,
        places: Sequence[Position],
    ):
        self.writer, self.op, self.block = writer, op, block
        self.sums = is_sum(block)
        self.sums_floats = self.sums and op.results[0].dtype.kind == "f"
        self.names: dict[Position, list[str]] = {}
        for place in places:
            texts = [writer.element(value, ()).text for value in starts]
            self.names[place] = [writer.name() for _ in texts]
            for name, text in zip(self.names[place], texts, strict=True):
                writer.line(f"let {name}={text}")

    def add(self, place: Position, terms: Sequence[Atom]) -> None:
        """Take in one term for each result."""
        writer, names = self.writer, self.names[place]
        if self.sums_floats:
            writer.line(f"{names[0]}+={bare(terms[0].text)}")
        elif self.sums:
            writer.line(
                f"{names[0]}={bare(writer.rounded(self.op, f'{names[0]}+{terms[0].text}'))}"
            )
        else:
            current = [Atom(name, writer.scope) for name in names]
            changed = writer.region(self.block, [*current, *terms])
            if len(names) > 1:
                changed = [writer.bind(atom) for atom in changed]
            for name, atom in zip(names, changed, strict=True):
                writer.line(f"{name}={bare(atom.text)}")

    def current(self, place: Position, k: int = 0) -> str:
        name = self.names[place][k]
        return self.writer.rounded(self.op, name) if self.sums_floats else name

    def finish(self) -> None:
        """Write the results."""
        for place in self.names:
            for k, result in enumerate(self.op.results):
                self.writer.give(result, place, self.current(place, k))


def written_out(writer: Writer, op: Op, position: Position) -> Atom:
    """One element of a reduction, without a loop: a short sum inside another loop."""
    parts = reduction_of(writer, op)
    (start,) = (writer.element(value, ()) for value in parts.starts)
    terms = [parts.terms(writer, position, inner)[0] for inner in positions(parts.extents)]
    if is_sum(parts.block):
        texts = [atom.text for atom in terms] + ([] if start.text == "0" else [start.text])
        scope = writer.deepest(*(atom.scope for atom in terms))
        return Atom(writer.rounded(op, "+".join(texts) or start.text), scope, simple=False)
    for term in terms:
        (start,) = writer.region(parts.block, [start, term])
    return start


def reduction_of(writer: Writer, op: Op) -> Reduction:
    """The reduction that an operation is."""
    reduction = writer.rule(op).reduction
    assert reduction is not None, f"{op.name} is no reduction"
    return reduction(op)


def addition(dtype: np.dtype) -> tuple[list[Value], Block]:
    """Zero, and the block that adds two numbers."""
    a, b = Value((), dtype), Value((), dtype)
    zero = make_op("constant", [], [((), dtype)], {"value": np.zeros((), dtype)})
    add = make_op("add", [a, b], [((), dtype)])
    return zero.results, Block([a, b], [add], add.results)


def is_sum(block: Block) -> bool:
    """Whether a reduction's block adds its two parameters, which are numbers."""
    op = block.results[0].source
    return (
        len(block.ops) == 1
        and op is not None
        and op.name == "add"
        and op.results[0].dtype.kind != "b"
        and set(op.operands) == set(block.parameters)
    )


def merge(
    outer: Sequence[Index], axes: Sequence[int], inner: Sequence[Index], rank: int
) -> Position:
    """The position with `inner` at these axes and `outer` at the others."""
    rest, own = iter(outer), dict(zip(axes, inner, strict=True))
    return tuple(own[axis] if axis in own else next(rest) for axis in range(rank))
