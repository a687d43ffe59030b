"""The autograder for Gradescope, unpacked and run as it is there."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from book.exercises import exercises
from book.grading import Settings
from book.grading.__main__ import main
from book.grading.gradescope.pack import bundle
from book.grading.gradescope.run import handed_in, memory, student
from book.grading.records import MB
from tests import installed
from tests.grading.corpus import BREACH, CASES, COMPOSE, ROOT, Case, attack

NUMBER = (int, float)
FIELDS: dict[str, Any] = {
    "score": NUMBER, "execution_time": NUMBER, "output": str, "output_format": str, "tests": list,
    "visibility": str, "stdout_visibility": str, "extra_data": dict, "test_output_format": str,
    "test_name_format": str, "leaderboard": list,
}  # fmt: skip
"""What Gradescope's documentation lists at the top of results.json, and for a test."""
OF_A_TEST: dict[str, Any] = {
    "score": NUMBER, "max_score": NUMBER, "status": str, "name": str, "name_format": str,
    "number": str, "output": str, "output_format": str, "tags": list, "visibility": str,
    "extra_data": dict,
}  # fmt: skip
CHOICES = {
    "visibility": {"hidden", "after_due_date", "after_published", "visible"},
    "output_format": {"text", "html", "simple_format", "md", "ansi"},
    "status": {"passed", "failed"},
}


def checked(path: Path) -> dict[str, Any]:
    """Results that are as Gradescope's documentation wants them."""
    results = json.loads(path.read_text(encoding="utf-8"))
    for part, known in [(results, FIELDS), *((one, OF_A_TEST) for one in results.get("tests", []))]:
        for name, value in part.items():
            assert isinstance(value, known[name]), name
            assert name not in CHOICES or value in CHOICES[name]
    assert "score" in results or all("score" in one for one in results["tests"])
    return results


