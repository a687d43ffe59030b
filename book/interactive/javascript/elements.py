"""One element of an array at a time: the JavaScript expression of ``value[position]``.

Operations that only rearrange or combine elements are never carried out on whole arrays.
Asking for an element asks for the elements that it is made of, down to arrays in memory;
so chains of operations fuse, and whatever an inner loop does not change is computed outside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .formulas import FORMULAS
from .index import Index, Position, address
from .stablehlo import Block, Op, Value

VIEWS = frozenset(
    {
        "constant",
        "iota",
        "broadcast_in_dim",
        "reshape",
        "transpose",
        "slice",
        "reverse",
        "dynamic_slice",
        "gather",
    }
)
NO_TRANSLATION = "there is no JavaScript for it"
ARRAYS = {
    "float32": "Float32Array",
    "float64": "Float64Array",
    "int8": "Int8Array",
    "int16": "Int16Array",
    "int32": "Int32Array",
    "uint8": "Uint8Array",
    "uint16": "Uint16Array",
    "uint32": "Uint32Array",
    "bool": "Uint8Array",
}


@dataclass(eq=False)
class Scope:
    """Statements between two braces, and the elements that are already named there."""

    parent: Scope | None
    lines: list[str] = field(default_factory=list)
    memo: dict[Any, Any] = field(default_factory=dict)
    depth: float = 0


@dataclass(frozen=True)
class Atom:
    """An expression, the innermost scope that it depends on, and whether it is one token."""

    text: str
    scope: Scope
    simple: bool = True


@dataclass(frozen=True)
class Flat:
    """A row-major position in an array whose shape does not matter."""

    offset: Index


class Elements:
    """Writes expressions for elements, and the loops around them."""

    def __init__(self) -> None:
        self.root = Scope(None)  # of the function that is written
        self.scope = self.root
        self.home: dict[str, Scope] = {}  # where a local variable lives
        self.extents: dict[str, int] = {}  # of loop variables and other positions
        self.storage: dict[Value, Atom] = {}  # arrays in memory; numbers in a local variable
        self.once: set[Value] = set()  # values whose elements are asked for once
        self.permanent: list[str] = []  # made once, when the function is made
        self._names = (
            f"{letter}{k}" for k in itertools.count() for letter in "abcdehijklmnpqrstuvwxyz"
        )

    # Names, scopes and loops

    def name(self) -> str:
        return next(self._names)

    def line(self, text: str) -> None:
        self.scope.lines.append(text)

    def bind(self, atom: Atom) -> Atom:
        """The same expression as a local constant, in the scope that it depends on."""
        if atom.simple:
            return atom
        name = self.name()
        atom.scope.lines.append(f"const {name}={bare(atom.text)}")
        self.home[name] = atom.scope
        return Atom(name, atom.scope)

    @contextmanager
    def inside(self) -> Iterator[Scope]:
        """A new scope; its lines are left for the caller to put between braces."""
        outer = self.scope
        self.scope = Scope(outer, depth=outer.depth + 1)
        try:
            yield self.scope
        finally:
            self.scope = outer

    @contextmanager
    def loop(self, extent: int) -> Iterator[Index]:
        """A loop over range(extent), or no loop where one round is enough."""
        if extent == 1:
            yield Index()
            return
        variable = self.name()
        self.extents[variable] = extent
        with self.inside() as scope:
            self.home[variable] = scope
            yield Index.of(variable)
        body = ";".join(scope.lines)
        self.line(f"for(let {variable}=0;{variable}<{extent};{variable}++){{{body}}}")

    @contextmanager
    def loops(self, shape: Sequence[int]) -> Iterator[Position]:
        if not shape:
            yield ()
            return
        with self.loop(shape[0]) as index, self.loops(shape[1:]) as rest:
            yield (index, *rest)

    def deepest(self, *scopes: Scope) -> Scope:
        return max(scopes, key=lambda scope: scope.depth, default=self.root)

    def home_of(self, index: Index) -> Scope:
        return self.deepest(self.root, *(self.home[variable] for variable, _ in index.terms))

    def position(self, atom: Atom, extent: int) -> Index:
        """A computed integer as a position: 0 <= atom < extent."""
        variable = self.bind(atom).text
        self.extents[variable] = extent
        return Index.of(variable)

    def recall(self, key: Any) -> Any:
        """What is remembered under this key in the scopes around here; None if nothing is."""
        scope: Scope | None = self.scope
        while scope is not None:
            if key in scope.memo:
                return scope.memo[key]
            scope = scope.parent
        return None

    # Elements

    def element(self, value: Value, position: Position | Flat) -> Atom:
        """The expression of value[position]; the same question gets the same local variable."""
        stored = self.storage.get(value)
        if stored is not None and not value.shape:
            return stored
        if isinstance(position, Flat) and len(value.shape) == 1:
            position = (position.offset,)
        key = (value, position)
        known = self.recall(key)
        if known is not None:
            return known
        if stored is not None:
            atom = self._load(stored, value, position)
        else:
            atom = self._compute(value, position)
        if value not in self.once:
            atom = self.bind(atom)
        atom.scope.memo[key] = atom
        return atom

    def _load(self, array: Atom, value: Value, position: Position | Flat) -> Atom:
        offset = position.offset if isinstance(position, Flat) else address(position, value.shape)
        scope = self.deepest(array.scope, self.home_of(offset))
        return Atom(f"{array.text}[{offset}]", scope, simple=False)

    def _compute(self, value: Value, position: Position | Flat) -> Atom:
        op = value.source
        assert op is not None, "a parameter has storage"
        if isinstance(position, Flat) and op.name == "reshape":
            return self.element(op.operands[0], position)
        if isinstance(position, Flat) and op.name == "broadcast_in_dim":
            return self.element(op.operands[0], ())
        if op.name in FORMULAS:
            return self._elementwise(op, position)
        method = getattr(self, f"_{op.name}", None)
        if method is None:
            raise op.refuse(NO_TRANSLATION)
        return method(op, position)

    def _elementwise(self, op: Op, position: Position | Flat) -> Atom:
        """The formula of an element-wise operation, with parts that vary less often named."""
        operands = [self.element(x, position if x.shape else ()) for x in op.operands]
        scope = self.deepest(self.root, *(atom.scope for atom in operands))
        named = [self.bind(atom) if atom.scope is not scope else atom for atom in operands]
        text = FORMULAS[op.name](op, *(atom.text for atom in named))
        return Atom(text, scope, simple=False)

    def is_flat(self, value: Value) -> bool:
        """Whether an element can be had from its row-major offset alone."""
        if value in self.storage or len(value.shape) <= 1:
            return True
        op = value.source
        assert op is not None
        if op.name == "constant":
            return is_splat(op.attributes["value"])
        if op.name == "broadcast_in_dim":
            return not op.operands[0].shape
        if op.name == "reshape" or op.name in FORMULAS:
            return all(self.is_flat(operand) for operand in op.operands)
        return False

    def start(self, start: Value, position: Position, room: int) -> Index:
        """A computed start position, which the operation clamps into [0, room]."""
        atom = self.element(start, position)
        if room == 0:
            return Index()
        if atom.text.isdigit():
            return Index(min(int(atom.text), room))
        key = ("start", start, position, room)
        index = self.recall(key)
        if index is None:
            clamped = Atom(f"Math.min(Math.max({atom.text},0),{room})", atom.scope, simple=False)
            index = atom.scope.memo[key] = self.position(clamped, room + 1)
        return index

    def region(self, block: Block, arguments: Sequence[Atom]) -> list[Atom]:
        """The results of a block of scalar operations, for these arguments."""
        outer = self.scope
        # Its own memo, because the same block is used for many arguments.
        self.scope = Scope(outer, outer.lines, depth=outer.depth + 0.5)
        arguments = [self.bind(atom) for atom in arguments]
        for parameter, atom in zip(block.parameters, arguments, strict=True):
            self.storage[parameter] = Atom(atom.text, self.scope)
        results = [self.element(result, ()) for result in block.results]
        self.scope = outer
        return [Atom(atom.text, outer, atom.simple) for atom in results]


def is_splat(array: np.ndarray) -> bool:
    """Whether all entries are the same."""
    if array.size == 0:
        return False
    return not any(array.strides) or bool((array == array.flat[0]).all())


def bare(text: str) -> str:
    """Without the parentheses around the whole expression."""
    depth = 0
    for k, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:-1] if k > 0 and k == len(text) - 1 and text[0] == "(" else text
    return text
