"""What is handed to students: the exercise notebooks and how to start, in one archive."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import book
from book.exercises.notebook import notebooks, settings
from book.exercises.solution import SolutionError
from book.grading.commands.archive import packed
from book.grading.records import InputError
from book.grading.results.folder import deliver

README = """\
# Exercises of Neural Network Representations

Install the book's package once (Python 3.11 or newer), and JupyterLab to work in:

    python -m pip install "{install}" jupyterlab

Then start `jupyter lab` in this folder and open a notebook.
Write your answers in place of `raise NotImplementedError`.
`check(...)` below an answer says whether it passes, `hint(...)` opens a hint, and `progress()`
shows how far you are.
Leave the names of the functions as they are: your answers are found by them.
Hand in the notebooks under the names that they have here:

{names}
"""


def release(root: Path) -> bytes:
    """The archive for students, the same to the byte whenever the notebooks are the same.

    The notebooks are made afresh from the solutions, so that none of a lecturer's own trials, and
    no answer, can be in it.

    Args:
        root: The book's folder.

    Raises:
        book.exercises.solution.SolutionError: a solution is not in order.
    """
    files = dict(sorted(notebooks(root).items()))
    names = "\n".join(f"- {name}" for name in files)
    files["README.md"] = README.format(install=settings(root)["install"], names=names)
    return packed({f"exercises/{name}": text for name, text in files.items()})


def main(arguments: Sequence[str]) -> int:
    """`python -m book.grading release`; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m book.grading release",
        description="Make the archive that is handed to students: the exercise notebooks and how "
        "to start, without solutions. The same notebooks give the same archive on every day.",
    )
    parser.add_argument("--output", type=Path, required=True, help="the archive, release.zip")
    options = parser.parse_args(arguments)
    root = Path(book.__file__).parents[1]
    if not (root / "solutions").is_dir():
        raise InputError(
            f"There is no {root / 'solutions'}, from which the notebooks are made. Run this in a "
            "checkout of the book (git clone, then pip install --editable '.[grading]')."
        )
    try:
        data = release(root)
    except SolutionError as error:
        raise InputError(f"A solution is not in order: {error}.") from error
    deliver(options.output, data)
    print(f"{options.output}: {len(notebooks(root))} notebooks and a README, for students.")
    return 0
