"""What a worker of a cluster does: it grades submissions, and keeps what a run shares."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from book.grading.records import Graded, Settings, Submission
from book.grading.run.pool import Pool, UnfitError
from book.grading.run.versions import code, versions
from book.grading.sandbox.layers import Isolation, detect


@dataclass(frozen=True)
class Job:
    """What is the same for every task of a run.

    Attributes:
        run: Which run of the grader, a random word.
        settings: How to grade.
        solutions: The text of each chapter's solution.
        compiles: Whether it saves time to compile beforehand.
    """

    run: str
    settings: Settings
    solutions: Mapping[str, str]
    compiles: bool


@dataclass(frozen=True)
class Place:
    """Where a submission was graded.

    Attributes:
        worker: Its address.
        isolation: The layers that work there.
        failed: What notebooks cannot import there, and why.
    """

    worker: str
    isolation: Isolation
    failed: dict[str, str]


class Desk:
    """What a worker has at hand for one run: its solutions in a folder, and fork servers."""

    def __init__(self, job: Job) -> None:
        with contextlib.ExitStack() as made:
            folder = made.enter_context(tempfile.TemporaryDirectory(prefix="solutions-"))
            for chapter, text in job.solutions.items():
                Path(folder, f"{chapter}.md").write_text(text, encoding="utf-8")
            settings = replace(job.settings, solutions=folder)
            compiled = list(job.solutions) if job.compiles else []
            self.pool = made.enter_context(Pool(settings, detect(settings.layers), compiled))
            self.put_away = made.pop_all().close


_desks: dict[str, Desk] = {}
_over: set[str] = set()
_guard = threading.Lock()


def _desk(job: Job) -> Desk:
    with _guard:
        if job.run in _over:
            raise RuntimeError("This run of the grader is over.")
        if job.run not in _desks:
            _desks[job.run] = Desk(job)
        return _desks[job.run]


def task(wanted: Mapping[str, str], given: bytes) -> tuple[Place, Graded] | str:
    """On a worker: grade a submission, or say why nothing can be graded here.

    Args:
        wanted: What must be as it is where the grader was started; see `required`.
        given: A `Job` and a `Submission`, pickled.
    """
    from distributed import get_worker

    worker = get_worker().address
    fault = mismatch(wanted, worker)
    if fault:
        return fault
    job, submission = pickle.loads(given)
    return work(job, submission, worker)


def work(job: Job, submission: Submission, worker: str) -> tuple[Place, Graded] | str:
    """The same, when the worker is known to be alike."""
    try:
        server, graded = _desk(job).pool.grade(submission)
    except UnfitError as error:
        return f"The worker {worker} cannot grade.\n{error}"
    return Place(worker, server.isolation, server.failed), graded


def put_away(run: str) -> None:
    """On a worker, after a run: put everything away, and do not wait until that is done."""
    with _guard:
        _over.add(run)
        desk = _desks.pop(run, None)
    if desk:
        threading.Thread(target=desk.put_away).start()


def required() -> dict[str, str]:
    """What must be the same on a worker, so that grades are."""
    return {**versions(), "the book's code": code(), "system": ""}


def mismatch(wanted: Mapping[str, str], worker: str) -> str:
    """How this worker differs from where the grader was started; nothing if it does not."""
    here = required()
    faults = [
        f"{name} {here.get(name, 'not installed')} instead of {version}"
        for name, version in wanted.items()
        if here.get(name) != version
    ]
    if not faults:
        return ""
    return (
        f"The worker {worker} has {', '.join(faults)}; grades could differ. "
        "Install the same there, and start the worker again."
    )
