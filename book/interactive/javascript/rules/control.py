"""Control flow: loops and branches."""

from __future__ import annotations

from collections.abc import Sequence

from book.interactive.javascript.rule import Rule
from book.interactive.javascript.schedule import run_block
from book.interactive.javascript.stablehlo import Block, Op, Value
from book.interactive.javascript.writer import Atom, Writer


def _while(writer: Writer, op: Op) -> None:
    test, body = op.blocks
    now = [
        _variable(writer, value, start)
        for value, start in zip(op.results, op.operands, strict=True)
    ]
    then = [Atom(_array_variable(writer, v), writer.scope) if v.shape else None for v in op.results]
    with writer.inside() as scope:
        for block in op.blocks:
            for parameter, atom in zip(block.parameters, now, strict=True):
                writer.storage[parameter] = Atom(atom.text, scope)
        (proceed,) = run_block(writer, test, [Atom("", scope)])
        assert proceed is not None
        writer.line(f"if(!{proceed.text})break")
        kept = _kept_in_place(writer, body)
        targets = [
            Atom((old if k in kept or new is None else new).text, scope)
            for k, (old, new) in enumerate(zip(now, then, strict=True))
        ]
        numbers = run_block(writer, body, targets)
        for k, (old, new, number) in enumerate(zip(now, then, numbers, strict=True)):
            if number is not None:
                writer.line(f"{old.text}={number.text}")
            elif k not in kept:
                assert new is not None
                writer.line(f"[{old.text},{new.text}]=[{new.text},{old.text}]")
    writer.line(f"for(;;){{{';'.join(scope.lines)}}}")
    for value, atom in zip(op.results, now, strict=True):
        writer.storage[value] = atom


def _variable(writer: Writer, value: Value, start: Value) -> Atom:
    """A local variable that a loop changes, with its first value."""
    if not value.shape:
        name = writer.name()
        writer.line(f"let {name}={writer.element(start, ()).text}")
        return Atom(name, writer.scope)
    atom = Atom(_array_variable(writer, value), writer.scope)
    writer.copy(start, atom)
    return atom


def _array_variable(writer: Writer, value: Value) -> str:
    name = writer.name()
    writer.line(f"let {name}={writer.new_array(value)}")
    return name


def _kept_in_place(writer: Writer, body: Block) -> set[int]:
    """Carried arrays that the body changes in part only, and reads nowhere else."""
    kept = set()
    for k, (before, after) in enumerate(zip(body.parameters, body.results, strict=True)):
        op = after.source
        if (
            op is not None
            and writer.rule(op).in_place
            and op in body.ops
            and op.operands[0] is before
            and len(writer.users.get(before, [])) == 1
            and len(writer.users.get(after, [])) == 1
        ):
            kept.add(k)
            writer.in_place.add(op)
    return kept


def _case(writer: Writer, op: Op) -> None:
    index = writer.bind(writer.element(op.operands[0], ()))
    last = len(op.blocks) - 1
    _branches(writer, op, [f"{index.text}==={k}" if k < last else "" for k in range(last + 1)])


def _if(writer: Writer, op: Op) -> None:
    _branches(writer, op, [writer.bind(writer.element(op.operands[0], ())).text, ""])


def _branches(writer: Writer, op: Op, tests: Sequence[str]) -> None:
    here = writer.scope
    targets = []
    for value in op.results:
        if value.shape:
            targets.append(writer.allocate(value))
        else:
            targets.append(Atom(writer.name(), here))
            writer.line(f"let {targets[-1].text}")
    parts = []
    for block, test in zip(op.blocks, tests, strict=True):
        with writer.inside() as scope:
            for target, number in zip(targets, run_block(writer, block, targets), strict=True):
                if number is not None:
                    writer.line(f"{target.text}={number.text}")
        parts.append(f"{f'if({test})' if test else ''}{{{';'.join(scope.lines)}}}")
    writer.line("else ".join(parts))
    for value, target in zip(op.results, targets, strict=True):
        writer.storage[value] = target


RULES = {"while": Rule(run=_while), "case": Rule(run=_case), "if": Rule(run=_if)}
