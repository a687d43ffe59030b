"""Reductions, running sums, windows, and the products of matrices, with a kernel too."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

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


class Span(NamedTuple):
    """A window along one axis of an array."""

    size: int
    stride: int  # how far it moves at a time
    dilation: int  # how far apart its entries are
    base: int  # how far apart the elements of the array are spread
    low: int  # how far it begins before the array


def _spans(op: Op, sizes: Sequence[int], *names: str) -> list[Span]:
    """The window of an operation; `names` are those of the attributes with its three steps."""
    steps = [op.attributes.get(name, [1] * len(sizes)) for name in names]
    padding = op.attributes.get("padding", np.zeros((len(sizes), 2), int))
    return [Span(*numbers) for numbers in zip(sizes, *steps, padding[:, 0].tolist(), strict=True)]


@contextmanager
def _seen(
    writer: Writer, shape: Sequence[int], spans: list[Span], place: Position, inner: Position
) -> Iterator[Position]:
    """The position that a window sees; what is written there runs only if it has an element."""
    where = tuple(
        p * span.stride + w * span.dilation + -span.low
        for p, w, span in zip(place, inner, spans, strict=True)
    )
    spread = [(n - 1) * span.base + 1 for n, span in zip(shape, spans, strict=True)]
    tests = writer.inside_tests(where, spread)
    with writer.inside() as scope:
        here = []  # named here, so that nothing outside the array is read above the test
        for i, n, base in zip(where, shape, (span.base for span in spans), strict=True):
            if base > 1:
                tests.append(f"({i})%{base}===0")
            text = f"({i})/{base}" if base > 1 else str(i)
            known = Index(i.constant // base)
            here.append(writer.position(Atom(text, scope, False), n) if i.terms else known)
        yield tuple(here)
    writer.line(f"{condition(tests)}{{{';'.join(scope.lines)}}}")


def _reduce_window(writer: Writer, op: Op) -> None:
    count = len(op.results)
    values, starts, result = op.operands[:count], op.operands[count:], op.results[0]
    shape = values[0].shape
    sizes = op.attributes["window_dimensions"]
    spans = _spans(op, sizes, "window_strides", "window_dilations", "base_dilations")
    _allocate(writer, op)
    running = _running_axis(spans, shape, result.shape)
    if running is not None:
        _run_along(writer, op, *running)
        return
    with writer.loops(result.shape) as place:
        sums = Accumulators(writer, op, starts, op.blocks[0], [place])
        with writer.loops(sizes) as inner, _seen(writer, shape, spans, place, inner) as here:
            sums.add(place, [writer.element(value, here) for value in values])
        sums.finish()


def _running_axis(
    spans: list[Span], shape: Sequence[int], result: Sequence[int]
) -> tuple[int, bool] | None:
    """The axis of a running sum, and whether it runs backwards; None for other windows."""
    wide = [axis for axis, span in enumerate(spans) if span != (1, 1, 1, 1, 0)]
    if len(wide) != 1 or tuple(shape) != tuple(result):
        return None
    (axis,) = wide
    room = shape[axis] - 1
    for low in (room, 0):
        if spans[axis] == (shape[axis], 1, 1, 1, low):
            return axis, low == 0
    return None


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


def _labels(op: Op) -> tuple[list[list[str]], list[str]]:
    """A label for each axis of the operands and the result, as in einsum; those summed over."""
    numbers = op.attributes["dot_dimension_numbers"]
    (batch, inner), (batch_too, inner_too) = (
        [numbers.get(f"{side}_{kind}_dimensions", []) for kind in ("batching", "contracting")]
        for side in ("lhs", "rhs")
    )
    left, right = (
        [f"{side}{k}" for k in range(len(operand.shape))]
        for side, operand in zip("lr", op.operands, strict=True)
    )
    for i, j in zip([*batch, *inner], [*batch_too, *inner_too], strict=True):
        right[j] = left[i]
    first, summed = [left[i] for i in batch], [left[i] for i in inner]
    others = [label for label in [*left, *right] if label not in (*first, *summed)]
    return [left, right, [*first, *others]], summed


def _matrix_reduction(op: Op) -> Reduction:
    (left, right, made), summed = _labels(op)

    def terms(writer: Writer, position: Position, contracted: Position) -> list[Atom]:
        own = dict(zip([*made, *summed], [*position, *contracted], strict=True))
        a, b = (
            writer.bind(writer.element(operand, tuple(own[label] for label in labels)))
            for operand, labels in zip(op.operands, (left, right), strict=True)
        )
        return _product(writer, op, a, b)

    axes = [left.index(label) for label in summed]
    extents = [op.operands[0].shape[axis] for axis in axes]
    return Reduction(axes, extents, *addition(op.results[0].dtype), terms)


def _aligned_axes(op: Op) -> Iterator[tuple[Axis, Axis]]:
    labels, _ = _labels(op)
    axes: dict[str, list[Axis]] = {}
    for value, own in zip([*op.operands, *op.results], labels, strict=True):
        for k, label in enumerate(own):
            axes.setdefault(label, []).append((value, k))
    for *others, last in axes.values():
        yield from ((axis, last) for axis in others)


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
    spans = _spans(op, sides, "window_strides", "rhs_dilation", "lhs_dilation")
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
            _seen(writer, [shape[axis] for axis in axes], spans, tuple(spot), inner) as here,
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
        axes=_aligned_axes,
    ),
    "convolution": Rule(run=_convolution),
}
