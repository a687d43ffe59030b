"""`python -m book.grading SUBMISSIONS --output RESULTS`: grade a class."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from book.grading.commands.arguments import add_marking, count
from book.grading.intake.collect import collect
from book.grading.intake.roster import Checked, read_roster
from book.grading.marking.references import references
from book.grading.records import MB, Graded, InputError, Limits, Settings, Submission
from book.grading.results.folder import Results, read_json, write
from book.grading.run.cluster import grade_on_cluster
from book.grading.run.local import Outcome, grade_all
from book.grading.run.versions import versions
from book.grading.run.worker import Place
from book.grading.sandbox.layers import LAYERS, detect
from book.grading.sandbox.process import Origin

WHAT = """\
Grade notebooks. Learners' code runs in a sandbox; what is marked is what its functions return.
The same command again goes on where the last one stopped.
"""

MORE = """\
In RESULTS: grades.csv, a row per student and exercise; summary.csv, a row per student;
exercises.csv, a row per exercise, what was hard; feedback/, a page per notebook for the
student; run.json, how it was graded, with the secret seed.
Exit status 0: all graded; 1: some could not be; 2: refused, nothing was; 130: Ctrl-C.
"""

BAR = "{bar:24} {n_fmt} of {total_fmt}, {elapsed} gone, {remaining} left"


def parser(others: str = "") -> argparse.ArgumentParser:
    """The command line, whose help names the other commands, a line each."""
    usual = Limits()
    made = argparse.ArgumentParser(
        prog="python -m book.grading",
        description=WHAT,
        epilog=f"other commands, each with a --help of its own:\n{others}\n{MORE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("submissions", type=Path, help="a folder or a zip archive of notebooks")
    add("--output", type=Path, required=True, help="where results are written")
    add("--roster", type=Path, help="a CSV of the course's students, to see who is missing")
    add("--workers", type=count, default=_cores(), help="submissions at once (%(default)s)")
    add("--scheduler", metavar="ADDRESS", help="grade on the Dask cluster of this scheduler")
    add_marking(made, usual.call, usual.submission)
    add("--memory-mb", type=count, default=usual.memory // MB, help="for all of it (%(default)s)")
    add(
        "--without",
        action="append",
        default=[],
        choices=list(LAYERS),
        metavar="LAYER",
        help=f"leave out a layer of isolation: {', '.join(LAYERS)}",
    )
    add("--unsafe", action="store_true", help="grade even where nothing contains learners' code")
    return made


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def main(arguments: Sequence[str], others: str = "") -> int:
    """Grade; returns the exit status.

    Raises:
        InputError: what was given cannot be graded.
    """
    options = parser(others).parse_args(arguments)
    if not options.submissions.exists():
        raise InputError(
            f"There is no {options.submissions}. Give a folder of notebooks, or a zip archive."
        )
    if options.output.resolve().is_relative_to(options.submissions.resolve()):
        raise InputError("The results would lie among the submissions; name another --output.")
    if options.output.exists() and not options.output.is_dir():
        raise InputError(f"{options.output} is a file; --output names a folder for the results.")
    run = begun(options)
    for chapter in sorted({one.chapter for one in run.submissions if one.chapter and one.source}):
        references(chapter, run.settings.solutions)  # it should fail here, and not half-way
    done = len(run.submissions) - len(run.left)
    print(f"{len(run.submissions)} submissions{f', {done} of them graded already' * bool(done)}.")
    try:
        for submission, outcome in run.outcomes() if run.left else ():
            run.took(submission, outcome)
    finally:
        run.finished()
    for line in run.checked.lines if run.checked else ():
        print(line)
    print(f"Results are in {options.output}: grades.csv, summary.csv, feedback.")
    return 1 if run.failed else 0


def begun(options: argparse.Namespace) -> Run:
    """A run with these options; its seed is written down before anything else."""
    roster = read_roster(options.roster) if options.roster else None
    before = read_json(options.output / "run.json") or {}
    seed = options.seed if options.seed is not None else before.get("seed")
    settings = Settings(
        seed=secrets.randbits(63) if seed is None else seed,
        cases=options.cases,
        limits=Limits(
            call=options.call_seconds,
            submission=options.submission_seconds,
            memory=options.memory_mb * MB,
        ),
        layers=tuple(name for name in LAYERS if name not in options.without),
        unsafe=options.unsafe,
        solutions=options.solutions,
    )
    run = Run(options, settings, Results(options.output, settings))
    run.write()
    run.submissions = collect(options.submissions, settings.limits.notebook)
    if not run.submissions:
        raise InputError(
            f"There are no notebooks in {options.submissions}. Looked for: a folder for every "
            "student with linearity.ipynb in it, files student_linearity.ipynb, and zip archives."
        )
    run.checked = roster.check(run.submissions) if roster else None
    run.left = [one for one in run.submissions if not run.results.done(one)]
    if not run.left:
        run.record = before | run.record
    return run


@dataclass
class Run:
    """One run of the grader: what is graded, how far it is, and what is written down.

    Attributes:
        options: As on the command line.
        settings: How to grade.
        results: The folder that is written.
        submissions: All that was handed in.
        left: Those of them that are not graded yet.
        checked: What the roster says, if there is one.
        failed: How many could not be graded.
        record: What `run.json` holds.
    """

    options: argparse.Namespace
    settings: Settings
    results: Results
    submissions: list[Submission] = field(default_factory=list)
    left: list[Submission] = field(default_factory=list)
    checked: Checked | None = None
    failed: int = 0
    record: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._began, self._bar = time.monotonic(), None
        self.record = {
            "seed": self.settings.seed,
            "cases": self.settings.cases,
            "limits": asdict(self.settings.limits),
            "versions": versions(),
            "workers": self.options.workers,
        }

    def outcomes(self) -> Iterator[Outcome]:
        """Grade what is left, here or on a cluster."""
        if self.options.scheduler:
            address = self.options.scheduler
            return grade_on_cluster(self.left, self.settings, address, self.started, self.say)
        isolation = detect(self.settings.layers)
        workers = self.options.workers
        return grade_all(self.left, self.settings, isolation, workers, self.started)

    def started(self, at: Origin | Place) -> None:
        """The first process that grades is there: say what contains learners' code."""
        print("Isolation:", *at.isolation.lines(), sep="\n")
        for name, why in at.failed.items():
            print(f"Not to be imported by notebooks: {name} ({why})")
        sys.stdout.flush()
        names = ("active", "missing", "namespaces")
        self.record["isolation"] = {name: getattr(at.isolation, name) for name in names}
        self._bar = tqdm(total=len(self.left), bar_format=BAR, file=sys.stderr)

    def say(self, text: str) -> None:
        """A line of its own, above the bar."""
        tqdm.write("".join(c if c.isprintable() else "�" for c in text), file=sys.stderr)

    def took(self, submission: Submission, outcome: Graded | Exception) -> None:
        """Keep what came out for one submission, or say why it could not be graded."""
        if isinstance(outcome, Graded):
            self.results.write(submission, outcome)
            for text in problems(submission, outcome):
                self.say(text)
        else:
            self.failed += 1
            why = f"{type(outcome).__name__}: {outcome}"
            self.say(f"{_who(submission)}: not graded, {why}")
        if self._bar is not None:
            self._bar.update()

    def finished(self) -> None:
        """Write the tables, and how it went; also when it was stopped."""
        if self._bar is not None:
            self._bar.close()
        self.results.tables(self.submissions, self.checked.missing if self.checked else [])
        if self.left:
            self.record["seconds"] = round(time.monotonic() - self._began, 1)
            self.record["submissions"] = {
                f"{part['student']}/{part['chapter']}": {
                    name: part[name] for name in ("seconds", "cpu", "children", "peak")
                }
                for part in self.results.parts(self.submissions)
            }
        self.write()

    def write(self) -> None:
        """Write `run.json`."""
        write(self.options.output / "run.json", json.dumps(self.record, indent=1) + "\n")


def problems(submission: Submission, graded: Graded) -> list[str]:
    """What a lecturer should know of, a line each."""
    lines = [f"{_who(submission)}: {note}" for note in submission.notes]
    for grade in graded.grades:
        if grade.status in ("timeout", "crashed", "out of time", "unreadable"):
            what = grade.message.splitlines()[0] if grade.message else grade.status
            lines.append(f"{_who(submission)}{grade.exercise and f' {grade.exercise}'}: {what}")
            if grade.status == "unreadable":
                break
    return lines


def _who(submission: Submission) -> str:
    return f"{submission.student}/{submission.chapter or '?'}"
