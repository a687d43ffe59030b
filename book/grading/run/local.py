"""Grading all submissions on this machine, some at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from book.grading.records import Graded, Settings, Submission
from book.grading.run.pool import Pool
from book.grading.sandbox.layers import Isolation
from book.grading.sandbox.process import Origin

WORTH_COMPILING = 10
"""Submissions from which on it saves time to compile beforehand."""

Outcome = tuple[Submission, Graded | Exception]


def grade_all(
    submissions: Sequence[Submission],
    settings: Settings,
    isolation: Isolation,
    workers: int,
    started: Callable[[Origin], None] = lambda server: None,
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
    worth = chapters if len(submissions) >= WORTH_COMPILING else []
    with Pool(settings, isolation, worth) as pool, ThreadPoolExecutor(workers) as threads:
        pool.prepare(chapters)  # while a process of its own compiles
        first = pool.server()
        started(first)
        pool.back(first)
        futures = {threads.submit(pool.grade, one): one for one in submissions}
        try:
            for future in as_completed(futures):
                error = future.exception()
                if error is not None and not isinstance(error, Exception):
                    raise error
                yield futures[future], error or future.result()[1]
        finally:  # what is under way ends now, and is not kept
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()
