"""One run of the whole corpus, which the tests look at."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from book.grading import Graded, Limits, Settings
from book.grading.records import MB
from book.grading.run.local import grade_all
from book.grading.sandbox.layers import Isolation, detect
from book.grading.sandbox.process import Origin
from tests.grading.corpus import BROKEN, FORGED, RUINOUS, Case
from tests.grading.escapes import Canaries, canaries, escapes, handed_in

SETTINGS = Settings(
    seed=20,
    cases=4,
    limits=Limits(call=6, submission=60, memory=800 * MB, disk=32 * MB, reply=4 * MB),
)


@dataclass
class Run:
    """What came out."""

    graded: dict[str, Graded]
    cases: dict[str, Case]
    isolation: Isolation
    canaries: Canaries
    users: set[int]


@pytest.fixture(scope="session")
def isolation() -> Isolation:
    """What works on this machine."""
    if sys.platform == "linux" and shutil.which("bwrap") is None:
        pytest.fail(
            "bwrap is not installed, and the tests of the grader's sandbox need it. On Debian and "
            "Ubuntu: apt-get install bubblewrap; elsewhere the package is called bubblewrap too."
        )
    return detect(SETTINGS.layers)


@pytest.fixture(scope="session")
def corpus(isolation: Isolation) -> Iterator[Run]:
    """Every case graded once, on two workers."""
    servers: list[Origin] = []
    with canaries() as at:
        cases = {case.name: case for case in [*BROKEN, *RUINOUS, *FORGED, *handed_in(escapes(at))]}
        graded = {}
        outcomes = grade_all(
            [case.submission for case in cases.values()], SETTINGS, isolation, 2, servers.append
        )
        for submission, outcome in outcomes:
            assert isinstance(outcome, Graded), (submission.student, outcome)
            graded[submission.student] = outcome
        yield Run(graded, cases, servers[0].isolation, at, {servers[0].user})
