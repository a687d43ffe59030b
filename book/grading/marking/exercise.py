"""Marking one exercise: `book.exercises.trial` on functions that run in a learner's process.

What the grader adds are its own cases, the way to that process, and words that tell nothing of
hidden inputs.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from book.exercises.errors import TRACED
from book.exercises.exercise import Exercise, Inputs
from book.exercises.trial import Case, Finding, NoResult, Trial
from book.grading.sandbox.process import Answering, Died

STARVING = ("RuntimeError", "MemoryError", "OSError", "BlockingIOError")
"""What a call may stop with because threads or memory are used up, "cannot start new thread"."""

ELSEWHERE = "The public checks pass, but on other inputs this does not hold: "


@dataclass(frozen=True)
class Verdict:
    """What came out for one exercise.

    Attributes:
        status: As in `Grade`.
        message: For the learner.
        final: Whether another try, in a process in which nothing else ran, cannot come out better.
        starved: Whether something else that the notebook started may be to blame.
    """

    status: str
    message: str
    final: bool = False
    starved: bool = False

    @property
    def passed(self) -> bool:
        """Whether all points are earned."""
        return self.status == "passed"


def mark(exercise: Exercise, child: Answering, cases: tuple[Case, ...]) -> Verdict:
    """The verdict on one exercise of a submission: public examples first, then hidden cases."""
    trial = Trial(exercise, asking(child), lambda: cases)
    finding = trial.examples() or trial.jitted() or trial.properties()
    if finding is None:
        return Verdict("passed", "")
    return Verdict(
        finding.status,
        worded(finding),
        final=finding.status in ("missing", "not started"),
        starved=finding.status == "crashed" or finding.kind in STARVING,
    )


def worded(finding: Finding) -> str:
    """A finding for the learner; where inputs are hidden, in words that hold none."""
    if finding.claim and finding.status == "failed":
        told = f"{ELSEWHERE}{finding.claim}"
        told += f"\n{_sentence(finding.plainly)}" if finding.plainly else ""
    elif finding.claim or finding.status in ("missing", "not started"):
        told = finding.plainly
    elif finding.status == "failed":
        told = f"{_sentence(finding.what)}\nTried: {finding.tried}. Expected: {finding.expected}."
    else:
        told = f"{finding.what}\nTried: {finding.tried}"
    return told + (f"\nLikely cause: {finding.cause}" if finding.cause else "")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def asking(child: Answering) -> Callable[[str, Inputs, bool], Any]:
    """A `call` for `Trial` that asks a learner's process."""

    def call(name: str, arguments: Inputs, jit: bool) -> Any:
        try:
            head, result = child.call(name, arguments, jit)
        except Died as died:
            what, plainly = (f"{name} was stopped: {why}." for why in (died.why, died.plainly))
            raise NoResult(Finding(died.status, what, plainly=plainly)) from None
        if head["status"] == "ok":
            return result
        raise NoResult(_reason(name, head))

    return call


def _reason(name: str, head: dict[str, str]) -> Finding:
    """Why a learner's process gave no result."""
    status = head["status"]
    if status == "missing":
        what = plainly = f"The notebook defines no function {name}."
    elif status == "not started":
        what = plainly = "There is no answer here yet."
    elif status == "error":
        traced = {kind.__name__: advice for kind, advice in TRACED.items()}
        kind = head["kind"]
        if kind not in traced and not isinstance(getattr(builtins, kind, None), type):
            kind = "an exception"
        advice = f"\n{traced[kind]}" if kind in traced else ""
        said = f": {head['said']}" if head["said"] else ""
        where = f"\nin {head['where']}" if head["where"] else ""
        what = f"{name} stopped with {kind}{said}{where}{advice}"
        plainly = f"On other inputs than the public ones, {name} stopped with {kind}.{advice}"
    else:
        status = "failed"
        what = f"{name}: {head['what'] or 'no answer that could be read'}."
        plainly = f"{name} returns something that is neither numbers nor text."
    return Finding(status, what, plainly=plainly, kind=head["kind"])
