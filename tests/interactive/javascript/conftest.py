"""The engine in which compiled functions run."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.engine import Engine


@pytest.fixture(scope="session")
def engine(browser: Browser) -> Iterator[Engine]:
    page = browser.new_page()
    yield Engine(page)
    page.close()
