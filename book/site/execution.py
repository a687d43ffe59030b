"""Pages and their executed cells: which are run before Sphinx reads them, and which are kept.

An executed page stands in `_build/cells`, with its key (see `book.site.reach`) and the seconds
that it took. It is used until its key changes; then the new one takes its place.
"""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache.executors.utils import ExecutionResult
from myst_nb.core.execute import direct as myst_nb_direct
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx

from book.files import digest, write
from book.site import compiled
from book.site.exercises import text_of
from book.site.kernels import CellError, Page, execute
from book.site.reach import Package


class Pages:
    """The pages of a build."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.root = Path(app.srcdir)
        self.cells = self.root / "_build" / "cells"
        self.package = Package(self.root)
        self.keys: dict[str, str] = {}

    def changed(
        self, app: Sphinx, env: Any, added: set[str], changed: set[str], gone: set[str]
    ) -> Iterable[str]:
        """The pages that Sphinx knows from an earlier build with another key.

        What no page holds any more is removed.
        """
        # By page, the hash of its file and the code of its cells, which no other file can change.
        read: dict[str, tuple[str, list[str] | None]] = getattr(env, "read_cells", {})
        env.read_cells = {}
        for page in env.found_docs:
            mark = digest(self.root, [str(Path(env.doc2path(page)).relative_to(self.root))])
            before, cells = read.get(page, ("", None))
            if before != mark:
                notebook = self.notebook(page)
                cells = None if notebook is None else sources(notebook)
            env.read_cells[page] = mark, cells
            if cells is not None:
                self.keys[page] = self.package.key(page, cells)
        wanted = {self.place(page) for page in self.keys}
        for file in self.cells.rglob("*"):
            if file.is_file() and file not in wanted:
                file.unlink()
        keys: dict[str, str] = getattr(env, "executed_pages", {})
        env.executed_pages = dict(self.keys)
        return {page for page in keys.keys() & env.found_docs if self.keys.get(page) != keys[page]}

    def run(self, app: Sphinx, env: Any, pages: list[str]) -> None:
        """Execute the pages that Sphinx is about to read and that are not kept, longest first."""
        if env.mystnb_config.execution_mode == "off":
            return
        known = {page: self.executed(page) for page in pages if page in self.keys}
        waiting: list[tuple[float, Page]] = []
        for page, kept in known.items():
            if kept is None or kept.metadata.book.key != self.keys[page]:
                notebook = self.notebook(page)
                assert notebook is not None
                # An unknown page is taken to need half a second for each of its cells.
                seconds = kept.metadata.book.seconds if kept else len(sources(notebook)) / 2
                waiting.append(
                    (seconds, Page(page, notebook, str(Path(env.doc2path(page)).parent)))
                )
        if not waiting:
            return
        waiting.sort(key=lambda item: item[0], reverse=True)
        with tempfile.TemporaryDirectory(prefix="book-progress-") as records:
            execute(
                [page for _, page in waiting],
                self.keep,
                timeout=env.mystnb_config.execution_timeout,
                environment={
                    **os.environ,
                    "BOOK_BUILD": "1",  # see book.display.style.in_session
                    **compiled.environment(self.root / "_build" / "compiled"),
                    # The checks note nothing in the record of whoever builds the book.
                    "XDG_DATA_HOME": records,
                },
            )

    def keep(self, page: Page, seconds: float) -> None:
        """Write an executed page, whole or not at all."""
        page.notebook.metadata.book = {"key": self.keys[page.name], "seconds": seconds}
        write(self.place(page.name), nbformat.writes(page.notebook))

    def fill(self, notebook: NotebookNode, **_: Any) -> ExecutionResult:
        """Put the outputs of the page that Sphinx reads into its cells."""
        page = self.app.env.docname
        kept = self.executed(page)
        if kept is None or sources(kept) != sources(notebook):
            raise CellError(f"{page}.md was changed while the book was built; build it again.")
        executed = (cell for cell in kept.cells if cell.cell_type == "code")
        for cell in notebook.cells:
            if cell.cell_type == "code":
                done = next(executed)
                cell.outputs, cell.execution_count = done.outputs, done.execution_count
        notebook.metadata.language_info = kept.metadata.language_info
        return ExecutionResult(notebook, "", kept.metadata.book.seconds)

    def notebook(self, page: str) -> NotebookNode | None:
        """A page as MyST-NB reads it, not executed; None if it is no notebook."""
        env: Any = self.app.env
        text = text_of(self.app, page)
        reader = create_nb_reader(env.doc2path(page), env.myst_config, env.mystnb_config, text)
        return None if reader is None else reader.read(text)

    def executed(self, page: str) -> NotebookNode | None:
        """What was kept of a page."""
        place = self.place(page)
        return nbformat.read(place, as_version=4) if place.is_file() else None

    def place(self, page: str) -> Path:
        """Where an executed page is kept."""
        return self.cells / f"{page}.ipynb"


def sources(notebook: NotebookNode) -> list[str]:
    """The code of a notebook's cells."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def setup(app: Sphinx) -> None:
    """Connect execution to the build."""
    pages = Pages(app)
    app.connect("env-get-outdated", pages.changed)
    app.connect("env-before-read-docs", pages.run)
    # MyST-NB offers no hook for its execution; its one call of this function is the place.
    myst_nb_direct.single_nb_execution = pages.fill
