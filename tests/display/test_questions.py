"""Questions in a page: answered with the keyboard, without a server, also without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from book.display.questions import give_number, pick_one, right, wrong

LAYER = pick_one(
    "How many right angles fit into two neurons?",
    wrong("none", "The two axes are at a right angle."),
    right("one pair", "A third direction is not at a right angle to both."),
    wrong("as many as you like", "Try to draw three."),
)
READING = give_number(
    "Red-ness 0.5, size 0.6, at 120°: what is read as red-ness?",
    right(0.2, "Half of the size is taken away."),
    wrong(0.8, "The cosine of 120° is negative."),
    within=0.005,
    otherwise="Multiply the size by the cosine.",
    unit="of 1",
)
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Questions</title><meta name="viewport" '
    'content="width=device-width"></head><body><main><h1>Questions</h1>'
    f"{LAYER._repr_html_()}{READING._repr_html_()}</main></body></html>"
)


@pytest.fixture
def address(tmp_path: Path) -> str:
    path = tmp_path / "questions.html"
    path.write_text(PAGE)
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url))
    page.goto(address)
    yield page
    context.close()
    assert faults == [address]


def test_a_choice_is_answered_with_the_keyboard_and_each_answer_has_its_feedback(
    page: Page,
) -> None:
    verdict = page.get_by_role("status").first
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(verdict).to_be_empty()
    page.keyboard.press("Enter")
    expect(verdict).to_have_text("✗ No. The two axes are at a right angle.")
    page.keyboard.press("ArrowDown")
    expect(verdict).to_be_empty()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button").first).to_be_focused()
    page.keyboard.press("Space")
    expect(verdict).to_have_text("✓ Right. A third direction is not at a right angle to both.")


def test_nothing_chosen_is_said_so(page: Page) -> None:
    page.get_by_role("button").first.click()
    expect(page.get_by_role("status").first).to_have_text("Choose an answer first.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0.2", "✓ Right. Half of the size is taken away."),
        (" 0,204 ", "✓ Right. Half of the size is taken away."),
        ("1/5", "✓ Right. Half of the size is taken away."),
        ("2e-1", "✓ Right. Half of the size is taken away."),
        ("0.21", "✗ No. Multiply the size by the cosine."),
        ("−0.2", "✗ No. Multiply the size by the cosine."),
        ("0", "✗ No. Multiply the size by the cosine."),
        (".8", "✗ No. The cosine of 120° is negative."),
        ("", "Write a number, such as 0.5 or 2/5."),
        ("much", "Write a number, such as 0.5 or 2/5."),
        ("1/0", "Write a number, such as 0.5 or 2/5."),
        ("1/2/3", "Write a number, such as 0.5 or 2/5."),
    ],
)
def test_a_number_is_read_as_people_write_it(page: Page, typed: str, said: str) -> None:
    page.get_by_role("textbox", name="Your number").fill(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").nth(1)).to_have_text(said)


def test_two_questions_do_not_disturb_each_other(page: Page) -> None:
    page.get_by_label("one pair").check()
    page.get_by_role("button").first.click()
    page.get_by_role("textbox").fill("0.8")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("✓ Right.")
    expect(page.get_by_role("status").nth(1)).to_contain_text("✗ No.")
    expect(page.get_by_label("one pair")).to_be_checked()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("answered", [False, True])
def test_accessibility(page: Page, theme: str, answered: bool) -> None:
    if theme == "dark":
        page.add_style_tag(content="body { background: #151514; color: #e9e7e1; }")
    if answered:
        page.get_by_label("one pair").check()
        page.get_by_role("button").first.click()
    assert Axe().run(page).response["violations"] == []


def test_without_scripts_the_answers_unfold(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("button")).to_have_count(0)
    feedback = page.get_by_text("Half of the size is taken away.")
    expect(feedback).to_be_hidden()
    page.get_by_text("Answers").nth(1).click()
    expect(feedback).to_be_visible()
    context.close()


def test_a_question_weighs_little_and_reads_as_text() -> None:
    assert len(LAYER._repr_html_().encode()) < 5000
    assert repr(LAYER).splitlines() == [
        "How many right angles fit into two neurons?",
        "  ( ) none",
        "  ( ) one pair",
        "  ( ) as many as you like",
    ]


def test_text_is_text() -> None:
    question = pick_one("Is 1 < 2 & 2 < 3?", right('"yes"', "<b>"), wrong("no", "1 < 2"))
    assert "Is 1 &lt; 2 &amp; 2 &lt; 3?" in question._repr_html_()
    assert "&lt;b&gt;" in question._repr_html_()
    assert "&quot;yes&quot;" in question._repr_html_()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pick_one("q", wrong("a", "x"), wrong("b", "y")), "0 right answers of 2"),
        (lambda: pick_one("q", right("a", "x"), right("b", "y")), "2 right answers of 2"),
        (lambda: pick_one("q", right("a", "x")), "1 right answers of 1"),
        (lambda: pick_one("q", right("a", "x"), wrong("a", "y")), "the same answer twice"),
        (lambda: give_number("q", wrong(1, "x"), within=0.1, otherwise="z"), "no right answer"),
        (lambda: give_number("q", right(1, "x"), within=0, otherwise="z"), "larger than 0"),
        (
            lambda: give_number("q", right(1, "x"), wrong(1.15, "y"), within=0.1, otherwise="z"),
            "[1.0, 1.15] overlap within 0.1",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
