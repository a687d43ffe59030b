"""The learner's record survives restarts, crashes and broken files."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from book.exercises import check, exercises, hint, progress, record
from book.exercises.display import Bar
from book.exercises.exercise import Exercise
from tests.exercises.answers import CORRECT


def solve(id: str) -> None:
    assert check(id, *CORRECT[id][0]).passed


def of(chapter: str) -> list[Exercise]:
    return [exercise for exercise in exercises() if exercise.chapter == chapter]


def bar(chapter: str) -> Bar:
    (found,) = [bar for bar in progress().bars if bar.chapter == chapter.capitalize()]
    return found


def test_progress_starts_empty_and_names_the_first_exercise() -> None:
    text = repr(progress())
    own = of("linearity")
    assert f"0 of {sum(e.points for e in own)} points, 0 of {len(own)} exercises" in text
    first = exercises()[0]
    assert f"Next: {first.title} ({first.id}), about {first.minutes} minutes." in text


def test_points_are_kept_and_a_later_failure_does_not_lose_them(own_record: Path) -> None:
    solve("linearity.compose")
    check("linearity.compose", lambda x, d: x)
    assert json.loads(own_record.read_text())["exercises"]["linearity.compose"]["points"] == 2
    shown = progress()
    assert bar("linearity").points == 2
    assert exercises()[0].id in shown.next


def test_bars_are_readable_without_colour() -> None:
    solve("superposition.weighted_loss")
    html = progress()._repr_html_()
    own = of("superposition")
    most = sum(e.points for e in own)
    assert f"<progress max='{most}' value='2' aria-label='Superposition'" in html
    assert f"2 of {most} points, 1 of {len(own)} exercises" in html


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"exercises": {"a": 3}}', "\x00\x00"])
def test_a_broken_file_is_set_aside_not_lost(own_record: Path, broken: str) -> None:
    own_record.parent.mkdir(parents=True)
    own_record.write_text(broken)
    message = repr(progress())
    assert "could not be read; it is kept as" in message
    (aside,) = own_record.parent.glob("progress-unreadable-*.json")
    assert aside.read_text() == broken
    solve("linearity.compose")
    assert bar("linearity").points == 2


def test_a_crash_while_writing_leaves_the_old_file(
    own_record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve("linearity.compose")
    before = own_record.read_text()

    def crash(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            record.update("superposition.toy_model", points=3)
    assert own_record.read_text() == before
    lock = own_record.with_suffix(".lock")
    assert set(own_record.parent.iterdir()) - {lock} == {own_record}


def test_a_folder_that_cannot_be_written_is_said(
    own_record: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_DATA_HOME", str(occupied))
    result = check("linearity.compose", *CORRECT["linearity.compose"][0])
    assert result.passed
    assert "Your progress could not be saved" in result.message
    assert "could not be saved" in repr(hint("linearity.compose"))
    assert "could not be read" in repr(progress())


def test_notebooks_that_save_at_the_same_time_do_not_lose_points(own_record: Path) -> None:
    def save(k: int) -> None:
        assert record.update(f"test.exercise_{k}", points=k) == ""

    threads = [threading.Thread(target=save, args=[k]) for k in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = json.loads(own_record.read_text())["exercises"]
    assert {name: entry["points"] for name, entry in kept.items()} == {
        f"test.exercise_{k}": k for k in range(12)
    }


@pytest.fixture
def old_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of the first edition, on a system whose own folder for data is another."""
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_: tmp_path / "Library")
    old = tmp_path / ".local" / "share" / "neural-representations" / "progress.json"
    old.parent.mkdir(parents=True)
    exercises = {"linearity.compose": {"points": 2, "hints": 1}, "test.gone": {"points": 4}}
    old.write_text(json.dumps({"version": 1, "exercises": exercises}))
    return old


@pytest.mark.parametrize("first", [record.load, lambda: record.update("test.new", points=1)])
def test_a_record_of_the_first_edition_is_moved(
    old_record: Path, first: Callable[[], object]
) -> None:
    first()
    assert not old_record.exists()
    assert (record.file().parent.name, record.file().exists()) == ("Library", True)
    records, message = record.load()
    assert message == ""
    assert records["linearity.compose"] == {"points": 2, "hints": 1}
    assert records["test.gone"] == {"points": 4}, "exercises that are no more keep their points"


def test_of_two_records_the_larger_numbers_stay(old_record: Path) -> None:
    kept = old_record.read_text()
    old_record.unlink()
    record.update("linearity.compose", points=1, hints=3)
    record.update("test.new", points=5)
    old_record.write_text(kept)
    assert record.load()[0] == {
        "linearity.compose": {"points": 2, "hints": 3},
        "test.gone": {"points": 4},
        "test.new": {"points": 5},
    }
    assert not old_record.exists()


def test_a_crash_while_moving_loses_nothing(
    old_record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        assert "disk full" in record.load()[1]
    assert old_record.exists()
    assert record.load()[0]["linearity.compose"]["points"] == 2


def test_an_old_record_that_is_broken_is_set_aside(old_record: Path) -> None:
    record.update("test.new", points=5)
    old_record.write_text("{")
    records, message = record.load()
    assert records["test.new"] == {"points": 5}
    assert "could not be read; it is kept as" in message
    (aside,) = old_record.parent.glob("progress-unreadable-*.json")
    assert aside.read_text() == "{"
    assert record.load()[1] == ""


def test_the_old_record_stays_where_progress_is_kept_apart(
    old_record: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "apart"))
    assert record.load() == ({}, "")
    assert old_record.exists()
