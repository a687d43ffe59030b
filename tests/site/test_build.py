"""Building: what is said when something is wrong, and that the next build goes on cleanly."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock

from book.site.build import BuildError
from book.site.serve import choose_port, is_free

ROOT = Path(__file__).parents[2]

HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A small book

A page of prose that is long enough to describe what stands on it.

"""

TOC = "format: jb-book\nroot: chapters/index\n"

# Says how many cores there are: as many pages are executed at a time.
CORES = "import os; os.cpu_count = lambda: {}; from book.site.__main__ import main; exit(main())"


def cell(code: str) -> str:
    return f"```{{code-cell}} ipython3\n{code}\n```\n\n"


@pytest.fixture
def small_book(tmp_path: Path) -> Path:
    """A book of one page, with this book's package, settings and style."""
    for name in ("book", "_config.yml", "constraints.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "_toc.yml").write_text(TOC)
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "references.bib").write_text("")
    return tmp_path


def write(book: Path, *cells: str) -> None:
    (book / "chapters" / "index.md").write_text(HEADER + "".join(map(cell, cells)))


def command(book: Path, *arguments: str, cores: int = 0) -> subprocess.Popen[str]:
    run = ["-c", CORES.format(cores)] if cores else ["-m", "book.site"]
    return subprocess.Popen(
        [sys.executable, *run, *arguments],
        cwd=book,
        env={**os.environ, "PYTHONPATH": str(book), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def build(book: Path) -> tuple[int, str]:
    process = command(book)
    output, _ = process.communicate()
    return process.returncode, output


def lines_until(process: subprocess.Popen[str], text: str) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if text in line:
            return
    pytest.fail(f"the command ended without saying {text!r}")


def test_a_build_shows_its_progress_and_says_where_the_book_is(small_book: Path) -> None:
    write(small_book, "1 + 1", "2 + 2")
    status, output = build(small_book)
    assert status == 0, output
    assert "chapters/index: cell 1 of 2" in output
    assert "chapters/index: cell 2 of 2" in output
    page = small_book / "_build" / "html" / "index.html"
    assert page.as_uri() in output
    assert page.is_file()


def test_a_second_build_does_nothing_and_a_change_of_prose_executes_nothing(
    small_book: Path,
) -> None:
    write(small_book, "1 + 1")
    assert build(small_book)[0] == 0
    status, output = build(small_book)
    assert status == 0
    assert "Nothing has changed" in output
    page = small_book / "chapters" / "index.md"
    page.write_text(page.read_text().replace("A page of prose", "A page of better prose"))
    status, output = build(small_book)
    assert status == 0
    assert "cell 1" not in output
    built = (small_book / "_build" / "html" / "chapters" / "index.html").read_text()
    assert "better prose" in built


def test_an_edit_executes_the_pages_that_reach_it_and_no_others(small_book: Path) -> None:
    (small_book / "book").unlink()
    shutil.copytree(ROOT / "book", small_book / "book")
    (small_book / "_toc.yml").write_text(TOC + "chapters:\n  - file: chapters/other\n")
    write(small_book, "from book.display.quote import show_source\nshow_source(show_source)")
    (small_book / "chapters" / "other.md").write_text(HEADER + cell("1 + 1"))
    assert build(small_book)[0] == 0
    edited = small_book / "book" / "display" / "quote.py"
    edited.write_text(edited.read_text().replace("Shows the source", "Shows the code"))
    unused = small_book / "book" / "display" / "questions" / "questions.css"
    unused.write_text(unused.read_text() + "\n")
    status, output = build(small_book)
    assert status == 0, output
    assert "chapters/index: cell 1 of 1" in output
    assert "chapters/other" not in output
    assert "Shows the code" in (small_book / "_build/html/chapters/index.html").read_text()
    kept = sorted(path.name for path in (small_book / "_build/cells").rglob("*.ipynb"))
    assert kept == ["index.ipynb", "other.ipynb"]


def test_the_page_that_takes_longest_comes_first(small_book: Path) -> None:
    """As long as it took the last time; an unknown one by the number of its cells."""
    (small_book / "_toc.yml").write_text(
        TOC + "chapters:\n  - file: chapters/one\n  - file: chapters/two\n"
    )
    for name, cells in {"index": ["1"], "one": ["1"], "two": ["1", "2"]}.items():
        (small_book / "chapters" / f"{name}.md").write_text(HEADER + "".join(map(cell, cells)))
    kept = nbformat.v4.new_notebook(metadata={"book": {"key": "another", "seconds": 99.0}})
    (small_book / "_build" / "cells" / "chapters").mkdir(parents=True)
    nbformat.write(kept, small_book / "_build" / "cells" / "chapters" / "index.ipynb")
    process = command(small_book, cores=1)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    pages = re.findall(r"chapters/(\w+): cell 1 of", output)
    assert pages == ["index", "two", "one"]


def test_a_failing_cell_fails_the_build_and_is_named(small_book: Path) -> None:
    write(small_book, "1 + 1")
    assert build(small_book)[0] == 0
    write(small_book, "1 + 1", "answer = 40 + 2\nanswer / 0")
    status, output = build(small_book)
    assert status == 1
    assert "chapters/index.md, code cell 2 of 2" in output
    assert "answer / 0" in output
    assert "ZeroDivisionError" in output
    assert (small_book / "_build" / "html" / "index.html").is_file(), "the last good site is gone"


def test_a_warning_fails_the_build(small_book: Path) -> None:
    write(small_book, "1 + 1")
    page = small_book / "chapters" / "index.md"
    page.write_text(page.read_text() + "See {ref}`nowhere`.\n")
    status, output = build(small_book)
    assert status == 1
    assert "nowhere" in output


def test_a_build_waits_for_another_and_says_so(small_book: Path) -> None:
    write(small_book, "1 + 1")
    (small_book / "_build").mkdir()
    with FileLock(small_book / "_build" / "lock"):
        process = command(small_book)
        assert any("waiting" in line for line in lines_until(process, "waiting"))
        assert process.poll() is None
    output, _ = process.communicate()
    assert process.returncode == 0
    assert "The book is in" in output


def test_an_interrupted_build_says_so_and_the_next_one_goes_on(small_book: Path) -> None:
    (small_book / "_toc.yml").write_text(TOC + "chapters:\n  - file: chapters/other\n")
    slow = "import time\ntime.sleep(60)"
    write(small_book, slow)
    (small_book / "chapters" / "other.md").write_text(HEADER + cell("1 + 1"))
    process = command(small_book, cores=2)
    done = small_book / "_build" / "cells" / "chapters" / "other.ipynb"
    deadline = time.monotonic() + 120
    while not done.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "chapters/other: cell 1 of 1" in output
    assert "Run the same command again" in output
    assert not (small_book / "_build" / "html").exists(), "half a site"
    write(small_book, slow.replace("60", "0"))
    status, output = build(small_book)
    assert status == 0, output
    assert "chapters/other" not in output, "it was executed before"


def test_a_build_outside_of_a_book_says_where_to_go(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "book.site"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert "_config.yml" in process.stderr
    assert "book's folder" in process.stderr


def test_serve_builds_serves_and_builds_again_on_a_change(small_book: Path) -> None:
    write(small_book, "1 + 1")
    process = command(small_book, "serve")
    try:
        *_, last = lines_until(process, "Serving on")
        found = re.search(r"http://127\.0\.0\.1:\d+", last)
        assert found is not None
        address = f"{found[0]}/chapters/index.html"
        deadline = time.monotonic() + 60
        while is_free(int(found[0].rpartition(":")[2])) and time.monotonic() < deadline:
            time.sleep(0.1)
        with urllib.request.urlopen(address) as page:
            assert "page of prose" in page.read().decode()
        time.sleep(1)  # the watcher starts with the server
        page_source = small_book / "chapters" / "index.md"
        page_source.write_text(page_source.read_text().replace("page of prose", "page of verse"))
        for _ in lines_until(process, "Built in"):
            pass
        with urllib.request.urlopen(address) as page:
            text = page.read().decode()
            assert "page of verse" in text
            assert "livereload" in text, "an open page would not reload"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_a_port_in_use_is_named_or_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BuildError, match=f"Port {port} is in use"):
            choose_port(port)
    assert is_free(choose_port(None))
    with pytest.raises(BuildError, match="from 1 to 65535"):
        choose_port(70_000)
