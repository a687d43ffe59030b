"""The child's copy of the book: without tests, without answers, without the grader.

Where an exercise asks for a function that the book itself has, the copy has a stub that says so.
"""

from __future__ import annotations

import ast
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import book
from book.exercises import exercises

LEFT_OUT = ("exercises", "grading", "site", "__pycache__")
"""Parts of the book that a notebook has no business with."""

COMPILER = {
    "JAX_PLATFORMS": "cpu",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    "JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES": "none",
}
"""JAX's settings where something is compiled beforehand, and where a child reads it."""

READS_COMPILED = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "1000000"}
"""What keeps a child from trying to write it."""

CHECKS = '''\
"""Stands in for the book's checks while a notebook is graded: it knows no exercise."""

from typing import Any

STATUS = "not started"


class Result:
    """What `check` returns here: nothing is decided in this process."""

    passed = False
    points = possible = 0
    status = STATUS
    message = "This notebook is being graded; checks answer in your own Jupyter."

    def __init__(self, id: str) -> None:
        self.id = id

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return self.message


def check(id: str, *functions: Any) -> Result:
    """Notes nothing and passes nothing: what counts is what the functions return."""
    return Result(id)


def hint(id: str) -> Result:
    """Opens nothing here."""
    return Result(id)


def progress() -> Result:
    """Shows nothing here."""
    return Result("")
'''


def withheld() -> frozenset[str]:
    """Names of the functions that some exercise asks for."""
    return frozenset(name for exercise in exercises() for name in exercise.names)


def marked(source: str) -> dict[str, list[str]]:
    """Functions that answer an exercise under another name, as `@answers` says: ids by name."""
    return {
        node.name: [ast.literal_eval(id) for id in mark.args]
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "answers"
    }


def build(folder: Path, compiled: Path | None = None) -> Path:
    """Write the copy and the child's own code into a folder; returns it.

    Args:
        folder: A new or empty folder; it will hold `book`, `child` and `compiled`.
        compiled: A folder of what was compiled beforehand.
    """
    source, target = Path(book.__file__).parent, folder / "book"
    shutil.copytree(source, target, ignore=_ignore)
    names = withheld()
    for path in sorted(target.rglob("*.py")):
        module = ".".join(path.relative_to(folder).with_suffix("").parts)
        text = path.read_text(encoding="utf-8")
        module = module.removesuffix(".__init__")
        path.write_text(without(text, names | marked(text).keys(), module), encoding="utf-8")
    (target / "exercises").mkdir()
    (target / "exercises" / "__init__.py").write_text(CHECKS, encoding="utf-8")
    shutil.copytree(
        Path(__file__).parent / "child", folder / "child", ignore=lambda *_: ["__pycache__"]
    )
    (folder / "compiled").mkdir()
    for path in compiled.iterdir() if compiled else ():
        shutil.copy(path, folder / "compiled")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def environment(scratch: str, inside: str, compiled: bool) -> dict[str, str]:
    """The variables of a learner's process.

    Args:
        scratch: Where it may write.
        inside: The copy that it reads.
        compiled: Whether it reads what was compiled, too; else it has no compile cache at all.
    """
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {
        **kept,
        "PATH": "/usr/bin:/bin",
        "HOME": scratch,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        **COMPILER,
        **READS_COMPILED,
        "JAX_ENABLE_COMPILATION_CACHE": str(compiled).lower(),
        "JAX_COMPILATION_CACHE_DIR": f"{inside}/compiled",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _ignore(folder: str, names: list[str]) -> set[str]:
    top = Path(folder) == Path(book.__file__).parent
    return {name for name in names if name in LEFT_OUT and (top or name == "__pycache__")}


def without(source: str, names: Iterable[str], module: str) -> str:
    """A module's source with a stub in place of each of these functions.

    A stub can be imported and passed on, so that a notebook which does both and then defines its
    own loses nothing; calling it says what is wrong.
    """
    names = set(names)
    tree = ast.parse(source)
    changed = False
    body: list[ast.stmt] = []
    for node in tree.body:
        defined = [name for name in _defined(node) if name in names]
        if not defined:
            body.append(node)
            continue
        changed = True
        for name in defined:
            what = (
                f"This is where {module}.{name} stood. An exercise asks for it, so the book is "
                f"graded without: write {name} in your notebook."
            )
            stub = f"def {name}(*arguments, **named):\n    raise RuntimeError({what!r})"
            body += ast.parse(stub).body
    if not changed:
        return source
    tree.body = body
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []
