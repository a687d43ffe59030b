"""What all tests share: types checked while they run, the same examples every time, a browser."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from jupyter_cache import get_cache
from nbformat import NotebookNode
from playwright.sync_api import Browser, expect

from tests import typechecks
from tests.browser import launch_browser

typechecks.install()

ROOT = Path(__file__).parents[1]

Executed = Callable[[str], list[NotebookNode]]

# A slow machine is no fault of the book: what is awaited has time to come.
expect.set_options(timeout=30_000)

# What a shell starts in the background ignores Ctrl+C, and so do its children; tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every run, and no limit on time: machines differ.
settings.register_profile("book", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("book")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole test session; every test opens its own page."""
    with launch_browser() as running:
        yield running


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the site, built unless it is up to date."""
    done = subprocess.run([sys.executable, "-m", "book.site"], cwd=ROOT, check=False)
    assert done.returncode == 0, "the site was not built; its errors are above"
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def executed(site: Path) -> Executed:
    """`executed("chapters/linearity")`: the code cells of a page as the site's build ran them."""
    (folder,) = (site.parent / "cells").iterdir()
    cache = get_cache(folder)

    def cells(page: str) -> list[NotebookNode]:
        record = cache.get_cached_project_nb(str(ROOT / f"{page}.md"))
        assert record is not None, f"{page} has not been executed"
        notebook = cache.get_cache_bundle(record.pk).nb
        return [cell for cell in notebook.cells if cell.cell_type == "code"]

    return cells
