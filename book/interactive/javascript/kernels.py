"""Whole arrays: the operations that cannot be asked for one element at a time.

A reduction, a matrix product, a sort or a scatter is carried out into memory, with loops around
`Elements`; what it reads is fused into those loops.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from .elements import ARRAYS, NO_TRANSLATION, Atom, Elements, bare
from .formulas import rounded
from .index import Index, Position, address
from .stablehlo import Block, Op, Value

TILE = 8  # sums of a matrix product that are kept in registers at a time
LARGEST_WRITTEN_OUT = 16  # operations; a loop of more is left a loop


class Kernels(Elements):
    """Adds to `Elements` the operations that fill an array in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[Value, Atom] = {}  # where the caller wants a value to be stored
        self.in_place: set[Op] = set()  # updates that may overwrite their operand

    def memory(self, value: Value) -> Atom:
        """Memory for a value: where the caller wants it, or an array of its own."""
        target = self.targets.get(value)
        if target is None:
            target = Atom(self.new_array(value), self.root)
        # Elements must not be read above this point of the program.
        return Atom(target.text, self.deepest(target.scope, self.scope))

    def allocate(self, value: Value) -> Atom:
        """Memory from which the value is read from now on."""
        self.storage[value] = self.memory(value)
        return self.storage[value]

    def new_array(self, value: Value) -> str:
        """The name of an array for this value that lasts as long as the function."""
        name = self.name()
        self.permanent.append(f"{name}=new {ARRAYS[value.dtype.name]}({value.size})")
        return name

    @contextmanager
    def each(self, shape: Sequence[int], work: int = 2) -> Iterator[list[Position]]:
        """Loops over all positions; short ones are written out as a list of known positions."""
        if np.prod(shape, dtype=int) * work <= LARGEST_WRITTEN_OUT:
            yield positions(shape)
        else:
            with self.loops(shape) as position:
                yield [position]

    def store(self, array: Atom, offset: Index, atom: Atom) -> None:
        self.line(f"{array.text}[{offset}]={bare(atom.text)}")

    def copy(self, value: Value, array: Atom) -> None:
        """Store every element of a value that is not in this array yet."""
        stored = self.storage.get(value)
        if stored is not None:
            self.line(f"{array.text}.set({stored.text})")
            return
        with self.each(value.shape) as positions:
            for position in positions:
                self.store(array, address(position, value.shape), self.element(value, position))

    def run(self, op: Op) -> None:
        """Carry out one operation, results into memory."""
        method: Callable[[Op], None] | None = getattr(self, f"_run_{op.name}", None)
        if method is None:
            raise op.refuse(NO_TRANSLATION)
        method(op)

    def give(self, value: Value, position: Position, text: str) -> None:
        """A finished result: an entry of its array, or a local constant for a single number."""
        if value.shape:
            self.line(f"{self.storage[value].text}[{address(position, value.shape)}]={text}")
        else:
            self.storage[value] = self.bind(Atom(text, self.scope, simple=False))

    # Sums and other reductions

    def _run_reduce(self, op: Op) -> None:
        axes = sorted(op.attributes["dimensions"])
        shape = op.operands[0].shape
        for result in op.results:
            if result.shape:
                self.allocate(result)
        with self.each(op.results[0].shape) as positions:
            for position in positions:
                sums = Accumulators(self, op, [position])
                with self.loops([shape[axis] for axis in axes]) as inner:
                    sums.add(position, merge(position, axes, inner, len(shape)))
                sums.finish()

    def _run_dot_general(self, op: Op) -> None:
        result = op.results[0]
        contracted = contracted_shape(op)
        if not result.shape:
            sums = Accumulators(self, op, [()])
            with self.loops(contracted) as inner:
                sums.add((), inner)
            sums.finish()
            return
        self.allocate(result)
        *outer, last = result.shape
        with self.loops(outer) as position:
            tiles = [(last // TILE, TILE, 0), (1, last % TILE, last - last % TILE)]
            for count, width, first in tiles:
                if not count or not width:
                    continue
                with self.loop(count) as tile:
                    columns = [(*position, tile * TILE + (first + k)) for k in range(width)]
                    sums = Accumulators(self, op, columns)
                    with self.each(contracted) as inners:
                        for inner, column in itertools.product(inners, columns):
                            sums.add(column, inner)
                    sums.finish()

    def _run_reduce_window(self, op: Op) -> None:
        value, result = op.operands[0], op.results[0]
        attributes = op.attributes
        window = attributes["window_dimensions"]
        ones = [1] * len(window)
        strides, dilations, base = (
            attributes.get(key) or ones
            for key in ("window_strides", "window_dilations", "base_dilations")
        )
        padding = attributes.get("padding") or [[0, 0]] * len(window)
        if len(op.results) > 1 or base != ones:
            raise op.refuse("windows over several arrays or dilated inputs are not covered")
        running = running_axis(window, strides, dilations, padding, value.shape)
        if running is not None:
            return self._run_cumulative(op, *running)
        self.allocate(result)
        with self.loops(result.shape) as position:
            sums = Accumulators(self, op, [position])
            with self.loops(window) as inner:
                where = tuple(
                    p * stride + w * dilation + -low
                    for p, w, stride, dilation, (low, _) in zip(
                        position, inner, strides, dilations, padding, strict=True
                    )
                )
                tests = self.inside_tests(where, value.shape)
                with self.inside() as scope:
                    # Named here, so that nothing outside the array is read above the test.
                    here = tuple(
                        self.position(Atom(str(i), scope, False), n) if i.terms else i
                        for i, n in zip(where, value.shape, strict=True)
                    )
                    sums.add(position, here)
                self.line(f"{tests}{{{';'.join(scope.lines)}}}")
            sums.finish()

    def inside_tests(self, where: Position, shape: Sequence[int]) -> str:
        """``if(...)`` for a position that may lie outside an array; empty when it cannot."""
        tests = []
        for index, extent in zip(where, shape, strict=True):
            low, high = index.bounds(self.extents)
            tests += [f"{index}>=0"] if low < 0 else []
            tests += [f"{index}<{extent}"] if high >= extent else []
        return f"if({'&&'.join(tests)})" if tests else ""

    def _run_cumulative(self, op: Op, axis: int, backwards: bool) -> None:
        """A running sum (or product, maximum, ...) along one axis."""
        value, result = op.operands[0], op.results[0]
        self.allocate(result)
        others = [*value.shape[:axis], *value.shape[axis + 1 :]]
        with self.loops(others) as outer:
            sums = Accumulators(self, op, [outer])
            with self.loop(value.shape[axis]) as step:
                index = step * -1 + (value.shape[axis] - 1) if backwards else step
                position = merge(outer, [axis], [index], len(value.shape))
                sums.add(outer, position)
                self.give(result, position, sums.current(outer))

    def dot_terms(self, op: Op, position: Position, contracted: Position) -> str:
        """The product of two entries: one position of the result, one of the contracted axes."""
        numbers = op.attributes["dot_dimension_numbers"]
        texts = []
        batch = len(numbers.get("lhs_batching_dimensions", []))
        used = batch
        for side, operand in zip(("lhs", "rhs"), op.operands, strict=True):
            inner: list[Index | None] = [None] * len(operand.shape)
            for k, axis in enumerate(numbers.get(f"{side}_batching_dimensions", [])):
                inner[axis] = position[k]
            for k, axis in enumerate(numbers.get(f"{side}_contracting_dimensions", [])):
                inner[axis] = contracted[k]
            for axis, index in enumerate(inner):
                if index is None:
                    inner[axis] = position[used]
                    used += 1
            texts.append(self.bind(self.element(operand, tuple(i for i in inner if i is not None))))
        a, b = (atom.text for atom in texts)
        return f"{a}*{b}" if op.results[0].dtype.kind == "f" else f"Math.imul({a},{b})"


class Accumulators:
    """Running sums, products, maxima, ... of a reduction: one local variable per result element.

    Sums of floats are kept in double precision and rounded once, at the end.
    """

    def __init__(self, kernels: Kernels, op: Op, positions: Sequence[Position]):
        self.kernels, self.op = kernels, op
        self.block: Block | None = op.blocks[0] if op.blocks else None
        self.names: dict[Position, list[str]] = {}
        initial = op.operands[len(op.results) :] if op.blocks else []
        for position in positions:
            starts = [kernels.element(value, ()).text for value in initial] or ["0"]
            self.names[position] = [kernels.name() for _ in starts]
            for name, start in zip(self.names[position], starts, strict=True):
                kernels.line(f"let {name}={start}")

    @property
    def sums_floats(self) -> bool:
        float_result = self.op.results[0].dtype.kind == "f"
        return float_result and (self.block is None or is_addition(self.block))

    def add(self, position: Position, source: Position) -> None:
        """Take in one element of the operands (for a product: one position of the inner axes)."""
        kernels, op, names = self.kernels, self.op, self.names[position]
        if self.block is None:
            term = kernels.dot_terms(op, position, source)
            if self.sums_floats:
                kernels.line(f"{names[0]}+={term}")
            else:
                kernels.line(f"{names[0]}={rounded(op.results[0].dtype, f'{names[0]}+{term}')}")
        elif self.sums_floats:
            kernels.line(f"{names[0]}+={bare(kernels.element(op.operands[0], source).text)}")
        else:
            elements = [kernels.element(x, source) for x in op.operands[: len(names)]]
            current = [Atom(name, kernels.scope) for name in names]
            changed = kernels.region(self.block, [*current, *elements])
            if len(names) > 1:
                changed = [kernels.bind(atom) for atom in changed]
            for name, atom in zip(names, changed, strict=True):
                kernels.line(f"{name}={bare(atom.text)}")

    def current(self, position: Position) -> str:
        (name,) = self.names[position]
        return rounded(self.op.results[0].dtype, name) if self.sums_floats else name

    def finish(self) -> None:
        """Write the results."""
        for position, names in self.names.items():
            for result, name in zip(self.op.results, names, strict=True):
                text = rounded(result.dtype, name) if self.sums_floats else name
                self.kernels.give(result, position, text)


def positions(shape: Sequence[int]) -> list[Position]:
    """All positions of an array of this shape, known while compiling."""
    return [tuple(map(Index, place)) for place in np.ndindex(*shape)]


def is_addition(block: Block) -> bool:
    """Whether a reduction's block adds its two parameters."""
    op = block.results[0].source
    return (
        len(block.ops) == 1
        and op is not None
        and op.name == "add"
        and set(op.operands) == set(block.parameters)
    )


def contracted_shape(op: Op) -> list[int]:
    """Extents of the axes that a matrix product sums over."""
    axes = op.attributes["dot_dimension_numbers"].get("lhs_contracting_dimensions", [])
    return [op.operands[0].shape[axis] for axis in axes]


def merge(
    outer: Sequence[Index], axes: Sequence[int], inner: Sequence[Index], rank: int
) -> Position:
    """The position with `inner` at these axes and `outer` at the others."""
    rest, own = iter(outer), dict(zip(axes, inner, strict=True))
    return tuple(own[axis] if axis in own else next(rest) for axis in range(rank))


def running_axis(
    window: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    padding: Sequence[Sequence[int]],
    shape: Sequence[int],
) -> tuple[int, bool] | None:
    """The axis of a cumulative reduction, and whether it runs backwards; None for other windows."""
    wide = [axis for axis, width in enumerate(window) if width > 1]
    if len(wide) != 1 or any(s != 1 for s in (*strides, *dilations)):
        return None
    axis = wide[0]
    if window[axis] != shape[axis] or any(p != [0, 0] for a, p in enumerate(padding) if a != axis):
        return None
    room = shape[axis] - 1
    if list(padding[axis]) == [room, 0]:
        return axis, False
    return (axis, True) if list(padding[axis]) == [0, room] else None
