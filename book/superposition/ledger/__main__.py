"""Measures the full version of every row: `python -m book.superposition.ledger`.

Ctrl+C stops it; the same command goes on where it stopped. What has been measured with the same
code and parameters is not measured again.
"""

import sys
from pathlib import Path

from tqdm import tqdm

from book.superposition.ledger.results import Cache, Outcome
from book.superposition.ledger.row import Parameters, Row, work
from book.superposition.ledger.rows import ROWS
from book.superposition.ledger.table import ledger_table

TRAININGS = Path(__file__).parents[3] / "_build" / "ledger"


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


def run(cache: Cache, folder: Path = TRAININGS) -> None:
    """Measures what is missing, and keeps every part as soon as it is there.

    Args:
        cache: What has been measured.
        folder: Where a training is kept that is not done yet.
    """
    parts = missing(cache)
    done = 0.0
    whole = sum(work(part) for _, part in parts)
    format = "{desc} {percentage:3.0f}%|{bar}| {remaining} left"
    with tqdm(total=whole, delay=1, leave=False, bar_format=format) as bar:
        for row, part in parts:
            bar.set_description_str(f"{row.id:15}", refresh=False)
            begun, whole = done, work(part)

            def tell(share: float, begun: float = begun, whole: float = whole) -> None:
                bar.update(begun + share * whole - bar.n)

            how = {"progress": tell, "keep": folder} if "seeds" in part else {}
            cache.put(row, part, row.experiment(**part, **how))
            done += whole
            bar.update(done - bar.n)


def main() -> int:
    """Runs the command."""
    cache = Cache()
    try:
        run(cache)
    except KeyboardInterrupt:
        print("Stopped. What was measured is kept; the same command goes on from here.")
        return 130
    outcomes: list[Outcome] = [cache.outcome(row) for row in ROWS]  # type: ignore[misc]
    print(ledger_table(outcomes, caption="The full version"))
    print(f"Kept in {cache.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
