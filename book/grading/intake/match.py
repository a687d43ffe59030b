"""Finding the line of a gradebook or a roster that belongs to a student."""

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
        ambiguous: Students whose line is not certain, with all those that fit: several lines for
            one student, or one line for several.
    """

    lines: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    ambiguous: dict[str, list[int]] = field(default_factory=dict)

    def report(self, where: str) -> list[str]:
        """What a lecturer must settle by hand, in words."""
        unknown = [f"{name!r} is not in {where}." for name in self.unknown]
        several = []
        for name, rows in self.ambiguous.items():
            others = [other for other in self.ambiguous if other != name]
            others = [other for other in others if self.ambiguous[other] == rows]
            several.append(
                f"{name!r} fits the same line of {where} as {', '.join(map(repr, others))}."
                if len(rows) == 1
                else f"{name!r} fits {len(rows)} lines of {where}."
            )
        return unknown + several


def simplified(text: str) -> str:
    """Letters and digits alone, without accents, small: `Müller, Zoë` and `mullerzoe` agree."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def match(
    students: Iterable[str],
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    numbers: Mapping[str, str] | None = None,
) -> Matched:
    """Matches students, as submissions name them, with the rows of a gradebook.

    A column that identifies more surely stands before one that does so less. In each column a
    row fits when it holds the student's whole name in letters and digits, in either order of
    first and last name, the name before the @ of an address, or a number of at least three digits
    that stands in it.

    Args:
        students: Names of folders or files, such as `doe_jane` or `Jane Doe_12345`.
        rows: The gradebook's rows, as its columns' names and cells.
        columns: Names of the columns to look into; those that do not exist are passed over.
        numbers: What the platform calls students, where their files said; it stands alone in the
            first column, or after a word.
    """
    found = Matched()
    for student in students:
        number = (numbers or {}).get(student)
        fits = [
            i
            for i, row in enumerate(rows)
            if number and (row.get(columns[0]) or "").split()[-1:] == [number]
        ]
        for column in () if fits else columns:
            fits = [i for i, row in enumerate(rows) if _fits(student, row.get(column) or "")]
            if fits:
                break
        if len(fits) == 1:
            found.lines[student] = fits[0]
        elif fits:
            found.ambiguous[student] = fits
        else:
            found.unknown.append(student)
    taken = list(found.lines.values())
    for student, line in list(found.lines.items()):
        if taken.count(line) > 1:
            found.ambiguous[student] = [found.lines.pop(student)]
    return found


def _fits(student: str, cell: str) -> bool:
    if not cell.strip():
        return False
    names = {simplified(student), simplified(re.sub(r"[\W_]*\d+[\W_]*", " ", student))} - {""}
    first, _, last = cell.partition(",")
    words = cell.split()
    forms = {cell, last + first, " ".join([words[-1], *words[:-1]])}
    if "@" in cell:
        forms.add(cell.partition("@")[0])
    numbers = set(re.findall(r"\d{3,}", student)) & set(re.findall(r"\d+", cell))
    return bool(set(map(simplified, forms)) & names or numbers)
