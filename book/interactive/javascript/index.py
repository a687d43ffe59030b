"""Positions in an array, as sums of loop variables: ``5*i + j + 3``.

Known parts are computed while compiling, so that an unrolled loop leaves plain numbers behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Index:
    """constant + sum of coefficient * variable; variables are names of JavaScript locals."""

    constant: int = 0
    terms: tuple[tuple[str, int], ...] = ()

    @staticmethod
    def of(variable: str) -> Index:
        return Index(0, ((variable, 1),))

    def __add__(self, other: Index | int) -> Index:
        if isinstance(other, int):
            return Index(self.constant + other, self.terms)
        sums = dict(self.terms)
        for variable, coefficient in other.terms:
            sums[variable] = sums.get(variable, 0) + coefficient
        kept = sorted((v, c) for v, c in sums.items() if c)
        return Index(self.constant + other.constant, tuple(kept))

    def __mul__(self, factor: int) -> Index:
        if factor == 0:
            return Index()
        return Index(self.constant * factor, tuple((v, c * factor) for v, c in self.terms))

    @property
    def is_known(self) -> bool:
        return not self.terms

    def bounds(self, extents: Mapping[str, int]) -> tuple[int, int]:
        """The smallest and the largest position, when every variable v is in [0, extents[v])."""
        steps = [coefficient * (extents[v] - 1) for v, coefficient in self.terms]
        return (
            self.constant + sum(step for step in steps if step < 0),
            self.constant + sum(step for step in steps if step > 0),
        )

    def __str__(self) -> str:
        text = ""
        for variable, coefficient in self.terms:
            size = variable if abs(coefficient) == 1 else f"{abs(coefficient)}*{variable}"
            text += ("-" if coefficient < 0 else "+") + size
        if self.constant or not text:
            text += f"{self.constant:+d}"
        return text.removeprefix("+")


Position = tuple[Index, ...]


def address(position: Position, shape: Sequence[int]) -> Index:
    """Where the entry at `position` lies in a row-major array of this shape."""
    offset = Index()
    for index, extent in zip(position, shape, strict=True):
        offset = offset * extent + index
    return offset


def divide(index: Index, divisor: int, extents: Mapping[str, int]) -> tuple[Index, Index] | None:
    """Quotient and remainder, when they are again sums of variables; None when they are not."""
    quotient = Index(index.constant // divisor)
    remainder = Index(index.constant % divisor)
    for variable, coefficient in index.terms:
        part = Index(0, ((variable, 1),))
        whole, rest = divmod(coefficient, divisor)
        if rest and whole:
            return None
        quotient, remainder = quotient + part * whole, remainder + part * rest
    low, high = remainder.bounds(extents)
    return (quotient, remainder) if low >= 0 and high < divisor else None
