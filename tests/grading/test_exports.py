"""Grades in the forms of other systems: each read back as that system reads it."""

import csv
import dataclasses
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.grading.intake.match import match, simplified
from book.grading.records import Grade, InputError
from book.grading.results.exports.canvas import CANVAS as OF_CANVAS
from book.grading.results.exports.gradebook import System, fill, read_gradebook
from book.grading.results.exports.grades import read_grades, totals
from book.grading.results.exports.gradescope import results_json
from book.grading.results.exports.junit import junit
from book.grading.results.exports.moodle import MOODLE as OF_MOODLE
from book.grading.results.exports.nbgrader import nbgrader
from book.grading.results.folder import defused, plain

GRADES = [
    Grade("doe_jane", "linearity", "linearity.compose", 2, 2, "passed", "all passed"),
    Grade("doe_jane", "linearity", "linearity.compress", 0, 3, "failed", "x is cut"),
    Grade("doe_jane", "features", "features.project", 1, 1, "passed", ""),
    Grade("Li Wei_48213", "linearity", "linearity.compose", 0, 2, "not started", ""),
    Grade("Li Wei_48213", "linearity", "linearity.compress", 3, 3, "passed", "\x00<&>"),
]

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Chapter 2 (991),Chapter 3 (992),Final Score
Points Possible,,,,,5,1,(read only)
"Doe, Jane",1701,a1,jd@uni.example,A,,,
"Li, Wei",48213,a2,wl@uni.example,A,1,,7
"""

MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 900,Jane Doe,jd@uni.example,Submitted,,100.00,
Participant 48213,Wei Li,wl@uni.example,Submitted,,100.00,"well, done"
"""


def filled(system: System, text: str, column: str, folder: Path) -> list[dict[str, str]]:
    path = folder / "gradebook.csv"
    path.write_text(text)
    result, matched = fill(read_gradebook(path, system), column, totals(GRADES, "linearity"))
    assert not matched.report("the gradebook")
    rows = list(csv.DictReader(io.StringIO(result)))
    before = list(csv.DictReader(io.StringIO(text)))
    for row, old in zip(rows, before, strict=True):
        assert {k: v for k, v in row.items() if not k.startswith(column)} == {
            k: v for k, v in old.items() if not k.startswith(column)
        }
    return rows


def test_canvas_gets_its_own_file_back_with_one_column_filled_in(tmp_path: Path) -> None:
    rows = filled(OF_CANVAS, CANVAS, "Chapter 2", tmp_path)
    assert [row["Chapter 2 (991)"] for row in rows] == ["5", "2", "3"]


def test_moodle_gets_its_own_file_back_with_the_grades_filled_in(tmp_path: Path) -> None:
    rows = filled(OF_MOODLE, MOODLE, "Grade", tmp_path)
    assert [row["Grade"] for row in rows] == ["2", "3"]


def test_a_gradebook_with_first_and_last_names_in_two_columns(tmp_path: Path) -> None:
    other = System("Other", identity=("Username",), fixed=("Last Name",), marks=r"Essay.*")
    text = "Last Name,First Name,Username,Essay [5]\nDoe,Jane,x1,\n\nLi,Wei,x2,\n"
    rows = filled(other, text, "Essay", tmp_path)
    assert [row["Essay [5]"] for row in rows] == ["2", "3"]


