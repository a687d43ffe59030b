"""What was handed in is found, wherever it lies, and nothing else is touched."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from book.grading import Submission
from book.grading.intake.collect import collect
from book.grading.intake.filenames import identify

MB = 1 << 20
NOTEBOOK = b'{"nbformat": 4, "cells": []}'


def found(folder: Path) -> dict[tuple[str, str], Submission]:
    collected = collect(folder, MB)
    return {(one.student, one.chapter): one for one in collected}


def zipped(members: dict[str, bytes], **dates: tuple[int, ...]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), data)
    return out.getvalue()


def test_a_folder_for_every_student(tmp_path: Path) -> None:
    for student in ("Ada Lovelace", "-rf", "=SUM(1)", "a\nb"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "linearity.ipynb").write_bytes(NOTEBOOK)
        (tmp_path / student / "notes.txt").write_bytes(b"")
    students = {student for student, _ in found(tmp_path)}
    assert students == {"Ada Lovelace", "-rf", "=SUM(1)", "a\nb"}
    assert all(one.source == NOTEBOOK for one in found(tmp_path).values())


def test_flat_files(tmp_path: Path) -> None:
    (tmp_path / "ada_lovelace_linearity.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "bob_way_forward.ipynb").write_bytes(NOTEBOOK)
    assert set(found(tmp_path)) == {("ada_lovelace", "linearity"), ("bob", "way_forward")}


def test_what_moodle_hands_out(tmp_path: Path) -> None:
    path = tmp_path / "course.zip"
    path.write_bytes(
        zipped(
            {
                "Ada Lovelace_123_assignsubmission_file_/linearity.ipynb": NOTEBOOK,
                "Bob_7_assignsubmission_file_linearity.ipynb": NOTEBOOK,
                "Bob_8_assignsubmission_file_/linearity.ipynb": NOTEBOOK,
            }
        )
    )
    expected = {("Ada Lovelace", "linearity"), ("Bob (7)", "linearity"), ("Bob (8)", "linearity")}
    assert set(found(path)) == set(found(tmp_path)) == expected
    assert found(path)["Ada Lovelace", "linearity"].number == "123"


def test_what_canvas_hands_out(tmp_path: Path) -> None:
    path = tmp_path / "submissions.zip"
    path.write_bytes(
        zipped(
            {
                "lovelaceada_1_100_linearity.ipynb": b"old",
                "lovelaceada_LATE_1_205_linearity-2.ipynb": b"new",
                "lovelaceada_1_90_linearity-1.ipynb": b"middle",
            }
        )
    )
    (one,) = collect(path, MB)
    assert (one.student, one.chapter, one.number, one.source) == (
        *("lovelaceada", "linearity", "1"),
        b"new",
    )
    assert "3 copies" in one.notes[1]
    assert "linearity-1" in one.notes[1]
    assert "late" in one.notes[0]


def test_the_newest_copy_counts(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "linearity.ipynb").write_bytes(b"first")
    (folder / "linearity (1).ipynb").write_bytes(b"second")
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "ada").mkdir()
    (tmp_path / "again" / "ada" / "linearity (1).ipynb").write_bytes(b"third")
    os.utime(folder / "linearity (1).ipynb", (1, 1))
    (one,) = collect(tmp_path, MB)
    assert one.source == b"third"
    assert "3 copies" in one.notes[0]


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped({"work/linearity.ipynb": NOTEBOOK})
    outer = zipped({"Ada_5_assignsubmission_file_/answers.zip": inner, "bob/all.zip": inner})
    (tmp_path / "all.zip").write_bytes(outer)
    (tmp_path / "carol").mkdir()
    (tmp_path / "carol" / "hw.zip").write_bytes(zipped({"linearity.ipynb": NOTEBOOK}))
    students = {student for student, chapter in found(tmp_path) if chapter == "linearity"}
    assert "Ada" in students
    assert "carol" in students


def test_archives_that_are_traps(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("ada/linearity.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "traps.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../slip/linearity.ipynb", NOTEBOOK)
        archive.writestr("/rooted/linearity.ipynb", NOTEBOOK)
        archive.writestr("..\\windows\\linearity.ipynb", NOTEBOOK)
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb/linearity.ipynb", bytes(50 * MB))
        archive.writestr("good/linearity.ipynb", NOTEBOOK)
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    deep = NOTEBOOK
    for name in ("linearity.ipynb", "a.zip", "b.zip", "c.zip", "d.zip"):
        deep = zipped({name: deep})
    (tmp_path / "deep.zip").write_bytes(deep)
    before = sorted(path for path in tmp_path.rglob("*"))
    all_ = collect(tmp_path, MB)
    assert sorted(path for path in tmp_path.rglob("*")) == before
    good = [one for one in all_ if not one.problem]
    assert [one.student for one in good] == ["good"]
    problems = " ".join(one.problem for one in all_)
    (tmp_path / "empty.zip").write_bytes(zipped({"ada/essay.pdf": b""}))
    problems += " ".join(one.problem for one in collect(tmp_path, MB))
    for said in ("leads outside", "link", "52 MB", "not a zip", "inside each other", "no notebook"):
        assert said in problems, said
    assert all(one.source == b"" for one in all_ if one.problem)


def test_a_member_that_lies_about_its_size(tmp_path: Path) -> None:
    data = bytearray(zipped({"ada/linearity.ipynb": bytes(3 * MB)}))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    (tmp_path / "liar.zip").write_bytes(data)
    (one,) = collect(tmp_path, MB)
    assert one.problem
    assert one.source == b""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(NOTEBOOK)
    inbox = tmp_path / "inbox"
    (inbox / "folder").mkdir(parents=True)
    (inbox / "link_linearity.ipynb").symlink_to(secret)
    (inbox / "folder" / "linearity.ipynb").symlink_to(secret)
    (inbox / "loop").symlink_to(inbox)
    os.mkfifo(inbox / "pipe_linearity.ipynb")
    (inbox / "large_linearity.ipynb").write_bytes(bytes(2 * MB))
    (inbox / "dir_linearity.ipynb").mkdir()
    all_ = found(inbox)
    names = {"link", "folder", "loop", "pipe", "large", "dir_linearity.ipynb"}
    assert {student for student, _ in all_} == names
    assert all(one.problem and not one.source for one in all_.values())


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff\xfe"
    os.mkdir(folder)
    with open(folder + b"/linearity.ipynb", "wb") as file:
        file.write(NOTEBOOK)
    (one,) = collect(tmp_path, MB)
    one.student.encode()
    assert one.source == NOTEBOOK


def test_what_is_none_of_the_notebooks_is_said(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "essay.ipynb").write_bytes(NOTEBOOK)
    (one,) = collect(tmp_path, MB)
    assert one.chapter == ""
    assert "essay.ipynb is none of the book's notebooks" in one.problem


def test_identities() -> None:
    who = identify(("exercises", "ada"), "Linearity-copy1.ipynb")
    assert (who.student, who.chapter) == ("ada", "linearity")
    assert identify((), "linearity.ipynb").student == "(no name)"


def test_who_handed_in_something_else_is_not_forgotten(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    files = {
        "ada/linearity.ipynb": NOTEBOOK,
        "ada/linearity.html": b"",
        "ada/pictures/plot.png": b"",
        "bob/essay.pdf": b"",
        "bob/pictures/plot.png": b"",
        "carol_linearity.py": b"",
        "lovelaceada_12_345_answers.docx": b"",
        "roster.csv": b"",
        "README.md": b"",
    }
    for name, data in files.items():
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(data)
    (inbox / "dave").mkdir()
    (tmp_path / "all.zip").write_bytes(
        zipped({f"class/{name}": data for name, data in files.items()} | {"class/dave/x": b""})
    )
    for place in (inbox, tmp_path / "all.zip"):
        problems = {one.student: one.problem for one in collect(place, MB)}
        assert set(problems) == {"ada", "bob", "carol", "lovelaceada", "dave"}
        assert problems["ada"] == ""
        assert "no notebook" in problems["dave"]
        assert "only essay.pdf, pictures/plot.png." in problems["bob"]
        assert "only carol_linearity.py." in problems["carol"]
    moodle = {
        "Ada_1_assignsubmission_file_/linearity.ipynb": NOTEBOOK,
        "Bob_2_assignsubmission_file_/essay.pdf": b"",
        "Eve_3_assignsubmission_onlinetext_/text.html": b"",
        "Zoe_4_assignsubmission_file_essay.pdf": b"",
    }
    (tmp_path / "moodle.zip").write_bytes(zipped(moodle))
    collected = collect(tmp_path / "moodle.zip", MB)
    assert {one.student: one.number for one in collected} == {
        "Ada": "1", "Bob": "2", "Eve": "3", "Zoe": "4"
    }  # fmt: skip
    assert [one.student for one in collected if not one.problem] == ["Ada"]
