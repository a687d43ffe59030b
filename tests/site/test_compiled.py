"""The compile cache of the build: what is unfit for use is set aside, and the work goes on."""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from book.site import compiled
from book.site.compiled import environment

ADD = "import jax; print(jax.jit(lambda x: x + 1)(1.0))"


def entry(folder: Path, name: str, data: bytes, *, age: float = 0.0) -> Path:
    path = folder / f"{name}-cache"
    path.write_bytes(data)
    os.utime(path, (path.stat().st_mtime - age,) * 2)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A compile cache of this machine with one good entry."""
    folder = tmp_path / "compiled"
    environment(folder)
    entry(folder, "good", zlib.compress(b"code"))
    return folder


def names(folder: Path) -> set[str]:
    return {path.name.removesuffix("-cache") for path in folder.glob("*-cache")}


def test_a_good_cache_is_used_without_a_word(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert environment(folder)["JAX_COMPILATION_CACHE_DIR"] == str(folder)
    assert names(folder) == {"good"}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("made_by", [None, "jax 0.1"])
def test_what_another_version_made_is_set_aside(
    folder: Path, made_by: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "made-by").unlink()
    if made_by:
        (folder / "made-by").write_text(made_by)
    assert environment(folder)
    assert names(folder) == set()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Set aside 1 entries of the compile cache: other versions")
    assert environment(folder)
    assert capsys.readouterr().out == "", "said twice"


@pytest.mark.parametrize("data", [b"", b"no code", zlib.compress(b"code" * 100)[:-9]])
def test_a_broken_entry_is_set_aside(
    folder: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    entry(folder, "broken", data)
    assert environment(folder)
    assert names(folder) == {"good"}
    assert "compile cache: it was broken" in capsys.readouterr().out


def test_the_oldest_of_too_much_is_set_aside(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiled, "LARGEST", 1000)
    for age in range(1, 6):
        entry(folder, f"aged-{age}", zlib.compress(os.urandom(200)), age=60 * age)
    assert environment(folder)
    assert names(folder) == {"good", "aged-1", "aged-2"}
    assert "Set aside 3 entries of the compile cache" in capsys.readouterr().out


def test_a_full_disk_or_a_place_that_cannot_be_used_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert environment(tmp_path / "file") == {}
    assert capsys.readouterr().out.startswith("Working without the compile cache in")
    monkeypatch.setattr(compiled, "LEAST_FREE", 1 << 60)
    assert environment(tmp_path / "compiled") == {}
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("the disk is nearly full.")


def test_jax_says_nothing_of_what_it_cannot_read_or_write(tmp_path: Path) -> None:
    """A word on the error stream would fail a cell."""
    folder = tmp_path / "compiled"
    variables = {**os.environ, **environment(folder), "JAX_PLATFORMS": "cpu"}

    def add() -> str:
        done = subprocess.run(
            [sys.executable, "-c", ADD], env=variables, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    assert add() == "2.0\n"
    kept = list(folder.glob("*-cache"))
    assert kept, "nothing was kept"
    for path in kept:
        path.write_bytes(b"broken")
    assert add() == "2.0\n"
    for path in kept:
        path.unlink()
        path.mkdir()  # can be read and written by nobody
    assert add() == "2.0\n"
