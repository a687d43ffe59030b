"""Fork servers that all submissions of a run share, and what is worked out once for them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from book.grading.marking.precompile import warmed
from book.grading.marking.prepared import Prepared, prepare
from book.grading.marking.submission import grade_submission
from book.grading.records import Graded, Settings, Submission
from book.grading.sandbox.layers import Isolation, IsolationError, require
from book.grading.sandbox.process import Origin
from book.grading.sandbox.server import start


class UnfitError(IsolationError):
    """Nothing can be graded here, whatever the submission."""


class Pool:
    """As many fork servers as submissions are graded at the same time.  A context manager.

    Args:
        settings: How to grade.
        isolation: The layers to try.
        compiled: Chapters for which it saves time to compile beforehand.

    Raises:
        UnfitError: learners' code cannot be contained here.
    """

    def __init__(self, settings: Settings, isolation: Isolation, compiled: Sequence[str]) -> None:
        with _unfit():  # before anything is worked out
            require(isolation, settings.unsafe)
        self._settings, self._isolation = settings, isolation
        self._lock, self._over = threading.Lock(), False
        self._put_away = contextlib.ExitStack()
        chapters = [] if settings.unsafe else compiled
        self._compiled = self._put_away.enter_context(warmed(chapters, settings.solutions))
        self._prepared: dict[str, Prepared] = {}
        self._taken: set[int] = set()
        self._all: list[Origin] = []
        self._idle: list[Origin] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def prepare(self, chapters: Sequence[str]) -> None:
        """Work out what submissions are marked against, once a chapter."""
        for chapter in chapters:
            with self._lock:
                if chapter not in self._prepared:
                    self._prepared[chapter] = prepare([chapter] if chapter else [], self._settings)

    def grade(self, submission: Submission) -> tuple[Origin, Graded]:
        """Grade a submission; gives the fork server too.

        One that is gone, killed for want of memory, is replaced, and the submission tried again.

        Raises:
            UnfitError: learners' code cannot be contained here.
        """
        chapter = submission.chapter if submission.source else ""
        self.prepare([chapter])  # before any time is taken
        for attempt in range(2):
            server = self.server()
            try:
                prepared = self._prepared[chapter]
                graded = grade_submission(submission, self._settings, server, prepared)
            except Exception:
                server.close()
                if attempt or self._over:
                    raise
            else:
                self.back(server)
                return server, graded
        raise AssertionError

    def server(self) -> Origin:
        """One that has nothing to do, or a new one, with the layers that worked for the first."""
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        limits, unsafe = self._settings.limits, self._settings.unsafe
        with self._lock, _unfit():
            server = start(self._isolation, limits, self._taken, unsafe, self._compiled())
            self._isolation = server.isolation
            self._all.append(server)
        if self._over:
            server.close()
        return server

    def back(self, server: Origin) -> None:
        """Take a server back that has nothing to do."""
        self._idle.append(server)

    def close(self) -> None:
        """End what is under way, and leave nothing behind."""
        self._over = True
        for server in self._all:
            server.close()
        self._put_away.close()


@contextlib.contextmanager
def _unfit() -> Iterator[None]:
    try:
        yield
    except IsolationError as error:
        raise UnfitError(str(error)) from None
