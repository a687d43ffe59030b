"""A chapter's figure in a real JupyterLab: run, moved and edited as a learner does it."""

import statistics
from pathlib import Path

import jupytext
import nbformat
import pytest
from playwright.sync_api import expect

from tests.conftest import Executed
from tests.lab.conftest import ROOT, RunAll

WIDGET = "application/vnd.jupyter.widget-view+json"

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
DRIVEN = "features"  # for the others it is enough that their cells are those that the site ran


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notebooks as a learner meets them: one figure, and a chapter."""
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FIGURE)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "figure.ipynb")
    jupytext.write(opened(DRIVEN), folder / f"{DRIVEN}.ipynb")
    return folder


def opened(chapter: str) -> nbformat.NotebookNode:
    """A chapter as JupyterLab opens it."""
    return jupytext.read(ROOT / "chapters" / f"{chapter}.md")


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
def test_the_site_has_executed_every_cell_of_a_chapter(executed: Executed, chapter: str) -> None:
    cells = executed(f"chapters/{chapter}")
    code = [cell.source for cell in opened(chapter).cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells] == code
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    # A figure has its sliders for Jupyter, too, although the page shows the other face.
    widgets = [output for output in outputs if WIDGET in output.get("data", {})]
    assert len(widgets) >= sum("\nfigure(" in source for source in code)


def test_every_cell_of_a_chapter_runs_and_its_figures_move(run_all: RunAll) -> None:
    notebook = run_all(f"{DRIVEN}.ipynb")
    status = notebook.locator(".jp-Notebook-ExecutionIndicator")
    expect(status).to_have_attribute("data-status", "idle", timeout=400_000)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')).to_have_count(0)
    figures = notebook.locator(".jp-Cell-outputArea:has(.panels)").all()
    assert figures
    for figure in figures:
        caption = figure.locator(".caption").first
        before = caption.inner_text()
        step = figure.get_by_role("button", name="Step")
        slider = figure.get_by_role("slider")
        if step.count():  # before it trains, a slider has nothing to change
            step.click()
        elif slider.count():
            slider.first.focus()
            notebook.keyboard.press("ArrowRight")
        else:
            continue  # a picture without sliders
        expect(caption).not_to_have_text(before)
        expect(figure.locator(".caption")).to_have_count(1)
