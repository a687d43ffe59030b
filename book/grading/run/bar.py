"""A line that says how far grading is, and how long it still takes."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Bar:
    """A progress bar on a terminal; elsewhere, a line now and then.

    Args:
        total: How many there are.
        began: When grading began, by `time.monotonic`: what precedes the first result counts.
        stream: Where the bar is written; standard error unless given.
    """

    WIDTH = 24

    def __init__(self, total: int, began: float, stream: TextIO | None = None) -> None:
        self.total, self.done = total, 0
        self._stream = stream or sys.stderr
        self._began, self._said = began, time.monotonic()
        self._live = self._stream.isatty()
        self._draw()

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        self._draw()

    def line(self, text: str) -> None:
        """A line of its own, above the bar."""
        clean = "".join(c if c.isprintable() else "�" for c in text)
        self._stream.write(f"\r\x1b[K{clean}\n" if self._live else f"{clean}\n")
        self._draw()

    def close(self) -> None:
        """Leave the last state standing."""
        self._draw(last=True)
        if self._live:
            self._stream.write("\n")
        self._stream.flush()

    def _draw(self, last: bool = False) -> None:
        now = time.monotonic()
        if not self._live and not last and now - self._said < 30:
            return
        self._said = now
        share = self.done / self.total if self.total else 1.0
        bar = "█" * round(share * self.WIDTH)
        text = f"{bar:░<{self.WIDTH}} {self.done} of {self.total}"
        if 0 < self.done < self.total:
            left = (now - self._began) / self.done * (self.total - self.done)
            text += f", about {_minutes(left)} left"
        elif self.done == self.total:
            text += f", {_minutes(now - self._began)}"
        self._stream.write(f"\r\x1b[K{text}" if self._live else f"{text}\n")
        self._stream.flush()


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
