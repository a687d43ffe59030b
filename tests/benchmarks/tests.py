"""Testing the book against testing its first edition, on this machine and with these packages."""

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.build import FIRST, Took, checked_out, promise, revision, timed
from tests.benchmarks.promises import Promise

SHARE = 0.40
"""What the tests may take of the first edition's time."""
TESTS = ["--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder", "--verbose"]


def main() -> list[Promise]:
    """Tests both editions, each with the site that it builds on the way."""
    now = revision("HEAD")
    print(f"\nTesting commit {now[:7]} and the first edition, {FIRST}")
    with tempfile.TemporaryDirectory(prefix="editions-") as folder:
        first = test(checked_out(FIRST, Path(folder, "first")), "the first edition")
        this = test(checked_out(now, Path(folder, "this")), "this edition")
    return [promise("Testing the book", first, this, SHARE)]


def test(folder: Path, what: str) -> Took:
    """Runs all tests of the book in this folder."""
    return timed([sys.executable, "-m", "pytest", *TESTS], folder, what, "PASSED")
