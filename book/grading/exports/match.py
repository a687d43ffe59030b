"""Finding the line of a gradebook that belongs to a student."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Matched:
    """Which line each student has in a gradebook.

    Attributes:
        lines: The line's index by student.
        unknown: Students without a line.
        ambiguous: Students with several lines that fit equally well.
    """

    lines: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)

    def report(self) -> list[str]:
        """What a lecturer must settle by hand, in words."""
        unknown = [f"{name!r} is not in the gradebook." for name in self.unknown]
        several = [f"{name!r} fits more than one line of the gradebook." for name in self.ambiguous]
        return unknown + several


def simplified(text: str) -> str:
    """Letters and digits alone, without accents, small: `Müller, Zoë` and `mullerzoe` agree."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def match(
    students: Iterable[str], rows: Sequence[Mapping[str, str]], columns: Sequence[str]
) -> Matched:
    """Matches students, as submissions name them, with the rows of a gradebook.

    A column that identifies more surely stands before one that does so less. In each column a
    row fits when it holds the student's whole name in letters and digits, in either order of
    first and last name, or a number of at least three digits that stands in it.

    Args:
        students: Names of folders or files, such as `doe_jane` or `Jane Doe_12345`.
        rows: The gradebook's rows, as its columns' names and cells.
        columns: Names of the columns to look into; those that do not exist are passed over.
    """
    found = Matched()
    for student in students:
        fits: list[int] = []
        for column in columns:
            fits = [i for i, row in enumerate(rows) if _fits(student, row.get(column) or "")]
            if fits:
                break
        if len(fits) == 1:
            found.lines[student] = fits[0]
        else:
            (found.ambiguous if fits else found.unknown).append(student)
    taken = list(found.lines.values())
    for student, line in list(found.lines.items()):
        if taken.count(line) > 1:
            del found.lines[student]
            found.ambiguous.append(student)
    return found


def _fits(student: str, cell: str) -> bool:
    if not cell.strip():
        return False
    names = {simplified(student), simplified(re.sub(r"[\W_]*\d+[\W_]*", " ", student))} - {""}
    first, _, last = cell.partition(",")
    words = cell.split()
    forms = {cell, last + first, " ".join([words[-1], *words[:-1]])}
    numbers = set(re.findall(r"\d{3,}", student)) & set(re.findall(r"\d+", cell))
    return bool(set(map(simplified, forms)) & names or numbers)
