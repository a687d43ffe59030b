"""Grading on a Dask cluster: a scheduler and workers that are processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import distributed
import pytest

from book.grading import Graded, Settings, Submission
from book.grading.__main__ import main
from book.grading.run import cluster
from book.grading.run.cluster import ClusterError, grade_on_cluster
from tests.grading.corpus import ROOT
from tests.grading.test_command import hand_in

ADDED = ["--seed", "5", "--cases", "1"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
CLASS = {f"student{k}": "honest" for k in range(4)} | {"bob": "named mistake", "zoe": "not JSON"}


class Cluster:
    """A scheduler, and workers that are started and killed."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.environment = folder, {**ENVIRONMENT, **environment}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.file = folder / "scheduler.json"
        self.run("scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
        until(self.file.exists)
        self.address: str = json.loads(self.file.read_text())["address"]

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        dask = [sys.executable, "-m", "dask", *command, "--scheduler-file", str(self.file)]
        log = self.folder / f"{len(self.processes)}.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                dask, cwd=self.folder, env=self.environment, stdout=said, stderr=said
            )
        self.processes.append(process)
        return process

    def worker(self, *added: str) -> subprocess.Popen[bytes]:
        return self.run("worker", "--nthreads", "1", "--no-dashboard", *added)

    def kill(self) -> None:
        """Kill the scheduler."""
        self.processes[0].kill()

    def close(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def running(folder: Path, **environment: str) -> Iterator[Cluster]:
    made = Cluster(folder, **environment)
    try:
        yield made
    finally:
        made.close()


def until(holds, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hand_in(tmp_path_factory.mktemp("class") / "in", **CLASS)


@pytest.fixture(scope="module")
def local(submissions: Path) -> bytes:
    """The grades of a run on this machine."""
    out = submissions.parent / "local"
    assert main([str(submissions), "--output", str(out), "--workers", "1", *ADDED]) == 0
    return (out / "grades.csv").read_bytes()


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as made:
        made.worker("--no-nanny")
        yield made


def test_a_worker_that_is_killed_loses_nothing(
    workers: Cluster, submissions: Path, local: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    out = submissions.parent / "killed"
    killed = workers.worker("--no-nanny", "--name", "killed")

    def at_work(client: distributed.Client) -> bool:
        names = {address: at["name"] for address, at in client.scheduler_info()["workers"].items()}
        return any(keys and names.get(at) == "killed" for at, keys in client.processing().items())

    def kill() -> None:
        with distributed.Client(workers.address, set_as_default=False) as client:
            until(lambda: list((out / "submissions").glob("*.json")) and at_work(client))
        killed.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    command = [str(submissions), "--output", str(out), "--scheduler", workers.address, *ADDED]
    assert main(command) == 0
    killer.join()
    assert killed.wait() == -signal.SIGKILL
    assert (out / "grades.csv").read_bytes() == local
    said = capsys.readouterr()
    assert "Isolation:\n  on   " in said.out
    assert f"{len(CLASS)} of {len(CLASS)}" in said.err


def test_ctrl_c_keeps_what_is_done_and_the_command_goes_on(
    workers: Cluster, submissions: Path, local: bytes
) -> None:
    out = submissions.parent / "stopped"
    command = [str(submissions), "--output", str(out), "--scheduler", workers.address, *ADDED]
    process = subprocess.Popen(
        [sys.executable, "-m", "book.grading", *command],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: list((out / "submissions").glob("*.json")))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "goes on from here" in said
    done = {path: path.read_text() for path in (out / "submissions").glob("*.json")}
    assert 1 <= len(done) < len(CLASS)
    assert main(command) == 0
    assert {path: path.read_text() for path in done} == done
    assert (out / "grades.csv").read_bytes() == local


ONE = [Submission("ada", "linearity", b"{}")]


def test_a_worker_with_another_book(workers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "required", lambda: {"jax": "0.0.1"})
    with pytest.raises(ClusterError, match=r"tcp://.* has jax .* instead of 0\.0\.1"):
        list(grade_on_cluster(ONE, Settings(1), workers.address))


def test_a_worker_that_contains_nothing(workers: Cluster) -> None:
    with pytest.raises(ClusterError, match=r"tcp://.* cannot grade\.\n.*(as root|contain)"):
        list(grade_on_cluster(ONE, Settings(1, layers=()), workers.address))


def test_a_worker_without_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "WAIT_SECONDS", 0.5)
    (tmp_path / "bare.py").write_text("import sys\nsys.modules['book'] = None\n")
    said: list[str] = []
    with running(tmp_path) as made:

        def late(text: str) -> None:
            said.append(text)
            made.worker("--no-nanny", "--preload", "bare.py")

        with pytest.raises(ClusterError, match=r"cannot import .*pip install"):
            list(grade_on_cluster(ONE, Settings(1), made.address, say=late))
    assert said == [f"No worker is there yet. Start one with `dask worker {made.address}`."]


def test_a_scheduler_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONNECT_SECONDS", "WAIT_SECONDS"):
        monkeypatch.setattr(cluster, name, 1)
    with running(tmp_path) as made, pytest.raises(ClusterError, match="The scheduler is gone"):
        list(grade_on_cluster(ONE, Settings(1), made.address, say=lambda _: made.kill()))


DEADLY = """
import os, signal
from book.grading.run import worker as desk
from book.grading.sandbox.layers import Isolation
from book.grading.records import Graded

def work(job, submission, worker):
    student = submission.student
    if student == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return desk.Place(worker, Isolation(()), {}), Graded([], notes=[student])

desk.work = work
"""


def test_a_submission_that_no_worker_survives_is_one_row(tmp_path: Path) -> None:
    (tmp_path / "deadly.py").write_text(DEADLY)
    given = [Submission(name, "linearity", b"{}") for name in ("ada", "deadly", "bob", "eve")]
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with running(tmp_path, **allowed) as made:
        made.worker("--preload", "deadly.py")
        graded = {}
        for submission, outcome in grade_on_cluster(given, Settings(1), made.address):
            assert isinstance(outcome, Graded)
            graded[submission.student] = outcome
    assert [graded[name].notes for name in ("ada", "bob", "eve")] == [["ada"], ["bob"], ["eve"]]
    (row,) = graded["deadly"].grades
    assert (row.status, row.points, row.exercise) == ("crashed", 0, "")
    assert row.possible > 0
    assert "1 times" in row.message


def test_refusals(
    submissions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
    command = [str(submissions), "--output", str(tmp_path), "--scheduler"]
    assert main([*command, address]) == 2
    assert f"no Dask scheduler at {address}" in capsys.readouterr().err
    assert main([*command, "nonsense://"]) == 2
    assert "no Dask scheduler at nonsense://" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*command, address]) == 2
    assert "pip install 'neural-representations[distributed]'" in capsys.readouterr().err
