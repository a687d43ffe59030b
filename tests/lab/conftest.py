"""A real JupyterLab on this machine, and a page of it in a browser."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]

CONFIG = """\
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.ServerApp.kernel_websocket_connection_class = "book.site.lab.PromptConnection"
"""
# A test looks at cells that are out of sight, too.
SETTINGS = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}

RunAll = Callable[[str], Page]


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that shows `folder`; whatever it keeps, it keeps elsewhere."""
    own = tmp_path_factory.mktemp("jupyter")
    port = free_port()
    places = {
        f"JUPYTER_{name}_DIR": str(own / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
    }
    (own / "config" / "labconfig").mkdir(parents=True)
    (own / "config" / "jupyter_lab_config.py").write_text(CONFIG)
    (own / "config" / "labconfig" / "default_setting_overrides.json").write_text(
        json.dumps(SETTINGS)
    )
    log = (own / "lab.log").open("w")
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
            f"--LabApp.workspaces_dir={own / 'workspaces'}",
        ],
        env={
            **os.environ,
            **places,
            "XDG_DATA_HOME": str(own / "home"),
            "PYTHONPATH": str(ROOT),
        },
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
        assert running, f"JupyterLab did not start:\n{(own / 'lab.log').read_text()}"
        time.sleep(0.3)
    yield address
    process.terminate()
    process.wait(30)
    log.close()


@pytest.fixture
def run_all(browser: Browser, lab: str) -> Iterator[RunAll]:
    """Opens a notebook, lets all of it run, and returns the page."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})

    def run_all(name: str) -> Page:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{lab}/doc/tree/{name}")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        expect(page.get_by_role("button", name="| Idle")).to_be_visible(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        return page

    yield run_all
    context.close()
