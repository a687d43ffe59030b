"""The learners' notebooks: as committed, run untouched, and run with every answer filled in."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from book.exercises import Exercise, exercises
from book.exercises.notebook import make_notebook, settings, solutions, to_text, write_notebooks
from book.exercises.solution import SolutionError, answer, read
from tests.conftest import Executed
from tests.exercises.cells import run_cells

ROOT = Path(__file__).parents[2]
CHAPTERS = [path.stem for path in solutions(ROOT)]
FIRST_EDITION = {
    "decomposability": 18,
    "linearity": 26,
    "features": 19,
    "superposition": 28,
    "way_forward": 20,
}
"""The points of the notebooks that learners have from the first edition."""


def committed(chapter: str) -> NotebookNode:
    return nbformat.read(ROOT / "exercises" / f"{chapter}.ipynb", as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def own(chapter: str) -> list[Exercise]:
    return [exercise for exercise in exercises() if exercise.chapter == chapter]


def dashed(name: str) -> str:
    """A chapter's key or an exercise's id as it stands in the ids of cells."""
    return name.replace(".", "-").replace("_", "-")


def with_answers(chapter: str) -> NotebookNode:
    """A learner's notebook in which each stub is replaced by the solution's cell."""
    notebook = committed(chapter)
    solution = read(ROOT / "solutions" / f"{chapter}.md")
    answers = [
        answer(cell.source)
        for section in solution.sections
        for cell in section.cells
        if cell.is_answer
    ]
    stubs = [cell for cell in notebook.cells if "raise NotImplementedError" in cell.source][1:]
    for cell, source in zip(stubs, answers, strict=True):
        cell.source = source
    return notebook


def test_every_exercise_stands_in_one_notebook_once() -> None:
    sources = [cell.source for chapter in CHAPTERS for cell in committed(chapter).cells]
    for exercise in exercises():
        assert sources.count(exercise.call) == 1
        assert sum(source.startswith(f"## {exercise.title}\n") for source in sources) == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_committed_notebook_is_what_the_solution_makes(chapter: str) -> None:
    install = settings(ROOT)["install"]
    made = to_text(make_notebook(read(ROOT / "solutions" / f"{chapter}.md"), install))
    assert made == (ROOT / "exercises" / f"{chapter}.ipynb").read_text(encoding="utf-8"), (
        "run 'make exercises' and commit what it writes"
    )


def test_no_other_notebooks_are_committed() -> None:
    assert sorted(path.stem for path in (ROOT / "exercises").iterdir()) == sorted(CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_untouched_notebook_says_not_started_everywhere(chapter: str) -> None:
    cells = code(committed(chapter))
    texts = run_cells(cell.source for cell in cells)
    shown = {cell.id: text for cell, text in zip(cells, texts, strict=True)}
    for exercise in own(chapter):
        text = shown.pop(f"{dashed(exercise.id)}-check")
        assert f"{exercise.title}: not started, 0 of {exercise.points} point" in text
    progress = shown.pop(f"{dashed(chapter)}-progress")
    assert f"0 of {sum(exercise.points for exercise in own(chapter))} points" in progress
    assert f"0 of {len(own(chapter))} exercises" in progress
    assert set(shown.values()) == {""}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_site_has_executed_the_notebook_with_every_answer_filled_in(
    chapter: str, executed: Executed
) -> None:
    setup, *cells, progress = code(with_answers(chapter))
    solution = read(ROOT / "solutions" / f"{chapter}.md")
    for_site_only = [
        cell.source for section in solution.sections for cell in section.cells if cell.for_site_only
    ]
    imports, *answered = [
        cell for cell in executed(f"solutions/{chapter}") if cell.source not in for_site_only
    ]
    assert setup.source.endswith(f"\n{imports.source}")
    assert [cell.source for cell in cells] == [cell.source for cell in answered]
    assert progress.source == "progress()"
    shown = {cell.id: ran.outputs for cell, ran in zip(cells, answered, strict=True)}
    for exercise in own(chapter):
        name = dashed(exercise.id)
        (result,) = shown[f"{name}-check"]
        points = f"{exercise.points} of {exercise.points} point"
        assert points in result["data"]["text/plain"]
        assert shown[f"{name}-see"]


@pytest.mark.slow
def test_in_a_kernel_the_answers_earn_every_point_and_show_their_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One chapter: a kernel runs the cells of the others as well, and the site has run them."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = with_answers("linearity")
    resources = {"metadata": {"path": str(tmp_path)}}  # far from the book's folder
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    shown = {cell.id: str(cell.outputs) for cell in code(notebook)}
    for exercise in own("linearity"):
        name = dashed(exercise.id)
        assert f"{exercise.points} of {exercise.points} point" in shown[f"{name}-check"]
        assert shown[f"{name}-see"] != "[]"
    assert f"{len(own('linearity'))} of" in shown["linearity-progress"]


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "points"), FIRST_EDITION.items())
def test_a_notebook_of_the_first_edition_keeps_its_points(chapter: str, points: int) -> None:
    """Filled in as learners have it at home, with the modules' names of that edition."""
    path = Path(__file__).with_name("first_edition") / f"{chapter}.txt"
    cells = path.read_text(encoding="utf-8").split("# %%\n")[1:]
    earned = [
        re.search(r"(\d+) of \1 points?\b", text)
        for cell, text in zip(cells, run_cells(cells), strict=True)
        if cell.startswith("check(")
    ]
    assert all(earned)
    assert sum(int(found[1]) for found in earned if found) == points


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_notebook_holds_no_answers_no_outputs_and_stable_ids(chapter: str) -> None:
    notebook = committed(chapter)
    explained = [
        cell.source
        for section in read(ROOT / "solutions" / f"{chapter}.md").sections
        for cell in section.cells
        if cell.for_site_only
    ]
    assert explained
    text = (ROOT / "exercises" / f"{chapter}.ipynb").read_text()
    assert "SOLUTION" not in text
    for source in explained:
        assert json.dumps(source.splitlines()[0], ensure_ascii=False)[1:-1] not in text
    for cell in notebook.cells:
        assert cell.id.startswith(dashed(chapter))
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_nbgrader_reads_says_what_is_written_and_what_is_marked(chapter: str) -> None:
    marked = {
        cell.metadata.nbgrader.grade_id: (cell.cell_type, cell.metadata.nbgrader)
        for cell in committed(chapter).cells
        if "nbgrader" in cell.metadata
    }
    for exercise in own(chapter):
        name = dashed(exercise.id)
        for part, kind in (("task", "markdown"), ("answer", "code"), ("check", "code")):
            found, metadata = marked[f"{name}-{part}"]
            assert found == kind
            assert metadata.schema_version == 3
            assert metadata.task is False
            assert metadata.solution is (part == "answer")
            assert metadata.locked is (part != "answer")
            assert metadata.grade is (part == "check")
            assert metadata.get("points") == (exercise.points if part == "check" else None)


