"""What the compiler has to know about one operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from book.interactive.javascript.stablehlo import Block, Op, Value

Axis = tuple[Value, int]


@dataclass(frozen=True)
class Reduction:
    """Elements of a result as running sums (products, maxima, ...) over some axes.

    Attributes:
        axes: the axes of the first operand that are summed over.
        extents: how long these axes are.
        starts: what each result begins with.
        block: how a result takes in a term.
        terms: ``terms(writer, position, inner)``, what is taken in: one `Atom` a result, for a
            position of the result and a position along the summed axes.
    """

    axes: Sequence[int]
    extents: Sequence[int]
    starts: Sequence[Value]
    block: Block
    terms: Callable[..., list[Any]]


@dataclass(frozen=True)
class Rule:
    """One operation of StableHLO, as JavaScript.

    It has one of `formula`, `element` and `run`; the rest makes code smaller or faster.

    Attributes:
        formula: ``formula(writer, op, *texts)``, the JavaScript for one element of the result, from
            the elements of the operands at the same position.
        element: ``element(writer, op, position)``, the `Atom` at a position of the result.
            An operation with nothing else is a view: it is never carried out.
        run: ``run(writer, op)``, which writes the loops that fill the results in memory.
        refuse: ``refuse(op)``, why this operation is not covered; None when it is.
        flat: ``flat(op)``, whether the position may be `Flat` when it may be for every operand.
        reduction: ``reduction(op)``, the `Reduction` that it is, if it can share a loop.
        axes: ``axes(op)``, the pairs of axes that it walks along together.
        fold: ``fold(op, *arrays)``, what NumPy makes of known operands, where that is exactly what
            XLA makes of them; None where it is not.
        simpler: ``simpler(op)``, what says the same: an operand, or another operation; or None.
        reads_once: whether it reads each element of its operands once, so that the elements may be
            made where they are read.
        in_place: whether the result may take the memory of the first operand.
    """

    formula: Callable[..., str] | None = None
    element: Callable[..., Any] | None = None
    run: Callable[..., None] | None = None
    refuse: Callable[[Op], str | None] = lambda op: None
    flat: Callable[[Op], bool] = lambda op: False
    reduction: Callable[[Op], Reduction] | None = None
    axes: Callable[[Op], Iterable[tuple[Axis, Axis]]] = lambda op: ()
    fold: Callable[..., Any] = lambda op, *arrays: None
    simpler: Callable[[Op], Value | Op | None] = lambda op: None
    reads_once: bool = False
    in_place: bool = False

    @property
    def is_view(self) -> bool:
        """Whether it only shows elements of what it reads."""
        return self.element is not None and self.run is None
