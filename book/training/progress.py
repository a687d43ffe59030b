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
        whole: How much there is in all, for example steps.
        done: How much was done before this began.
    """

    def __init__(self, label: str | None, whole: float, done: float = 0):
        self.label, self.whole, self.done = label, whole, done
        self._begun = time.monotonic()
        self._next = self._begun + PATIENCE
        self._length = 0

    def show(self, done: float) -> None:
        """Says that so much is done."""
        now = time.monotonic()
        if self.label is None or now < self._next or done <= self.done:
            return
        self._next = now + PAUSE
        seconds = (now - self._begun) * (self.whole - done) / (done - self.done)
        self._write(line(self.label, done / self.whole, seconds))

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


def line(label: str, share: float, seconds: float) -> str:
    """For example `pentagons  [##########....................]  33 %, 0:12 left`."""
    bar = "#" * int(WIDTH * share)
    minutes, rest = divmod(round(seconds), 60)
    return f"{label}  [{bar:.<{WIDTH}}] {100 * share:3.0f} %, {minutes}:{rest:02d} left"
