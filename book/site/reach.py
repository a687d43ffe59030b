"""What a page runs, by reading code instead of running it: modules of the book and their data.

An executed page is used again as long as its key stays the same. The key holds the page's cells,
every module of the book that they reach through imports, the files that these modules read, and
the versions of Python and of the libraries; an edit of anything else executes nothing.
"""

import ast
import contextlib
import functools
import hashlib
import importlib.metadata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement

from book import MOVED
from book.files import digest

# Its packages, one a chapter, hold the definitions of exercises and are imported by their names.
EXERCISES = "book.exercises"
# Modules read these only where a person works in a notebook; the site loads them by itself.
LOADED_BY_THE_SITE = ("figure.css", "page.js")
# With all that they require; the book's other requirements build the site.
LIBRARIES = ("neural-representations", "ipykernel")


class Code(NamedTuple):
    """What a module's text says about what it needs.

    Attributes:
        imports: The names that it imports, of modules and of what is in them.
        on_demand: By name, what the module imports once somebody asks for the name.
        words: Its strings; among them are the names of the files that it reads.
    """

    imports: frozenset[str]
    on_demand: dict[str, str]
    words: frozenset[str]


class Package:
    """The modules of the book in `root`, each read once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, Path] = {}
        self.data: dict[str, list[Path]] = {}
        for path in sorted((root / "book").rglob("*")):
            if path.suffix == ".py":
                parts = path.relative_to(root).with_suffix("").parts
                self.files[".".join(parts).removesuffix(".__init__")] = path
            elif path.name not in LOADED_BY_THE_SITE and path.is_file():
                self.data.setdefault(path.name, []).append(path)
        self.code = functools.cache(self._code)

    def _code(self, name: str) -> Code:
        file = self.files[name]
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        return read_code(file.read_text(encoding="utf-8"), package)

    def reached(self, cells: Iterable[str], page: str = "") -> set[str]:
        """The modules that are imported when these cells run.

        Args:
            cells: Their sources.
            page: The page they stand on. One that is named like a chapter checks the exercises of
                this chapter, and no definition of another can change what it shows.
        """
        waiting = [name for cell in cells for name in imported_by_cell(cell)]
        found: set[str] = set()
        while waiting:
            name = MOVED.get(waiting[-1], waiting.pop())
            parent, _, last = name.rpartition(".")
            if name in found or name.partition(".")[0] != "book":
                continue
            if name not in self.files:  # a function, or what a package imports on demand
                if parent in self.files and last in self.code(parent).on_demand:
                    waiting.append(self.code(parent).on_demand[last])
                waiting.append(parent)
                continue
            found.add(name)
            waiting += [parent, *self.code(name).imports]
            if name == EXERCISES:
                waiting += self.definitions(page)
        return found

    def definitions(self, page: str) -> list[str]:
        """The packages of exercises that a page uses."""
        chapters = [
            name
            for name, file in self.files.items()
            if name.rpartition(".")[0] == EXERCISES and file.name == "__init__.py"
        ]
        own = f"{EXERCISES}.{page.rpartition('/')[2]}"
        return [own] if own in chapters else chapters

    def read(self, modules: Iterable[str]) -> set[Path]:
        """The files of modules and of the data that they name."""
        modules = set(modules)
        data = {word for name in modules for word in self.code(name).words} & self.data.keys()
        return {self.files[name] for name in modules} | {x for n in data for x in self.data[n]}

    def key(self, page: str, cells: Sequence[str]) -> str:
        """What an executed page depends on, as a hash."""
        files = self.read(self.reached(cells, page))
        names = sorted(file.relative_to(self.root).as_posix() for file in files)
        parts = [*cells, digest(self.root, names), *versions()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@functools.cache
def read_code(text: str, package: str) -> Code:
    """What is to be known of a module of this package."""
    tree = ast.parse(text)
    for_types = [n for node in ast.walk(tree) if _is_for_types(node) for n in ast.walk(node)]
    on_demand = {name.rpartition(".")[2]: name for name in imported(for_types, package)}
    run = set(ast.walk(tree)).difference(for_types)
    words = (node.value for node in run if isinstance(node, ast.Constant))
    return Code(
        frozenset(imported(run, package)),
        on_demand,
        frozenset(word for word in words if isinstance(word, str)),
    )


def imported(nodes: Iterable[ast.AST], package: str = "") -> Iterator[str]:
    """The dotted names that code imports, inside of functions too.

    `from a import b` gives `a.b`: whether that is a module or a function is not seen here.

    Args:
        nodes: All nodes of the code.
        package: The package that relative imports start from.
    """
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            start = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def _is_for_types(node: ast.AST) -> bool:
    """Whether this is `if TYPE_CHECKING:`, which is not run."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in (
        getattr(node.test, "id", None),
        getattr(node.test, "attr", None),
    )


@functools.cache
def imported_by_cell(cell: str) -> tuple[str, ...]:
    """The names that a cell imports; none if it is no Python, for then it fails when it runs."""
    for change in (str, TransformerManager().transform_cell):  # as it is, or with magic commands
        with contextlib.suppress(SyntaxError):
            return tuple(imported(ast.walk(ast.parse(change(cell)))))
    return ()


@functools.cache
def versions() -> tuple[str, ...]:
    """The libraries that cells run on, with their versions."""
    waiting = list(LIBRARIES)
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in found:
            try:
                distribution = importlib.metadata.distribution(name)
            except importlib.metadata.PackageNotFoundError:
                continue  # the cell that needs it will say so
            found[name] = distribution.version
            # What only another system, Python or extra needs may be here for other reasons.
            needed = map(Requirement, distribution.requires or [])
            waiting += [r.name for r in needed if not r.marker or r.marker.evaluate({"extra": ""})]
    return tuple(f"{name} {version}" for name, version in sorted(found.items()))
