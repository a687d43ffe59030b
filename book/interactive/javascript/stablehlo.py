"""A JAX function as StableHLO, read into a few plain Python objects.

StableHLO is the language into which ``jax.jit`` lowers a function before XLA compiles it.
Its operations are specified and kept compatible (https://openxla.org/stablehlo/spec),
and every shape in it is known.
`trace` lowers a function and returns its operations as a `Block`: calls are replaced by what they
call, attributes are Python values, and every operation remembers the line of Python it came from.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxlib.mlir import ir

DTYPES = {
    "i1": np.dtype(bool),
    **{
        f"{sign}{bits}": np.dtype(f"{kind}{bits}")
        for sign, kind in (("i", "int"), ("ui", "uint"))
        for bits in (8, 16, 32, 64)
    },
    "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64),
}


WIDE = "64-bit integers are covered as constants only"


class NotCovered(NotImplementedError):
    """A function uses an operation that has no translation to JavaScript."""


def refusal(name: str, why: str, where: str) -> NotCovered:
    """The error that says what is not covered, and which line of Python asked for it."""
    return NotCovered(
        f"{name}: {why}, so to_javascript cannot translate it. It comes from {where}. "
        "Write that line with operations that are covered "
        "(see the documentation of book.interactive.to_javascript)."
    )


@dataclass(eq=False)
class Value:
    """An array that an operation makes, or a parameter of a block."""

    shape: tuple[int, ...]
    dtype: np.dtype
    source: Op | None = None
    position: int = 0  # which result of its source

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))


@dataclass(eq=False)
class Op:
    """One operation: ``results = name(operands)``, with its attributes and inner blocks."""

    name: str
    operands: list[Value]
    results: list[Value]
    attributes: dict[str, Any] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    where: str = ""

    def refuse(self, why: str) -> NotCovered:
        return refusal(self.name, why, self.where)


@dataclass(eq=False)
class Block:
    """Operations in the order in which they run, from parameters to results."""

    parameters: list[Value]
    ops: list[Op]
    results: list[Value]


def make_op(
    name: str,
    operands: Sequence[Value],
    types: Iterable[tuple[tuple[int, ...], np.dtype]],
    attributes: dict[str, Any] | None = None,
    blocks: Iterable[Block] = (),
    where: str = "",
) -> Op:
    """An operation and its result values, tied to each other."""
    op = Op(name, list(operands), [], dict(attributes or {}), list(blocks), where)
    op.results = [Value(shape, dtype, op, k) for k, (shape, dtype) in enumerate(types)]
    return op


def walk(block: Block) -> Iterator[Op]:
    """Every operation of a block and of the blocks inside it."""
    for op in block.ops:
        yield op
        for inner in op.blocks:
            yield from walk(inner)


def is_wide(value: Value) -> bool:
    """Whether these are integers that a JavaScript number cannot hold."""
    return value.dtype.kind in "iu" and value.dtype.itemsize == 8


def outer_values(block: Block) -> set[Value]:
    """The values that a block uses and does not make itself."""
    inside = set(block.parameters)
    used = set(block.results)
    for op in block.ops:
        used.update(op.operands)
        inside.update(op.results)
        for inner in op.blocks:
            used.update(outer_values(inner))
    return used - inside


def constant(value: Value) -> np.ndarray | None:
    """The array that a constant is; None for any other value."""
    if value.source is not None and value.source.name == "constant":
        return value.source.attributes["value"]
    return None


def trace(function: Callable[..., Any], *examples: Any) -> Block:
    """The operations of ``function(*examples)``, one parameter and result per leaf.

    Only the shapes and dtypes of the examples matter.
    Raises `NotCovered` for dtypes that JavaScript's typed arrays do not have.
    """
    lowered = jax.jit(function, keep_unused=True).lower(*examples)
    module: Any = lowered.compiler_ir("stablehlo")
    functions = {}
    for op in module.operation.regions[0].blocks[0].operations:
        if op.operation.name == "func.func":
            functions[ir.StringAttr(op.attributes["sym_name"]).value] = op.operation
    body = functions["main"].regions[0].blocks[0]
    definition = _definition(function)
    block = _Reader(functions, definition).block(body, {}, [])
    if any(is_wide(value) for value in block.parameters):
        raise refusal("an argument", WIDE, definition)
    return block


def _definition(function: Callable[..., Any]) -> str:
    """Where a function is defined, for what JAX records no line of."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    name = getattr(function, "__name__", str(function))
    if code is None:
        return f"function {name}"
    return f"function {name} ({Path(code.co_filename).name}, line {code.co_firstlineno})"


