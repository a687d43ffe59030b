"""What a lecturer does around grading: hand out, see who is missing, take the grades elsewhere."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from book.exercises import exercises
from book.grading import Grade, Graded, Settings, Submission
from book.grading.__main__ import main
from book.grading.intake.roster import read_roster
from book.grading.records import InputError
from book.grading.results.folder import Results
from tests.grading.corpus import ROOT

POSSIBLE = {exercise.chapter: 0 for exercise in exercises()}
for exercise in exercises():
    POSSIBLE[exercise.chapter] += exercise.points
FULL = POSSIBLE["linearity"]

CANVAS = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,Linearity (991),Features (992),Final Score
Points Possible,,,,,{FULL},20,(read only)
"Lovelace, Ada",17,a1,al@uni.example,A,,,
"Doe, Jane",18,a2,jd@uni.example,A,1,,7
"Doe, Jane",19,a3,jd2@uni.example,A,,,
"Roe, Richard",20,a4,rr@uni.example,A,,,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 17,Ada Lovelace,al@uni.example,Submitted,,100.00,
Participant 19,Jane Doe,jd@uni.example,Submitted,,100.00,"well, done"
"""
SUBMITTED = [
    Submission("lovelaceada", "linearity", b"x", "17"),
    Submission("lovelaceada", "superposition", b"x", "17"),
    Submission("doejane", "linearity", b"x", "19"),
    Submission("=guest", "linearity", b"x"),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results as a run writes them: all of Ada's linearity is right, of the others one answer."""
    folder = tmp_path_factory.mktemp("results")
    written = Results(folder, Settings(seed=1))
    for one in SUBMITTED:
        rows = []
        for k, exercise in enumerate(e for e in exercises() if e.chapter == one.chapter):
            right = k == 0 or (one.student == "lovelaceada" and one.chapter == "linearity")
            points = exercise.points if right else 0
            status = "passed" if right else "failed"
            about = one.student, one.chapter, exercise.id
            rows.append(Grade(*about, points, exercise.points, status, "" if right else "no"))
        written.write(one, Graded(rows))
    written.tables(SUBMITTED)
    return folder


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_the_real_command_makes_the_release_and_its_help_names_the_others(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "book.grading"]
    out = tmp_path / "new" / "release.zip"
    done = subprocess.run(
        [*command, "release", "--output", str(out)], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = zipfile.ZipFile(out).namelist()
    assert {"exercises/README.md", "exercises/linearity.ipynb"} <= set(names)
    said = subprocess.run([*command, "--help"], cwd=ROOT, capture_output=True, text=True).stdout
    for part in ("release", "export", "--roster", "grades.csv", "Ctrl-C"):
        assert part in said


def test_canvas(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, out = tmp_path / "canvas.csv", tmp_path / "out.csv"
    book.write_text(CANVAS)
    status = run(
        "export", results, "canvas", "--gradebook", book, "--column", "Linearity",
        "--chapter", "linearity", "--output", out,
    )  # fmt: skip
    assert status == 1  # somebody could not be matched
    one = exercises()[[e.chapter for e in exercises()].index("linearity")].points
    marks = [row["Linearity (991)"] for row in table(out)]
    assert marks == [str(FULL), str(FULL), "1", str(one), ""]
    said = capsys.readouterr().out
    assert "for 2 of 4 students" in said
    assert "'=guest' is not in the gradebook" in said
    assert "Left as they were, without grades here: Doe, Jane; Roe, Richard." in said
    assert book.read_text() == CANVAS


def test_moodle_and_the_points_that_a_column_counts(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, out = tmp_path / "moodle.csv", tmp_path / "out.csv"
    book.write_text(MOODLE)
    asked = ["export", results, "moodle", "--gradebook", book, "--output", out]
    run(*asked, "--chapter", "linearity")
    assert f"Full marks are {FULL} here and 100 in the gradebook" in capsys.readouterr().out
    run(*asked, "--chapter", "linearity", "--scale")
    assert "Full marks" not in capsys.readouterr().out
    assert table(out)[0]["Grade"] == "100"
    assert table(out)[1]["Feedback comments"] == "well, done"
    run(*asked)
    assert "points of linearity, superposition together" in capsys.readouterr().out


def test_what_cannot_be_exported_is_said_and_nothing_is_written(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, other, out = tmp_path / "book.csv", tmp_path / "other.csv", tmp_path / "out.csv"
    book.write_text(CANVAS)
    other.write_text("a,b\n1,2\n")
    to = ["--output", out]
    for arguments, said in (
        ([tmp_path, "junit", *to], "There is no grades.csv"),
        ([results, "canvas", *to], "Give --gradebook"),
        ([results, "canvas", *to, "--gradebook", book], "one of 'Linearity (991)', 'Features"),
        ([results, "canvas", *to, "--gradebook", book, "--column", "Essay"], "fits 0 columns"),
        ([results, "canvas", *to, "--gradebook", other], "does not look like a gradebook"),
        ([results, "canvas", *to, "--gradebook", tmp_path / "none"], "could not be read"),
        ([results, "canvas", "--gradebook", book, "--output", book], "so that it stays"),
        ([results, "junit", *to, "--gradebook", book], "leave it out"),
        ([results, "junit", *to, "--chapter", "features"], "with grades: linearity, superposition"),
        ([results, "junit", "--output", tmp_path], "is a folder"),
        ([results, "junit", "--output", book / "x"], "could not be written"),
    ):
        assert run("export", *arguments) == 2
        printed = capsys.readouterr()
        assert said in printed.err, printed
        assert not out.exists()
    assert book.read_text() == CANVAS
    with pytest.raises(SystemExit):
        run("export", results, "excel", *to)
    assert "choose from" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace\nJane Doe\nRichard Roe\n",
        "First name;Last name;E-mail\nAda;Lovelace;al@x.example\nJane;Doe;jd@x.example\n"
        "Richard;Roe;rr@x.example\n",
        '\ufeffName,SID\r\n"Lovelace, Ada",17\r\n"Doe, Jane",19\r\n"Roe, Richard",20\r\n',
        'Student,ID\nPoints Possible,\n"Lovelace, Ada",17\n"Doe, Jane",19\n"Roe, Richard",20\n',
        "student\nlovelaceada\ndoejane\nroe richard\n",
    ],
    ids=["names", "participants", "Gradescope", "Canvas", "folders"],
)
def test_a_roster_says_who_is_missing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode())
    checked = read_roster(path).check(SUBMITTED)
    assert len(checked.missing) == 1
    assert "roe" in checked.missing[0].lower()
    said = "\n".join(checked.lines)
    assert "2 of 3 handed in" in said
    assert "'=guest' is not in the roster" in said
    assert "Handed in, but not superposition: doejane; =guest." in said


def test_who_may_have_handed_in_is_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("Name\nJane Doe\nDoe Jane\n")
    checked = read_roster(path).check([Submission("doejane", "linearity")])
    assert not checked.missing
    assert "'doejane' fits 2 lines of the roster." in checked.lines


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "holds no students"),
        (b"Name\n", "holds no students"),
        (b"colour,age\nred,3\n", "columns colour, age. A roster needs"),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_what_is_no_roster_is_said(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        read_roster(path)
    with pytest.raises(InputError, match="could not be read"):
        read_roster(tmp_path)
