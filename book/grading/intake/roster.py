"""The list of a course's students, and who of them handed in nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from book.grading.intake.match import match, simplified
from book.grading.intake.table import FIRST, LAST, TOGETHER, by_column, read_table
from book.grading.records import InputError, Submission

NUMBERS = ("ID", "Identifier", "Student ID", "SID", "ID number", "SIS User ID")
LOGINS = ("SIS Login ID", "Login", "Username", "Email address", "Email", "E-mail")
NAMES = ("Full name", "Student", "Student name", "Name", "Display name")


@dataclass(frozen=True)
class Roster:
    """A course's students: a row each, by the names of columns above."""

    rows: Sequence[Mapping[str, str]]

    def check(self, submissions: Sequence[Submission]) -> Checked:
        """Who of the roster handed in nothing, and who handed in but is not on the roster."""
        students = list(dict.fromkeys(one.student for one in submissions))
        numbers = {one.student: one.number for one in submissions if one.number}
        columns = (*NUMBERS, *LOGINS, *NAMES, TOGETHER)
        found = match(students, self.rows, columns, numbers)
        seen = {*found.lines.values(), *(row for rows in found.ambiguous.values() for row in rows)}
        missing = [named(row) for k, row in enumerate(self.rows) if k not in seen]
        lines = [f"Roster: {len(self.rows) - len(missing)} of {len(self.rows)} handed in."]
        if missing:
            lines.append(f"Missing, with 0 points in summary.csv: {'; '.join(missing)}.")
        for chapter in sorted({one.chapter for one in submissions} - {""}):
            gave = {one.student for one in submissions if one.chapter == chapter}
            without = [student for student in students if student not in gave]
            if without:
                lines.append(f"Handed in, but not {chapter}: {'; '.join(without)}.")
        return Checked(missing, [*lines, *found.report("the roster")])


@dataclass(frozen=True)
class Checked:
    """What a roster says about submissions.

    Attributes:
        missing: Names of those who handed in nothing.
        lines: All that a lecturer should know, in words.
    """

    missing: list[str]
    lines: list[str]


def named(row: Mapping[str, str]) -> str:
    """What to call the student of a row."""
    return next(
        row[column]
        for column in (*NAMES, TOGETHER, *LOGINS, *NUMBERS)
        if row.get(column, "").strip()
    )


def read_roster(path: Path) -> Roster:
    """Read a roster: a table of students, or one name a line.

    Gradebooks and lists of participants that Canvas, Moodle and Gradescope export will do.

    Raises:
        InputError: it is none.
    """
    found = read_table(path, "the roster").lines
    lines = [[cell.strip() for cell in line] for line in found if any(map(str.strip, line))]
    columns = [_known(cell) for cell in lines[0]] if lines else []
    if not any(columns) and all(len(line) == 1 for line in lines):
        rows = [{"Name": line[0]} for line in lines]  # a list of names, without a heading
    elif not any(columns):
        raise InputError(
            f"{path} has the columns {', '.join(lines[0])}. A roster needs one of "
            f"{', '.join((*NAMES, *LOGINS, *NUMBERS))}, or First name and Last name."
        )
    else:
        rows = [by_column(columns, line) for line in lines[1:] if line[0] != "Points Possible"]
    rows = [one for one in rows if any(one.values())]
    if not rows:
        raise InputError(f"{path} holds no students. A roster is a CSV file, a student a line.")
    return Roster(rows)


def _known(cell: str) -> str:
    """The column that a heading means, or nothing."""
    known = (*NUMBERS, *LOGINS, *NAMES, *FIRST, *LAST)
    return next((name for name in known if simplified(name) == simplified(cell)), "")
