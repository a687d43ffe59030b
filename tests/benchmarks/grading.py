"""Grading twenty honest notebooks: the book's grader and nbgrader's autograder, in turns.

Part of the ratio is work left out: in the book's sandbox no check passes, so the cells that show an
answer at work, some of which train models, have nothing to do; nbgrader runs them.
"""

import contextlib
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from book.grading import Graded, Settings, Submission, grade_submission
from book.grading.marking.precompile import warmed
from book.grading.marking.prepared import Prepared, prepare
from book.grading.sandbox.layers import detect
from book.grading.sandbox.process import Origin
from book.grading.sandbox.server import start
from tests.benchmarks.honest import ROOT, STUDENTS, handed_in, notebooks
from tests.benchmarks.nbgrading import processor
from tests.benchmarks.promises import Promise

NEEDED, NEEDED_BY_TWO = 7, 1.8
TURNS = 3
"""Of one worker and two."""

SETTINGS = Settings(seed=1)
MB = 1 << 20


def main() -> list[Promise]:
    """Races the two, then one worker against two."""
    given = notebooks()
    submissions = [
        Submission(student, chapter, nbformat.writes(handed_in(chapter, notebook, number)).encode())
        for number, student in enumerate(STUDENTS)
        for chapter, notebook in given.items()
    ]
    print(
        f"\nGrading {len(submissions)} honest notebooks, {len(given)} chapters by "
        f"{len(STUDENTS)} students"
    )
    with contextlib.ExitStack() as stack:
        theirs = stack.enter_context(Nbgrader())
        began, used = time.perf_counter(), processor()
        chapters = sorted({one.chapter for one in submissions})
        ready = stack.enter_context(warmed(chapters, SETTINGS.solutions))
        prepared, compiled = prepare(chapters, SETTINGS), ready()
        servers: list[Origin] = []
        taken: set[int] = set()
        for _ in range(2):
            server = start(detect(SETTINGS.layers), SETTINGS.limits, taken, False, compiled)
            stack.callback(server.close)
            servers.append(server)
            if len(servers) == 1:
                spent = time.perf_counter() - began, processor() - used
        raced = race(theirs, servers[0], submissions, prepared, spent)
        return [raced, scaling(servers, submissions, prepared)]


class Nbgrader:
    """nbgrader's autograder with its course, in a process of its own."""

    def __enter__(self) -> "Nbgrader":
        self._folder = tempfile.TemporaryDirectory(prefix="course-")
        environment = {**os.environ, "XDG_DATA_HOME": f"{self._folder.name}/data"}
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.nbgrading",
            f"{self._folder.name}/course",
        ]
        with Path(self._folder.name, "log.txt").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, text=True, stderr=log,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        self._answer()
        return self

    def grade(self, student: str) -> dict[str, Any]:
        """Grade all that a student handed in; what it took, and the points."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{student}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise RuntimeError(Path(self._folder.name, "log.txt").read_text())

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()


def race(
    theirs: Nbgrader,
    server: Origin,
    submissions: Sequence[Submission],
    prepared: Prepared,
    preparing: tuple[float, float],
) -> Promise:
    """Both grade one student after the other, in turns, on one worker."""
    each = len(submissions) // len(STUDENTS)
    seconds: dict[str, list[float]] = {"book": [], "nbgrader": []}
    cpu: dict[str, list[float]] = {"book": [], "nbgrader": []}
    peaks: dict[str, int] = {"book": 0, "nbgrader": 0}
    points: dict[str, int] = {"book": 0, "nbgrader": 0}
    for student in STUDENTS:
        said = theirs.grade(student)
        seconds["nbgrader"].append(said["seconds"] / each)
        cpu["nbgrader"].append(said["cpu"] / each)
        peaks["nbgrader"] = said["peak"]
        points["nbgrader"] += round(said["points"])
        own = [one for one in submissions if one.student == student]
        began, used = time.perf_counter(), time.process_time()
        graded = [grade_submission(one, SETTINGS, server, prepared) for one in own]
        seconds["book"].append((time.perf_counter() - began) / each)
        children = sum(one.cpu for one in graded)
        cpu["book"].append((time.process_time() - used + children) / each)
        peaks["book"] = max(peaks["book"], *(one.peak for one in graded))
        points["book"] += sum(grade.points for one in graded for grade in one.grades)
        latest = ", ".join(f"{name} {took[-1]:.1f} s" for name, took in seconds.items())
        print(f"  {student}, a submission: {latest}", flush=True)
    for name in seconds:
        print(
            f"  {name:9} {statistics.mean(seconds[name]):6.2f} s a submission"
            f" ({statistics.mean(cpu[name]):.2f} s of processor time);"
            f" a child needs up to {peaks[name] / MB:.0f} MB; {points[name]} points given"
        )
    print(
        f"  the book's preparations for this class, once: {preparing[0]:.1f} s"
        f" ({preparing[1]:.1f} s of processor time)"
    )
    return promised(seconds, cpu, preparing[0] / len(submissions))


def promised(seconds: dict[str, list[float]], cpu: dict[str, list[float]], share: float) -> Promise:
    """How many times as fast the book is a submission, and with its share of the preparations."""
    mine, theirs = (statistics.mean(seconds[name]) for name in ("book", "nbgrader"))
    processor = statistics.mean(cpu["nbgrader"]) / statistics.mean(cpu["book"])
    with_share = theirs / (mine + share)
    note = f"a submission, without cells that show answers; {with_share:.1f} x with preparations"
    return Promise("Grading against nbgrader", theirs / mine, processor, NEEDED, note=note)


def scaling(
    servers: list[Origin], submissions: Sequence[Submission], prepared: Prepared
) -> Promise:
    """The same notebooks by one worker and by two, in turns."""
    took: dict[int, list[float]] = {1: [], 2: []}
    used: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(TURNS):
        for count in took:
            began, before = time.perf_counter(), time.process_time()
            graded = by(servers[:count], submissions, prepared)
            took[count].append(time.perf_counter() - began)
            children = sum(one.cpu for one in graded)
            used[count].append(time.process_time() - before + children)
    ratios = [one / two for one, two in zip(took[1], took[2], strict=True)]
    for count, all_ in took.items():
        print(
            f"  {count} worker{'s' * (count > 1)}: {statistics.median(all_):.1f} s for all"
            f" ({statistics.median(used[count]):.1f} s of processor time)"
        )
    note = f"the median of {TURNS} turns; with two processors that do nothing else"
    return Promise(
        "Grading by two workers against one",
        statistics.median(ratios),
        None,
        NEEDED_BY_TWO,
        note=note,
    )


def by(
    servers: list[Origin], submissions: Sequence[Submission], prepared: Prepared
) -> list[Graded]:
    """All submissions, graded by so many workers."""
    waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
    for submission in submissions:
        waiting.put(submission)
    graded: list[Graded] = []

    def work(server: Origin) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                one = waiting.get_nowait()
                graded.append(grade_submission(one, SETTINGS, server, prepared))

    threads = [threading.Thread(target=work, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(graded) == len(submissions)
    return graded
