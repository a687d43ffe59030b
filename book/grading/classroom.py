"""Grading all submissions on workers, each with a fork server of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from book.grading.grade import grade_submission
from book.grading.isolation import Isolation
from book.grading.model import Graded, Settings, Submission
from book.grading.sandbox import Server, start
from book.grading.warm import warmed

Outcome = tuple[Submission, Graded | Exception]


def grade_all(
    submissions: Sequence[Submission],
    settings: Settings,
    isolation: Isolation,
    workers: int,
    started: Callable[[Server], None] = lambda server: None,
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
    chapters = sorted({one.chapter for one in submissions if one.chapter and one.source})
    with warmed(chapters, settings.solutions) as compiled:
        yield from _on_workers(submissions, settings, isolation, workers, started, compiled)


def _on_workers(
    submissions: Sequence[Submission],
    settings: Settings,
    isolation: Isolation,
    workers: int,
    started: Callable[[Server], None],
    compiled: Path,
) -> Iterator[Outcome]:
    taken: set[int] = set()
    first = start(isolation, settings.limits, taken, settings.unsafe, compiled)
    started(first)
    again = first.isolation, settings.limits, taken, settings.unsafe, compiled
    waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
    for submission in submissions:
        waiting.put(submission)
    outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
    stop = threading.Event()

    def work(server: Server | None) -> None:
        try:
            while not stop.is_set():
                try:
                    submission = waiting.get_nowait()
                except queue.Empty:
                    return
                for attempt in range(2):
                    try:
                        if server is None:
                            server = start(*again)
                        outcomes.put((submission, grade_submission(submission, settings, server)))
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
        running = count
        while running:
            outcome = outcomes.get()
            if outcome is None:
                running -= 1
            else:
                yield outcome
    finally:
        stop.set()
        with suppress(KeyboardInterrupt):
            for thread in threads:
                thread.join(settings.limits.call)
