"""What a learner has reached: a file of their own, on their own machine.

It stands in the user's folder for data, or below `$XDG_DATA_HOME`.  It is written whole and then
moved into place, so a crash leaves the old file; a file that cannot be read is set aside under
another name.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import platformdirs

from book.files import alone, write

NAME, FILE = "neural-representations", "progress.json"

Record = dict[str, int]  # "points": best so far; "hints": rungs opened


def file() -> Path:
    """Where progress is kept."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home, NAME) if home else platformdirs.user_data_path(NAME, False)) / FILE


def first_edition() -> Path:
    """Where the first edition kept it, on every system, without `$XDG_DATA_HOME`."""
    return Path.home() / ".local" / "share" / NAME / FILE


def load() -> tuple[dict[str, Record], str]:
    """Records by exercise id, and a message if they could not be read."""
    try:
        message = _move()
        records, more = _read(file())
        return records, message or more
    except OSError as error:
        return {}, f"Your progress could not be read: {error}."


def _read(path: Path) -> tuple[dict[str, Record], str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, ""
    except UnicodeDecodeError:
        text = ""
    try:
        records = json.loads(text)["exercises"]
        for name, record in records.items():
            if not all(isinstance(value, int) for value in (record["points"], *record.values())):
                raise TypeError(name)
    except (ValueError, KeyError, TypeError, AttributeError):
        aside = path.with_name(f"progress-unreadable-{time.time_ns()}.json")
        path.rename(aside)
        return {}, f"The record of your progress could not be read; it is kept as {aside}."
    return records, ""


def update(id: str, **changes: int) -> str:
    """Record the largest of each number seen for an exercise; returns a message if that failed."""
    try:
        message = _move()
        return _add({id: {"points": 0, **changes}}) or message
    except OSError as error:
        return f"Your progress could not be saved: {error}."


def _add(more: dict[str, Record]) -> str:
    """Raise every number to what it is in `more`; returns a message if the file was unreadable."""
    path = file()
    with alone(path.with_suffix(".lock")):
        records, message = _read(path)
        for id, record in more.items():
            kept = records.setdefault(id, {})
            kept.update({name: max(value, kept.get(name, 0)) for name, value in record.items()})
        write(path, json.dumps({"version": 1, "exercises": records}, indent=1, sort_keys=True))
    return message


def _move() -> str:
    """Take over the first edition's record, once; returns a message if it was unreadable."""
    old = first_edition()
    if os.environ.get("XDG_DATA_HOME") or old == file() or not old.exists():
        return ""
    records, message = _read(old)
    if records:
        message = _add(records)
    old.unlink(missing_ok=True)  # only now that all of it stands in the new place
    return message
