"""The learners' notebooks: as committed, run untouched, and run with every answer filled in."""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from book.exercises import exercises
from book.exercises.notebook import make_notebook, settings, solutions, to_text, write_notebooks
from book.exercises.solution import SolutionError, answer, read

ROOT = Path(__file__).parents[2]
CHAPTERS = [path.stem for path in solutions(ROOT)]


@pytest.fixture(autouse=True)
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner with a record of their own, who works in a folder far from the book's."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = tmp_path / "course"
    folder.mkdir()
    return folder


def committed(chapter: str) -> NotebookNode:
    return nbformat.read(ROOT / "exercises" / f"{chapter}.ipynb", as_version=4)


def run(notebook: NotebookNode, folder: Path) -> dict[str, str]:
    """The text that each cell shows, by the cell's id; a cell that fails fails the test."""
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    return {
        cell.id: "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


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
def test_an_untouched_notebook_says_not_started_everywhere(chapter: str, learner: Path) -> None:
    shown = run(committed(chapter), learner)
    own = [exercise for exercise in exercises() if exercise.chapter == chapter]
    for exercise in own:
        text = shown.pop(f"{exercise.id}-check".replace(".", "-").replace("_", "-"))
        assert f"{exercise.title}: not started, 0 of {exercise.points} point" in text
    progress = shown.pop(f"{chapter}-progress".replace("_", "-"))
    assert f"0 of {sum(exercise.points for exercise in own)} points" in progress
    assert f"0 of {len(own)} exercises" in progress
    assert set(shown.values()) == {""}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_solutions_earn_every_point_and_show_their_pictures(
    chapter: str, learner: Path
) -> None:
    shown = run(with_answers(chapter), learner)
    own = [exercise for exercise in exercises() if exercise.chapter == chapter]
    for exercise in own:
        name = exercise.id.replace(".", "-").replace("_", "-")
        assert f"{exercise.points} of {exercise.points} point" in shown[f"{name}-check"]
        assert shown[f"{name}-see"]
    assert f"{len(own)} of {len(own)} exercises" in shown[f"{chapter}-progress".replace("_", "-")]


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
        assert cell.id.startswith(chapter.replace("_", "-"))
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
    for exercise in exercises():
        if exercise.chapter != chapter:
            continue
        name = exercise.id.replace(".", "-").replace("_", "-")
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
