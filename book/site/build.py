"""Build the site into `_build/html`, or say that nothing has changed."""

import shutil
import time
from pathlib import Path

from book.digest import digest
from book.files import alone

SOURCES = (
    "_config.yml",
    "_toc.yml",
    "constraints.txt",
    "book",
    "chapters",
    "solutions",
    "exercises",
)


class BuildError(Exception):
    """The site could not be built; the message says why and what to do."""


def build(root: Path) -> Path:
    """Build the site of the book in `root` and return its folder, `_build/html`.

    The site is built beside the last good one and takes its place when it is whole, so an
    interrupted or failed build leaves no half of a site. Pages that were executed are kept in
    `_build/cells` (see `book.site.execution`) and not executed again. Another build of the same
    book that is under way is waited for.

    Raises:
      BuildError: `root` is not the book's folder, a cell failed, or there were warnings.
    """
    for name in ("_config.yml", "_toc.yml"):
        if not (root / name).is_file():
            raise BuildError(
                f"There is no {name} in {root}. Run this command in the book's folder."
            )
    html = root / "_build" / "html"
    with alone(root / "_build" / "lock", waiting=say_that_another_builds):
        _build_unless_up_to_date(root, html)
    print(
        f"The book is in {html}\n"
        f"Read it: open {(html / 'index.html').as_uri()} in a browser (no server needed)."
    )
    return html


def say_that_another_builds() -> None:
    """What a build says that must wait."""
    print("Another build of this book is under way; waiting for it.", flush=True)


def _build_unless_up_to_date(root: Path, html: Path) -> None:
    stamp, staging = root / "_build" / "html.sha256", root / "_build" / "staging"
    now = digest(root, SOURCES)
    if (html / "index.html").is_file() and stamp.is_file() and stamp.read_text() == now:
        print("Nothing has changed since the last build.")
    else:
        started = time.monotonic()
        shutil.rmtree(staging, ignore_errors=True)
        _run_sphinx(root, staging)
        stamp.unlink(missing_ok=True)
        shutil.rmtree(html, ignore_errors=True)
        (staging / "html").rename(html)
        shutil.rmtree(staging)
        stamp.write_text(now)
        print(f"Built in {time.monotonic() - started:.0f} s.")


def _run_sphinx(root: Path, staging: Path) -> None:
    """Run Sphinx as Jupyter Book does, every warning an error."""
    from jupyter_book.sphinx import build_sphinx

    print("Reading the chapters. Executed cells are kept, so the first time takes longest.")
    result = build_sphinx(
        root,
        staging / "html",
        doctreedir=staging / "doctrees",
        noconfig=True,
        path_config=root / "_config.yml",
        confoverrides={
            "external_toc_path": str(root / "_toc.yml"),
            "latex_individualpages": False,
        },
        builder="html",
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    if isinstance(result, KeyboardInterrupt):
        raise result
    if result != 0:
        raise BuildError(
            "The site was not built: see the errors above. The last good one, if there is one, "
            "is untouched. Correct them and run the same command again."
        )