def laid_out(base: Path, archive: bytes, **notebooks: bytes) -> Path:
    """A folder as Gradescope makes it."""
    (base / "submission").mkdir(parents=True)
    (base / "results").mkdir()
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(base / "source")
        for entry in packed.infolist():
            (base / "source" / entry.filename).chmod(entry.external_attr >> 16 & 0o777)
    (base / "run_autograder").write_bytes((base / "source" / "run_autograder").read_bytes())
    (base / "run_autograder").chmod(0o755)
    for name, data in notebooks.items():
        (base / "submission" / f"{name}.ipynb").write_bytes(data)
    users = [{"email": "a@uni.example", "id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]
    (base / "submission_metadata.json").write_text(json.dumps({"id": 9, "users": users}))
    return base


def run(base: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], "AUTOGRADER": str(base), "PYTHON": sys.executable}
    return subprocess.run(
        [base / "run_autograder"], env={**known, **environment}, cwd=base, text=True,
        capture_output=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("archive") / "autograder.zip"
    asked = ["--chapter", "features", "--chapter", "linearity", "--seed", "7", "--cases", "2"]
    assert main(["autograder", "--output", str(path), *asked]) == 0
    return path.read_bytes()


@pytest.fixture(scope="module")
def python(archive: bytes) -> Iterator[Path]:
    """The Python that `setup.sh` makes there: with the archive's requirements, and no more."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        lines = packed.read("requirements.txt").decode().splitlines()
    with tempfile.TemporaryDirectory(dir=sys.prefix) as folder:
        Path(folder).chmod(0o755)
        yield installed.environment(Path(folder) / "book", lines)


def test_a_submission_is_graded_as_gradescope_runs_it(
    archive: bytes, python: Path, tmp_path: Path
) -> None:
    """An honest answer gets its points, a wrong one none, and an attack on the archive nothing."""
    base = tmp_path / "autograder"
    reads = "".join(
        f"breach(open({str(base / part)!r}).read())\n"
        for part in ("source/config.json", "source/solutions/linearity.md")
    )
    writes = f"open({str(base / 'results' / 'results.json')!r}, 'w').write('{{}}')\nbreach('wrote')"
    hostile = Case("x", before=attack(reads), after=attack(writes),
                   answers=CASES["named mistake"].answers)  # fmt: skip
    laid_out(base, archive, linearity=hostile.built())
    path = os.environ["PATH"]
    if os.geteuid() == 0:  # as in Gradescope's containers, which let nobody make namespaces
        path = str(tmp_path / "bin")
        Path(path).mkdir()
        for program in ("bash", "env", "mkdir", "chmod", "cat"):
            (Path(path) / program).symlink_to(shutil.which(program) or "")
    done = run(base, PATH=path, PYTHON=str(python))
    assert done.returncode == 0, done.stdout + done.stderr
    assert path == os.environ["PATH"] or "off  bubblewrap" in done.stdout
    results = checked(base / "results" / "results.json")
    tests = {test["extra_data"]["exercise"]: test for test in results["tests"]}
    for exercise in exercises():
        if exercise.chapter == "linearity":
            right = exercise.id != COMPOSE and hostile.answered(exercise.id)
            assert tests[exercise.id]["score"] == exercise.points * right, tests[exercise.id]
    assert results["score"] == sum(test["score"] for test in results["tests"])
    points = sum(e.points for e in exercises() if e.chapter in ("features", "linearity"))
    assert sum(test["max_score"] for test in results["tests"]) == points
    assert "There is no features.ipynb" in tests[""]["output"]
    assert "First scale each by its intensity" in tests[COMPOSE]["output"]
    assert BREACH not in json.dumps(results)
    assert "Isolation:" in done.stdout


def test_the_environment_there_has_nothing_that_the_archive_does_not_ask_for(python: Path) -> None:
    code = "import importlib.util as u, sys; print([bool(u.find_spec(n)) for n in sys.argv[1:]])"
    names = ["jax", "jupytext", "filelock", "book", "sphinx", "distributed", "pytest"]
    said = subprocess.run(
        [python, "-I", "-c", code, *names], capture_output=True, text=True, check=True, cwd="/"
    ).stdout
    assert said == f"{[name in ('jax', 'jupytext', 'filelock') for name in names]}\n"


def test_results_are_there_even_if_the_grader_is_not(tmp_path: Path) -> None:
    base = laid_out(tmp_path / "autograder", bundle(ROOT, Settings(1), ["features"], "hidden"))
    assert run(base, PYTHON=str(tmp_path / "none")).returncode
    assert "Tell your instructor" in checked(base / "results" / "results.json")["output"]
    (base / "results" / "results.json").unlink()
    (base / "source" / "solutions" / "features.md").unlink()
    (base / "submission" / "features.ipynb").write_bytes(CASES["honest"].built())
    assert run(base).returncode == 1
    results = checked(base / "results" / "results.json")
    assert "Tell your instructor" in results["output"]
    assert len(results["tests"]) == sum(e.chapter == "features" for e in exercises())


def test_the_archive_is_what_gradescope_wants_and_the_same_for_the_same_seed() -> None:
    archive = bundle(ROOT, Settings(3), ["features"], "visible")
    assert archive == bundle(ROOT, Settings(3), ["features"], "visible")
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        names = packed.namelist()
        assert {"setup.sh", "run_autograder", "book/__init__.py"} <= set(names)
        assert [name for name in names if name.startswith("solutions")] == ["solutions/features.md"]
        assert not [name for name in names if "__pycache__" in name or "test" in name]
        for name in ("setup.sh", "run_autograder"):
            text = packed.read(name).decode()
            assert text.startswith("#!/usr/bin/env bash\n")
            assert packed.getinfo(name).external_attr >> 16 & 0o111
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)
        assert json.loads(packed.read("config.json"))["seed"] == 3
        pinned = packed.read("constraints.txt").decode().lower()
        for line in packed.read("requirements.txt").decode().split():
            name = re.split("[<>=]", line)[0].lower()
            assert re.search(rf"^{name}==", pinned, re.MULTILINE), name


def test_what_was_handed_in(tmp_path: Path) -> None:
    inbox = tmp_path / "submission"
    (inbox / "old").mkdir(parents=True)
    (inbox / "hw2 (1).ipynb").write_bytes(b"{}")
    (only,) = handed_in(inbox, "Ada", ["linearity"], MB)
    assert (only.student, only.source, only.problem) == ("Ada", b"{}", "")
    missing, _ = handed_in(inbox, "Ada", ["linearity", "features"], MB)
    assert "no linearity.ipynb" in missing.problem
    assert "Found instead: hw2 (1).ipynb" in missing.problem
    (inbox / "old" / "linearity.ipynb").write_bytes(b"old")
    (inbox / "linearity.ipynb").write_bytes(b"new")
    (one,) = handed_in(inbox, "Ada", ["linearity"], MB)
    assert one.source == b"new"
    assert "old/linearity.ipynb" in one.notes[-1]
    (inbox / "linearity.ipynb").write_bytes(bytes(2 * MB))
    assert handed_in(inbox, "Ada", ["linearity"], MB)[0].source == b"old"


@pytest.mark.parametrize("text", ["", "[]", '{"users": 3}', '{"users": [{"id": 1}, 2]}', "{"])
def test_metadata_that_says_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "submission_metadata.json").write_text(text)
    assert student(tmp_path) == "student"
    assert 256 * MB <= memory(2048 * MB) <= 2048 * MB
