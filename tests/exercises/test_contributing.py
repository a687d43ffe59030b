"""The exercise that CONTRIBUTING shows is a good one, and works as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest

from book.exercises.exercise import Example, Exercise, Mistake, Property, generator
from book.exercises.notebook import make_notebook
from book.exercises.solution import answer, read
from book.exercises.trial import try_functions

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
HEADER = (ROOT / "solutions" / "linearity.md").read_text().split("\n---\n")[0] + "\n---\n"
START = "# Exercises\n\nOne.\n\n```{code-cell} ipython3\nfrom book import check\n```\n\n"


def definition() -> Exercise:
    found = re.search(r"```python\n(READ = .*?)```", TEXT, re.DOTALL)
    assert found
    names = {
        "Example": Example,
        "Exercise": Exercise,
        "Mistake": Mistake,
        "Property": Property,
        "generator": generator,
        "np": np,
    }
    exec(found[1], names)
    exercise = names["READ"]
    assert isinstance(exercise, Exercise)
    return exercise


def test_the_section_fits_on_a_screen() -> None:
    section = TEXT.partition("## How to add an exercise")[2]
    assert len(section.splitlines()) <= 65


def test_the_definition_and_the_solution_belong_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = definition()
    monkeypatch.setattr("book.exercises.solution.exercises", lambda: (exercise,))
    found = re.search(r"````md\n(.*?)````", TEXT, re.DOTALL)
    assert found
    path = tmp_path / "linearity.md"
    path.write_text(HEADER + START + found[1])
    solution = read(path)
    assert [cell.id for cell in make_notebook(solution, "book").cells][2:-2] == [
        "linearity-read-task",
        "linearity-read-answer",
        "linearity-read-check",
    ]
    names: dict[str, object] = {}
    exec(answer(solution.sections[0].cells[1].source), names)
    finding, count = try_functions(exercise, [names["read"]])
    assert finding is None
    assert count > 0
    mistake = exercise.mistakes[0]
    finding, _ = try_functions(exercise, [mistake.function])
    assert finding is not None
    assert finding.cause == mistake.hint
