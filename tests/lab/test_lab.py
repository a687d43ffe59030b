"""A chapter's figure in a real JupyterLab: run, moved and edited as a learner does it."""

import statistics
from pathlib import Path

import jupytext
import nbformat
import pytest
from playwright.sync_api import expect

from tests.lab.conftest import ROOT, RunAll

FIGURE = """\
import jax.numpy as jnp
from book.interactive import Slider, figure, plane, vectors

def compute(red, angle):
    turn = jnp.deg2rad(angle)
    return {"redness": red * jnp.stack([jnp.cos(turn), jnp.sin(turn)])}

def draw(ax):
    plane(ax, limit=1.2)
    vectors(ax, "redness", color="#D55E00", label="red-ness")

def caption(red, angle):
    return f"Red-ness {red:.2f} points at {angle:.0f} degrees."

figure(compute, draw, caption, name="one-direction", alt="An arrow in a plane.", sliders={
    "red": Slider(0, 1, start=0.5, step=0.1, label="Red-ness", format=".2f"),
    "angle": Slider(0, 180, start=30, step=1, label="Angle", unit="°", format=".0f")})
"""


def has_code(chapter: Path) -> bool:
    """Whether a page is a notebook with cells to run."""
    return "```{code-cell}" in chapter.read_text()


CHAPTERS = [path.stem for path in sorted((ROOT / "chapters").glob("*.md")) if has_code(path)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notebooks as a learner meets them: one figure, and every chapter."""
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FIGURE)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "figure.ipynb")
    for chapter in CHAPTERS:
        source = jupytext.read(ROOT / "chapters" / f"{chapter}.md")
        jupytext.write(source, folder / f"{chapter}.ipynb")
    return folder


WATCH = """() => {
    const area = document.querySelector(".jp-OutputArea-output .panels").closest(".widget-html");
    let pressed = 0;
    window.moves = [];
    document.addEventListener("keydown", () => { pressed = performance.now(); }, true);
    new MutationObserver(() => {
        if (!pressed || !area.querySelector(".panels svg")) return;
        const from = pressed;
        pressed = 0;
        requestAnimationFrame(() => window.moves.push(performance.now() - from));
    }).observe(area, {subtree: true, childList: true, characterData: true});
}"""


def test_a_slider_moves_the_figure_and_the_output_is_replaced(run_all: RunAll) -> None:
    notebook = run_all("figure.ipynb")
    panels = notebook.locator(".jp-OutputArea-output .panels")
    caption = notebook.locator(".jp-OutputArea-output .caption")
    expect(panels).to_be_visible(timeout=60_000)
    expect(caption).to_have_text("Red-ness 0.50 points at 30 degrees.")
    before = panels.inner_html()
    angle = notebook.get_by_role("slider").nth(1)
    angle.focus()
    notebook.evaluate(WATCH)
    for count in range(1, 31):
        notebook.keyboard.press("ArrowRight")
        notebook.wait_for_function("count => window.moves.length >= count", arg=count)
    times = notebook.evaluate("window.moves")
    print(f"\na move in JupyterLab: median {statistics.median(times):.1f} ms of {len(times)}")
    expect(caption).to_have_text("Red-ness 0.50 points at 60 degrees.")
    assert panels.inner_html() != before
    expect(panels).to_have_count(1)
    expect(notebook.locator(".jp-OutputArea-child")).to_have_count(1)


def test_a_learner_edits_the_function_and_runs_its_cell_again(run_all: RunAll) -> None:
    notebook = run_all("figure.ipynb")
    caption = notebook.locator(".jp-OutputArea-output .caption")
    expect(caption).to_have_text("Red-ness 0.50 points at 30 degrees.")
    before = notebook.locator(".jp-OutputArea-output .panels").inner_html()
    notebook.locator(".jp-Cell .cm-content").click()
    notebook.keyboard.press("Control+a")
    halved = FIGURE.replace("return {", "red = red / 2\n    return {")
    notebook.keyboard.insert_text(halved.replace("Red-ness {", "Now {"))
    notebook.keyboard.press("Control+Enter")
    expect(caption).to_have_text("Now 0.50 points at 30 degrees.")
    expect(caption).to_have_count(1)
    assert notebook.locator(".jp-OutputArea-output .panels").inner_html() != before


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_cell_of_a_chapter_runs_and_its_figures_move(run_all: RunAll, chapter: str) -> None:
    notebook = run_all(f"{chapter}.ipynb")
    status = notebook.locator(".jp-Notebook-ExecutionIndicator")
    expect(status).to_have_attribute("data-status", "idle", timeout=400_000)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')).to_have_count(0)
    if "\nfigure(" not in (ROOT / "chapters" / f"{chapter}.md").read_text():
        return  # a page of tables
    slider = notebook.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    output = notebook.locator(".jp-OutputArea", has=slider).first
    caption = output.locator(".caption").first
    before = caption.inner_text()
    step = output.get_by_role("button", name="Step")
    if step.count():  # before it trains, a slider has nothing to change
        step.click()
    else:
        slider.focus()
        notebook.keyboard.press("ArrowRight")
    expect(caption).not_to_have_text(before)
    expect(output.locator(".caption")).to_have_count(1)
