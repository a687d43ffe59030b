"""Grading all submissions on workers, each with a fork server of its own."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from book.grading.marking.precompile import warmed
from book.grading.marking.prepared import Prepared, prepare
from book.grading.marking.submission import grade_submission
from book.grading.records import Graded, Settings, Submission
from book.grading.sandbox.layers import Isolation
from book.grading.sandbox.server import Server, Spawner, start

WORTH_COMPILING = 10
"""Submissions from which on it saves time to compile beforehand."""

Outcome = tuple[Submission, Graded | Exception]


def grade_all(
    submissions: Sequence[Submission],
    settings: Settings,
    isolation: Isolation,
    workers: int,
    started: Callable[[Server | Spawner], None] = lambda server: None,
) -> Iterator[Outcome]:
    """Grade submissions on some workers, and give each as soon as it is done.

    Args:
        submissions: What to grade.
        settings: How.
        isolation: The layers to use.
        workers: How many at the same time.
        started: Told of the first fork server, when it runs.

    Yields:
        A submission, and what came out, or the exception that kept it from being graded.

    Raises:
        IsolationError: learners' code cannot be contained here.
    """
    with preparing(submissions, settings) as (prepared, compiled):
        yield from _on_workers(
            submissions, settings, isolation, workers, started, prepared, compiled
        )


@contextlib.contextmanager
def preparing(
    submissions: Sequence[Submission], settings: Settings
) -> Iterator[tuple[Prepared, Path]]:
    """What is done once for a class: hidden cases, and a folder of compiled operations."""
    chapters = sorted({one.chapter for one in submissions if one.chapter and one.source})
    worth = len(submissions) >= WORTH_COMPILING
    with warmed(chapters if worth else [], settings.solutions) as ready:
        prepared = prepare(chapters, settings)  # meanwhile, and before any time is taken
        yield prepared, ready()


def _on_workers(
    submissions: Sequence[Submission],
    settings: Settings,
    isolation: Isolation,
    workers: int,
    started: Callable[[Server | Spawner], None],
    prepared: Prepared,
    compiled: Path,
) -> Iterator[Outcome]:
    taken: set[int] = set()
    first = start(isolation, settings.limits, taken, settings.unsafe, compiled)
    started(first)
    again = first.isolation, settings.limits, taken, settings.unsafe, compiled
    running = [first]
    waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
    for submission in submissions:
        waiting.put(submission)
    outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
    stop = threading.Event()

    def work(server: Server | Spawner | None) -> None:
        try:
            while not stop.is_set():
                try:
                    submission = waiting.get_nowait()
                except queue.Empty:
                    return
                for attempt in range(2):
                    if stop.is_set():
                        return
                    try:
                        if server is None:
                            running.append(server := start(*again))
                        graded = grade_submission(submission, settings, server, prepared)
                        outcomes.put((submission, graded))
                        break
                    except Exception as error:
                        # A fork server that is gone, killed for want of memory: try on a new one.
                        if server is not None:
                            server.close()
                            server = None
                        if attempt:
                            outcomes.put((submission, error))
        finally:
            if server is not None:
                server.close()
            outcomes.put(None)

    count = max(1, min(workers, len(submissions)))
    threads = [
        threading.Thread(target=work, args=(first if k == 0 else None,), daemon=True)
        for k in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        while count:
            outcome = outcomes.get()
            if outcome is None:
                count -= 1
            else:
                yield outcome
    finally:
        stop.set()
        for server in running:  # what is under way ends now, and is not kept
            server.close()
