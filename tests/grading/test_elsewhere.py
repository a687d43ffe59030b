"""Grading on macOS and Windows: the same parent and child, without Linux's layers."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from book.exercises import compiled
from book.grading import Limits
from book.grading.marking.prepared import prepare
from book.grading.marking.submission import grade_submission
from book.grading.sandbox import stripped_book
from book.grading.sandbox.layers import LAYERS, Isolation, IsolationError, detect, require
from book.grading.sandbox.process import Died
from book.grading.sandbox.server import Spawner, start
from tests.grading.conftest import SETTINGS
from tests.grading.corpus import BREACH, CASES, COMPOSE, LOOP, attack

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


PLANT = """
import sys
from pathlib import Path
import jax, jax.numpy as jnp

jax.config.update("jax_compilation_cache_dir", sys.argv[1])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
x = jnp.asarray([1.0, 2.0])
jnp.add(x, x), jnp.multiply(x, x)
(add,) = Path(sys.argv[1]).glob("jit_add-*-cache")
(multiply,) = Path(sys.argv[1]).glob("jit_multiply-*-cache")
add.write_bytes(multiply.read_bytes())
"""
ADDS = attack(
    "import jax.numpy as jnp\nx = jnp.asarray([1.0, 2.0])\n"
    "total = jnp.add(x, x).tolist()\ntotal == [2.0, 4.0] or breach(total)"
)


def test_code_that_somebody_may_have_planted_in_a_compile_cache_is_not_run(
    spawner: Spawner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the user's folder, which a learner's kernel writes, nor in the children's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    planted = compiled.folder()
    planted.mkdir(parents=True)
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    environment = {**os.environ, **stripped_book.COMPILER, "JAX_ENABLE_COMPILATION_CACHE": "true"}
    subprocess.run([sys.executable, "-c", PLANT, planted], env=environment, check=True)
    shutil.copytree(planted, spawner._package / "compiled", dirs_exist_ok=True)
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(planted))

    def said() -> str:
        child = spawner.child([], time.monotonic() + 60)
        try:
            return child.cell(1, ADDS).get("said", "")
        finally:
            child.close()

    assert said() == ""
    made = stripped_book.environment
    monkeypatch.setattr(
        stripped_book,
        "environment",
        lambda *given: {**made(*given), "JAX_ENABLE_COMPILATION_CACHE": "true"},
    )
    assert said() == f"{BREACH} [1.0, 4.0]", "and what is planted would have been run"
