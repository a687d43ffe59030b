"""Tables of students that a lecturer brings: CSV files, whichever system wrote them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from book.grading.records import InputError

FIRST, LAST = ("First name", "Given name", "Firstname"), ("Last name", "Surname", "Lastname")
TOGETHER = "First and last name"


@dataclass(frozen=True)
class Table:
    """A file's lines as cells, the first one the names of its columns, and how it was written."""

    lines: list[list[str]]
    delimiter: str
    marked: bool  # whether a mark of byte order stands first, as Excel wants it
    end: str


def read_table(path: Path, what: str) -> Table:
    """Read a file; `what` it is stands in messages: "the roster".

    Raises:
        InputError: it cannot be read.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        heading = text.partition("\n")[0]
        delimiter = max(",;\t", key=heading.count)
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text. Save {what} as 'CSV UTF-8'.") from None
    except (OSError, csv.Error) as error:
        raise InputError(f"{path} could not be read as {what}: {error}.") from error
    end = "\r\n" if "\r\n" in text else "\n"
    return Table(lines, delimiter, data.startswith(b"\xef\xbb\xbf"), end)


def by_column(columns: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    """A line's cells by the names of their columns, with a name in two columns joined too."""
    cells = {column: cell for column, cell in zip(columns, line, strict=False) if column}
    known = {column.capitalize(): cell for column, cell in cells.items()}
    names = [next((known[name] for name in those if name in known), "") for those in (FIRST, LAST)]
    return cells | ({TOGETHER: " ".join(names).strip()} if any(names) else {})
