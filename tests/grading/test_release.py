"""What students are given: everything they need, and no answer."""

import io
import zipfile
from pathlib import Path

import nbformat

from book.exercises import exercises
from book.exercises.notebook import solutions
from book.exercises.solution import read
from book.grading.commands.release import release

ROOT = Path(__file__).parents[2]


def opened() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(release(ROOT))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_release_is_the_same_to_the_byte() -> None:
    assert release(ROOT) == release(ROOT)


def test_it_holds_every_exercise_and_a_readme_that_names_the_notebooks() -> None:
    files = opened()
    readme = files.pop("exercises/README.md")
    sources = ""
    for name, text in files.items():
        assert Path(name).name in readme
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
        sources += "".join(cell.source for cell in notebook.cells)
    for exercise in exercises():
        assert exercise.call in sources


def test_it_holds_no_line_of_an_answer() -> None:
    everything = "\n".join(opened().values())
    for path in solutions(ROOT):
        for section in read(path).sections:
            for cell in section.cells:
                if cell.is_answer:
                    inside = cell.source.partition("### BEGIN SOLUTION")[2]
                    answer = inside.partition("### END SOLUTION")[0].strip().splitlines()
                    assert answer[-1].strip() not in everything, section.exercise.id
