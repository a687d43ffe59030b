"""Exercises in a real JupyterLab, as a learner does them: a notebook is opened, run and solved."""

import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from book.exercises import exercises
from tests.lab.conftest import ROOT, RunAll

QUESTION = """\
from book.display.questions import pick_one, right, wrong

pick_one("How many?", right("two", "One for each neuron."), wrong("three", "Draw them."))
"""
LINEARITY = [exercise for exercise in exercises() if exercise.chapter == "linearity"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exercises as downloaded, and a notebook with a question."""
    folder = tmp_path_factory.mktemp("course")
    for path in (ROOT / "exercises").glob("*.ipynb"):
        shutil.copy(path, folder)
    cells = [nbformat.v4.new_code_cell(QUESTION) for _ in range(2)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "question.ipynb")
    return folder


def test_run_all_solve_one_restart_and_the_progress_is_kept(run_all: RunAll) -> None:
    page = run_all("linearity.ipynb")
    for exercise in LINEARITY:
        expect(
            page.get_by_role("status").filter(has_text=f"{exercise.title}: not started")
        ).to_be_visible(timeout=60_000)
    possible = sum(exercise.points for exercise in LINEARITY)
    expect(
        page.get_by_text(f"0 of {possible} points, 0 of {len(LINEARITY)} exercises")
    ).to_be_visible()
    expect(page.locator('[data-mime-type="application/vnd.jupyter.error"]')).to_have_count(0)
    expect(page.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)

    cell = page.locator(".jp-CodeCell", has_text="def compose(")
    cell.locator(".cm-line", has_text="raise NotImplementedError").click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text("return directions.T @ intensities")
    page.keyboard.press("Shift+Enter")  # the answer's cell
    page.keyboard.press("Shift+Enter")  # its check
    passed = page.get_by_role("status").filter(has_text="Add encodings")
    expect(passed).to_contain_text("2 of 2 points")
    page.keyboard.press("Shift+Enter")  # text
    page.keyboard.press("Shift+Enter")  # the picture
    expect(page.get_by_text("Two encodings and what the layer holds: their sum.")).to_be_visible()

    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.get_by_role("button", name="| Idle")).to_be_visible(timeout=60_000)
    setup = page.locator(".jp-CodeCell", has_text="from book import check").first
    setup.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    progress = page.locator(".jp-CodeCell", has=page.locator(".cm-content", has_text="progress()"))
    progress.last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_text(f"2 of {possible} points, 1 of {len(LINEARITY)} exercises")
    ).to_be_visible()
    expect(page.get_by_text(f"Next: {exercises()[0].title}")).to_be_visible()


def test_a_question_is_answered_with_the_keyboard_in_jupyter(run_all: RunAll) -> None:
    page = run_all("question.ipynb")
    forms = page.locator("form.book-question")
    expect(forms).to_have_count(2)
    second = forms.nth(1)
    second.get_by_label("two").focus()
    page.keyboard.press("ArrowDown")
    expect(second.get_by_label("three")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(second.get_by_role("status")).to_have_text("✗ No. Draw them.")
    second.get_by_label("two").check()
    second.get_by_role("button", name="Check").click()
    expect(second.get_by_role("status")).to_have_text("✓ Right. One for each neuron.")
    expect(forms.nth(0).get_by_role("status")).to_be_empty()
