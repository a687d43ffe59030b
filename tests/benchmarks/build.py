"""Building the book against building its first edition, on this machine and with these packages.

Both are built from an empty `_build`; then this edition once more, with nothing kept but what JAX
had compiled. It takes several times as long as a build.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.promises import Promise

ROOT = Path(__file__).parents[2]
FIRST = "81d5971"
"""The commit of the first edition."""

COLD, WARM = 0.50, 0.40
"""What a build may take of the first edition's time, without and with what JAX had compiled."""
STEPS = 50
"""After so many steps a line says how far the work is."""


class Took(NamedTuple):
    """Seconds by the clock, and those that processors spent, kernels included."""

    clock: float
    processor: float


def main() -> list[Promise]:
    """Builds the first edition, then this one twice."""
    now = revision("HEAD")
    print(f"\nBuilding commit {now[:7]} and the first edition, {FIRST}")
    with tempfile.TemporaryDirectory(prefix="editions-") as folder:
        first = build(checked_out(FIRST, Path(folder, "first")), "the first edition")
        this = checked_out(now, Path(folder, "this"))
        cold = build(this, "this edition")
        for path in (this / "_build").iterdir():
            if path.is_dir() and path.name != "compiled":
                shutil.rmtree(path)
        warm = build(this, "this edition, compiled before")
    return [
        promise("Building the book", first, cold, COLD),
        promise("Building the book, compiled before", first, warm, WARM),
    ]


def promise(what: str, first: Took, took: Took, share: float) -> Promise:
    """How many times as fast as the first edition."""
    note = (
        f"the first edition's time; at most {share:.2f} of it, here {took.clock / first.clock:.2f}"
    )
    times = first.clock / took.clock, first.processor / took.processor
    return Promise(what, *times, 1 / share, note=note)


def revision(name: str) -> str:
    """The commit of this name.

    Raises:
        SystemExit: this is not a repository with the history that is needed.
    """
    asked = ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise SystemExit(
            f"The benchmark 'build' compares with the first edition, and the commit {name} is not "
            f"in {ROOT}. It needs a clone with the whole history: git fetch --unshallow"
        )
    return found.stdout.strip()


def checked_out(name: str, folder: Path) -> Path:
    """A clone of this repository at this commit."""
    commit = revision(name)
    for command in (
        ["git", "clone", "--quiet", "--no-checkout", str(ROOT), str(folder)],
        ["git", "-C", str(folder), "checkout", "--quiet", commit],
    ):
        subprocess.run(command, check=True)
    return folder


def build(folder: Path, what: str) -> Took:
    """Builds the book in this folder."""
    return timed([sys.executable, "-m", "book.site"], folder, what, ": cell ")


def timed(command: Sequence[str], folder: Path, what: str, step: str) -> Took:
    """Runs a command on the book in this folder, and says how far it is.

    Args:
        command: What to run.
        folder: Where; its package is the one that is used.
        what: The command's name in what is said.
        step: What a line holds that tells of a step.

    Raises:
        RuntimeError: the command failed; the message ends with its last lines.
    """
    began, before = time.perf_counter(), used()
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1"}
    lines: list[str] = []
    steps = 0
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            steps += step in line
            if step in line and steps % STEPS == 0:
                print(f"  {what}: {steps} steps, {time.perf_counter() - began:.0f} s", flush=True)
    if process.returncode != 0:
        raise RuntimeError(f"{what} failed:\n{''.join(lines[-30:])}")
    took = Took(time.perf_counter() - began, used() - before)
    print(f"  {what}: {took.clock:.0f} s ({took.processor:.0f} s of processor time)", flush=True)
    return took


def used() -> float:
    """Seconds that processors spent on the processes that this one started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
