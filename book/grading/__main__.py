"""`python -m book.grading SUBMISSIONS --output RESULTS`: grade a class."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from book.grading import isolation as layers_of
from book.grading.bar import Bar
from book.grading.bench import Place
from book.grading.classroom import grade_all
from book.grading.cluster import ClusterError, grade_on_cluster
from book.grading.intake import collect
from book.grading.isolation import IsolationError
from book.grading.model import MB, Graded, Limits, Settings, Submission
from book.grading.references import NoReferenceError, references
from book.grading.results import Results, read, write
from book.grading.sandbox import Server, Spawner
from book.grading.versions import versions


def parser() -> argparse.ArgumentParser:
    """The command line."""
    usual = Limits()
    made = argparse.ArgumentParser(
        prog="python -m book.grading",
        description="Grade notebooks. Learners' code runs in a sandbox; what is marked is what "
        "its functions return. The same command again goes on where the last one stopped.",
    )
    add = made.add_argument
    add("submissions", type=Path, help="a folder or a zip archive of notebooks")
    add("--output", type=Path, required=True, help="where results are written")
    add("--seed", type=int, help="of the hidden inputs; a secret one unless given")
    add("--workers", type=int, default=_cores(), help="submissions at the same time (%(default)s)")
    add("--scheduler", metavar="ADDRESS", help="grade on the Dask cluster of this scheduler")
    add("--cases", type=int, default=8, help="hidden inputs per exercise (%(default)s)")
    add("--solutions", default="", help="the folder of solution notebooks (the checkout's)")
    add("--call-seconds", type=float, default=usual.call, help="for a call or cell (%(default)g)")
    add(
        "--submission-seconds",
        type=float,
        default=usual.submission,
        help="for all of a submission (%(default)g)",
    )
    add("--memory-mb", type=int, default=usual.memory // MB, help="for all of it (%(default)s)")
    add(
        "--without",
        action="append",
        default=[],
        choices=list(layers_of.LAYERS),
        metavar="LAYER",
        help="leave out a layer of isolation",
    )
    add("--unsafe", action="store_true", help="grade even where nothing contains learners' code")
    return made


def _cores() -> int:
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count else os.cpu_count() or 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade; returns the exit status: 0, 1 if something was not graded, 2 if nothing could be."""
    options = parser().parse_args(arguments)
    if not options.submissions.exists():
        print(f"There is no {options.submissions}.", file=sys.stderr)
        return 2
    if options.output.resolve().is_relative_to(options.submissions.resolve()):
        print(
            "The results would lie among the submissions; name another --output.", file=sys.stderr
        )
        return 2
    options.output.mkdir(parents=True, exist_ok=True)
    run_file = options.output / "run.json"
    before = read(run_file) or {}
    seed = options.seed if options.seed is not None else before.get("seed")
    limits = Limits(
        call=options.call_seconds,
        submission=options.submission_seconds,
        memory=options.memory_mb * MB,
    )
    layers = tuple(name for name in layers_of.LAYERS if name not in options.without)
    settings = Settings(
        seed=secrets.randbits(63) if seed is None else seed,
        cases=options.cases,
        limits=limits,
        layers=layers,
        unsafe=options.unsafe,
        solutions=options.solutions,
    )
    try:
        return run(options, settings, before)
    except (ClusterError, IsolationError, NoReferenceError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130


def run(options: argparse.Namespace, settings: Settings, before: dict[str, Any]) -> int:
    """Grade with these settings, and write everything down."""
    results = Results(options.output, settings)
    record: dict[str, Any] = {
        "seed": settings.seed,
        "cases": settings.cases,
        "limits": asdict(settings.limits),
        "versions": versions(),
        "workers": options.workers,
    }
    write(options.output / "run.json", _json(record))  # the seed first: a run may be cut off
    submissions = collect(options.submissions, settings.limits.notebook)
    for chapter in sorted({one.chapter for one in submissions if one.chapter and one.source}):
        references(chapter, settings.solutions)
    left = [one for one in submissions if not results.done(one)]
    print(f"{len(submissions)} submissions", end="")
    print(
        f", {len(submissions) - len(left)} of them graded already."
        if len(left) < len(submissions)
        else "."
    )
    began, failed = time.monotonic(), 0
    if left:

        def started(server: Server | Spawner | Place) -> None:
            print("Isolation:", *server.isolation.lines(), sep="\n")
            for name, why in server.failed.items():
                print(f"Not to be imported by notebooks: {name} ({why})")
            record["isolation"] = {
                "active": server.isolation.active,
                "missing": server.isolation.missing,
                "namespaces": server.isolation.namespaces,
            }
            sys.stdout.flush()

        def say(text: str) -> None:
            bar.line(text) if bar else print(text, file=sys.stderr)

        bar = None
        try:
            if options.scheduler:
                outcomes = grade_on_cluster(left, settings, options.scheduler, started, say)
            else:
                isolation = layers_of.detect(settings.layers)
                outcomes = grade_all(left, settings, isolation, options.workers, started)
            for submission, graded in outcomes:
                bar = bar or Bar(len(left))
                if isinstance(graded, Graded):
                    results.write(submission, graded)
                    for text in problems(submission, graded):
                        bar.line(text)
                else:
                    failed += 1
                    bar.line(f"{_who(submission)}: not graded, {type(graded).__name__}: {graded}")
                bar.step()
        finally:
            if bar:
                bar.close()
            results.tables(submissions)
            parts = results.parts(submissions)
            record["seconds"] = round(time.monotonic() - began, 1)
            record["submissions"] = {
                f"{part['student']}/{part['chapter']}": {
                    name: part[name] for name in ("seconds", "cpu", "children", "peak")
                }
                for part in parts
            }
            write(options.output / "run.json", _json(record))
    else:
        record |= {name: before[name] for name in before if name not in record}
        write(options.output / "run.json", _json(record))
        results.tables(submissions)
    print(f"Results are in {options.output}: grades.csv, summary.csv, feedback.")
    return 1 if failed else 0


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


def _json(record: dict[str, Any]) -> str:
    import json

    return json.dumps(record, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
