"""Twenty notebooks with correct answers in several styles, as four students would hand them in."""

import copy
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from book.exercises import CHAPTERS, Exercise, exercises
from book.exercises.solution import STUB, answer, read
from tests.exercises.answers import CORRECT
from tests.exercises.answers.common import rows

ROOT = Path(__file__).parents[2]
STUDENTS = ("ada", "bob", "eve", "zoe")


def notebooks() -> dict[str, NotebookNode]:
    """What students are given, by chapter."""
    paths = {chapter: ROOT / "exercises" / f"{chapter}.ipynb" for chapter in CHAPTERS}
    return {
        chapter: nbformat.read(path, as_version=4)
        for chapter, path in paths.items()
        if path.is_file()
    }


def handed_in(chapter: str, notebook: NotebookNode, student: int) -> NotebookNode:
    """The notebook with answers: the first student's are the solution's, others have their own."""
    notebook = copy.deepcopy(notebook)
    asked = [exercise for exercise in exercises() if exercise.chapter == chapter]
    answers = _solution(chapter) if student == 0 else list(_own(asked, student - 1))
    stubs = [cell for cell in notebook.cells if cell.cell_type == "code" and STUB in cell.source]
    for cell, source in zip(stubs, answers, strict=True):
        cell.source = source
    return notebook


def _solution(chapter: str) -> list[str]:
    solution = read(ROOT / "solutions" / f"{chapter}.md")
    cells = [cell for section in solution.sections for cell in section.cells if cell.is_answer]
    return [answer(cell.source) for cell in cells]


def _own(asked: list[Exercise], style: int) -> Iterator[str]:
    """An answer to each exercise, taken from the tests, with the module that it stands in."""
    before = ""
    for exercise in asked:
        styles, module = CORRECT[exercise.id], _module(exercise.id)
        text = "" if module == before else _standing_alone(module)
        before = module
        which = f'CORRECT["{exercise.id}"][{style % len(styles)}]'
        yield f"{text}{', '.join(exercise.names)}, = {which}\n"


def _module(id: str) -> str:
    found = [
        name
        for name, module in sys.modules.items()
        if name.startswith("tests.exercises.answers.") and id in getattr(module, "CORRECT", {})
    ]
    return found[0]


def _standing_alone(module: str) -> str:
    source = inspect.getsource(sys.modules[module])
    own = "\n".join(line for line in source.splitlines() if "tests.exercises" not in line)
    before = f"from typing import Any\n\n{inspect.getsource(rows)}\n\nAnswers = dict\n"
    return f"{before}\n{own}\n\n"
