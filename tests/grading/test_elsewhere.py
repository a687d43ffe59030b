"""Grading on macOS and Windows: the same parent and child, without Linux's layers."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from book.grading import Limits
from book.grading.marking.prepared import prepare
from book.grading.marking.submission import grade_submission
from book.grading.sandbox.layers import LAYERS, Isolation, IsolationError, detect, require
from book.grading.sandbox.process import Died
from book.grading.sandbox.server import Spawner, start
from tests.grading.conftest import SETTINGS
from tests.grading.corpus import CASES, COMPOSE, LOOP

NOTHING = Isolation((), dict.fromkeys(LAYERS, "there is none on Darwin"))


@pytest.fixture(scope="module")
def spawner() -> Iterator[Spawner]:
    started = Spawner(NOTHING, SETTINGS.limits)
    yield started
    started.close()


def test_what_is_missing_is_said_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(os, "geteuid", lambda: 501, raising=False)
    found = detect(SETTINGS.layers)
    assert found == NOTHING
    assert all("off" in line and "Darwin" in line for line in found.lines())
    with pytest.raises(IsolationError, match="--unsafe"):
        require(found, unsafe=False)
    require(found, unsafe=True)


def test_a_notebook_is_graded_in_a_python_of_its_own(spawner: Spawner) -> None:
    case = CASES["deleted"]
    prepared = prepare([case.submission.chapter], SETTINGS)
    graded = grade_submission(case.submission, SETTINGS, spawner, prepared)
    assert {grade.exercise: grade.status for grade in graded.grades} == case.outcome()
    assert graded.children == 1
    assert case.expected == {COMPOSE: "missing"}


CACHE = """
import jax
jax.jit(lambda x: x + 1)(1.0)
from jax._src import compilation_cache
raise SystemExit(f"a compile cache: {compilation_cache._cache_used}")
"""


@pytest.mark.parametrize("unsafe", [False, True])
def test_where_a_learner_could_write_it_no_compile_cache_is_read(
    isolation: Isolation, tmp_path: Path, unsafe: bool
) -> None:
    server = start(isolation, SETTINGS.limits, set(), unsafe, tmp_path)
    child = server.child([], time.monotonic() + 60)
    assert child.cell(1, CACHE)["said"] == f"a compile cache: {not unsafe}"
    child.close()
    server.close()


def test_what_does_not_answer_is_ended() -> None:
    spawner = Spawner(NOTHING, Limits(call=1))
    child = spawner.child([], time.monotonic() + 60)
    with pytest.raises(Died, match="no answer within 1 seconds"):
        child.cell(1, LOOP)
    (process,) = spawner._processes
    assert process.poll() is not None
    spawner.close()
    assert not spawner._folder.exists()
