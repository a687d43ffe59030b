"""In the learner's process: run the notebook's cells, and call its functions when asked.

Nothing here decides anything.  The parent asks over the wire, one message at a time:

    {"do": "cell", "number": 3, "source": "...", "lean": False}
                                                    run a cell; answered by what went wrong
    {"do": "call", "name": "compose", "jit": False} with arguments; answered by the result

The functions asked for are found by their names, in whichever cell they are written.  Where a
name is defined more than once, the last definition counts; but a template that was left as it was,
`raise NotImplementedError`, gives way to the definition before it.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import linecache
import os
import random
import sys
import time
import types
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from . import wire as w

LONGEST = 2000  # characters of a message
_send, _receive, _monotonic = w.send, w.receive, time.monotonic


class Shell:
    """What `get_ipython()` gives in a cell: magics do nothing, except run the code in them."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace

    def run_line_magic(self, name: str, line: str, **_: Any) -> None:
        """`%time f(x)` runs its line; everything else, `%matplotlib` or `%pip`, nothing."""
        if name in ("time", "timeit", "prun"):
            exec(line, self.user_ns)

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """`%%time` and its like run their cell; `%%bash` and its like do not."""
        if name in ("time", "timeit", "prun", "capture"):
            execute(cell, f"<%%{name}>", self.user_ns)

    def system(self, command: str) -> None:
        """Shell commands are not run."""

    def getoutput(self, command: str) -> list[str]:
        """Shell commands are not run."""
        return []

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **named: None


class Notebook:
    """The namespace in which a notebook runs, and its definitions of the functions asked for."""

    def __init__(self, names: list[str]) -> None:
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace = module.__dict__
        shell = Shell(self.namespace)
        self.namespace.update(
            get_ipython=lambda: shell, display=lambda *things, **named: None, In=[], Out={}
        )
        builtins.display = self.namespace["display"]  # type: ignore[attr-defined]
        self.definitions: dict[str, list[Any]] = {name: [] for name in names}

    def cell(self, number: int, source: str, lean: bool) -> dict[str, Any]:
        """Run a cell, or only what it defines; what went wrong is the answer."""
        problem = {}
        try:
            execute(source, f"<cell {number}>", self.namespace, lean)
        except BaseException as error:
            problem = described(error)
        for name, found in self.definitions.items():
            now = self.namespace.get(name)
            if now is not None and not any(now is known for known in found):
                found.append(now)
        return problem

    def call(self, name: str, arguments: tuple[Any, ...], jit: bool) -> tuple[dict[str, Any], Any]:
        """Call a function; returns what went wrong, or the result."""
        import jax

        found = self.definitions.get(name, [])
        if not found:
            return {"status": "missing"}, None
        while True:
            function = found[-1]
            if not callable(function):
                if len(found) > 1:
                    found.pop()
                    continue
                return {"status": "failed", "what": f"{name} is not a function"}, None
            given = jax.tree.map(for_learner, arguments)
            try:
                result = (jax.jit(function) if jit else function)(*given)
                return {"status": "ok"}, jax.block_until_ready(result)
            except NotImplementedError as error:
                if len(found) > 1:
                    found.pop()
                    continue
                return {"status": "not started", **described(error)}, None
            except BaseException as error:
                return {"status": "error", **described(error)}, None


def for_learner(argument: Any) -> Any:
    """Arrays become JAX arrays; all else stays as it is."""
    import jax.numpy as jnp
    import numpy as np

    return jnp.asarray(argument) if isinstance(argument, np.ndarray) else argument


DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def execute(source: str, name: str, namespace: dict[str, Any], lean: bool = False) -> None:
    """Run a cell's code, with IPython's magics and `await`; lean, only what it defines."""
    code = TransformerManager().transform_cell(source)
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
    tree = compile(code, name, "exec", flags=flags, dont_inherit=True)
    if lean:
        tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    compiled = compile(tree, name, "exec", flags=flags, dont_inherit=True)
    if compiled.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(compiled, namespace))
    else:
        exec(compiled, namespace)


def described(error: BaseException) -> dict[str, Any]:
    """An exception's kind, what it says, and the innermost line of a cell."""
    kind = next(c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins")
    try:
        said = str(error).split("\n\n")[0].strip()[:LONGEST]
    except BaseException:
        said = ""
    where = ""
    if isinstance(error, SyntaxError) and error.lineno:
        where = f"line {error.lineno}"
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith("<cell"):
            line = linecache.getline(file, trace.tb_lineno).strip()[:120]
            where = f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}: {line}"
        trace = trace.tb_next
    return {"kind": kind, "said": said, "where": where.replace("<module>, ", "")}


def convert(value: Any) -> Any:
    """What a learner's function returned as a NumPy array, whichever library it is from."""
    import ml_dtypes
    import numpy as np

    array = np.asarray(value)
    narrow = array.dtype in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2)
    return array.astype(np.float32) if narrow else array


def answer(wire: Any, request: dict[str, Any]) -> None:
    """Do what the parent asks until it has no more to ask."""
    import numpy as np

    random.seed(0)
    np.random.seed(0)
    sys.setrecursionlimit(3000)
    os.environ["HOME"] = request["folder"]
    sys.stdin = open(os.devnull)  # noqa: SIM115
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    notebook = Notebook(request["names"])
    _send(wire, {"ready": True})
    while True:
        try:
            message, value = _receive(wire, request["reply"])
        except w.Closed:
            return
        if message["do"] == "cell":
            problem = notebook.cell(message["number"], message["source"], message["lean"])
            _send(wire, problem)
            continue
        head, result = notebook.call(message["name"], value, message["jit"])
        try:
            _send(wire, head, result, convert)
        except w.Closed:
            return
        except BaseException as error:
            what = str(error) if isinstance(error, w.WireError) else "neither numbers nor text"
            _send(wire, {"status": "unsendable", "what": what[:LONGEST]})
