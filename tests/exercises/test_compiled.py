"""What is compiled for checks is kept for the next kernel, and never in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from book.exercises import compiled

CHECK = """
import warnings
warnings.simplefilter("error")
from book import check
print(check("linearity.compose", lambda intensities, directions: intensities @ directions).passed)
"""


def checked(cache: Path, **more: str) -> None:
    """Check an answer in a process of its own, where any warning is an error."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **more}
    done = subprocess.run(
        [sys.executable, "-c", CHECK], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "True\n", done.stderr
    assert done.stderr == ""


def test_a_second_kernel_finds_what_the_first_one_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    checked(tmp_path)
    entries = {path.name: path.stat().st_mtime_ns for path in compiled.folder().rglob("*-cache")}
    assert entries
    checked(tmp_path)
    again = {path.name: path.stat().st_mtime_ns for path in compiled.folder().rglob("*-cache")}
    assert again == entries
    for path in compiled.folder().rglob("*-cache"):
        path.write_bytes(b"broken")
    checked(tmp_path)


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    checked(tmp_path / "file")


def test_the_users_own_setting_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "own"
    checked(tmp_path / "cache", JAX_COMPILATION_CACHE_DIR=str(own))
    checked(tmp_path / "cache", JAX_ENABLE_COMPILATION_CACHE="false")
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_has_grown_too_large_is_emptied(tmp_path: Path) -> None:
    folder = tmp_path / "neural-representations" / "compiled"
    folder.mkdir(parents=True)
    with (folder / "old").open("wb") as file:
        file.truncate(compiled.LARGEST + 1)
    checked(tmp_path)
    assert not (folder / "old").exists()
    assert list(folder.rglob("*-cache"))
