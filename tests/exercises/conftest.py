"""A record of progress of their own for tests."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "neural-representations" / "progress.json"
