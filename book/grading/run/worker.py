"""What a worker of a cluster keeps between tasks: fork servers, solutions, what was compiled."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from book.grading.marking.precompile import warmed
from book.grading.marking.prepared import Prepared, prepare
from book.grading.marking.submission import grade_submission
from book.grading.records import Graded, Settings, Submission
from book.grading.run.versions import code, versions
from book.grading.sandbox.layers import Isolation, IsolationError, detect, require
from book.grading.sandbox.server import Server, Spawner, start


@dataclass(frozen=True)
class Kit:
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


class UnfitError(RuntimeError):
    """This worker cannot grade, whatever the submission."""


@contextlib.contextmanager
def _unfit() -> Iterator[None]:
    try:
        yield
    except IsolationError as error:
        raise UnfitError(str(error)) from None


class Bench:
    """Fork servers for the tasks of one run, as many as there are tasks at the same time."""

    def __init__(self, kit: Kit) -> None:
        self._isolation = detect(kit.settings.layers)
        with _unfit():  # before anything is worked out
            require(self._isolation, kit.settings.unsafe)
        self._lock, self._over = threading.Lock(), False
        self._put_away = contextlib.ExitStack()
        solutions = self._put_away.enter_context(tempfile.TemporaryDirectory(prefix="solutions-"))
        for chapter, text in kit.solutions.items():
            Path(solutions, f"{chapter}.md").write_text(text, encoding="utf-8")
        self._prepared: dict[str, Prepared] = {}
        self._settings = replace(kit.settings, solutions=solutions)
        chapters = list(kit.solutions) if kit.compiles else []
        self._compiled = self._put_away.enter_context(warmed(chapters, solutions))
        self._taken: set[int] = set()
        self._all: list[Server | Spawner] = []
        self._idle: list[Server | Spawner] = []

    def grade(self, submission: Submission) -> tuple[Server | Spawner, Graded]:
        """Grade a submission; gives the fork server too, as locally in at most two attempts.

        Raises:
            UnfitError: learners' code cannot be contained here.
        """
        chapter = submission.chapter if submission.source else ""
        with self._lock:  # worked out once, and before any time is taken
            if chapter not in self._prepared:
                self._prepared[chapter] = prepare([chapter] if chapter else [], self._settings)
        for attempt in range(2):
            server = self._server()
            try:
                prepared = self._prepared[chapter]
                graded = grade_submission(submission, self._settings, server, prepared)
            except Exception:
                server.close()
                if attempt or self._over:
                    raise
            else:
                self._idle.append(server)
                return server, graded
        raise AssertionError

    def _server(self) -> Server | Spawner:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        limits, unsafe = self._settings.limits, self._settings.unsafe
        with self._lock, _unfit():
            server = start(self._isolation, limits, self._taken, unsafe, self._compiled())
            self._all.append(server)
        if self._over:
            server.close()
        return server

    def close(self) -> None:
        """End what is under way, and leave nothing behind."""
        self._over = True
        for server in self._all:
            server.close()
        self._put_away.close()


_benches: dict[str, Bench] = {}
_over: set[str] = set()
_guard = threading.Lock()


def _bench(kit: Kit) -> Bench:
    with _guard:
        if kit.run in _over:
            raise RuntimeError("This run of the grader is over.")
        if kit.run not in _benches:
            _benches[kit.run] = Bench(kit)
        return _benches[kit.run]


def task(wanted: Mapping[str, str], given: bytes) -> tuple[Place, Graded] | str:
    """On a worker: grade a submission, or say why nothing can be graded here.

    Args:
        wanted: What must be as it is where the grader was started; see `needs`.
        given: A `Kit` and a `Submission`, pickled.
    """
    from distributed import get_worker

    worker = get_worker().address
    fault = unlike(wanted, worker)
    if fault:
        return fault
    kit, submission = pickle.loads(given)
    return work(kit, submission, worker)


def work(kit: Kit, submission: Submission, worker: str) -> tuple[Place, Graded] | str:
    """The same, when the worker is known to be alike."""
    try:
        server, graded = _bench(kit).grade(submission)
    except UnfitError as error:
        return f"The worker {worker} cannot grade.\n{error}"
    return Place(worker, server.isolation, server.failed), graded


def leave(run: str) -> None:
    """On a worker, after a run: put everything away, and do not wait until that is done."""
    with _guard:
        _over.add(run)
        bench = _benches.pop(run, None)
    if bench:
        threading.Thread(target=bench.close).start()


def needs() -> dict[str, str]:
    """What must be the same on a worker, so that grades are."""
    return {**versions(), "the book's code": code(), "system": ""}


def unlike(wanted: Mapping[str, str], worker: str) -> str:
    """How this worker differs from where the grader was started; nothing if it does not."""
    here = needs()
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
