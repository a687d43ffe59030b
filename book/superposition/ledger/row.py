"""What a row of the ledger is: a claim, a measurement of any size, and a rule to judge it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Parameters = Mapping[str, Any]
"""The arguments of one call of a row's experiment; numbers, words, true and false."""

Result = dict[str, Any]


class Verdict(NamedTuple):
    """What came out.

    Attributes:
        ours: Our value, in words.
        spread: Over the seeds, in words.
        passed: Whether it lies within the tolerance.
    """

    ours: str
    spread: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the ledger.

    Attributes:
        id: A short name, `five-dense`.
        claim: What is claimed, in a few words.
        paper: The paper's value, in words.
        section: Where the paper has it.
        tolerance: The rule that `judge` applies, in words.
        experiment: Measures one part, for example one density, and returns plain numbers.
        small: The parts that each build measures.
        full: The parts that `python -m book.superposition.ledger` measures.
        judge: What parts and results, in the same order, say.
        cell: The heading on the ledger's page under which the row is measured.
    """

    id: str
    claim: str
    paper: str
    section: str
    tolerance: str
    experiment: Callable[..., Result]
    small: Sequence[Parameters]
    full: Sequence[Parameters]
    judge: Callable[[Sequence[Parameters], Sequence[Result]], Verdict]
    cell: str

    def parts(self, size: str) -> Sequence[Parameters]:
        """The parts of a size.

        Raises:
            ValueError: The size is neither "small" nor "full".
        """
        if size not in ("small", "full"):
            raise ValueError(f"row {self.id!r}: there is no size {size!r}; small and full are.")
        return self.small if size == "small" else self.full

    def seeds(self, size: str) -> str:
        """How many seeds each part has, in words."""
        counts = [part["seeds"] for part in self.parts(size) if "seeds" in part]
        return str(max(counts)) if counts else "no training"


def work(part: Parameters) -> float:
    """Roughly how long a part takes, in any unit: inputs times features times steps times seeds."""
    inputs = part.get("batch", part.get("cells", 1) ** 2 * part.get("points", 1) ** 2)
    size = part.get("features", 2 * part.get("pairs", 1))
    return 1e3 + inputs * size * part.get("steps", 1) * part.get("seeds", 1)
