"""What the book promises to be fast, beside what was measured."""

import os
from collections.abc import Sequence
from typing import NamedTuple


class Promise(NamedTuple):
    """A promise, measured.

    Attributes:
        what: What is fast.
        measured: How many times as fast as the baseline, or how many seconds; by the clock.
        processor: The same by the time that processors spent, which other programs disturb less.
        bound: How many times as fast it has to be at least, or how many seconds it may take.
        unit: "x" for times as fast, "s" for seconds.
        note: What a reader of the ratio must know.
    """

    what: str
    measured: float
    processor: float | None
    bound: float
    unit: str = "x"
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.measured <= self.bound if self.unit == "s" else self.measured >= self.bound


def table(promises: Sequence[Promise]) -> str:
    """One line a promise, and how busy the machine was."""
    width = max(len(promise.what) for promise in promises)
    lines = [f"{'':{width}}   by the clock  by processor time         bound"]
    for promise in promises:
        sign = "<=" if promise.unit == "s" else ">="
        by_processor = "" if promise.processor is None else number(promise.processor, promise.unit)
        lines.append(
            f"{promise.what:{width}}  {number(promise.measured, promise.unit):>13}"
            f"  {by_processor:>17}  {sign} {number(promise.bound, promise.unit):>9}"
            f"  {'pass  ' if promise.kept else 'MISSED'}  {promise.note}".rstrip()
        )
    return "\n".join([*lines, load()])


def number(value: float, unit: str) -> str:
    """For example `12.3 x`."""
    return f"{value:.2f} {unit}" if value < 10 else f"{value:.1f} {unit}"


def load() -> str:
    """How busy the machine was: others take the processors away from some more than from others."""
    processes, cores = os.getloadavg()[0], os.cpu_count()
    return f"Load: on average {processes:.1f} processes wanted one of {cores} processors."
