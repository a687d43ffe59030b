"""Learners' notebooks from solutions: stubs for answers, and the same bytes on every machine."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from book.exercises import Exercise, exercises
from book.exercises.compare import short
from book.exercises.solution import Cell, Section, Solution, SolutionError, read, stub

HOW = """\
Write an answer in place of `raise NotImplementedError`, and run its cell and the check below it.
The check says what it tried and what came back; `hint("{first}")`, in a cell of its own, opens \
one hint at a time.
A cell with `if check(...)` waits until your answer passes, and then shows what it can do.
Your points are kept on this computer and nowhere else."""

COLAB = """\
import sys

if "google.colab" in sys.modules:  # elsewhere the book's code is installed already
    %pip install --quiet "{install}"
"""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def settings(root: Path) -> dict[str, Any]:
    """The setting `exercises` of the book in `root`, from its `_config.yml`."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return dict(config["sphinx"]["config"]["exercises"])


def solutions(root: Path) -> list[Path]:
    """The solutions of the book in `root`, in its order.

    Raises:
        SolutionError: exercises without a solution, or a solution without exercises.
    """
    chapters = list(dict.fromkeys(exercise.chapter for exercise in exercises()))
    paths = [root / "solutions" / f"{chapter}.md" for chapter in chapters]
    for path in paths:
        if not path.is_file():
            named = ", ".join(e.id for e in exercises() if e.chapter == path.stem)
            raise SolutionError(f"{path} is missing; it should hold the exercises {named}")
    for path in sorted((root / "solutions").glob("*.md")):
        if path not in paths:
            raise SolutionError(f"{path}: book/exercises/{path.stem} defines no exercises for it")
    return paths


def notebooks(root: Path) -> dict[str, str]:
    """The learners' notebooks of the book in `root`: the text of each file by its name.

    Raises:
        SolutionError: a solution is not in order.
    """
    install = settings(root)["install"]
    return {
        f"{path.stem}.ipynb": to_text(make_notebook(read(path), install))
        for path in solutions(root)
    }


def write_notebooks(root: Path) -> list[Path]:
    """Write `exercises/<chapter>.ipynb` for every solution of the book in `root`.

    Raises:
        SolutionError: a solution is not in order; nothing is written then.
    """
    written = {root / "exercises" / name: text for name, text in notebooks(root).items()}
    (root / "exercises").mkdir(exist_ok=True)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    return list(written)


def to_text(notebook: NotebookNode) -> str:
    """A notebook as the text of its file."""
    return nbformat.writes(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def make_notebook(solution: Solution, install: str) -> NotebookNode:
    """The notebook that a learner opens.

    Args:
        solution: The chapter's solutions.
        install: What pip is to install in Colab: the package's name, or an address of its source.
    """
    title, imports = solution.introduction
    how = HOW.format(first=solution.sections[0].exercise.id)
    name = solution.chapter.replace("_", "-")
    cells = [
        _cell(f"{name}-title", "markdown", f"{title.source}\n\n{how}"),
        _cell(f"{name}-setup", "code", f"{COLAB.format(install=install)}\n{imports.source}"),
    ]
    for section in solution.sections:
        cells += _cells(section)
    cells += [
        _cell(f"{name}-progress-title", "markdown", "## How far you are"),
        _cell(f"{name}-progress", "code", "progress()"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return notebook


def _cells(section: Section) -> list[NotebookNode]:
    exercise = section.exercise
    cells: list[NotebookNode] = []
    used: dict[str, int] = {}
    for cell in section.cells:
        if cell.for_site_only:
            continue
        role = _role(cell, exercise, answered="answer" in used)
        source = stub(cell.source) if cell.kind == "code" else cell.source
        if not cells:
            source = f"{heading(exercise)}\n\n{source}\n\n{examples(exercise)}"
        used[role] = used.get(role, 0) + 1
        number = f"-{used[role]}" if used[role] > 1 else ""
        id = f"{exercise.id.replace('.', '-').replace('_', '-')}-{role}{number}"
        made = _cell(id, cell.kind, source)
        if role != "see":
            made.metadata["nbgrader"] = _for_nbgrader(id, role, exercise)
        cells.append(made)
    return cells


def _role(cell: Cell, exercise: Exercise, *, answered: bool) -> str:
    if cell.kind == "markdown":
        return "words" if answered else "task"
    if cell.is_answer:
        return "answer"
    return "check" if cell.source.strip() == exercise.call else "see"


def _cell(id: str, kind: str, source: str) -> NotebookNode:
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return new(source.strip(), id=id)


def _for_nbgrader(id: str, role: str, exercise: Exercise) -> dict[str, Any]:
    """What nbgrader's users expect; the book's own grader finds functions by their names."""
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": id,
        "grade": role == "check",
        "solution": role == "answer",
        "task": False,
        "locked": role != "answer",
    }
    if role == "check":
        metadata["points"] = exercise.points
    return metadata


def heading(exercise: Exercise) -> str:
    """An exercise's title, and below it what it is worth and what it takes."""
    return f"## {exercise.title}\n\n*{facts(exercise)}*"


def facts(exercise: Exercise) -> str:
    """Points, difficulty, importance and minutes, on one line."""
    parts = [
        f"{exercise.points} point{'s' * (exercise.points != 1)}",
        f"difficulty {_of_five(exercise.difficulty)}",
        f"importance {_of_five(exercise.importance)}",
        f"about {exercise.minutes} minutes",
    ]
    space = "\N{NO-BREAK SPACE}"
    return f"{space}· ".join(part.replace(" ", space) for part in parts)


def _of_five(value: int) -> str:
    return f"{'●' * value}{'○' * (5 - value)} ({value} of 5)"


def examples(exercise: Exercise) -> str:
    """The visible examples of an exercise as a block of Python."""
    lines: list[str] = []
    for example in exercise.examples:
        name = example.function or exercise.names[0]
        call = f"{name}({', '.join(map(_written, example.arguments))})"
        lines += [*_wrapped(f">>> {call}", "...     "), *_wrapped(_written(example.result), " ")]
    return "\n".join(["```python", *lines, "```"])


def _written(value: Any) -> str:
    """A value without the spaces that align the columns of a printed array."""
    return re.sub(r"(?<=[\[(]) +| +(?=[,\])])", "", re.sub(r", +", ", ", short(value)))


def _wrapped(line: str, indent: str) -> list[str]:
    return textwrap.wrap(line, 76, subsequent_indent=indent, break_long_words=False)
