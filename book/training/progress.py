"""A line that says how far a long computation is, and how long it still takes."""

import sys
import time

WIDTH = 30
PATIENCE = 1.0
"""Seconds before the line appears: what is over sooner needs none."""
PAUSE = 0.2
"""Seconds between two changes of the line."""


class Progress:
    """A progress bar on one line, wiped when its block ends.

    Attributes:
        label: What is being computed; without a label nothing is shown.
        steps: How many steps there are in all.
        done: How many were done before this began.
    """

    def __init__(self, label: str | None, steps: int, done: int = 0):
        self.label, self.steps, self.done = label, steps, done
        self._begun = time.monotonic()
        self._next = self._begun + PATIENCE
        self._length = 0

    def show(self, step: int) -> None:
        """Says that so many steps are done."""
        now = time.monotonic()
        if self.label is None or now < self._next:
            return
        self._next = now + PAUSE
        seconds = (now - self._begun) * (self.steps - step) / max(step - self.done, 1)
        self._write(line(self.label, step, self.steps, seconds))

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._length))
        sys.stderr.flush()
        self._length = len(text)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._length:
            self._write("")
            sys.stderr.write("\r")


def line(label: str, step: int, steps: int, seconds: float) -> str:
    """For example `pentagons  [##########....................]  33 %, 0:12 left`."""
    filled = WIDTH * step // steps
    bar = "#" * filled + "." * (WIDTH - filled)
    minutes, rest = divmod(round(seconds), 60)
    return f"{label}  [{bar}] {100 * step // steps:3d} %, {minutes}:{rest:02d} left"
