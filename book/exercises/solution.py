"""Reading `solutions/<chapter>.md`: the one place where an exercise's task and answer stand.

A solution is a MyST notebook. A heading `## linearity.compose` opens the exercise of that id.
Between it and the next one stand the task (text), the answer (a cell that defines the exercise's
functions, the part to be written between `### BEGIN SOLUTION` and `### END SOLUTION`), the check,
and what a learner may see once the check passes. What is tagged `solution` is for the site alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jupytext

from book.exercises import Exercise, exercises

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "raise NotImplementedError"

_HEADING = re.compile(r"^## *(\w+\.\w+) *$", re.MULTILINE)
_MARKER = re.compile(r"#.*\b(begin|end)[ _-]*solution\b", re.IGNORECASE)
_MYST = re.compile(r"^(:::+|```+) *\{|\{[\w:-]+\}`|\]\([\w/.-]+\.md[#)]", re.MULTILINE)


class SolutionError(ValueError):
    """A solution that no notebook can be made of; the message names file and exercise."""


@dataclass(frozen=True)
class Cell:
    """A cell of a solution."""

    kind: str  # "markdown" or "code"
    source: str
    tags: tuple[str, ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether it holds what a learner is to write."""
        return self.kind == "code" and BEGIN in self.source

    @property
    def for_site_only(self) -> bool:
        """Whether it explains the solution, so that a learner's notebook is without it."""
        return "solution" in self.tags


@dataclass
class Section:
    """The cells of one exercise."""

    exercise: Exercise
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Solution:
    """A chapter's solutions: what comes before the first exercise, and its exercises."""

    chapter: str
    introduction: list[Cell]
    sections: list[Section]


def read(path: Path) -> Solution:
    """The solutions of a chapter, checked against the definitions in `book.exercises`.

    Raises:
        SolutionError: it is not complete, or a learner's notebook made from it would not work.
    """
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="md:myst")
    solution = Solution(path.stem, [], [])
    cells = solution.introduction
    for cell in notebook.cells:
        tags = tuple(cell.metadata.get("tags", ()))
        if cell.cell_type != "markdown":
            cells.append(Cell(cell.cell_type, cell.source, tags))
            continue
        for id, text in _by_heading(cell.source):
            if id:
                section = Section(_find(path, id))
                solution.sections.append(section)
                cells, tags = section.cells, ()
            if text:
                cells.append(Cell("markdown", text, tags))
    _check_solution(path, solution)
    return solution


def stub(source: str) -> str:
    """A cell of code with its answers replaced by `raise NotImplementedError`.

    Raises:
        SolutionError: a region is nested, unclosed, unopened or empty, or a marker is misspelt.
    """
    kept: list[str] = []
    answer: list[str] | None = None
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if _MARKER.search(line) and text not in (BEGIN, END):
            raise SolutionError(f"line {number}, {text!r}, should read {BEGIN!r} or {END!r}")
        if text == BEGIN:
            if answer is not None:
                raise SolutionError(f"line {number}: {BEGIN!r} inside a region that is still open")
            answer = []
            kept.append(line.replace(BEGIN, STUB))
        elif text == END:
            if answer is None:
                raise SolutionError(f"line {number}: {END!r} without {BEGIN!r} before it")
            if not any(written.strip() for written in answer):
                raise SolutionError(f"line {number}: nothing stands between {BEGIN!r} and {END!r}")
            answer = None
        elif answer is not None:
            answer.append(line)
        else:
            kept.append(line)
    if answer is not None:
        raise SolutionError(f"{BEGIN!r} without {END!r} after it")
    return "\n".join(kept)


def answer(source: str) -> str:
    """A cell of code as it is run: complete, without the markers."""
    lines = source.splitlines()
    return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))


def _by_heading(text: str) -> Iterator[tuple[str, str]]:
    """Pieces of text, each with the id in the heading before it, or none."""
    before, *rest = _HEADING.split(text)
    yield "", before.strip()
    for id, piece in zip(rest[::2], rest[1::2], strict=True):
        yield id, piece.strip()


