"""Executing the cells of a page while the site is built: cached, visible, and loud on failure."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from myst_nb.core.execute import cache as myst_nb_cache
from nbclient.exceptions import DeadKernelError
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import SphinxError

from book.digest import digest
from book.display.style import SESSION_VARIABLES

CODE = ("book", "constraints.txt")
NOT_EXECUTED = ("book/grading", "book/site", "book/static")


class CellError(SphinxError):
    """A cell of a page failed."""

    category = "A cell failed"


class Progress:
    """Prints the cell that is running and remembers it for the message when it fails."""

    def __init__(self, page: str, cells: list[dict[str, Any]]) -> None:
        self.page = page
        self.code = [index for index, cell in enumerate(cells) if cell["cell_type"] == "code"]
        self.cell: dict[str, Any] = {"source": ""}
        self.number = 0
        self.started = time.monotonic()

    def start(self, cell: dict[str, Any], cell_index: int) -> None:
        """Note and print the cell that starts."""
        with contextlib.suppress(NotImplementedError):  # Windows
            # nbclient answers Ctrl+C by ending the kernel under the cell; it shall end the build.
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        if cell["cell_type"] != "code":
            return
        self.cell, self.number = cell, self.code.index(cell_index) + 1
        self.started = time.monotonic()
        print(f"  {self.page}: cell {self.number} of {len(self.code)}", end=" ", flush=True)

    def end(self, cell: dict[str, Any], cell_index: int, **_: Any) -> None:
        """Print how long the cell took."""
        if cell["cell_type"] == "code":
            print(f"{time.monotonic() - self.started:6.1f} s", flush=True)

    def failed(self, reason: str) -> CellError:
        """The error to raise: it names the page, the cell and its source."""
        print(flush=True)
        source = "".join(f"    {line}\n" for line in str(self.cell["source"]).splitlines())
        return CellError(
            f"{self.page}.md, code cell {self.number} of {len(self.code)}:\n\n{source}\n{reason}"
        )


def setup(app: Sphinx) -> None:
    """Connect execution to the build."""
    app.connect("config-inited", choose_cache)
    execute = myst_nb_cache.single_nb_execution

    def execute_page(notebook: Any, **options: Any) -> Any:
        # Also when a terminal of Jupyter or VS Code runs the build, its kernels build a site.
        for name in SESSION_VARIABLES:
            os.environ.pop(name, None)
        progress = Progress(app.env.docname, notebook.cells)
        try:
            result = execute(
                notebook,
                on_cell_start=progress.start,
                on_cell_executed=progress.end,
                store_widget_state=False,  # the site shows the static face
                extra_arguments=["--log-level=50"],  # what fails is in the reply
                **options,
            )
        except DeadKernelError as error:
            raise progress.failed(
                "The kernel died. The machine may have run out of memory."
            ) from error
        if result.err is not None:
            raise progress.failed(getattr(result.err, "traceback", str(result.err)))
        return result

    # MyST-NB offers no hook for a cell that starts; its one call of this function is the place.
    myst_nb_cache.single_nb_execution = execute_page


def choose_cache(app: Sphinx, config: Config) -> None:
    """Keep executed pages in `_build/cells/<hash of the code they run>`.

    The key of jupyter-cache holds the cells' own code only, so an edit in `book/` or another
    version of a library must choose another folder. The folders of other versions are removed.
    """
    root = Path(app.srcdir)
    cells = root / "_build" / "cells"
    folder = cells / digest(root, CODE, without=NOT_EXECUTED)[:16]
    if cells.is_dir():
        for other in cells.iterdir():
            if other != folder:
                shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    config.nb_execution_cache_path = str(folder)
