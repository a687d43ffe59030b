"""Measuring rows, and keeping what took long in a file.

A result is kept under a key: a hash of the part's parameters and of the code that the experiment
runs. When either changes, the key does not fit any more, and the result is *stale*.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from book import training
from book.files import write
from book.superposition import fast_loss, model, phase_diagram
from book.superposition.ledger import experiments
from book.superposition.ledger.row import Parameters, Result, Row, Verdict
from book.superposition.ledger.rows import ROWS

FULL = Path(__file__).with_name("full.json")

#: What an experiment's numbers depend on: modules, and functions of other modules.
CODE = (
    experiments,
    fast_loss,
    phase_diagram,
    model,
    training.loop.begin,
    training.loop.advance,
    training.many.chunk,
    training.draws,
)


@dataclass(frozen=True)
class Outcome:
    """A row, measured.

    Attributes:
        row: The row.
        size: "small" or "full".
        results: What the experiment returned, part by part.
        stale: Whether the code or the parameters have changed since.
    """

    row: Row
    size: str
    results: list[Result]
    stale: bool = False

    @property
    def verdict(self) -> Verdict:
        return self.row.judge(self.row.parts(self.size), self.results)


def find(id: str) -> Row:
    """The row with this id.

    Raises:
        LookupError: There is none; the message names those that there are.
    """
    for row in ROWS:
        if row.id == id:
            return row
    raise LookupError(f"There is no row {id!r}. There are: {', '.join(row.id for row in ROWS)}.")


def measure(*ids: str) -> list[Outcome]:
    """Measures the small version of these rows, as every build of the book does.

    Rows that share a part share its measurement.
    """
    outcomes = []
    for row in map(find, ids):
        results = [_measured(row.experiment, _frozen(part)) for part in row.small]
        outcomes.append(Outcome(row, "small", results))
    return outcomes


@functools.cache
def _measured(experiment: Callable[..., Result], part: str) -> Result:
    return experiment(**json.loads(part))


def _frozen(part: Parameters) -> str:
    return json.dumps(dict(part), sort_keys=True)


def key(row: Row, part: Parameters) -> str:
    """Under which a result is kept: changes with the parameters and with the code."""
    text = f"{_name(row, part)} {_code()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache
def _code() -> str:
    """A hash of the code that experiments run; see `meaning` for what of it counts."""
    total = hashlib.sha256()
    for part in CODE:
        total.update(meaning(inspect.getsource(part)).encode())
    return total.hexdigest()


def meaning(source: str) -> str:
    """Python without comments, docstrings, layout, imports, types of parameters, and `@answers`."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            node.decorator_list = [d for d in node.decorator_list if not _is_mark(d)]
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _meaningless(line)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _meaningless(line: ast.AST) -> bool:
    text = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return text or isinstance(line, ast.Import | ast.ImportFrom)


def _is_mark(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith("answers(")


class Cache:
    """Full results in a JSON file: for every part its key and its result.

    Rows that share a part share its result.
    """

    def __init__(self, path: Path = FULL) -> None:
        self.path = path
        self.kept: dict[str, dict[str, Any]] = {}
        if path.is_file():
            self.kept = json.loads(path.read_text())

    def get(self, row: Row, part: Parameters) -> Result | None:
        """The result of a part, if there is one and it is not stale."""
        entry = self.kept.get(_name(row, part))
        return entry["result"] if entry and entry["key"] == key(row, part) else None

    def put(self, row: Row, part: Parameters, result: Result) -> None:
        """Keeps a result, and writes the file so that an interruption loses nothing."""
        self.kept[_name(row, part)] = {"key": key(row, part), "result": result}
        wanted = [_name(row, part) for row in ROWS for part in row.full]
        self.kept = {name: self.kept[name] for name in wanted if name in self.kept}
        lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in self.kept.items()]
        write(self.path, "{\n" + ",\n".join(lines) + "\n}\n")

    def outcome(self, row: Row) -> Outcome | None:
        """A row's full version, stale or not; None if a part has never been measured."""
        entries = [self.kept.get(_name(row, part)) for part in row.full]
        found = [entry for entry in entries if entry is not None]
        if len(found) < len(entries):
            return None
        stale = any(self.get(row, part) is None for part in row.full)
        return Outcome(row, "full", [entry["result"] for entry in found], stale)


def full_outcomes(path: Path = FULL) -> dict[str, Outcome]:
    """The kept full version of every row that has one, by the row's id."""
    cache = Cache(path)
    outcomes = {row.id: cache.outcome(row) for row in ROWS}
    return {id: outcome for id, outcome in outcomes.items() if outcome is not None}


def _name(row: Row, part: Parameters) -> str:
    return f"{row.experiment.__name__} {_frozen(part)}"