def test_a_student_without_a_line_is_reported_and_nobody_else_gets_the_mark(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.csv"
    path.write_text(CANVAS)
    book = read_gradebook(path, OF_CANVAS)
    text, matched = fill(book, "Chapter 3", {"roe_richard": (1, 1)})
    assert matched.report("the gradebook") == ["'roe_richard' is not in the gradebook."]
    assert text == CANVAS


def test_the_platforms_own_number_comes_first() -> None:
    rows = [{"ID": "17", "Student": "Doe, Jane"}, {"ID": "18", "Student": "Doe, Jane"}]
    matched = match(["doejane"], rows, ["ID", "Student"], {"doejane": "18"})
    assert matched.lines == {"doejane": 1}
    assert match(["doejane"], rows, ["ID", "Student"]).ambiguous == {"doejane": [0, 1]}
    rows = [{"Identifier": "Participant 7"}, {"Identifier": "Participant 17"}]
    assert match(["Bob"], rows, ["Identifier"], {"Bob": "7"}).lines == {"Bob": 0}


def test_points_are_scaled_to_what_the_column_counts(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.csv"
    path.write_bytes(b"\xef\xbb\xbf" + MOODLE.replace("\n", "\r\n").encode())
    book = read_gradebook(path, OF_MOODLE)
    text, _ = fill(book, "", totals(GRADES, "linearity"), scaled=True)
    assert [row["Grade"] for row in csv.DictReader(io.StringIO(text[1:]))] == ["40", "60"]
    assert text.startswith("\ufeffIdentifier")  # as it came: Excel's mark, and ends of lines
    assert "\r\nParticipant" in text


def test_two_submissions_for_one_line_are_nobodys(tmp_path: Path) -> None:
    rows = [{"Student": "Doe, Jane"}, {"Student": "Doe, John"}]
    matched = match(["jane doe", "doe_jane", "John Doe"], rows, ["Student"])
    assert matched.lines == {"John Doe": 1}
    assert matched.ambiguous == {"jane doe": [0], "doe_jane": [0]}
    assert matched.report("the roster") == [
        "'jane doe' fits the same line of the roster as 'doe_jane'.",
        "'doe_jane' fits the same line of the roster as 'jane doe'.",
    ]


@pytest.mark.parametrize(
    ("student", "cell"),
    [
        ("doejane", "Doe, Jane"),
        ("Jane Doe_5512345", "Jane Doe"),
        ("müller_zoë", "Zoe Muller"),
        ("doejane_late_5512345_1", "5512345"),
        ("Jane Doe_5512345_assignsubmission", "Participant 5512345"),
        ("jane.doe", "jane.doe@uni.example"),
    ],
)
def test_names_as_platforms_write_them_find_their_line(student: str, cell: str) -> None:
    matched = match([student], [{"Who": ""}, {"Who": cell}, {"Who": "Roe, Richard"}], ["Who"])
    assert matched.lines == {student: 1}, simplified(student)


@pytest.mark.parametrize("column", ["Chapter 9", "Chapter", "Student", ""])
def test_a_column_that_is_not_one_is_refused_with_those_there_are(
    column: str, tmp_path: Path
) -> None:
    path = tmp_path / "gradebook.csv"
    path.write_text(CANVAS)
    with pytest.raises(InputError, match=r"Chapter 2 \(991\)"):
        fill(read_gradebook(path, OF_CANVAS), column, {})


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="does not look like a gradebook of Moodle"):
        read_gradebook(path, OF_MOODLE)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_gradebook(path, OF_MOODLE)


def test_nbgraders_table_has_a_line_per_student_and_chapter() -> None:
    rows = list(csv.DictReader(io.StringIO(nbgrader(GRADES))))
    found = {(row["assignment"], row["student_id"]): row for row in rows}
    assert len(rows) == 3
    jane = found["linearity", "doe_jane"]
    assert (jane["score"], jane["raw_score"], jane["max_score"]) == ("2", "2", "5")


def test_junit_counts_failures_and_holds_any_text() -> None:
    root = ET.fromstring(junit(GRADES))
    jane, wei = root.findall("testsuite")
    assert (jane.get("tests"), jane.get("failures")) == ("3", "1")
    assert (wei.get("tests"), wei.get("failures")) == ("2", "1")
    failed = [
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    ]
    assert failed == ["linearity.compress", "linearity.compose"]


def test_gradescope_gets_points_and_what_the_student_may_see() -> None:
    results = json.loads(results_json(GRADES[:2]))
    assert results["score"] == 2
    assert [test["max_score"] for test in results["tests"]] == [2, 3]
    assert [test["status"] for test in results["tests"]] == ["passed", "failed"]


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text(" '=+-@|%ab", max_size=4))
def test_no_text_is_a_formula_and_every_text_comes_back(text: str) -> None:
    assert not defused(text).lstrip().startswith(("=", "+", "-", "@", "|", "%"))
    if text.isprintable():
        assert plain(defused(text)) == text


def test_grades_are_read_back_and_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no grades\.csv"):
        read_grades(tmp_path)
    with (tmp_path / "grades.csv").open("w", newline="") as file:
        lines = csv.DictWriter(file, list(Grade.__dataclass_fields__))
        lines.writeheader()
        odd = Grade("=cmd()", "linearity", "linearity.compose", 1, 2, "failed", "a\nb, c")
        lines.writerow({k: defused(str(v)) for k, v in odd.as_dict().items()})
    assert read_grades(tmp_path) == [dataclasses.replace(odd, message="a / b, c")]
    table = tmp_path / "grades.csv"
    table.write_text(table.read_text().replace(",1,2,", ",1.5,2,"))
    with pytest.raises(InputError, match=r"line 2: points are '1\.5' of '2'"):
        read_grades(tmp_path)
    table.write_text("student;points\nada;1\n")
    with pytest.raises(InputError, match="needs"):
        read_grades(tmp_path)
