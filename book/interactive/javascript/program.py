"""A whole program: control flow, and the JavaScript function around it."""

from __future__ import annotations

from collections.abc import Sequence

from .elements import ARRAYS, Atom, bare
from .formulas import HELPERS, helpers_in
from .schedule import Schedule
from .stablehlo import Block, Op, Value, walk


class Program(Schedule):
    """Adds control flow, and the function around it all."""

    def function(self, block: Block) -> str:
        for op in walk(block):
            if op.name != "constant" and any(is_wide(value) for value in op.results):
                raise op.refuse("64-bit integers are covered as constants only")
        self.enter(block)
        parameters = []
        for value in block.parameters:
            name = self.name()
            parameters.append(name)
            array = Atom(name, self.root)
            self.storage[value] = array if value.shape else self._first_entry(array)
        kinds = ",".join(f"new {ARRAYS[v.dtype.name]}({v.size})" for v in block.results)
        self.line(f"o=o||[{kinds}]")
        outs = [self.bind(Atom(f"o[{k}]", self.root, False)) for k in range(len(block.results))]
        numbers = self.block(block, outs)
        for out, number in zip(outs, numbers, strict=True):
            if number is not None:
                self.line(f"{out.text}[0]={bare(number.text)}")
        body = ";".join([*self.root.lines, "return o"])
        helpers = [f"{name}={HELPERS[name]}" for name in helpers_in(body)]
        constants = ",".join([*helpers, *self.permanent])
        declared = f"const {constants};" if constants else ""
        return f"(()=>{{{declared}return({','.join([*parameters, 'o'])})=>{{{body}}}}})()"

    def _first_entry(self, array: Atom) -> Atom:
        return self.bind(Atom(f"{array.text}[0]", self.root, simple=False))

    def block(self, block: Block, targets: Sequence[Atom]) -> list[Atom | None]:
        """Run a block here: array results into their targets, numbers as returned expressions."""
        made = {value for op in block.ops for value in op.results if op.name != "while"}
        for value, target in zip(block.results, targets, strict=True):
            if value.shape and value in made and value not in self.targets:
                self.targets[value] = target
        self.carry_out(block.ops)
        for value, target in zip(block.results, targets, strict=True):
            stored = self.storage.get(value)
            if value.shape and (stored is None or stored.text != target.text):
                self.copy(value, target)
        return [None if v.shape else self.bind(self.element(v, ())) for v in block.results]

    def _run_while(self, op: Op) -> None:
        test, body = op.blocks
        now = [
            self._variable(value, start)
            for value, start in zip(op.results, op.operands, strict=True)
        ]
        then = [Atom(self._array_variable(v), self.scope) if v.shape else None for v in op.results]
        with self.inside() as scope:
            for block in op.blocks:
                for parameter, atom in zip(block.parameters, now, strict=True):
                    self.storage[parameter] = Atom(atom.text, scope)
            (proceed,) = self.block(test, [Atom("", scope)])
            assert proceed is not None
            self.line(f"if(!{proceed.text})break")
            kept = self._kept_in_place(body)
            targets = [
                Atom((old if k in kept or new is None else new).text, scope)
                for k, (old, new) in enumerate(zip(now, then, strict=True))
            ]
            numbers = self.block(body, targets)
            for k, (old, new, number) in enumerate(zip(now, then, numbers, strict=True)):
                if number is not None:
                    self.line(f"{old.text}={number.text}")
                elif k not in kept:
                    assert new is not None
                    self.line(f"[{old.text},{new.text}]=[{new.text},{old.text}]")
        self.line(f"for(;;){{{';'.join(scope.lines)}}}")
        for value, atom in zip(op.results, now, strict=True):
            self.storage[value] = atom

    def _variable(self, value: Value, start: Value) -> Atom:
        """A local variable that a loop changes, with its first value."""
        if not value.shape:
            name = self.name()
            self.line(f"let {name}={self.element(start, ()).text}")
            return Atom(name, self.scope)
        atom = Atom(self._array_variable(value), self.scope)
        self.copy(start, atom)
        return atom

    def _array_variable(self, value: Value) -> str:
        name = self.name()
        self.line(f"let {name}={self.new_array(value)}")
        return name

    def _kept_in_place(self, body: Block) -> set[int]:
        """Carried arrays that the body changes in part only, and reads nowhere else."""
        kept = set()
        for k, (before, after) in enumerate(zip(body.parameters, body.results, strict=True)):
            op = after.source
            if (
                op is not None
                and op.name in ("dynamic_update_slice", "scatter")
                and op in body.ops
                and op.operands[0] is before
                and len(self.users.get(before, [])) == 1
                and len(self.users.get(after, [])) == 1
            ):
                kept.add(k)
                self.in_place.add(op)
        return kept

    def _run_case(self, op: Op) -> None:
        index = self.bind(self.element(op.operands[0], ()))
        last = len(op.blocks) - 1
        self._branches(op, [f"{index.text}==={k}" if k < last else "" for k in range(last + 1)])

    def _run_if(self, op: Op) -> None:
        self._branches(op, [self.bind(self.element(op.operands[0], ())).text, ""])

    def _branches(self, op: Op, tests: Sequence[str]) -> None:
        here = self.scope
        targets = []
        for value in op.results:
            if value.shape:
                targets.append(self.allocate(value))
            else:
                targets.append(Atom(self.name(), here))
                self.line(f"let {targets[-1].text}")
        parts = []
        for block, test in zip(op.blocks, tests, strict=True):
            with self.inside() as scope:
                for target, number in zip(targets, self.block(block, targets), strict=True):
                    if number is not None:
                        self.line(f"{target.text}={number.text}")
            parts.append(f"{f'if({test})' if test else ''}{{{';'.join(scope.lines)}}}")
        self.line("else ".join(parts))
        for value, target in zip(op.results, targets, strict=True):
            self.storage[value] = target


def is_wide(value: Value) -> bool:
    """Whether these are integers that a JavaScript number cannot hold."""
    return value.dtype.kind in "iu" and value.dtype.itemsize == 8
