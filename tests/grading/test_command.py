"""The command: results, seeds, going on after a stop, and refusals."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from book.exercises import exercises
from book.grading.__main__ import main
from book.grading.results.folder import defused, safe, summary
from tests.grading.corpus import CASES, COMPOSE, ROOT

ADDED = ["--workers", "1", "--cases", "2"]


def hand_in(folder: Path, **cases: str) -> Path:
    for student, name in cases.items():
        case = CASES[name]
        (folder / student).mkdir(parents=True)
        (folder / student / f"{case.chapter}.ipynb").write_bytes(case.raw or case.built())
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    submissions = hand_in(
        folder / "in", ada="cells twice", bob="named mistake", eve="a message that is a formula",
        zoe="not JSON",
    )  # fmt: skip
    (submissions / "=1+2_linearity.ipynb").write_bytes(CASES["deleted"].built())
    (folder / "roster.csv").write_text("Name,SID\nAda,1\nBob,2\nEve,3\n=Zed,4\n")
    roster = ["--roster", str(folder / "roster.csv")]
    assert main([str(submissions), "--output", str(folder / "out"), *roster, *ADDED]) == 0
    return folder


def test_a_row_for_every_student_and_exercise(graded: Path) -> None:
    grades = rows(graded / "out" / "grades.csv")
    ada = [row for row in grades if row["student"] == "ada"]
    for row in ada:
        right = CASES["cells twice"].outcome()[row["exercise"]] == "passed"
        assert row["status"] == ("passed" if right else "missing")
        assert row["points"] == (row["possible"] if right else "0")
    assert len(ada) > 4
    (zoe,) = [row for row in grades if row["student"] == "zoe"]
    assert (zoe["status"], zoe["points"], zoe["exercise"]) == ("unreadable", "0", "")
    assert "not JSON" in zoe["message"]
    (bob,) = [row for row in grades if row["student"] == "bob" and row["exercise"] == COMPOSE]
    assert "First scale each by its intensity" in bob["message"]


def test_a_row_for_every_student(graded: Path) -> None:
    summary_ = {row["student"]: row for row in rows(graded / "out" / "summary.csv")}
    assert set(summary_) == {"ada", "bob", "eve", "zoe", "'=1+2", "'=Zed"}
    assert (summary_["'=Zed"]["total"], summary_["'=Zed"]["linearity"]) == ("0", "")
    assert summary_["ada"]["total"] == summary_["ada"]["linearity"]
    assert int(summary_["bob"]["total"]) == int(summary_["ada"]["total"]) - 2
    for row in summary_.values():  # what nobody handed in was not asked for
        assert int(row["possible"]) == sum(
            exercise.points for exercise in exercises() if exercise.chapter == "linearity"
        )


def test_a_row_for_every_exercise(graded: Path) -> None:
    found = {row["exercise"]: row for row in rows(graded / "out" / "exercises.csv")}
    assert len(found) == sum(exercise.chapter == "linearity" for exercise in exercises())
    compose = found[COMPOSE]
    names = ("students", "passed", "failed", "error", "not started", "other")
    assert [compose[name] for name in names] == ["4", "1", "1", "1", "0", "1"]


def test_nothing_in_the_tables_is_a_formula(graded: Path) -> None:
    for table in ("grades.csv", "summary.csv", "exercises.csv"):
        for row in rows(graded / "out" / table):
            assert not any(value.lstrip()[:1] in tuple("=+-@") for value in row.values() if value)
            assert "\x1b" not in str(row)


def test_feedback_is_for_the_student(graded: Path) -> None:
    folder = graded / "out" / "feedback"
    bob = (folder / "bob" / "linearity.html").read_text(encoding="utf-8")
    assert "First scale each by its intensity" in bob
    assert "not right yet" in bob
    eve = (folder / "eve" / "linearity.html").read_text(encoding="utf-8")
    assert "<script>" not in eve
    assert "could not be read" in (folder / "zoe" / "linearity.html").read_text(encoding="utf-8")
    assert len(list(folder.iterdir())) == 5


def test_the_run_is_written_down(graded: Path) -> None:
    record = json.loads((graded / "out" / "run.json").read_text())
    assert record["seed"] > 0
    assert record["versions"]["jax"]
    assert set(record["isolation"]["active"]) | set(record["isolation"]["missing"])
    ada = record["submissions"]["ada/linearity"]
    assert ada["seconds"] > 0
    assert ada["peak"] > 1 << 20


def test_the_same_command_has_nothing_left_to_do(
    graded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = graded / "out"
    before = {path: path.read_text() for path in out.glob("*.csv")}
    roster = ["--roster", str(graded / "roster.csv")]
    assert main([str(graded / "in"), "--output", str(out), *roster, *ADDED]) == 0
    said = capsys.readouterr().out
    assert "5 of them graded already" in said
    assert "Roster: 3 of 4 handed in.\nMissing, with 0 points in summary.csv: =Zed." in said
    assert "'zoe' is not in the roster." in said
    assert {path: path.read_text() for path in out.glob("*.csv")} == before
    record = json.loads((out / "run.json").read_text())
    assert record["submissions"]


def test_the_same_seed_gives_the_same_grades(graded: Path, tmp_path: Path) -> None:
    seed = json.loads((graded / "out" / "run.json").read_text())["seed"]
    again = [str(graded / "in"), "--output", str(tmp_path / "out"), "--seed", str(seed), *ADDED]
    assert main(again) == 0
    once, twice = (rows(folder / "out" / "grades.csv") for folder in (graded, tmp_path))
    assert once == twice


def test_when_a_solution_was_corrected_everybody_is_graded_again(tmp_path: Path) -> None:
    submissions = hand_in(tmp_path / "in", ada="cells twice", bob="cells twice")
    solution = tmp_path / "solutions" / "linearity.md"
    solution.parent.mkdir()
    shutil.copy(ROOT / "solutions" / "linearity.md", solution)
    command = [sys.executable, "-m", "book.grading", str(submissions), *ADDED]
    command += ["--output", str(tmp_path / "out"), "--solutions", str(solution.parent)]

    cache = {"JAX_COMPILATION_CACHE_DIR": str(tmp_path / "cache")}
    cache["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"

    def said() -> str:
        return subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, text=True,
            env={**os.environ, **cache},
        ).stdout  # fmt: skip

    assert "2 submissions.\n" in said()
    seed = json.loads((tmp_path / "out" / "run.json").read_text())["seed"]
    assert "2 submissions, 2 of them graded already." in said()
    solution.write_text(solution.read_text(encoding="utf-8") + "\nBetter so.\n", encoding="utf-8")
    assert "2 submissions.\n" in said()
    assert json.loads((tmp_path / "out" / "run.json").read_text())["seed"] == seed
    assert not (tmp_path / "cache").exists(), "the grader has a compile cache"


def test_ctrl_c_keeps_what_is_done_and_the_command_goes_on(tmp_path: Path) -> None:
    cases = {f"student{k}": "backwards" for k in range(6)}
    submissions, out = hand_in(tmp_path / "in", **cases), tmp_path / "out"
    command = [sys.executable, "-m", "book.grading", str(submissions), "--output", str(out), *ADDED]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list((out / "submissions").glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "goes on from here" in said
    done = {path: path.read_text() for path in (out / "submissions").glob("*.json")}
    assert 1 <= len(done) < 6
    seed = json.loads((out / "run.json").read_text())["seed"]
    assert main([str(submissions), "--output", str(out), *ADDED]) == 0
    assert json.loads((out / "run.json").read_text())["seed"] == seed
    assert {path: path.read_text() for path in done} == done
    assert len({row["student"] for row in rows(out / "grades.csv")}) == 6


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    submissions = hand_in(tmp_path / "in", ada="honest")
    out = ["--output", str(tmp_path / "out")]
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for arguments, said in (
        ([tmp_path / "nowhere", *out], "There is no"),
        ([submissions, "--output", submissions / "out"], "among the submissions"),
        ([submissions, "--output", tmp_path / "file"], "is a file"),
        ([submissions, "--output", tmp_path / "file" / "out"], "Not a directory"),
        ([submissions, *out, "--roster", tmp_path / "none"], "could not be read"),
        ([tmp_path / "empty", *out], "There are no notebooks"),
    ):
        assert main(list(map(str, arguments))) == 2
        assert said in capsys.readouterr().err
    for option in ("--workers=0", "--cases=two", "--memory-mb=-1", "--call-seconds=nan"):
        with pytest.raises(SystemExit):
            main([str(submissions), *out, option])
        assert option.partition("=")[0] in capsys.readouterr().err
    assert main([str(submissions), *out, "--solutions", str(tmp_path / "none")]) == 2
    assert "Grade from a checkout" in capsys.readouterr().err
    without = [part for layer in ("bubblewrap", "own user", "landlock")
               for part in ("--without", layer)]  # fmt: skip
    assert main([str(submissions), *out, *without]) == 2
    said = capsys.readouterr().err
    assert ("as root" if os.geteuid() == 0 else "--unsafe") in said
    assert not (tmp_path / "out" / "grades.csv").exists() or not rows(tmp_path / "out/grades.csv")


@pytest.mark.parametrize("name", ["../..", "/etc", "a/b", "", ".", "CON", "-rf", "x" * 300, "\n"])
def test_names_of_folders(name: str) -> None:
    made = safe(name)
    assert made not in ("", ".", "..")
    assert not {"/", "\\", "\n"} & set(made)
    assert not made.startswith("-")
    assert len(made) < 100
    assert safe("Zoë O_Neil (2)") == "Zoë O_Neil (2)"


def test_formulas() -> None:
    assert defused("=1") == "'=1"
    assert defused(" \t@x")[0] == "'"
    assert defused("-5\n=2") == "'-5 / =2"
    assert defused("plain - text") == "plain - text"
    assert defused(3) == 3
    assert summary([]).startswith("student,")
