"""What all tests share: types checked while they run, the same examples every time, a browser."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import nbformat
import optax
import pytest
from hypothesis import settings
from nbformat import NotebookNode
from playwright.sync_api import Browser, expect

from tests import typechecks
from tests.browser import launch_browser

typechecks.install()


def under_defaults(make: Callable[..., Any]) -> Callable[..., Any]:
    """An optimizer of optax under JAX's defaults: it raises floats to whole powers of steps."""

    def made(*arguments: Any, **named: Any) -> Any:
        optimizer = make(*arguments, **named)

        def update(*arguments: Any, **named: Any) -> Any:
            with jax.numpy_dtype_promotion("standard"):
                return optimizer.update(*arguments, **named)

        return optimizer._replace(update=update)

    return made


optax.adam, optax.adamw = under_defaults(optax.adam), under_defaults(optax.adamw)

ROOT = Path(__file__).parents[1]

# Rooms whose code never leaves it to JAX what two dtypes become together. What learners, pages and
# solutions hand over runs under JAX's defaults, as it does for them.
STRICT = ("display", "features", "linearity", "training")
# What `make check` leaves to `make test`: browsers, kernels, sandboxes, installations, trainings.
SLOW_FIXTURES = {"browser", "checkout", "corpus", "isolation", "site"}
SLOW = (
    "tests/decomposability/",
    "tests/exercises/test_definitions.py::test_a_",
    "tests/grading/test_autograder.py",
    "tests/grading/test_cluster.py",
    "tests/grading/test_command.py",
    "tests/grading/test_elsewhere.py",
    "tests/grading/test_lecturer.py",
    "tests/grading/test_package.py",
    "tests/grading/test_release.py",
    "tests/grading/test_scoring.py",
    "tests/grading/test_teaching.py",
    "tests/linearity/test_words.py",
    "tests/site/",
    "tests/superposition/",
    "tests/test_benchmarks.py",
    "tests/training/",
    "tests/way_forward/",
)

Executed = Callable[[str], list[NotebookNode]]

# A slow machine is no fault of the book: what is awaited has time to come.
expect.set_options(timeout=30_000)

# What a shell starts in the background ignores Ctrl+C, and so do its children; tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every run, and no limit on time: machines differ.
settings.register_profile("book", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("book")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests."""
    for item in items:
        uses = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if uses or item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module", autouse=True)
def promotion(request: pytest.FixtureRequest) -> Iterator[None]:
    """How far JAX may promote dtypes in the room that a module tests."""
    room = request.path.relative_to(ROOT / "tests").parts[0]
    with jax.numpy_dtype_promotion("strict" if room in STRICT else "standard"):
        yield


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

    def cells(page: str) -> list[NotebookNode]:
        notebook = nbformat.read(site.parent / "cells" / f"{page}.ipynb", as_version=4)
        return [cell for cell in notebook.cells if cell.cell_type == "code"]

    return cells
