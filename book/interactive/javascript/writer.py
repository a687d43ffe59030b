"""The program while it is written: names, scopes, loops, elements and memory.

Operations that only rearrange or combine elements are never carried out on whole arrays.
Asking for an element asks for the elements that it is made of, down to arrays in memory;
so chains of operations fuse, and whatever an inner loop does not change is computed outside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from book.interactive.javascript.index import Index, Position, address
from book.interactive.javascript.rule import Rule
from book.interactive.javascript.stablehlo import Block, Op, Value

LARGEST_WRITTEN_OUT = 16  # operations; a loop of more is left a loop
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


class Writer:
    """Writes one JavaScript function; every operation by its rule."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self.root = Scope(None)  # of the function that is written
        self.scope = self.root
        self.home: dict[str, Scope] = {}  # where a local variable lives
        self.extents: dict[str, int] = {}  # of loop variables and other positions
        self.storage: dict[Value, Atom] = {}  # arrays in memory; numbers in a local variable
        self.targets: dict[Value, Atom] = {}  # where the caller wants a value to be stored
        self.users: dict[Value, list[Op | None]] = {}  # None: the block's caller
        self.once: set[Value] = set()  # values whose elements are asked for once
        self.in_place: set[Op] = set()  # updates that may overwrite their operand
        self.permanent: dict[str, str] = {}  # made once with the function: source, and name
        self.called: set[str] = set()  # functions
        self._names = (
            f"{letter}{k}" for k in itertools.count() for letter in "abcdehijklmnpqrstuvwxyz"
        )

    def rule(self, op: Op) -> Rule:
        return self.rules[op.name]

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

    @contextmanager
    def each(self, shape: Sequence[int], work: int = 2) -> Iterator[list[Position]]:
        """Loops over all positions; short ones are written out as a list of known positions."""
        if np.prod(shape, dtype=int) * work <= LARGEST_WRITTEN_OUT:
            yield positions(shape)
        else:
            with self.loops(shape) as position:
                yield [position]

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

    def inside_tests(self, where: Position, shape: Sequence[int]) -> list[str]:
        """What to test of a position that may lie outside an array; nothing when it cannot."""
        tests = []
        for index, extent in zip(where, shape, strict=True):
            low, high = index.bounds(self.extents)
            tests += [f"{index}>=0"] if low < 0 else []
            tests += [f"{index}<{extent}"] if high >= extent else []
        return tests

    # Numbers

    def call(self, function: str, *arguments: str) -> str:
        self.called.add(function)
        return f"{function}({','.join(arguments)})"

    def rounded(self, op: Op, text: str) -> str:
        """The result of arithmetic, brought back into the dtype of the operation's result."""
        dtype = op.results[0].dtype
        match dtype.name:
            case "float32":
                return self.call("f", text)
            case "float64":
                return f"({text})"
            case "int32":
                return f"({text}|0)"
            case "uint32":
                return f"({text}>>>0)"
            case "int8" | "int16":
                return f"(({text})<<{32 - 8 * dtype.itemsize}>>{32 - 8 * dtype.itemsize})"
            case "uint8" | "uint16":
                return f"(({text})&{2 ** (8 * dtype.itemsize) - 1})"
        raise op.refuse(f"there is no arithmetic for {dtype}")

    # Elements

    def element(self, value: Value, position: Position | Flat) -> Atom:
        """The expression of value[position]; the same question gets the same local variable."""
        stored = self.storage.get(value)
        if stored is not None and not value.shape:
            return stored
        if not value.size:
            return Atom("0", self.root)  # in a loop that never runs
        if isinstance(position, Flat) and len(value.shape) == 1:
            position = (position.offset,)
        key = (value, position)
        known = self.recall(key)
        if known is not None:
            return known
        if stored is not None:
            atom = self.entry(stored, value, position)
        else:
            atom = self._compute(value, position)
        if value not in self.once:
            atom = self.bind(atom)
        atom.scope.memo[key] = atom
        return atom

    def entry(self, array: Atom, value: Value, position: Position | Flat) -> Atom:
        """The entry of an array in memory that has the shape of a value."""
        offset = position.offset if isinstance(position, Flat) else address(position, value.shape)
        scope = self.deepest(array.scope, self.home_of(offset))
        return Atom(f"{array.text}[{offset}]", scope, simple=False)

    def _compute(self, value: Value, position: Position | Flat) -> Atom:
        op = value.source
        assert op is not None, "a parameter has storage"
        rule = self.rule(op)
        if rule.formula is None:
            assert rule.element is not None, f"{op.name} has not been run"
            return rule.element(self, op, position)
        # Parts of the formula that vary less often are named.
        operands = [self.element(x, position if x.shape else ()) for x in op.operands]
        scope = self.deepest(self.root, *(atom.scope for atom in operands))
        named = [self.bind(atom) if atom.scope is not scope else atom for atom in operands]
        return Atom(rule.formula(self, op, *(atom.text for atom in named)), scope, simple=False)

    def is_flat(self, value: Value) -> bool:
        """Whether an element can be had from its row-major offset alone."""
        if value in self.storage or len(value.shape) <= 1:
            return True
        op = value.source
        assert op is not None, "a parameter has storage"
        rule = self.rule(op)
        flat = rule.formula is not None or rule.flat(op)
        return flat and all(self.is_flat(operand) for operand in op.operands)

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

    # Memory

    def once_made(self, source: str) -> str:
        """The name of what lasts as long as the function."""
        name = self.name()
        self.permanent[name] = source
        return name

    def new_array(self, value: Value) -> str:
        return self.once_made(f"new {ARRAYS[value.dtype.name]}({value.size})")

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

    def store(self, array: Atom, offset: Index, atom: Atom) -> None:
        self.line(f"{array.text}[{offset}]={bare(atom.text)}")

    def copy(self, value: Value, array: Atom) -> None:
        """Store every element of a value that is not in this array yet."""
        stored = self.storage.get(value)
        if stored is not None:
            self.line(f"{array.text}.set({stored.text})")
            return
        with self.each(value.shape) as places:
            for position in places:
                self.store(array, address(position, value.shape), self.element(value, position))

    def give(self, value: Value, position: Position, text: str) -> None:
        """A finished result: an entry of its array, or a local constant for a single number."""
        if value.shape:
            self.line(f"{self.storage[value].text}[{address(position, value.shape)}]={text}")
        else:
            self.storage[value] = self.bind(Atom(text, self.scope, simple=False))


def positions(shape: Sequence[int]) -> list[Position]:
    """All positions of an array of this shape, known while compiling."""
    return [tuple(map(Index, place)) for place in np.ndindex(*shape)]


def condition(tests: Sequence[str]) -> str:
    """What stands before a statement that runs if all tests hold."""
    return f"if({'&&'.join(tests)})" if tests else ""


def bare(text: str) -> str:
    """Without the parentheses around the whole expression."""
    depth = 0
    for k, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:-1] if k > 0 and k == len(text) - 1 and text[0] == "(" else text
    return text