class _Reader:
    """Turns MLIR operations into `Op`, replacing calls by the functions they call."""

    def __init__(self, functions: dict[str, Any], definition: str):
        self.functions = functions
        self.definition = definition

    def block(self, source: Any, values: dict[Any, Value], callers: list[str]) -> Block:
        values = dict(values)
        parameters = []
        for argument in source.arguments:
            values[argument] = Value(*self.array_type(argument.type, "an argument", callers))
            parameters.append(values[argument])
        ops, results = self.operations(source, values, callers)
        return Block(parameters, ops, results)

    def operations(
        self, source: Any, values: dict[Any, Value], callers: list[str]
    ) -> tuple[list[Op], list[Value]]:
        ops: list[Op] = []
        for entry in source.operations:
            op = entry.operation
            name = op.name.split(".", 1)[1]
            operands = [values[operand] for operand in op.operands]
            here = [str(op.location), *callers]
            if name == "return":
                return ops, operands
            called = _called(op)
            if called is not None:
                body = self.functions[called].regions[0].blocks[0]
                inner = dict(zip(body.arguments, operands, strict=True))
                inlined, returned = self.operations(body, inner, here)
                ops += inlined
                values.update(zip(op.results, returned, strict=True))
            elif op.name in ("sdy.sharding_constraint", "stablehlo.optimization_barrier"):
                values.update(zip(op.results, operands, strict=True))
            else:
                read = make_op(
                    name,
                    operands,
                    [self.array_type(result.type, name, here) for result in op.results],
                    _attributes(op),
                    [
                        self.block(block, values, here)
                        for region in op.regions
                        for block in region.blocks
                    ],
                    self.python_line(here),
                )
                ops.append(read)
                values.update(zip(op.results, read.results, strict=True))
        raise AssertionError("a block of StableHLO ends with a return")

    def array_type(
        self, mlir_type: Any, name: str, locations: list[str]
    ) -> tuple[tuple[int, ...], np.dtype]:
        found = _array_type(str(mlir_type))
        if found is None:
            covered = ", ".join(str(dtype) for dtype in DTYPES.values())
            why = f"there is no typed array for {mlir_type} (there are {covered})"
            raise refusal(name, why, self.python_line(locations))
        return found

    def python_line(self, locations: list[str]) -> str:
        """The innermost line of Python among MLIR locations: 'function f (file.py, line 3)'."""
        for location in locations:
            for function, path, line in re.findall(r'"([^"]*)"\("([^"]+)":(\d+)', location):
                if Path(path).parent != Path(__file__).parent:
                    return f"function {function} ({Path(path).name}, line {line})"
        return self.definition


def _called(op: Any) -> str | None:
    if op.name == "func.call":
        return ir.FlatSymbolRefAttr(op.attributes["callee"]).value
    if op.name == "stablehlo.composite":
        return ir.FlatSymbolRefAttr(op.attributes["decomposition"]).value
    return None


def _attributes(op: Any) -> dict[str, Any]:
    names = (getattr(entry, "name", entry) for entry in op.attributes)
    return {name: _attribute(op.attributes[name]) for name in names}


def _array_type(text: str) -> tuple[tuple[int, ...], np.dtype] | None:
    """Shape and dtype of ``tensor<3x4xf32>``; None for a dtype that is not covered."""
    match = re.fullmatch(r"tensor<((?:\d+x)*)(\w+)>", text)
    if match is None or match[2] not in DTYPES:
        return None
    return tuple(int(extent) for extent in match[1].split("x")[:-1]), DTYPES[match[2]]


def _attribute(attribute: Any) -> Any:
    """An MLIR attribute as an int, a string, a list of ints, an array or a dict of these."""
    if isinstance(attribute, ir.BoolAttr | ir.IntegerAttr | ir.StringAttr):
        return attribute.value
    if isinstance(attribute, ir.DenseI64ArrayAttr | ir.DenseBoolArrayAttr):
        return list(attribute)
    if isinstance(attribute, ir.DenseElementsAttr):
        return _dense(attribute)
    text = str(attribute)
    if re.match(r"#stablehlo\.(gather|scatter|dot)<", text):
        pairs = re.findall(r"(\w+) = (?:\[([^\]]*)\]|(\d+))", text)
        return {key: int(n) if n else [int(k) for k in ks.split(",")] for key, ks, n in pairs}
    match = re.match(r"#stablehlo<\w+ (\w+)>", text)
    return match[1] if match else text


def _dense(attribute: Any) -> np.ndarray:
    array_type = _array_type(str(attribute.type))
    if array_type is None or not attribute.is_splat:
        return np.array(attribute)
    shape, dtype = array_type
    return np.broadcast_to(np.array(attribute.get_splat_value().value, dtype), shape)
