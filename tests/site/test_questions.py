"""The questions in the chapters: each answer has its feedback, with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from book.exercises import CHAPTERS as FIVE
from tests.site.conftest import ROOT, OpenPage, pages_of_the_book


def questions_of(name: str) -> int:
    """How many questions the source of a page asks."""
    text = (ROOT / f"{name}.md").read_text()
    return len(re.findall(r"^(?:pick_one|give_number)\(", text, re.MULTILINE))


CHAPTERS = [name for name in pages_of_the_book() if "/" in name and questions_of(name)]


@pytest.mark.parametrize("chapter", FIVE)
def test_a_chapter_asks_at_least_five_questions(chapter: str) -> None:
    pages = [name for name in CHAPTERS if name.startswith(f"chapters/{chapter}")]
    assert sum(map(questions_of, pages)) >= 5


@pytest.mark.parametrize(
    ("chapter", "over"), [*((name, "file") for name in CHAPTERS), (CHAPTERS[0], "http")]
)
def test_every_answer_gets_its_feedback_and_is_not_shown_as_code(
    open_page: OpenPage, chapter: str, over: str
) -> None:
    page = open_page(chapter, over=over)
    expect(page.locator("pre", has_text="pick_one(")).to_have_count(0)
    expect(page.locator("pre", has_text="give_number(")).to_have_count(0)
    questions = page.locator("form.book-question").all()
    assert len(questions) == questions_of(chapter)
    for question in questions:
        verdict = question.get_by_role("status")
        rows = question.locator("details li").evaluate_all(
            "rows => rows.map(row => [row.dataset.value ?? '-7', row.dataset.right,"
            " row.querySelector('span').textContent])"
        )
        assert "true" in [right for _, right, _ in rows]
        for value, right, feedback in rows:
            if question.get_by_role("radio").count():
                question.get_by_role("radio", name=value).focus()
                page.keyboard.press("Space")
            else:
                question.get_by_role("textbox").fill(value)
            page.keyboard.press("Enter")
            mark = "✓ Right." if right == "true" else "✗ No."
            expect(verdict).to_have_text(f"{mark} {feedback}")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_without_scripts_the_answers_unfold(open_page: OpenPage, chapter: str) -> None:
    page = open_page(chapter, java_script_enabled=False)
    for question in page.locator("form.book-question").all():
        expect(question.get_by_role("button")).to_be_hidden()
        answers = question.locator("details ul")
        expect(answers).to_be_hidden()
        question.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(answers).to_be_visible()