def _find(path: Path, id: str) -> Exercise:
    known = {exercise.id: exercise for exercise in exercises()}
    if id not in known:
        raise SolutionError(
            f"{path}, exercise {id!r}: book/exercises/{path.stem} defines no exercise of this id. "
            f"There are: {', '.join(name for name in known if name.startswith(path.stem))}."
        )
    return known[id]


def _check_solution(path: Path, solution: Solution) -> None:
    wanted = [exercise.id for exercise in exercises() if exercise.chapter == solution.chapter]
    found = [section.exercise.id for section in solution.sections]
    for id in found:
        if id not in wanted:
            raise SolutionError(f"{path}, exercise {id!r}: this belongs to another chapter's file")
        if found.count(id) > 1:
            raise SolutionError(f"{path}, exercise {id!r}: there are {found.count(id)} of it")
    for id in wanted:
        if id not in found:
            raise SolutionError(f"{path}, exercise {id!r}: it has no cells; write '## {id}'")
    if found != wanted:
        raise SolutionError(f"{path}: the order is {', '.join(found)}; use {', '.join(wanted)}")
    introduction = solution.introduction
    if [cell.kind for cell in introduction] != ["markdown", "code"]:
        raise SolutionError(f"{path}: begin with a title and text, then one cell of imports")
    if any(_MARKER.search(cell.source) for cell in introduction):
        raise SolutionError(f"{path}: a solution's marker stands before the first exercise")
    if not introduction[0].source.startswith("# "):
        raise SolutionError(f"{path}: the first line of text is not a title, '# ...'")
    for section in solution.sections:
        try:
            _check_section(section)
        except (SolutionError, SyntaxError) as error:
            raise SolutionError(f"{path}, exercise {section.exercise.id!r}: {error}") from None


def _check_section(section: Section) -> None:
    exercise = section.exercise
    for cell in section.cells:
        if cell.kind == "markdown" and _MARKER.search(cell.source):
            raise SolutionError("a solution's marker stands in text; it belongs in a cell")
        if cell.kind == "markdown" and not cell.for_site_only and _MYST.search(cell.source):
            raise SolutionError(
                "the task uses MyST's own markup, which Colab and VS Code show as it is written; "
                "use plain Markdown"
            )
        if cell.is_answer and cell.for_site_only:
            raise SolutionError("a cell with an answer is tagged 'solution'")
    if not section.cells or section.cells[0].kind != "markdown":
        raise SolutionError("it begins without a task in words")
    code = [cell for cell in section.cells if cell.kind == "code" and not cell.for_site_only]
    for cell in code:
        stub(cell.source)
    answers = [cell for cell in code if cell.is_answer]
    if not answers:
        raise SolutionError(f"no cell holds {BEGIN!r} and {END!r}")
    functions = {
        function.name: function
        for cell in answers
        for function in _functions(stub(cell.source), ast.parse(cell.source))
    }
    for name, parameters in exercise.functions.items():
        _check_function(name, parameters, functions.get(name))
    if [cell.source.strip() for cell in code].count(exercise.call) != 1:
        raise SolutionError(f"there should be one cell that reads {exercise.call}")


def _functions(stubbed: str, complete: ast.Module) -> list[ast.FunctionDef]:
    """The functions of a learner's cell.

    Raises:
        SolutionError: it does something else that a learner who has not answered stumbles over.
    """
    tree = ast.parse(stubbed)
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom):
            raise SolutionError(
                "a cell with an answer should define functions and nothing else; it has "
                f"{ast.unparse(node).splitlines()[0]!r}. Move it to another cell"
            )
    if len(tree.body) != len(complete.body):
        raise SolutionError("a region should lie inside one function, below its docstring")
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _check_function(name: str, parameters: Sequence[str], function: ast.FunctionDef | None) -> None:
    if function is None:
        raise SolutionError(f"no cell with an answer defines {name}()")
    given = [argument.arg for argument in function.args.args]
    if given != list(parameters):
        raise SolutionError(
            f"{name}({', '.join(given)}) differs from the definition, "
            f"{name}({', '.join(parameters)})"
        )
    if not ast.get_docstring(function):
        raise SolutionError(f"{name}() has no docstring")
    if ast.unparse(function.body[-1]) != STUB:
        raise SolutionError(f"the body of {name}() does not end with its region")