def copy_of_the_book(folder: Path) -> Path:
    (folder / "solutions").mkdir()
    for path in solutions(ROOT):
        (folder / "solutions" / path.name).write_text(path.read_text())
    (folder / "_config.yml").write_text((ROOT / "_config.yml").read_text())
    return folder


def test_colab_installs_what_the_setting_says(tmp_path: Path) -> None:
    book = copy_of_the_book(tmp_path)
    config = (book / "_config.yml").read_text()
    address = "git+https://example.org/our/book"
    (book / "_config.yml").write_text(
        config.replace("install: neural-representations", f"install: {address}")
    )
    for path in write_notebooks(book):
        setup = nbformat.read(path, as_version=4).cells[1].source
        assert 'if "google.colab" in sys.modules:' in setup
        assert f'%pip install --quiet "{address}"' in setup


def test_a_solution_that_is_missing_is_named(tmp_path: Path) -> None:
    book = copy_of_the_book(tmp_path)
    (book / "solutions" / "linearity.md").unlink()
    with pytest.raises(SolutionError, match=r"linearity\.md is missing; .* linearity\.compose"):
        write_notebooks(book)


def test_a_solution_without_exercises_is_named(tmp_path: Path) -> None:
    book = copy_of_the_book(tmp_path)
    (book / "solutions" / "poetry.md").write_text("# Exercises: Poetry\n")
    with pytest.raises(SolutionError, match=r"poetry\.md: book/exercises/poetry defines no"):
        write_notebooks(book)


def test_a_broken_solution_leaves_the_notebooks_as_they_were(tmp_path: Path) -> None:
    book = copy_of_the_book(tmp_path)
    before = {path: path.read_bytes() for path in write_notebooks(book)}
    for name, old in (("linearity", "Write this sum"), ("superposition", "### END SOLUTION")):
        path = book / "solutions" / f"{name}.md"
        path.write_text(path.read_text().replace(old, "Something else"))
    with pytest.raises(SolutionError):
        write_notebooks(book)
    assert {path: path.read_bytes() for path in before} == before
