"""What all tests share: types checked while they run, the same examples every time, a browser."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect

from tests import typechecks
from tests.browser import launch_browser

typechecks.install()

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
