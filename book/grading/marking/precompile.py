"""Compile beforehand what answers commonly need, so that no submission waits for the compiler.

    python -m book.grading.marking.precompile FOLDER SOLUTIONS CHAPTER...

JAX compiles every operation for every shape, which is most of the time that grading takes.  This
runs the solutions and the named mistakes on inputs like the hidden ones, and keeps what was
compiled of JAX's own functions: sums, products, comparisons, each alone.  Children read the
folder and cannot write it.  There are no inputs, results or answers in it: what JAX compiled under
a name that is not its own is thrown away.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import jax

from book.exercises import exercises
from book.exercises.exercise import Exercise
from book.exercises.trial import Case, NoResult, Trial, as_given, here
from book.grading.marking.references import Functions, references
from book.grading.sandbox.stripped_book import COMPILER

COMPOUND = ("scan", "while", "while_loop", "cond", "switch", "fori_loop", "map", "jit", "vmap")
"""Names of JAX's own under which a whole answer could be compiled."""


@contextlib.contextmanager
def warmed(chapters: Sequence[str], solutions: str) -> Iterator[Callable[[], Path]]:
    """A folder that a process of its own fills meanwhile; gives a function that waits for it.

    Without chapters the folder stays empty.
    """
    with tempfile.TemporaryDirectory(prefix="grading-compiled-") as folder:
        program = [sys.executable, "-m", "book.grading.marking.precompile"]
        command = [*program, folder, solutions, *chapters]
        environment = {**os.environ, **COMPILER}
        # If it fails, every submission takes longer, and nothing else changes.
        process = (
            subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            if chapters
            else None
        )

        def ready() -> Path:
            if process is not None:
                process.wait()
            return Path(folder)

        try:
            yield ready
        finally:
            if process is not None:
                process.kill()
                process.wait()


CASES = 2  # inputs per exercise: most have the same shapes every time


def warm(exercise: Exercise, functions: Functions) -> None:
    """Run an exercise's solution and its mistakes on inputs of the shapes they will meet."""
    first = exercise.names[0]
    mistakes = ({m.replaces or first: m.function} for m in exercise.mistakes)
    for mistake in ({}, *mistakes):
        call = here({**functions, **mistake})
        for example in exercise.examples:
            with contextlib.suppress(NoResult):  # some mistakes cannot be made on some inputs
                call(example.function or first, as_given(example.arguments), False)
    inputs = [exercise.inputs(jax.random.key(case)) for case in range(CASES)]
    cases = [Case(claim, one) for one in inputs for claim in exercise.properties]
    Trial(exercise, here(functions), lambda: cases).properties()


def harmless(name: str) -> bool:
    """Whether this names one operation of JAX, and no function of an exercise."""
    plain = name.strip("_")
    asked = {function for exercise in exercises() for function in exercise.names}
    if plain in asked or plain in COMPOUND:
        return False
    homes = (jax.numpy, jax.lax, jax.nn, jax.numpy.linalg, jax.random)
    return any(hasattr(home, plain) for home in homes)


def main(folder: Path, solutions: str, chapters: list[str]) -> None:
    """Fill the folder for these chapters."""
    jax.config.update("jax_enable_compilation_cache", True)  # its own, which is new and empty
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    for exercise in exercises():
        if exercise.chapter in chapters:
            warm(exercise, references(exercise.chapter, solutions))
    for path in folder.iterdir():
        name = re.match(r"jit_(.+)-[0-9a-f]{64}-cache$", path.name)
        if name is None or not harmless(name[1]):
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
