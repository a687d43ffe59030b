"""Build the site into `_build/html`, or say that nothing has changed."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from book.files import alone, digest

SOURCES = (
    "_config.yml",
    "_toc.yml",
    "constraints.txt",
    "book",
    "chapters",
    "solutions",
    "exercises",
)
STAMP = "made-by.sha256"
"""In the folder of `update`: what made the site, written when it is whole."""


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
    html = root / "_build" / "html"
    with _alone(root):
        _build_unless_up_to_date(root, html)
    print(
        f"The book is in {html}\n"
        f"Read it: open {(html / 'index.html').as_uri()} in a browser (no server needed)."
    )
    return html


def update(root: Path) -> None:
    """Bring the site in `_build/serve` up to date: only pages that an edit reaches are built again.

    Sphinx remembers what it has read. It forgets it where it could be misled: after a failed
    build, whose warnings it would not repeat, and when what makes the pages has changed.

    Raises:
        BuildError: as `build` does.
    """
    folder = root / "_build" / "serve"
    with _alone(root):
        stamp, now = folder / STAMP, _makers(root)
        if not stamp.is_file() or stamp.read_text() != now:
            shutil.rmtree(folder, ignore_errors=True)
        stamp.unlink(missing_ok=True)
        started = time.monotonic()
        _run_sphinx(root, folder)
        stamp.write_text(now)
        print(f"Built in {time.monotonic() - started:.0f} s.")


def _makers(root: Path) -> str:
    """A hash of what all pages are made with; definitions of exercises belong to their pages."""
    from book.site.reach import Package

    package = Package(root)
    definitions = tuple(package.definitions(""))
    reached = package.reached(["import book.site.__main__, book.site.extension"])
    files = package.read(name for name in reached if not name.startswith(definitions))
    names = sorted(file.relative_to(root).as_posix() for file in files)
    settings = ("_config.yml", "_toc.yml", "constraints.txt", "chapters/references.bib")
    return digest(root, [*names, *settings])


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Wait until no other build of this book is under way, and keep others waiting."""
    for name in ("_config.yml", "_toc.yml"):
        if not (root / name).is_file():
            raise BuildError(
                f"There is no {name} in {root}. Run this command in the book's folder."
            )

    def say_so() -> None:
        print("Another build of this book is under way; waiting for it.", flush=True)

    with alone(root / "_build" / "lock", waiting=say_so):
        yield


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


def _run_sphinx(root: Path, folder: Path) -> None:
    """Run Sphinx as Jupyter Book does, every warning an error, into `html` of the folder."""
    from jupyter_book.sphinx import build_sphinx

    print("Reading the chapters. Executed cells are kept, so the first time takes longest.")
    result = build_sphinx(
        root,
        folder / "html",
        doctreedir=folder / "doctrees",
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
