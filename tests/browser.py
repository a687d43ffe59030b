"""A headless Chromium for tests that need a real browser and a real JavaScript engine."""

import contextlib
import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

# The first is the same engine without windows, and opens a page in half the time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine can be reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

MISSING = (
    "The tests drive a real browser and found no Chromium. Install it with the system's packages "
    "(Debian: sudo apt-get install chromium-headless-shell; Ubuntu: sudo apt-get install "
    "chromium; macOS: brew install --cask chromium), "
    "or set CHROME_PATH to the program of a Chromium or Chrome that is already there."
)


def find_browser() -> str:
    """The path of a Chromium: `$CHROME_PATH` if set, else the first of `NAMES` on the path.

    Raises:
      FileNotFoundError: no browser is there; the message says how to get one.
    """
    chosen = os.environ.get("CHROME_PATH")
    if chosen:
        if shutil.which(chosen) is None:
            raise FileNotFoundError(f"CHROME_PATH is {chosen!r}, which is no program. {MISSING}")
        return chosen
    for name in NAMES:
        path = shutil.which(name)
        if path is not None:
            return path
    raise FileNotFoundError(MISSING)


@contextlib.contextmanager
def launch_browser() -> Iterator[Browser]:
    """A running headless Chromium, closed at the end of the `with` block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
