"""Reference answers: the functions of `solutions/<chapter>.md`, which the parent may trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import book
from book.exercises.solution import answer, read

Functions = Mapping[str, Callable[..., Any]]


class NoReferenceError(FileNotFoundError):
    """There is no solution to compare with; the message says where it was looked for."""


def folder(given: str = "") -> Path:
    """Where the solutions are: the folder given, or that of the checkout the book runs from."""
    return Path(given) if given else Path(book.__file__).parents[1] / "solutions"


def references(chapter: str, given: str = "") -> Functions:
    """The functions that a chapter's solution defines, by name.

    Only its imports and its answers are run, not its checks and pictures.

    Raises:
        NoReferenceError: the solution is not there.
    """
    path = folder(given) / f"{chapter}.md"
    if not path.is_file():
        raise NoReferenceError(
            f"There is no {path}. Grade from a checkout of the book (git clone, then pip "
            "install --editable '.[grading]'), or name the folder of solutions with --solutions."
        )
    solution = read(path)
    cells = [cell for cell in solution.introduction if cell.kind == "code"]
    cells += [cell for section in solution.sections for cell in section.cells if cell.is_answer]
    namespace: dict[str, Any] = {"__name__": f"solutions.{chapter}"}
    for cell in cells:
        exec(compile(answer(cell.source), str(path), "exec", dont_inherit=True), namespace)
    names = {name for section in solution.sections for name in section.exercise.names}
    return {name: namespace[name] for name in names}
