"""Executing pages: several at a time, each in a kernel of its own, visible, and loud on failure."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from sphinx.errors import SphinxError

LONG = 15.0
"""Seconds after which a cell is said to be running still."""


class CellError(SphinxError):
    """A cell of a page failed."""

    category = "A cell failed"


class Page(NamedTuple):
    """A page to execute.

    Attributes:
        name: Its name in the book, for example `chapters/linearity`.
        notebook: Its cells, executed in place.
        folder: Where its kernel starts.
    """

    name: str
    notebook: NotebookNode
    folder: str


class Progress:
    """Prints a line for every cell, and remembers the cell for the message when it fails."""

    def __init__(self, page: Page) -> None:
        self.page = page.name
        self.code = [i for i, cell in enumerate(page.notebook.cells) if cell.cell_type == "code"]
        self.cell: Mapping[str, Any] = {"source": ""}
        self.number = 0
        self.started = time.monotonic()
        self.reminder: asyncio.TimerHandle | None = None

    def start(self, cell: Mapping[str, Any], cell_index: int) -> None:
        """Note the cell that starts."""
        if cell["cell_type"] == "code":
            self.cell, self.number = cell, self.code.index(cell_index) + 1
            self.started = time.monotonic()
            self.reminder = asyncio.get_running_loop().call_later(LONG, self.say, "runs")

    def end(self, cell: Mapping[str, Any], cell_index: int, **_: Any) -> None:
        """Print how long the cell took."""
        if cell["cell_type"] == "code":
            self.stop()
            self.say(f"{time.monotonic() - self.started:6.1f} s")

    def say(self, what: str) -> None:
        """Print a whole line, so that the lines of two pages stay apart."""
        print(f"  {self.page}: cell {self.number} of {len(self.code)} {what:>9}", flush=True)

    def stop(self) -> None:
        """Say nothing more about this cell."""
        if self.reminder is not None:
            self.reminder.cancel()

    def failed(self, reason: str) -> CellError:
        """The error to raise: it names the page, the cell and its source."""
        source = "".join(f"    {line}\n" for line in str(self.cell["source"]).splitlines())
        return CellError(
            f"{self.page}.md, code cell {self.number} of {len(self.code)}:\n\n{source}\n{reason}"
        )


def execute(
    pages: Sequence[Page],
    done: Callable[[Page, float], None],
    *,
    timeout: int,
    environment: Mapping[str, str],
) -> None:
    """Execute pages in the order given, as many at a time as the machine has cores.

    Args:
        pages: What to execute; a page that takes long had better come early.
        done: Called with every page that is executed, and the seconds that it took.
        timeout: How many seconds a cell may take.
        environment: The kernels' environment variables.

    Raises:
        CellError: a cell failed. The other pages are stopped.
        KeyboardInterrupt: Ctrl+C was pressed; all kernels are ended.
    """

    async def work(waiting: Iterator[Page]) -> None:
        for page in waiting:
            started = time.monotonic()
            await _execute(page, timeout, dict(environment))
            done(page, time.monotonic() - started)

    async def work_on_all() -> None:
        waiting = iter(pages)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(os.cpu_count() or 1, len(pages))):
                group.create_task(work(waiting))

    try:
        _run(work_on_all())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _execute(page: Page, timeout: int, environment: dict[str, str]) -> None:
    progress = Progress(page)
    client = NotebookClient(
        page.notebook,
        timeout=timeout,
        record_timing=False,
        resources={"metadata": {"path": page.folder}},
        on_cell_start=progress.start,
        on_cell_executed=progress.end,
        store_widget_state=False,  # the site shows the static face
        extra_arguments=["--log-level=50"],  # what fails is in the reply
        shutdown_kernel="immediate",
        coalesce_streams=True,  # else the same text comes in parts or whole, as it happens
    )
    try:
        await client.async_execute(env=environment)
    except DeadKernelError as error:
        raise progress.failed("The kernel died. The machine may have run out of memory.") from error
    except CellExecutionError as error:
        raise progress.failed(error.traceback) from error
    except CellTimeoutError as error:
        raise progress.failed(str(error)) from error
    finally:
        progress.stop()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end; Ctrl+C cancels the work, whose kernels end with it.

    The work has a thread of its own: in the main one nbclient would answer Ctrl+C by ending the
    kernel under the cell, and it shall end the build.
    """
    runner = asyncio.Runner()
    loop = runner.get_loop()

    def run() -> None:
        with runner:
            runner.run(work)

    def cancel() -> None:
        for task in asyncio.all_tasks(loop):
            task.cancel()

    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(run)
        try:
            future.result()
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(cancel)
            raise
