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
    "i8": np.dtype(np.int8),
    "i16": np.dtype(np.int16),
    "i32": np.dtype(np.int32),
    "i64": np.dtype(np.int64),
    "ui8": np.dtype(np.uint8),
    "ui16": np.dtype(np.uint16),
    "ui32": np.dtype(np.uint32),
    "ui64": np.dtype(np.uint64),
    "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64),
}


class NotCovered(NotImplementedError):
    """A function uses an operation that has no translation to JavaScript."""


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
        """The error that says what is not covered, and which line of Python asked for it."""
        return NotCovered(
            f"{self.name}: {why}, so to_javascript cannot translate it. "
            f"It comes from {self.where}. "
            "Write that line with operations that are covered "
            "(see the documentation of book.interactive.to_javascript)."
        )


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
    return _Reader(functions, _definition(function)).block(body, {}, [])


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
                    {key: _attribute(key, op.attributes[key]) for key in _attribute_names(op)},
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
            raise NotCovered(
                f"{name}: to_javascript has no typed array for {mlir_type}. "
                f"It comes from {self.python_line(locations)}. "
                f"Covered are {', '.join(str(dtype) for dtype in DTYPES.values())} "
                "(64-bit integers only as constants)."
            )
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


def _attribute_names(op: Any) -> list[str]:
    return [getattr(entry, "name", entry) for entry in op.attributes]


def _array_type(text: str) -> tuple[tuple[int, ...], np.dtype] | None:
    """Shape and dtype of ``tensor<3x4xf32>``; None for a dtype that is not covered."""
    match = re.fullmatch(r"tensor<((?:\d+x)*)(\w+)>", text)
    if match is None or match[2] not in DTYPES:
        return None
    return tuple(int(extent) for extent in match[1].split("x")[:-1]), DTYPES[match[2]]


def _attribute(name: str, attribute: Any) -> Any:
    """An MLIR attribute as an int, a string, a list of ints, an array or a dict of these."""
    text = str(attribute)
    if name == "value" and text.startswith("dense"):
        return _dense(attribute, text)
    if text.startswith("array<"):
        return [
            _integer(entry) for entry in re.findall(r"-?\d+|true|false", text.partition(":")[2])
        ]
    if text.startswith("dense<"):  # a small table: the padding of reduce_window
        return np.array(attribute).tolist()
    if re.match(r"#stablehlo\.(gather|scatter|dot)<", text):
        return {
            key: _numbers(value) for key, value in re.findall(r"(\w+) = (\[[^\]]*\]|\d+)", text)
        }
    if match := re.match(r"#stablehlo<\w+ (\w+)>", text):
        return match[1]
    if match := re.fullmatch(r"(-?\d+|true|false)(?: : \w+)?", text):
        return _integer(match[1])
    return text


def _integer(text: str) -> int:
    return int(text == "true") if text in ("true", "false") else int(text)


def _numbers(text: str) -> int | list[int]:
    if text.startswith("["):
        return [int(entry) for entry in re.findall(r"\d+", text)]
    return int(text)


def _dense(attribute: Any, text: str) -> np.ndarray:
    found = _array_type(str(attribute.type))
    if found is None:
        raise NotCovered(f"constant: to_javascript has no typed array for {attribute.type}.")
    shape, dtype = found
    dense = ir.DenseElementsAttr(attribute)
    if dense.is_splat:
        scalar = re.match(r"dense<(.*)> : ", text)
        assert scalar is not None
        return np.broadcast_to(_scalar(scalar[1], dtype), shape)
    return np.array(dense).astype(dtype).reshape(shape)


def _scalar(text: str, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "b":
        return np.array(text == "true")
    if text.startswith("0x") and dtype.kind == "f":
        return np.array(int(text, 16), f"u{dtype.itemsize}").view(dtype)
    return np.array(float(text) if dtype.kind == "f" else int(text), dtype)
