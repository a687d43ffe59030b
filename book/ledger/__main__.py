"""Measures the full version of every row: `python -m book.ledger`.

Ctrl+C stops it; the same command goes on where it stopped. What has been measured with the same
code and parameters is not measured again.
"""

import sys
import time
from collections.abc import Callable

from book.ledger.results import Cache, Outcome
from book.ledger.row import Parameters, Row, work
from book.ledger.rows import ROWS
from book.ledger.table import ledger_table


def missing(cache: Cache) -> list[tuple[Row, Parameters]]:
    """The parts that have no fresh result, each once."""
    found = []
    seen: list[tuple[object, Parameters]] = []
    for row in ROWS:
        for part in row.full:
            if cache.get(row, part) is None and (row.experiment, part) not in seen:
                seen.append((row.experiment, part))
                found.append((row, part))
    return found


def bar(done: float, seconds: float, label: str, width: int = 30) -> str:
    """A progress bar with the time left.

    Args:
        done: The share of the work that is done, from 0 to 1.
        seconds: How long that took.
        label: What is being measured.
        width: Of the bar, in letters.
    """
    full = int(width * done)
    left = f"{seconds * (1 - done) / done / 60:.1f} min left" if done > 0.01 else "estimating"
    return f"[{'#' * full}{'.' * (width - full)}] {done:4.0%}  {left:>14}  {label}"


def run(cache: Cache, show: Callable[[str], None]) -> None:
    """Measures what is missing, and keeps every part as soon as it is there."""
    parts = missing(cache)
    whole = sum(work(part) for _, part in parts)
    done, started = 0.0, time.monotonic()
    for row, part in parts:
        show(bar(done / whole, time.monotonic() - started, row.id))
        cache.put(row, part, row.experiment(**part))
        done += work(part)
    if parts:
        show(bar(1, time.monotonic() - started, "done"))


def main() -> int:
    """Runs the command."""
    cache = Cache()

    def show(line: str) -> None:
        end = "" if sys.stdout.isatty() else "\n"
        print(f"\r{line:<78}" if not end else line, end=end, flush=True)

    try:
        run(cache, show)
    except KeyboardInterrupt:
        print("\nStopped. What was measured is kept; the same command goes on from here.")
        return 130
    print()
    outcomes: list[Outcome] = [cache.outcome(row) for row in ROWS]  # type: ignore[misc]
    print(ledger_table(outcomes, caption="The full version"))
    print(f"Kept in {cache.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
