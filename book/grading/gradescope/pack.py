"""An autograder for Gradescope: this grader, packed so that it runs there."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import book
from book.exercises import CHAPTERS, exercises
from book.grading.commands.archive import packed
from book.grading.commands.arguments import add_marking
from book.grading.marking.references import folder, references
from book.grading.records import Limits, Settings
from book.grading.results.folder import deliver

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image in which submissions are graded.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive PIP_BREAK_SYSTEM_PACKAGES=1
apt-get update
apt-get install --yes --no-install-recommends bubblewrap ca-certificates python3 python3-pip
# The system's Python may be older than the book needs; uv brings the one that this was made with.
python3 -m pip install uv
export UV_PYTHON_INSTALL_DIR=/opt/python
python3 -m uv venv --python {python} /opt/book
cd "$(dirname "$0")"
python3 -m uv pip install --python /opt/book/bin/python --requirement requirements.txt \\
    --constraint constraints.txt
chmod -R a+rX /opt/book /opt/python
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for every submission, as root, and reads results/results.json.
# AUTOGRADER and PYTHON say where things are, if not where Gradescope has them.
base=${AUTOGRADER:-/autograder}
python=${PYTHON:-/opt/book/bin/python}
mkdir -p "$base/results"
chmod -R go= "$base/source" "$base/results"  # solutions and seed are for the grader alone
cd "$base/source" || exit 1
"$python" -m book.grading.gradescope.run "$base" && exit 0
status=$?
[[ -s $base/results/results.json ]] || cat >"$base/results/results.json" <<'END'
{"score": 0, "output": "The autograder failed, which is not your fault. Tell your instructor."}
END
exit $status
"""

README = """\
An autograder for Gradescope, made by `python -m book.grading autograder`.
It holds solutions and a secret seed: keep it to yourself.

1. Make a programming assignment of {points} points, and upload this archive under
   "Configure Autograder". The base image is Ubuntu; the first build takes some minutes.
2. In the assignment's settings choose 1 CPU and 1.5 GB of memory or more.
3. Press "Test Autograder" with a notebook of your own.

Students hand in {names}.
What the grader did, and which layers of isolation it used, is in the output that
Gradescope shows to instructors alone.
"""


def bundle(root: Path, settings: Settings, chapters: Sequence[str], visibility: str) -> bytes:
    """The archive for Gradescope: the same to the byte for the same book and seed.

    Args:
        root: The book's folder.
        settings: How to grade; the seed is in the archive.
        chapters: Whose notebooks the assignment asks for.
        visibility: When students see results, in Gradescope's words.
    """
    names = ", ".join(f"{chapter}.ipynb" for chapter in chapters)
    points = sum(e.points for e in exercises() if e.chapter in chapters)
    config = {
        "seed": settings.seed,
        "cases": settings.cases,
        "limits": asdict(settings.limits),
        "chapters": list(chapters),
        "visibility": visibility,
    }
    files: dict[str, str | bytes] = {
        "setup.sh": SETUP.format(python=f"{sys.version_info.major}.{sys.version_info.minor}"),
        "run_autograder": RUN,
        "README.txt": README.format(points=points, names=names),
        "config.json": json.dumps(config, indent=1) + "\n",
        "requirements.txt": "\n".join([*_needed(root), ""]),
        "constraints.txt": (root / "constraints.txt").read_bytes(),
    }
    source = Path(book.__file__).parent
    for path in sorted(source.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files[f"book/{path.relative_to(source).as_posix()}"] = path.read_bytes()
    for chapter in chapters:
        path = folder(settings.solutions) / f"{chapter}.md"
        files[f"solutions/{chapter}.md"] = path.read_bytes()
    return packed(files)


def _needed(root: Path) -> list[str]:
    """What pip must install: what the book needs, and its grader."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["grading"]]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m book.grading autograder",
        description="Make the archive that Gradescope takes as the autograder of an assignment. "
        "Its README.txt says what to do with it. It holds solutions and the secret seed.",
    )
    add = made.add_argument
    add("--output", type=Path, required=True, help="the archive, autograder.zip")
    add(
        "--chapter",
        action="append",
        choices=CHAPTERS,
        help="what the assignment asks for; again for more than one (all)",
    )
    add(
        "--visibility",
        default="visible",
        choices=("visible", "after_due_date", "after_published", "hidden"),
        help="when students see results (%(default)s)",
    )
    add_marking(made, 20, 240, "; Gradescope ends everything after 10 minutes")
    return made


def main(arguments: Sequence[str]) -> int:
    """`python -m book.grading autograder`; returns the exit status."""
    options = parser().parse_args(arguments)
    chapters = [one for one in CHAPTERS if not options.chapter or one in options.chapter]
    for chapter in chapters:
        references(chapter, options.solutions)  # it should fail here, and not there
    settings = Settings(
        seed=secrets.randbits(63) if options.seed is None else options.seed,
        cases=options.cases,
        limits=Limits(call=options.call_seconds, submission=options.submission_seconds),
        solutions=options.solutions,
    )
    root = Path(book.__file__).parents[1]
    deliver(options.output, bundle(root, settings, chapters, options.visibility))
    points = sum(e.points for e in exercises() if e.chapter in chapters)
    print(f"{options.output}: {', '.join(chapters)}, {points} points; README.txt in it says more.")
    print("It holds solutions and the secret seed: hand it to Gradescope alone.")
    return 0
