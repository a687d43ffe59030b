"""The first check of a fresh kernel: every exercise in processes of its own, started twice."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from book.exercises import CHAPTERS
from book.exercises.solution import answer, read
from tests.benchmarks.honest import ROOT
from tests.benchmarks.promises import Promise

SECONDS, LEFT_OUT = 0.5, 2

KERNEL = """
import json, sys, time
cells, call = json.load(sys.stdin)
names = {}
for cell in cells:
    exec(cell, names)
began, used = time.perf_counter(), time.process_time()
result = eval(call, names)
print(json.dumps([result.passed, time.perf_counter() - began, time.process_time() - used]))
"""


class Taken(NamedTuple):
    """Seconds of one check, by the clock and of processor time."""

    clock: float
    processor: float


def main() -> list[Promise]:
    """Checks the solution of every exercise twice, with nothing kept before the first time."""
    print("\nThe first check of a kernel, in ms: first start, second start (processor time)")
    second = []
    for id, cells, call in kernels():
        with tempfile.TemporaryDirectory(prefix="first-check-") as folder:
            taken = [checked(cells, call, folder) for _ in range(2)]
        shown = (f"{1000 * one.clock:6.0f} ({1000 * one.processor:.0f})" for one in taken)
        print(f"  {id:40} {'  '.join(shown)}", flush=True)
        second.append(taken[1])
    return [promised(second)]


def kernels() -> Iterator[tuple[str, list[str], str]]:
    """For every exercise its id, the cells before its check, and the check."""
    for chapter in CHAPTERS:
        solution = read(ROOT / "solutions" / f"{chapter}.md")
        imports = [cell.source for cell in solution.introduction if cell.kind == "code"]
        for section in solution.sections:
            answers = [answer(cell.source) for cell in section.cells if cell.is_answer]
            yield section.exercise.id, [*imports, *answers], section.exercise.call


def checked(cells: Sequence[str], call: str, folder: str) -> Taken:
    """One check in a Python of its own, which keeps what it compiles in `folder`.

    Raises:
        RuntimeError: the answer did not pass.
    """
    kept = {"XDG_CACHE_HOME": folder, "XDG_DATA_HOME": folder}
    others = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    done = subprocess.run(
        [sys.executable, "-c", KERNEL],
        input=json.dumps([cells, call]),
        env={**others, **kept},
        capture_output=True,
        text=True,
        check=True,
    )
    passed, clock, processor = json.loads(done.stdout.splitlines()[-1])
    if not passed:
        raise RuntimeError(f"the solution does not pass {call}")
    return Taken(clock, processor)


def promised(second: Sequence[Taken]) -> Promise:
    """How long all but two of the checks take at the second start."""
    place = max(0, len(second) - LEFT_OUT - 1)
    clock = sorted(one.clock for one in second)
    within = sum(seconds <= SECONDS for seconds in clock)
    return Promise(
        f"The first check, {place + 1} of {len(second)} exercises",
        clock[place],
        sorted(one.processor for one in second)[place],
        SECONDS,
        unit="s",
        note=f"at the second start; {within} of {len(second)} within {SECONDS} s",
    )
