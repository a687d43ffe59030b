"""The command `python -m book.exercises`."""

import sys
from pathlib import Path

from book.exercises.notebook import write_notebooks
from book.exercises.solution import SolutionError


def main() -> int:
    """Write the notebooks of the book in this folder and return the exit status."""
    try:
        for path in write_notebooks(Path.cwd()):
            print(path.relative_to(Path.cwd()))
    except SolutionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
