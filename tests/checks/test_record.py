"""The learner's record survives restarts, crashes and broken files."""

import json
import os
import threading
from pathlib import Path

import pytest

from book.checks import check, hint, progress, record
from tests.checks.answers import CORRECT


def solve(id: str) -> None:
    assert check(id, *CORRECT[id][0]).passed


def test_progress_starts_empty_and_names_the_first_exercise() -> None:
    text = repr(progress())
    assert "0 of 9 points, 0 of 4 exercises" in text
    assert "Next: Add encodings (linearity.compose), about 10 minutes." in text


def test_points_are_kept_and_a_later_failure_does_not_lose_them(own_record: Path) -> None:
    solve("linearity.compose")
    check("linearity.compose", lambda x, d: x)
    assert json.loads(own_record.read_text())["exercises"]["linearity.compose"]["points"] == 2
    shown = progress()
    assert shown.bars[0].points == 2
    assert "linearity.compress" in shown.next


def test_bars_are_readable_without_colour() -> None:
    solve("superposition.weighted_loss")
    html = progress()._repr_html_()
    assert "<progress max='8' value='2' aria-label='Superposition'" in html
    assert "2 of 8 points, 1 of 3 exercises" in html


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"exercises": {"a": 3}}', "\x00\x00"])
def test_a_broken_file_is_set_aside_not_lost(own_record: Path, broken: str) -> None:
    own_record.parent.mkdir(parents=True)
    own_record.write_text(broken)
    message = repr(progress())
    assert "could not be read; it is kept as" in message
    (aside,) = own_record.parent.glob("progress-unreadable-*.json")
    assert aside.read_text() == broken
    solve("linearity.compose")
    assert progress().bars[0].points == 2


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
    assert list(own_record.parent.iterdir()) == [own_record]


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
