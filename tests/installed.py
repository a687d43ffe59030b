"""What an installation of the book has: what it declares, and what its modules import."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import os
import re
import sys
import tomllib
import venv
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CELL = re.compile(r"^```\{code-cell\}.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def declared(extra: str = "") -> list[str]:
    """What `pip install "neural-representations[extra]"` is told to install."""
    lines = list(PROJECT["dependencies"])
    for line in PROJECT["optional-dependencies"][extra] if extra else ():
        wanted = Requirement(line)
        if wanted.name == PROJECT["name"]:
            lines += [other for one in wanted.extras for other in declared(one)]
        else:
            lines.append(line)
    return lines


def closure(lines: Iterable[str]) -> set[str]:
    """The distributions that come with these requirements, by the metadata of what is here."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(line) for line in lines]
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            one = canonicalize_name(wanted.name), extra
            if one in found:
                continue
            found.add(one)
            for line in importlib.metadata.requires(wanted.name) or ():
                other = Requirement(line)
                if other.marker is None or other.marker.evaluate({"extra": extra}):
                    waiting.append(other)
    return {name for name, _ in found}


@functools.cache
def modules(package: Path = ROOT / "book") -> dict[str, Path]:
    """All modules of a package, by name."""
    found = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


@functools.cache
def imports(path: Path, module: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a module's code imports: always, and only when one of its functions runs.

    What is imported for the checker of types alone is left out.
    """
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: dict[bool, set[str]] = {True: set(), False: set()}

    def look(node: ast.AST, at_once: bool) -> None:
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                return
            case ast.Import(names=names):
                found[at_once] |= {alias.name for alias in names}
            case ast.ImportFrom(module=name, names=names, level=level):
                parts = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                base = ".".join([*parts, name] if name else parts)
                found[at_once] |= {base, *(f"{base}.{alias.name}" for alias in names)}
            case ast.Call(
                func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name))]
            ):
                found[at_once].add(name)
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            look(child, at_once and not function)

    look(ast.parse(path.read_text(encoding="utf-8")), True)
    return frozenset(found[True]), frozenset(found[False])


def reached(roots: Iterable[str]) -> tuple[set[str], set[str]]:
    """Top-level names outside the book that modules lead to: always, and when functions run."""
    own, always, later = modules(), set[str](), set[str]()
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if not name.startswith("book"):
            always.add(name.partition(".")[0])
        elif name in own and name not in seen:
            seen.add(name)
            at_once, inside = imports(own[name], name)
            later |= {one.partition(".")[0] for one in inside}
            waiting += [*at_once, *(one for one in inside if one.startswith("book"))]
            waiting.append(name.rpartition(".")[0] or "book")
    standard = {*sys.stdlib_module_names, "book", "child"}
    return always - standard, later - standard


def in_cells(*folders: str) -> Iterator[str]:
    """What the code cells of pages import."""
    for folder in folders:
        for page in sorted((ROOT / folder).glob("*.md")):
            for cell in CELL.findall(page.read_text(encoding="utf-8")):
                yield from re.findall(r"^(?:from|import) ([\w.]+)", cell, re.MULTILINE)


@functools.cache
def _distributions() -> dict[str, set[str]]:
    found = importlib.metadata.packages_distributions()
    return {name: set(map(canonicalize_name, those)) for name, those in found.items()}


def missing(names: Iterable[str], lines: Iterable[str]) -> set[str]:
    """Those of the imported names that nothing installs."""
    there = closure(lines)
    return {name for name in names if not _distributions().get(name, set()) & there}


def environment(folder: Path, lines: Iterable[str]) -> Path:
    """A virtual environment with what these requirements install and nothing else; its Python.

    The files are links to those of the environment that the tests run in, so it is made in a
    second and without the network.  It must lie on the same disk.
    """
    venv.create(folder, symlinks=True)
    (target,) = folder.glob("lib/python*/site-packages")
    for name in closure(lines):
        for file in importlib.metadata.files(name) or ():
            if ".." in file.parts or file.is_absolute():
                continue  # a program or a page of a manual
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            source = Path(str(file.locate()))
            if source.is_file() and not (target / file).exists():
                os.link(source, target / file)
    return folder / "bin" / "python"
