"""The JavaScript function around what the operations write."""

from __future__ import annotations

from book.interactive.javascript.rules import RULES
from book.interactive.javascript.rules.elementwise import HELPERS, NEEDS
from book.interactive.javascript.schedule import enter, run_block
from book.interactive.javascript.stablehlo import Block, Value, walk
from book.interactive.javascript.writer import ARRAYS, Atom, Writer, bare


def program(block: Block) -> str:
    """The source of a function of the block's parameters."""
    check(block)
    writer = Writer(RULES)
    enter(writer, block)
    parameters = [writer.name() for _ in block.parameters]
    for name, value in zip(parameters, block.parameters, strict=True):
        array = Atom(name, writer.root)
        writer.storage[value] = array if value.shape else _entry(writer, name, 0)
    kinds = ",".join(f"new {ARRAYS[v.dtype.name]}({v.size})" for v in block.results)
    writer.line(f"o=o||[{kinds}]")
    outs = [_entry(writer, "o", k) for k in range(len(block.results))]
    for out, number in zip(outs, run_block(writer, block, outs), strict=True):
        if number is not None:
            writer.line(f"{out.text}[0]={bare(number.text)}")
    body = ";".join([*writer.root.lines, "return o"])
    called = writer.called.union(*(NEEDS.get(name, ()) for name in writer.called))
    helpers = {name: code for name, code in HELPERS.items() if name in called}
    made_once = {**helpers, **writer.permanent}
    constants = ",".join(f"{name}={source}" for name, source in made_once.items())
    declared = f"const {constants};" if constants else ""
    return f"(()=>{{{declared}return({','.join([*parameters, 'o'])})=>{{{body}}}}})()"


def _entry(writer: Writer, array: str, k: int) -> Atom:
    return writer.bind(Atom(f"{array}[{k}]", writer.root, simple=False))


def check(block: Block) -> None:
    """Raise `NotCovered` for the first operation that has no JavaScript."""
    for op in walk(block):
        rule = RULES.get(op.name)
        if rule is None:
            raise op.refuse("there is no JavaScript for it")
        if op.name != "constant" and any(is_wide(value) for value in op.results):
            raise op.refuse("64-bit integers are covered as constants only")
        why = rule.refuse(op)
        if why is not None:
            raise op.refuse(why)


def is_wide(value: Value) -> bool:
    """Whether these are integers that a JavaScript number cannot hold."""
    return value.dtype.kind in "iu" and value.dtype.itemsize == 8
