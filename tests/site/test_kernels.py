"""Executing pages in kernels: two at a time, and what is said when it goes wrong."""

import os
import signal
import threading
import time
from pathlib import Path

import nbformat
import pytest

from book.site import kernels
from book.site.kernels import CellError, Page, execute


def page(folder: Path, name: str, *cells: str) -> Page:
    code = [nbformat.v4.new_code_cell(source) for source in cells]
    text = nbformat.v4.new_markdown_cell("Prose.")
    return Page(name, nbformat.v4.new_notebook(cells=[text, *code]), str(folder))


def run(*pages: Page, timeout: int = 60) -> list[str]:
    done: list[str] = []
    execute(
        pages,
        lambda page, seconds: done.append(page.name),
        timeout=timeout,
        environment={**os.environ, "WHERE": "here"},
    )
    return done


def test_two_pages_are_executed_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each waits for the other, so that none could end before both have begun."""
    meet = """import pathlib, time
pathlib.Path("{0}").touch()
while not pathlib.Path("{1}").exists(): time.sleep(0.05)
"""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    first = page(tmp_path, "first", meet.format("a", "b"), "import os; print(os.environ['WHERE'])")
    second = page(tmp_path, "second", meet.format("b", "a"), "1 + 1")
    assert sorted(run(first, second)) == ["first", "second"]
    assert first.notebook.cells[2].outputs[0].text == "here\n"
    assert second.notebook.cells[2].outputs[0].data["text/plain"] == "2"
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert sorted(line[: line.index("of 2") + 4] for line in lines) == [
        f"  {name}: cell {number} of 2" for name in ("first", "second") for number in (1, 2)
    ]


def test_pages_are_executed_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert run(*(page(tmp_path, name, "1") for name in "cab")) == ["c", "a", "b"]


def test_a_cell_that_takes_long_is_said_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kernels, "LONG", 0.5)
    run(page(tmp_path, "slow", "import time\ntime.sleep(1.5)", "1"))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["slow:", "cell", "1", "of", "2", "runs"]


def test_a_cell_that_fails_is_named_and_stops_the_others(tmp_path: Path) -> None:
    slow = page(tmp_path, "slow", "import time\ntime.sleep(600)")
    with pytest.raises(CellError) as failed:
        run(slow, page(tmp_path, "bad", "1 + 1", "answer = 42\nanswer / 0"))
    message = str(failed.value)
    assert message.startswith("bad.md, code cell 2 of 2:\n\n    answer = 42\n    answer / 0\n")
    assert "ZeroDivisionError" in message


def test_a_kernel_that_dies_is_named(tmp_path: Path) -> None:
    with pytest.raises(CellError, match=r"bad.md, code cell 1 of 1(.|\n)*The kernel died\. The"):
        run(page(tmp_path, "bad", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))


def test_a_cell_that_takes_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(CellError, match=r"bad.md, code cell 1 of 1(.|\n)*timed out"):
        run(page(tmp_path, "bad", "import time\ntime.sleep(600)"), timeout=1)


def test_ctrl_c_ends_the_kernels(tmp_path: Path) -> None:
    """Pressed as soon as the cell has written down its process."""
    slow = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))"
    number = tmp_path / "pid"

    def press() -> None:
        while not (number.exists() and number.read_text()):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        run(page(tmp_path, "slow", slow + "\ntime.sleep(600)"))
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)
