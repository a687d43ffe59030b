"""The exercise pages: tasks in sight, hints and solutions folded, the notebook to take along."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from book.exercises import Exercise, exercises
from tests.site.conftest import ROOT, OpenPage

CHAPTERS = list(dict.fromkeys(exercise.chapter for exercise in exercises()))

LAUNCH = """\
      launch:
        Colab: https://colab.example.org/github/us/book/blob/main/{notebook}
        Our JupyterHub: https://hub.example.org/hub/user-redirect/lab/tree/book/{notebook}
"""


def section(page: Page, exercise: Exercise) -> Locator:
    whole = re.compile(rf"^{re.escape(exercise.title)}\s*#?$")
    return page.locator("section", has=page.locator("h2", has_text=whole)).last


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_says_what_it_takes_and_shows_what_comes_out(
    open_page: OpenPage, chapter: str
) -> None:
    page = open_page(f"solutions/{chapter}")
    for exercise in exercises():
        if exercise.chapter != chapter:
            continue
        shown = section(page, exercise)
        facts = shown.locator(".exercise-facts").inner_text().replace("\N{NO-BREAK SPACE}", " ")
        assert facts.startswith(f"{exercise.points} point")
        assert f"({exercise.difficulty} of 5) · importance" in facts
        assert facts.endswith(f"({exercise.importance} of 5) · about {exercise.minutes} minutes")
        for name in exercise.names:
            expect(shown.locator("pre", has_text=f"def {name}(").first).to_contain_text(
                "raise NotImplementedError"
            )
        points = f"{exercise.points} of {exercise.points} point"
        expect(shown.get_by_role("status").filter(has_text=points)).to_be_visible()
        expect(shown.locator(".cell_output :is(figure, table, pre)").first).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_hints_and_solutions_are_folded_and_the_keyboard_opens_them(
    open_page: OpenPage, chapter: str, scripts: bool
) -> None:
    page = open_page(f"solutions/{chapter}", java_script_enabled=scripts)
    for exercise in exercises():
        if exercise.chapter != chapter:
            continue
        folded = section(page, exercise).locator("details.sd-dropdown")
        expect(folded).to_have_count(len(exercise.hints) + 1)
        for number, hint in enumerate(exercise.hints):
            words = folded.nth(number).locator(".sd-summary-content")
            expect(words).to_be_hidden()
            folded.nth(number).locator("summary").focus()
            page.keyboard.press("Enter")
            expect(words).to_be_visible()
            assert words.inner_text().replace("’", "'").replace("…", "...") == hint
        solution = folded.last.locator(".sd-summary-content")
        expect(solution).to_be_hidden()
        folded.last.locator("summary").focus()
        page.keyboard.press("Space")
        expect(solution).to_be_visible()
        for name in exercise.names:
            expect(solution).to_contain_text(f"def {name}(")
        expect(solution).not_to_contain_text("SOLUTION")
        expect(solution).not_to_contain_text("NotImplementedError")


@pytest.mark.parametrize(
    ("chapter", "over"), [*((name, "file") for name in CHAPTERS), (CHAPTERS[0], "http")]
)
def test_the_notebook_that_is_downloaded_is_the_committed_one(
    open_page: OpenPage, chapter: str, over: str
) -> None:
    page = open_page(f"solutions/{chapter}", over=over)
    expect(page.locator(".notebook-links a")).to_have_count(1)  # none that launches: none is set
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the notebook").click()
    assert download.value.suggested_filename == f"{chapter}.ipynb"
    committed = ROOT / "exercises" / f"{chapter}.ipynb"
    assert download.value.path().read_bytes() == committed.read_bytes()


def build_with(launch: str, book: Path) -> tuple[int, str]:
    """Build a book of one exercise page, not executed, with this setting; status and output."""
    for name in ("book", "chapters", "constraints.txt", "exercises", "solutions"):
        (book / name).symlink_to(ROOT / name)
    (book / "_toc.yml").write_text("format: jb-book\nroot: solutions/linearity\n")
    config = (ROOT / "_config.yml").read_text()
    assert config.count("      launch: {}\n") == 1
    config = config.replace("      launch: {}\n", launch)
    (book / "_config.yml").write_text(
        re.sub("execute_notebooks: .*", "execute_notebooks: off", config)
    )
    done = subprocess.run(
        [sys.executable, "-m", "book.site"],
        cwd=book,
        env={**os.environ, "PYTHONPATH": str(book)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_one_setting_gives_every_exercise_page_its_launch_links(tmp_path: Path) -> None:
    status, output = build_with(LAUNCH, tmp_path)
    assert status == 0, output
    page = (tmp_path / "_build" / "html" / "solutions" / "linearity.html").read_text()
    links = re.findall(r'<a class="reference external" href="([^"]+)">Open in ([^<]+)</a>', page)
    assert links == [
        (
            "https://colab.example.org/github/us/book/blob/main/exercises/linearity.ipynb",
            "Colab",
        ),
        (
            "https://hub.example.org/hub/user-redirect/lab/tree/book/exercises/linearity.ipynb",
            "Our JupyterHub",
        ),
    ]


def test_an_address_that_leads_to_no_notebook_is_refused(tmp_path: Path) -> None:
    launch = "      launch: {Colab: https://colab.example.org/}\n"
    status, output = build_with(launch, tmp_path)
    assert status != 0
    assert "the address of 'Colab' is 'https://colab.example.org/'" in output
    assert "{notebook}" in output
