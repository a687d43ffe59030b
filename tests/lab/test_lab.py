"""A chapter's figure in a real JupyterLab: run, moved and edited as a learner does it."""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]

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


QUIET = """\
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
"""


def has_code(chapter: Path) -> bool:
    """Whether a page is a notebook with cells to run."""
    return "```{code-cell}" in chapter.read_text()


CHAPTERS = [path.stem for path in sorted((ROOT / "chapters").glob("*.md")) if has_code(path)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab on this machine, with its settings in a folder of its own."""
    port = free_port()
    settings = {
        f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    (folder / "config").mkdir()
    (folder / "config" / "jupyter_lab_config.py").write_text(QUIET)
    log = (folder / "lab.log").open("w")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={folder}",
            f"--LabApp.workspaces_dir={folder / 'workspaces'}",
        ],
        env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while True:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{address}/api").close()
            break
        running = process.poll() is None and time.monotonic() < deadline
        assert running, f"JupyterLab did not start:\n{(folder / 'lab.log').read_text()}"
        time.sleep(0.3)
    yield address
    process.terminate()
    process.wait(30)
    log.close()


@pytest.fixture
def notebook(browser: Browser, lab: str) -> Iterator[Page]:
    """A page on which `open_notebook` opens a notebook."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def run_all(page: Page, lab: str, name: str) -> None:
    """Open a notebook, run all of it, and wait until its kernel rests."""
    page.goto(f"{lab}/doc/tree/{name}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    expect(page.get_by_role("button", name="| Idle")).to_be_visible(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


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


def test_a_slider_moves_the_figure_and_the_output_is_replaced(notebook: Page, lab: str) -> None:
    run_all(notebook, lab, "figure.ipynb")
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


def test_a_learner_edits_the_function_and_runs_its_cell_again(notebook: Page, lab: str) -> None:
    run_all(notebook, lab, "figure.ipynb")
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
def test_every_cell_of_a_chapter_runs_and_its_figures_move(
    notebook: Page, lab: str, chapter: str
) -> None:
    run_all(notebook, lab, f"{chapter}.ipynb")
    status = notebook.locator(".jp-Notebook-ExecutionIndicator")
    expect(status).to_have_attribute("data-status", "idle", timeout=400_000)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]')).to_have_count(0)
    expect(notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')).to_have_count(0)
    slider = notebook.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    output = notebook.locator(".jp-OutputArea", has=slider)
    caption = output.locator(".caption").first
    before = caption.inner_text()
    slider.focus()
    notebook.keyboard.press("ArrowRight")
    expect(caption).not_to_have_text(before)
    expect(output.locator(".caption")).to_have_count(1)
