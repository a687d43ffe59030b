"""Reductions, running sums, windows, and the products of matrices, with a kernel too."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from book.interactive.javascript.accumulators import (
    Accumulators,
    addition,
    is_sum,
    merge,
    reduction_of,
    written_out,
)
from book.interactive.javascript.index import Index, Position
from book.interactive.javascript.rule import Axis, Reduction, Rule
from book.interactive.javascript.stablehlo import Op, constant, make_op
from book.interactive.javascript.writer import Atom, Writer, condition

TILE = 8  # sums of a matrix product that are kept in registers at a time


def _allocate(writer: Writer, op: Op) -> None:
    for result in op.results:
        if result.shape:
            writer.allocate(result)


# Reductions


def _reduction(op: Op) -> Reduction:
    shape, axes = op.operands[0].shape, sorted(op.attributes["dimensions"])
    count = len(op.results)

    def terms(writer: Writer, position: Position, inner: Position) -> list[Atom]:
        where = merge(position, axes, inner, len(shape))
        return [writer.element(operand, where) for operand in op.operands[:count]]

    extents = [shape[axis] for axis in axes]
    return Reduction(axes, extents, op.operands[count:], op.blocks[0], terms)


def _reduce(writer: Writer, op: Op) -> None:
    parts = reduction_of(writer, op)
    _allocate(writer, op)
    with writer.each(op.results[0].shape) as places:
        for place in places:
            sums = Accumulators(writer, op, parts.starts, parts.block, [place])
            with writer.loops(parts.extents) as inner:
                sums.add(place, parts.terms(writer, place, inner))
            sums.finish()


def _reduced_axes(op: Op) -> Iterator[tuple[Axis, Axis]]:
    if len(op.results) > 1:
        return
    kept = itertools.count()
    for k in range(len(op.operands[0].shape)):
        own = (op.operands[0], k)
        yield own, own if k in op.attributes["dimensions"] else (op.results[0], next(kept))


def _sum_of_one(op: Op) -> Op | None:
    """A sum over axes of length one only changes the shape."""
    extents = _reduction(op).extents
    if len(op.results) > 1 or not is_sum(op.blocks[0]) or any(n != 1 for n in extents):
        return None
    start, result = constant(op.operands[1]), op.results[0]
    if start is None or start.any():
        return None
    return make_op("reshape", op.operands[:1], [(result.shape, result.dtype)], where=op.where)


# Windows


@dataclass(frozen=True)
class Window:
    """A window that moves over an array, axis by axis.

    Attributes:
        sizes: how many entries it has.
        strides: how far it moves at a time.
        dilations: how far apart its entries are.
        bases: how far apart the elements of the array are spread.
        lows: how far it begins before the array.
    """

    sizes: Sequence[int]
    strides: Sequence[int]
    dilations: Sequence[int]
    bases: Sequence[int]
    lows: Sequence[int]

    @contextmanager
    def over(
        self, writer: Writer, shape: Sequence[int], place: Position, inner: Position
    ) -> Iterator[Position]:
        """The position in an array; what is written there runs only if there is an element."""
        where = tuple(
            p * stride + w * dilation + -low
            for p, w, stride, dilation, low in zip(
                place, inner, self.strides, self.dilations, self.lows, strict=True
            )
        )
        spread = [(n - 1) * base + 1 for n, base in zip(shape, self.bases, strict=True)]
        tests = writer.inside_tests(where, spread)
        tests += [
            f"({i})%{base}===0" for i, base in zip(where, self.bases, strict=True) if base > 1
        ]
        with writer.inside() as scope:
            # Named here, so that nothing outside the array is read above the test.
            yield tuple(
                writer.position(Atom(f"({i})/{base}" if base > 1 else str(i), scope, False), n)
                if i.terms
                else Index(i.constant // base)
                for i, base, n in zip(where, self.bases, shape, strict=True)
            )
        writer.line(f"{condition(tests)}{{{';'.join(scope.lines)}}}")

    def running_axis(self, shape: Sequence[int], result: Sequence[int]) -> tuple[int, bool] | None:
        """The axis of a running sum, and whether it runs backwards; None for other windows."""
        wide = [axis for axis, size in enumerate(self.sizes) if size > 1]
        ones = all(step == 1 for step in (*self.strides, *self.dilations, *self.bases))
        if len(wide) != 1 or not ones or list(shape) != list(result):
            return None
        (axis,) = wide
        room = shape[axis] - 1
        if self.sizes[axis] != shape[axis] or any(
            low for a, low in enumerate(self.lows) if a != axis
        ):
            return None
        return (axis, self.lows[axis] == 0) if self.lows[axis] in (0, room) else None


def _window(op: Op, sizes: Sequence[int], *names: str) -> Window:
    """The window of an operation; `names` are those of the attributes with its three steps."""
    ones = [1] * len(sizes)
    strides, dilations, bases = (op.attributes.get(name, ones) for name in names)
    padding = op.attributes.get("padding", np.zeros((len(sizes), 2), int))
    return Window(sizes, strides, dilations, bases, padding[:, 0].tolist())


def _reduce_window(writer: Writer, op: Op) -> None:
    count = len(op.results)
    values, starts, result = op.operands[:count], op.operands[count:], op.results[0]
    shape = values[0].shape
    sizes = op.attributes["window_dimensions"]
    window = _window(op, sizes, "window_strides", "window_dilations", "base_dilations")
    _allocate(writer, op)
    running = window.running_axis(shape, result.shape)
    if running is not None:
        _run_along(writer, op, *running)
        return
    with writer.loops(result.shape) as place:
        sums = Accumulators(writer, op, starts, op.blocks[0], [place])
        with writer.loops(sizes) as inner, window.over(writer, shape, place, inner) as here:
            sums.add(place, [writer.element(value, here) for value in values])
        sums.finish()


def _run_along(writer: Writer, op: Op, axis: int, backwards: bool) -> None:
    """A running sum (or product, maximum, ...) along one axis."""
    count, shape = len(op.results), op.operands[0].shape
    with writer.loops([*shape[:axis], *shape[axis + 1 :]]) as outer:
        sums = Accumulators(writer, op, op.operands[count:], op.blocks[0], [outer])
        with writer.loop(shape[axis]) as step:
            index = step * -1 + (shape[axis] - 1) if backwards else step
            position = merge(outer, [axis], [index], len(shape))
            sums.add(outer, [writer.element(value, position) for value in op.operands[:count]])
            for k, result in enumerate(op.results):
                writer.give(result, position, sums.current(outer, k))


# Products


def _product(writer: Writer, op: Op, left: Atom, right: Atom) -> list[Atom]:
    """The product of two numbers, as the one term of a sum."""
    a, b = writer.bind(left), writer.bind(right)
    pattern = {"f": "{}*{}", "b": "({}&{})"}.get(op.results[0].dtype.kind, "Math.imul({},{})")
    scope = writer.deepest(a.scope, b.scope)
    return [Atom(pattern.format(a.text, b.text), scope, simple=False)]


def _matrix_axes(op: Op) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """For both operands the axes of the batch, those summed over, and the others."""
    numbers = op.attributes["dot_dimension_numbers"]
    batch, inner = (
        [numbers.get(f"{side}_{kind}_dimensions", []) for side in ("lhs", "rhs")]
        for kind in ("batching", "contracting")
    )
    outer = [
        [axis for axis in range(len(operand.shape)) if axis not in (*own_batch, *own_inner)]
        for operand, own_batch, own_inner in zip(op.operands, batch, inner, strict=True)
    ]
    return batch, inner, outer


def _matrix_reduction(op: Op) -> Reduction:
    batch, inner, outer = _matrix_axes(op)
    used = len(batch[0])
    owned = [slice(used, used + len(outer[0])), slice(used + len(outer[0]), None)]

    def terms(writer: Writer, position: Position, contracted: Position) -> list[Atom]:
        atoms = []
        for k, operand in enumerate(op.operands):
            own = [*position[:used], *position[owned[k]], *contracted]
            where = dict(zip([*batch[k], *outer[k], *inner[k]], own, strict=True))
            at = tuple(where[axis] for axis in range(len(operand.shape)))
            atoms.append(writer.bind(writer.element(operand, at)))
        return _product(writer, op, *atoms)

    extents = [op.operands[0].shape[axis] for axis in inner[0]]
    return Reduction(inner[0], extents, *addition(op.results[0].dtype), terms)


def _aligned_matrix_axes(op: Op) -> Iterator[tuple[Axis, Axis]]:
    batch, inner, outer = _matrix_axes(op)
    (left, right), (result,) = op.operands, op.results
    yield from (((left, i), (right, j)) for i, j in zip(*inner, strict=True))
    for operand, own in ((left, batch[0]), (right, batch[1])):
        yield from (((operand, axis), (result, k)) for k, axis in enumerate(own))
    others = [(left, axis) for axis in outer[0]] + [(right, axis) for axis in outer[1]]
    yield from ((own, (result, k)) for k, own in enumerate(others, len(batch[0])))


def _dot_general(writer: Writer, op: Op) -> None:
    if not op.results[0].shape:
        _reduce(writer, op)
        return
    parts = reduction_of(writer, op)
    _allocate(writer, op)
    *outer, last = op.results[0].shape
    with writer.loops(outer) as position:
        tiles = [(last // TILE, TILE, 0), (1, last % TILE, last - last % TILE)]
        for count, width, first in tiles:
            if not count or not width:
                continue
            with writer.loop(count) as tile:
                columns = [(*position, tile * TILE + (first + k)) for k in range(width)]
                sums = Accumulators(writer, op, parts.starts, parts.block, columns)
                with writer.each(parts.extents) as inners:
                    for inner, column in itertools.product(inners, columns):
                        sums.add(column, parts.terms(writer, column, inner))
                sums.finish()


def _convolution(writer: Writer, op: Op) -> None:
    """Every element of the result is a sum over a window and the features of its group."""
    layouts = re.findall(r"\[(.*?)\]", op.attributes["dimension_numbers"])  # [b, f, 0]x[o, i, 0]->
    image, kernel, made = (layout.split(", ") for layout in layouts)
    (values, weights), (result,) = op.operands, op.results
    axes = sorted(set(image) - {"b", "f"})
    shape, sizes, extents = (
        dict(zip(names, value.shape, strict=True))
        for names, value in ((image, values), (kernel, weights), (made, result))
    )
    sides = [sizes[axis] for axis in axes]
    window = _window(op, sides, "window_strides", "rhs_dilation", "lhs_dilation")
    feature_groups, batch_groups = (
        op.attributes[f"{kind}_group_count"] for kind in ("feature", "batch")
    )
    groups = feature_groups * batch_groups  # one of them is one
    features, channels = extents["f"] // groups, sizes["i"]
    turned = op.attributes.get("window_reversal") or [0] * len(axes)
    starts, block = addition(result.dtype)
    _allocate(writer, op)
    around = [extents["b"], *(extents[axis] for axis in axes), groups, features]
    with writer.loops(around) as (batch, *spot, group, feature):
        own = {"b": batch, "f": group * features + feature, **dict(zip(axes, spot, strict=True))}
        place = tuple(own[name] for name in made)
        sums = Accumulators(writer, op, starts, block, [place])
        with (
            writer.loops(sides) as inner,
            window.over(writer, [shape[axis] for axis in axes], tuple(spot), inner) as here,
            writer.loop(channels) as channel,
        ):
            left = dict(zip(axes, here, strict=True))
            left["b"] = batch + group * (extents["b"] if batch_groups > 1 else 0)
            left["f"] = channel + group * (channels if feature_groups > 1 else 0)
            right = {"i": channel, "o": own["f"]}
            for axis, index, size, backwards in zip(axes, inner, sides, turned, strict=True):
                right[axis] = index * -1 + (size - 1) if backwards else index
            terms = _product(
                writer,
                op,
                writer.element(values, tuple(left[name] for name in image)),
                writer.element(weights, tuple(right[name] for name in kernel)),
            )
            sums.add(place, terms)
        sums.finish()


RULES = {
    "reduce": Rule(
        run=_reduce,
        element=written_out,
        reduction=_reduction,
        axes=_reduced_axes,
        simpler=_sum_of_one,
        reads_once=True,
    ),
    "reduce_window": Rule(run=_reduce_window),
    "dot_general": Rule(
        run=_dot_general,
        element=written_out,
        reduction=_matrix_reduction,
        axes=_aligned_matrix_axes,
    ),
    "convolution": Rule(run=_convolution),
}
