"""Grading on a Dask cluster: a task for each submission, in the same sandbox on every worker.

A worker needs the same installed book and nothing else: a task brings the solutions along.
"""

from __future__ import annotations

import contextlib
import importlib
import pickle
import secrets
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from book.exercises import chapter_exercises
from book.grading.marking.references import folder
from book.grading.records import Grade, Graded, Settings, Submission
from book.grading.run.local import WORTH_COMPILING, Outcome
from book.grading.run.worker import Job, Place, required

CONNECT_SECONDS = 10.0
WAIT_SECONDS = 5.0  # for a result, before looking whether there are workers at all
INSTALL = "pip install 'neural-representations[distributed]'"


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says why, and what to do."""


def grade_on_cluster(
    submissions: Sequence[Submission],
    settings: Settings,
    address: str,
    started: Callable[[Place], None] = lambda place: None,
    say: Callable[[str], None] = print,
) -> Iterator[Outcome]:
    """Grade submissions on a Dask cluster, and give each as soon as it is done.

    No more tasks are on the cluster than it has threads, so a worker that dies takes few with it,
    and Dask gives those to others.  A submission with which several workers died is tried again
    at the end, when nothing else runs; if they die again, that is its result.

    Args:
        submissions: What to grade.
        settings: How.
        address: The scheduler's, `tcp://host:8786`.
        started: Told of the first worker that graded something.
        say: Told what else a lecturer should know.

    Yields:
        A submission, and what came out, or the exception that kept it from being graded.

    Raises:
        ClusterError: the scheduler cannot be reached or is gone, or a worker cannot grade.
    """
    with _connected(address) as client:
        job = _job(submissions, settings, _threads(client))
        try:
            yield from _with_client(client, job, deque(submissions), started, say)
        finally:
            with contextlib.suppress(Exception):  # workers that are gone have nothing to put away
                client.run(_putting_away(), job.run, on_error="ignore")


def _with_client(
    client: Any,
    job: Job,
    waiting: deque[Submission],
    started: Callable[[Place], None],
    say: Callable[[str], None],
) -> Iterator[Outcome]:
    from distributed import KilledWorker

    task, wanted = _task(), required()
    running: dict[Any, Submission] = {}
    suspects: deque[Submission] = deque()
    seen: list[Place] = []

    def give(submission: Submission) -> None:
        given = pickle.dumps((job, submission))
        with warnings.catch_warnings():  # a notebook may be large; it is sent once
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            future = client.submit(task, wanted, given, key=f"grade-{secrets.token_hex(8)}")
        running[future] = submission

    try:
        while waiting or suspects or running:
            while waiting and len(running) < _threads(client):
                give(waiting.popleft())
            alone = not running
            if alone:
                give(suspects.popleft())
            for future in _done(client, list(running), say):
                submission = running.pop(future)
                try:
                    found = future.result()
                except KilledWorker as error:
                    if alone:
                        yield submission, _deadly(submission, error.allowed_failures + 1)
                    else:
                        suspects.append(submission)
                    continue
                except ImportError as error:
                    raise ClusterError(
                        f"A worker cannot import the book's grader ({error}). Install the same "
                        f"book on all of them ({INSTALL}), and start them again."
                    ) from None
                except Exception as error:
                    yield submission, error
                    continue
                if isinstance(found, str):
                    raise ClusterError(found)
                place, graded = found
                if not seen:
                    started(place)
                elif all(place.isolation != other.isolation for other in seen):
                    say(f"Isolation on {place.worker}:")
                    for line in place.isolation.lines():
                        say(line)
                seen.append(place)
                yield submission, graded
    finally:
        with contextlib.suppress(Exception):
            client.cancel(list(running))


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at this address."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(f"Grading on a cluster needs Dask ({error}): {INSTALL}") from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise ClusterError(
            f"There is no Dask scheduler at {address} ({str(error).splitlines()[0]}). "
            "Start one with `dask scheduler`, and workers with `dask worker ADDRESS`; "
            "the scheduler says its address when it starts."
        ) from None
    with client:
        yield client


def _job(submissions: Sequence[Submission], settings: Settings, threads: int) -> Job:
    chapters = sorted({one.chapter for one in submissions if one.chapter and one.source})
    home = folder(settings.solutions)
    solutions = {chapter: (home / f"{chapter}.md").read_text("utf-8") for chapter in chapters}
    worth = len(submissions) >= WORTH_COMPILING * threads
    return Job(secrets.token_hex(8), settings, solutions, worth)


def _threads(client: Any) -> int:
    """How many tasks the cluster can run at a time; at least one, so that one waits for workers."""
    try:
        return max(1, sum(client.nthreads().values()))
    except Exception as error:
        raise _lost(client, error) from None


def _done(client: Any, futures: list[Any], say: Callable[[str], None]) -> list[Any]:
    """Wait for tasks that have ended."""
    from distributed import wait

    said = False
    while True:
        try:
            with client.as_current():
                return list(wait(futures, WAIT_SECONDS, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            if not said and client.status == "running" and not client.nthreads():
                address = client.scheduler.address
                say(f"No worker is there yet. Start one with `dask worker {address}`.")
                said = True
        except Exception as error:
            raise _lost(client, error) from None


def _lost(client: Any, error: Exception) -> ClusterError:
    return ClusterError(
        f"The scheduler is gone ({type(error).__name__}). What was graded is kept; "
        "start it again, and the same command goes on from here."
    )


def _deadly(submission: Submission, deaths: int) -> Graded:
    """The result for a submission that no worker survives."""
    possible = sum(exercise.points for exercise in chapter_exercises(submission.chapter))
    message = (
        f"Whenever this notebook was graded, the machine's grader ended: {deaths} times with "
        "nothing else running. No exercise could be marked."
    )
    row = (submission.student, submission.chapter, "", 0, possible, "crashed", message)
    return Graded([Grade(*row)], notes=list(submission.notes))


# The scheduler and workers may lack the book, or have another one, and must be able to say so.
# A function of the book they could then not even read; a lambda travels with its code.


def _task() -> Callable[[Mapping[str, str], bytes], Any]:
    return lambda wanted, given: importlib.import_module("book.grading.run.worker").task(
        wanted, given
    )


def _putting_away() -> Callable[[str], Any]:
    return lambda run: importlib.import_module("book.grading.run.worker").put_away(run)
