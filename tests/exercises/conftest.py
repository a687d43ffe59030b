"""A record of progress of their own for tests, and nothing kept of what they compile."""

from pathlib import Path

import pytest

import book.exercises


@pytest.fixture(autouse=True)
def own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(book.exercises, "keep_compiled", lambda: None)
    return tmp_path / "neural-representations" / "progress.json"
