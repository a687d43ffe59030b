"""Every chapter as a class hands it in: solved, and untouched."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from book.exercises import CHAPTERS, exercises
from book.exercises.solution import answer, read
from book.grading import Graded, Limits, Submission
from book.grading.marking.prepared import prepare
from book.grading.marking.submission import grade_submission
from book.grading.sandbox.layers import Isolation
from book.grading.sandbox.process import Origin
from book.grading.sandbox.server import start
from tests.grading.conftest import SETTINGS
from tests.grading.corpus import ROOT, code, notebook

PATIENT = dataclasses.replace(SETTINGS, limits=Limits(call=120, submission=600))


@pytest.fixture(scope="module")
def server(isolation: Isolation) -> Iterator[Origin]:
    started = start(isolation, PATIENT.limits, set(), False)
    yield started
    started.close()


def graded(server: Origin, chapter: str, source: bytes) -> Graded:
    prepared = prepare([chapter], PATIENT)
    return grade_submission(Submission("ada", chapter, source), PATIENT, server, prepared)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_solution_gets_full_marks(server: Origin, chapter: str) -> None:
    solution = read(ROOT / "solutions" / f"{chapter}.md")
    cells = [*solution.introduction, *(c for part in solution.sections for c in part.cells)]
    kept = [code(answer(c.source)) for c in cells if c.kind == "code" and not c.for_site_only]
    result = graded(server, chapter, notebook(kept))
    wanted = [(e.id, "passed", e.points) for e in exercises() if e.chapter == chapter]
    assert [(row.exercise, row.status, row.points) for row in result.grades] == wanted
    assert result.notes == []
    assert result.children == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_untouched_notebook_is_not_started(server: Origin, chapter: str) -> None:
    result = graded(server, chapter, (ROOT / "exercises" / f"{chapter}.ipynb").read_bytes())
    wanted = [(e.id, "not started", 0) for e in exercises() if e.chapter == chapter]
    assert [(row.exercise, row.status, row.points) for row in result.grades] == wanted
    assert result.notes == []
