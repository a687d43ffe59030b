"""The page for lecturers is true: its commands run, and print what it says that they print."""

from __future__ import annotations

import contextlib
import html
import io
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from book.exercises import exercises
from book.grading.__main__ import COMMANDS, main
from book.grading.commands import export
from book.grading.commands.grade import parser
from book.grading.commands.rehearsal import numbers
from book.grading.gradescope import pack
from book.grading.results.feedback import WORDS
from book.grading.sandbox.layers import LAYERS
from book.superposition.ledger import experiments
from tests.grading.corpus import ROOT

SOURCE = (ROOT / "chapters" / "teaching.md").read_text(encoding="utf-8")
COMPUTED = re.compile(
    r"^```\{code-cell\} ipython3\n---\n[^`]*?---\nshown\(\"\"\"(.*?)\"\"\"\)$",
    re.MULTILINE | re.DOTALL,
)
PAGE = COMPUTED.sub(lambda cell: "```" + cell[1].format(**numbers()).rstrip("\n"), SOURCE)
FENCE = re.compile(r"^```(\{code-block\} )?(console|text|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = "python -m book.grading "


@dataclass(frozen=True)
class Shown:
    """What the page shows: a command and what it prints, or a file and what is in it."""

    command: str
    file: str
    text: str


def blocks() -> list[Shown]:
    """Of the whole page, in its order."""
    found = []
    for _, kind, text in FENCE.findall(PAGE):
        if kind == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                found.append(Shown(command, "", printed))
        elif kind == "text":
            caption, _, content = text.partition("\n")
            found.append(Shown("", caption.removeprefix(":caption: "), content))
    return found


def fits(shown: str, real: str) -> bool:
    """Whether a text is what is shown: "…" is any part of a line, or alone on one, any lines."""
    pattern = ""
    for line in shown.splitlines(keepends=True):
        if line == "…\n":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(map(re.escape, line.split("…")))
    return re.fullmatch(pattern, real) is not None


def run(command: str) -> str:
    """What a command prints, its progress bar as it ends."""
    assert command.startswith(PROGRAM), command
    printed = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = main(shlex.split(command.removeprefix(PROGRAM)))
    printed.seek(0)
    said = re.sub(r"[^\n]*\r", "", printed.read())  # what was drawn over is not seen
    assert status == 0, said
    return said


def content(path: Path) -> str:
    """The text of a file, of an HTML page that which a reader sees."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".html":
        return text.replace("\r\n", "\n")
    body = re.sub(r"<[^>]*>", "", text.partition("<main>")[2])
    return re.sub(r"\n+", "\n", html.unescape(body)).lstrip("\n")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox: the command refuses")
def test_the_rehearsal_runs_and_shows_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = blocks()
    assert sum(bool(one.command) for one in seen) >= 5
    assert sum(bool(one.file) for one in seen) >= 4
    for one in seen:
        real = run(one.command) if one.command else content(Path(one.file))
        assert fits(one.text, real), f"{one.command or one.file} is not as shown, but:\n{real}"


def test_numbers_that_follow_from_the_exercises_are_computed() -> None:
    assert len(COMPUTED.findall(SOURCE)) >= 5
    literal = "".join(text for *_, text in FENCE.findall(SOURCE))
    for number in ("points", "partly", "grades"):
        assert not re.search(rf"\b{numbers()[number]}\b", literal), number
    assert numbers()["chapters"] not in SOURCE


def test_what_is_elided_is_all_that_may_differ() -> None:
    assert fits("a …\n…\nz\n", "a b\nc\nd\nz\n")
    assert fits("…\nz\n", "z\n")
    assert not fits("a …\nz\n", "a b\nc\nz\n")
    assert not fits("a\n", "a\nb\n")
    assert not fits("a.\n", "ab\n")


def test_every_command_of_the_page_can_be_given() -> None:
    lines = [one.command for one in blocks() if one.command]
    for _, kind, text in FENCE.findall(PAGE):
        lines += text.splitlines() if kind == "sh" else []
    for line in lines:
        if not line.startswith(PROGRAM):
            continue
        first, *rest = shlex.split(line.replace("SEED", "1"))[3:]
        if first not in COMMANDS:
            parser().parse_args([first, *rest])
        elif first == "export":
            export.parser().parse_args(rest)
        elif first == "autograder":
            pack.parser().parse_args(rest)


def test_every_command_and_option_is_on_the_page_and_no_other() -> None:
    parsers = parser(), export.parser(), pack.parser()
    options = {option for made in parsers for option in named(made)}
    for option in options - {"--help"}:
        assert option in PAGE, option
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)) <= options | {"--editable"}
    for command in COMMANDS:
        assert f"{PROGRAM}{command} " in PAGE, command


def named(made: object) -> set[str]:
    """The long options of a parser."""
    return set(re.findall(r"--[a-z][a-z-]+", made.format_help()))  # type: ignore[attr-defined]


def rows(caption: str) -> list[str]:
    """The first cells of a table of the page."""
    table = PAGE.partition(caption)[2].partition("\n:::")[0]
    return re.findall(r"^\* - (.*)$", table, re.MULTILINE)[1:]


def test_every_layer_and_every_status_has_a_line() -> None:
    assert rows("Layers around a student's code") == list(LAYERS)
    assert sorted(cell.strip("`* ") for cell in rows("What a status means")) == sorted(WORDS)


def test_the_minutes_are_those_of_the_pages() -> None:
    for page, sessions in re.findall(r"\[\]\(([\w-]+)\.md\), (\d+) minutes", PAGE):
        assert minutes(page) == int(sessions), page


def minutes(page: str) -> int:
    """How long it takes to read a page, as it says itself."""
    text = (ROOT / "chapters" / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(r"^About (\d+) minutes", text, re.MULTILINE)
    assert found, page
    return int(found[1])


def test_exercises_that_the_sessions_set_are_there() -> None:
    course = PAGE.partition("### Three, five or ten sessions")[2].partition("### The mistakes")[0]
    named = set(re.findall(r"`(\w+)`", course)) - set(dir(experiments))
    assert len(named) > 10
    assert named <= {exercise.id.partition(".")[2] for exercise in exercises()}


def test_sections_and_boxes_that_it_names_are_there() -> None:
    pages = [path for path in (ROOT / "chapters").glob("*.md") if path.stem != "teaching"]
    everything = "".join(path.read_text(encoding="utf-8") for path in pages)
    titles = set(re.findall(r"^(?:#+|:::\{admonition\}) (.*)$", everything, re.MULTILINE))
    course = PAGE.partition("## Plan a course")[2].partition("## Grade a class")[0]
    named = set(re.findall(r"(?<!\*)\*([A-Z][^*\n\"]+)\*(?!\*)", course))
    assert len(named) > 10
    assert named <= titles, named - titles
