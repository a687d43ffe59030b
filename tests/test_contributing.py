"""CONTRIBUTING's how-tos, pasted one after the other into a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLACE = r"(Write|At the end of|In) `([^`]+)`(?:, after the line `([^`]+)`)?(?:, add)?:"
BLOCK = re.compile(rf"^{PLACE}\n\n(`{{3,}})[^\n]*\n(.*?\n)\4$", re.MULTILINE | re.DOTALL)
MOST_FILES = {"chapter": 5, "figure": 1, "exercise": 3, "operation": 2, "export": 2}
MADE_BY_HAND = {"Makefile", "chapters", "solutions", "book", "tests", "_toc.yml"}


class Edit(NamedTuple):
    """What a how-to says about one file: write it, or add to it at its end or after a line."""

    path: str
    line: str
    text: str
    new: bool


def how_tos() -> dict[str, list[Edit]]:
    """By what is added, the edits of its how-to in their order."""
    sections = re.split(r"^## Add an? (\w+).*\n", TEXT, flags=re.MULTILINE)[1:]
    return {
        what: [
            Edit(path, line, text, verb == "Write")
            for verb, path, line, _, text in BLOCK.findall(section)
        ]
        for what, section in zip(sections[::2], sections[1::2], strict=True)
    }


def paste(book: Path, edit: Edit) -> None:
    """Do to the file what a reader would do."""
    file = book / edit.path
    assert edit.new is not file.exists(), f"{edit.path} is there already, or is missing"
    file.parent.mkdir(parents=True, exist_ok=True)
    before = "" if edit.new else file.read_text(encoding="utf-8")
    if edit.line:
        lines = before.splitlines(keepends=True)
        (place,) = [k for k, line in enumerate(lines) if line.rstrip("\n") == edit.line]
        after = "".join([*lines[: place + 1], edit.text, *lines[place + 1 :]])
    else:
        after = before + edit.text
    file.write_text(after, encoding="utf-8")


@pytest.mark.parametrize("what", MOST_FILES)
def test_a_how_to_touches_few_files(what: str) -> None:
    touched = {edit.path for edit in how_tos()[what]}
    assert 1 <= len(touched) <= MOST_FILES[what]
    assert {path.partition("/")[0] for path in touched} <= MADE_BY_HAND


def test_there_is_a_how_to_for_each_and_no_block_of_it_is_overlooked() -> None:
    assert how_tos().keys() == MOST_FILES.keys()
    fences = re.findall(r"^`{3,}", TEXT.partition("## Add a ")[2], re.MULTILINE)
    inside = sum(len(re.findall("^`{3,}", e.text, re.M)) for es in how_tos().values() for e in es)
    commands = TEXT.partition("## Add a ")[2].count("```sh")
    assert len(fences) == inside + 2 * (sum(map(len, how_tos().values())) + commands)


@pytest.fixture
def copy(site: Path, tmp_path: Path) -> Path:
    """A copy of the repository and of the pages that were executed."""
    book = tmp_path / "book"
    made = (".git", ".venv", "_build", ".*_cache", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, book, ignore=shutil.ignore_patterns(*made))
    shutil.copytree(site.parent / "cells", book / "_build" / "cells")
    (book / ".venv").symlink_to(sys.prefix)
    return book


def run(book: Path, *command: str) -> str:
    """Run a command in the copy, on the copy's own code; what it prints."""
    done = subprocess.run(
        command,
        cwd=book,
        env={**os.environ, "PYTHONPATH": str(book)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}"
    return done.stdout


def test_what_was_added_is_built_and_passes_the_checks(copy: Path) -> None:
    operation = how_tos()["operation"]
    others = [edit for what, edits in how_tos().items() if what != "operation" for edit in edits]
    for edit in others:
        paste(copy, edit)
    run(copy, "make", "exercises")
    executed = set(re.findall(r"^  (\S+): cell", run(copy, "make", "site"), re.MULTILINE))
    pages = {edit.path.removesuffix(".md") for edit in others if edit.path.endswith(".md")}
    # The page for lecturers lists the mistakes of all chapters.
    assert executed == pages | {"chapters/teaching"}
    for page in pages:
        assert (copy / "_build" / "html" / f"{page}.html").is_file()
    # The compiler makes every figure, so an operation would execute all pages with figures.
    for edit in operation:
        paste(copy, edit)
    run(copy, "make", "check")
