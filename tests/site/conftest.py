"""The built site, and pages of it opened in a browser that can reach nothing else."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response
from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).parents[2]
BEYOND_THE_TOC = ("search", "genindex")

OpenPage = Callable[..., Page]


def pages_of_the_book() -> list[str]:
    """Every page of the site, without its ending, as the table of contents has it."""
    return [*parse_toc_yaml(ROOT / "_toc.yml"), *BEYOND_THE_TOC]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a `name` on every page of the site."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", pages_of_the_book())


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for every request."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[str]:
    """The address of a server of the site on this machine."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def at_rest(page: Page) -> None:
    """Waits until the loaded page has its fonts and its formulas."""
    page.evaluate(
        "async () => { await document.fonts.ready; await window.MathJax?.startup?.promise; }"
    )


@pytest.fixture
def open_page(browser: Browser, site: Path, server: str) -> Iterator[OpenPage]:
    """Opens a page of the site, `open_page("chapters/index", over="file")`.

    When the test ends, each request to another host, each error in the console and each request
    that failed counts against it.
    """
    faults: list[str] = []
    contexts = []

    def asked(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", server)):
            faults.append(f"a request to another host: {request.url}")

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"in the console: {message.text}")

    def failed(request: Request) -> None:
        # What is still on its way when a page is left or closed is given up, not missing.
        if request.failure != "net::ERR_ABORTED":
            faults.append(f"failed: {request.url}: {request.failure}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            faults.append(f"status {response.status}: {response.url}")

    def open_page(
        name: str, *, over: str = "file", width: int = 1280, height: int = 900, **options: Any
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("request", asked)
        page.on("console", heard)
        page.on("pageerror", lambda error: faults.append(f"an uncaught error: {error}"))
        page.on("requestfailed", failed)
        page.on("response", answered)
        path, _, query = name.partition("?")
        base = site.as_uri() if over == "file" else server
        page.goto(f"{base}/{path}.html{'?' + query if query else ''}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)
