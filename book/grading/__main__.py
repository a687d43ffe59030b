"""`python -m book.grading`: the command that grades a class, and those that go with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from book.grading.commands import export, grade, rehearsal, release
from book.grading.gradescope import pack
from book.grading.marking.references import NoReferenceError
from book.grading.records import InputError
from book.grading.run.cluster import ClusterError
from book.grading.sandbox.layers import IsolationError

SYSTEMS = ", ".join(one.name for one in export.EXPORTS.values())

COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "release": (release.main, "what is handed to students"),
    "export": (export.main, f"grades for {SYSTEMS}"),
    "autograder": (pack.main, "the archive that Gradescope takes as an autograder"),
    "example": (rehearsal.main, "a class of invented students, to rehearse with"),
}
"""What is done besides grading, by its first word, and what comes out."""

OTHERS = "".join(
    f"  python -m book.grading {name:<10}  {about}\n" for name, (_, about) in COMMANDS.items()
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do as asked; returns the exit status: 0, 1 if some was not done, 2 if nothing could be."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if given and given[0] in COMMANDS:
            return COMMANDS[given[0]][0](given[1:])
        return grade.main(given, OTHERS)
    except (ClusterError, InputError, IsolationError, NoReferenceError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"{error.filename or 'A file'} could not be read or written: {error.strerror}. "
            "What was graded is kept; the same command goes on from there.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
