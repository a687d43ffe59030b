"""What is handed to students: the exercise notebooks and how to start, in one archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from book.exercises.notebook import notebooks, settings

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

#: The earliest date that an archive can hold: the same files give the same bytes on every day.
DATE = (1980, 1, 1, 0, 0, 0)


def release(root: Path) -> bytes:
    """The archive for students, the same to the byte whenever the notebooks are the same.

    The notebooks are made afresh from the solutions, so that none of a lecturer's own trials, and
    no answer, can be in it.

    Args:
        root: The book's folder.

    Raises:
        book.exercises.source.SolutionError: a solution is not in order.
    """
    files = dict(sorted(notebooks(root).items()))
    names = "\n".join(f"- {name}" for name in files)
    files["README.md"] = README.format(install=settings(root)["install"], names=names)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(f"exercises/{name}", DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return target.getvalue()
