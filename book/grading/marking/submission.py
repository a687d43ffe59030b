"""Grading one submission: the unit of work, on this machine or another."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from book.exercises import chapter_exercises
from book.exercises.exercise import Exercise
from book.exercises.trial import Case
from book.grading.intake.notebook import CodeCell, NotebookError, code_cells
from book.grading.marking.exercise import Verdict, mark
from book.grading.marking.prepared import Prepared
from book.grading.records import Grade, Graded, Settings, Submission
from book.grading.sandbox.process import Child, Died, Origin

RETRIED = ("NameError", "ImportError", "ModuleNotFoundError")
"""Errors that may only mean that cells are out of order."""


def grade_submission(
    submission: Submission, settings: Settings, server: Origin, prepared: Prepared
) -> Graded:
    """Grade one notebook in children of a fork server.

    Args:
        submission: What was handed in.
        settings: How to grade.
        server: Makes the processes in which the notebook runs.
        prepared: What it is marked against, for its chapter at least.

    Returns:
        A row for every exercise of the notebook's chapter.
    """
    began = time.monotonic()
    graded = Graded([], notes=list(submission.notes))
    asked = chapter_exercises(submission.chapter)

    def row(exercise: Exercise, verdict: Verdict) -> Grade:
        return Grade(
            submission.student,
            submission.chapter,
            exercise.id,
            exercise.points if verdict.passed else 0,
            exercise.points,
            verdict.status,
            verdict.message,
        )

    try:
        if submission.problem:
            raise NotebookError(submission.problem)
        cells = code_cells(submission.source)
    except NotebookError as error:
        possible = sum(exercise.points for exercise in asked)
        one = (submission.student, submission.chapter, "", 0, possible, "unreadable", str(error))
        graded.grades = [Grade(*one)]
        graded.seconds = time.monotonic() - began
        return graded
    runner = Runner(cells, settings, server, asked, began + settings.limits.submission)
    try:
        for exercise in asked:
            verdict = runner.mark(exercise, prepared.cases[exercise.id])
            graded.grades.append(row(exercise, verdict))
    finally:
        runner.close()
    graded.seconds = time.monotonic() - began
    graded.children, graded.peak, graded.cpu = runner.children, runner.peak, runner.cpu
    graded.notes += runner.notes()
    return graded


@dataclass
class Runner:
    """Runs a notebook in one child after another, until every exercise has its verdict."""

    cells: list[CodeCell]
    settings: Settings
    server: Origin
    asked: Sequence[Exercise]
    deadline: float
    child: Child | None = None
    used_by: set[str] = field(default_factory=set)  # exercises that ran in this child
    # Cells that took a child with them, when cells were run whole and when lean.
    skips: dict[bool, dict[int, str]] = field(default_factory=lambda: {False: {}, True: {}})
    problems: dict[int, dict[str, str]] = field(default_factory=dict)  # of other cells
    lean: bool = False  # whether cells only define things, and do nothing else: `run.DEFINITIONS`
    children: int = 0
    peak: int = 0
    cpu: float = 0.0

    def mark(self, exercise: Exercise, cases: tuple[Case, ...]) -> Verdict:
        """The verdict on one exercise.

        Whatever is held against it happened in a process in which no other exercise ran.
        """
        verdict, lean = self._alone(exercise, cases), self.lean
        if not verdict.passed and (verdict.starved or (lean and not self._unsettled)):
            # It may be something that a cell started, and not the function: without that?  If so,
            # other exercises go on without it too.
            self.close()
            self.lean = not self.lean
            again = self._alone(exercise, cases)
            if again.passed:
                return again
            whole_counts = lean and not again.starved
            verdict = again if again.final or whole_counts else verdict
            self.close()
            self.lean = self._unsettled
        return self._with_reason(exercise, verdict)

    @property
    def _unsettled(self) -> bool:
        """Whether children ended in more than one cell, so that some other may be to blame."""
        return len(self.skips[False]) > 1

    def _alone(self, exercise: Exercise, cases: tuple[Case, ...]) -> Verdict:
        """The verdict; in a fresh child, unless it passes or could not come out better there."""
        while True:
            verdict, fresh = self._try(exercise, cases)
            if verdict.passed or verdict.final or fresh or verdict.status == "out of time":
                return verdict
            self.close()

    def _try(self, exercise: Exercise, cases: tuple[Case, ...]) -> tuple[Verdict, bool]:
        """A verdict, and whether the child was fresh."""
        try:
            child = self._ready()
        except Died as died:
            return Verdict(died.status, f"The notebook could not be run: {died.why}."), True
        fresh = self.used_by <= {exercise.id}
        self.used_by.add(exercise.id)
        verdict = mark(exercise, child, cases)
        if child.end is not None:
            self._forget()
        return verdict, fresh

    def _ready(self) -> Child:
        """A child in which the notebook's cells have run."""
        while self.child is None:
            names = [name for exercise in self.asked for name in exercise.names]
            self.child = self.server.child(names, self.deadline)
            self.children += 1
            try:
                self._run_cells(self.child)
            except Died as died:
                if died.status == "out of time":
                    raise
                self.lean = self.lean or self._unsettled
        return self.child

    def _run_cells(self, child: Child) -> None:
        """Run all cells; those that lack a name once more when the others have run."""
        waiting = self.cells
        for _ in range(3):
            again = []
            for cell in waiting:
                if cell.number in self.skips[self.lean]:
                    continue
                try:
                    problem = child.cell(cell.number, cell.source, self.lean)
                except Died as died:
                    self._forget()
                    if died.status != "out of time":
                        self.skips[self.lean][cell.number] = died.why
                    raise
                self.problems.pop(cell.number, None)
                if problem:
                    self.problems[cell.number] = problem
                    if problem.get("kind") in RETRIED:
                        again.append(cell)
            if not again or len(again) == len(waiting):
                return
            waiting = again

    def _forget(self) -> None:
        if self.child is not None:
            end = self.child.close()
            self.peak, self.cpu = max(self.peak, end.peak), self.cpu + end.cpu
        self.child, self.used_by = None, set()

    def close(self) -> None:
        """End the child, if there is one."""
        self._forget()

    def _with_reason(self, exercise: Exercise, verdict: Verdict) -> Verdict:
        """Where a function is missing, what stopped the cell that should define it."""
        if verdict.status != "missing":
            return verdict
        wanted = re.compile(
            rf"\b(def|async def)\s+({'|'.join(exercise.names)})\b|"
            rf"^\s*({'|'.join(exercise.names)})\s*=",
            re.MULTILINE,
        )
        for cell in self.cells:
            if wanted.search(cell.source):
                if cell.number in self.skips[self._unsettled]:
                    skipped = self.skips[self._unsettled]
                    why = f"Cell {cell.number} was skipped: {skipped[cell.number]}."
                elif cell.number in self.problems:
                    why = f"Cell {cell.number} stopped with {_worded(self.problems[cell.number])}"
                else:
                    continue
                return Verdict("error", f"{verdict.message}\n{why}", True)
        return verdict

    def notes(self) -> list[str]:
        """What went wrong in cells, for the learner."""
        notes = []
        if self._unsettled:
            cells = ", ".join(map(str, sorted(self.skips[False])))
            why = next(iter(self.skips[False].values()))
            notes.append(
                f"The process ended while cells {cells} ran ({why}). "
                "What cells define was graded, without what else they do."
            )
        skipped = self.skips[self._unsettled]
        notes += [f"Cell {number} was skipped: {why}." for number, why in sorted(skipped.items())]
        return notes + [
            f"Cell {number} stopped with {_worded(problem)}"
            for number, problem in sorted(self.problems.items())
        ]


def _worded(problem: dict[str, str]) -> str:
    said = f": {problem['said']}" if problem.get("said") else "."
    where = f"\nin {problem['where']}" if problem.get("where") else ""
    return f"{problem.get('kind', 'an error')}{said}{where}"
