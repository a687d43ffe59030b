"""What a learner has reached: a file of their own, on their own machine.

It stands in the XDG data folder (`~/.local/share/neural-representations/progress.json`, or below
`$XDG_DATA_HOME`).  It is written whole and then moved into place, so a crash leaves the old file;
a file that cannot be read is set aside under another name.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from book.files import alone, write

Record = dict[str, Any]  # "points": best so far; "hints": rungs opened; "tries": checks run


def file() -> Path:
    """Where progress is kept."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "neural-representations" / "progress.json"


def load() -> tuple[dict[str, Record], str]:
    """Records by exercise id, and a message if they could not be read."""
    try:
        return _read()
    except OSError as error:
        return {}, f"Your progress could not be read: {error}."


def _read() -> tuple[dict[str, Record], str]:
    path = file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, ""
    except UnicodeDecodeError:
        text = ""
    try:
        records = json.loads(text)["exercises"]
        for name, record in records.items():
            if not isinstance(record["points"], int):
                raise TypeError(name)
    except (ValueError, KeyError, TypeError, AttributeError):
        aside = path.with_name(f"progress-unreadable-{time.time_ns()}.json")
        path.rename(aside)
        return {}, f"The record of your progress could not be read; it is kept as {aside}."
    return records, ""


def update(id: str, **changes: int) -> str:
    """Record the largest of each number seen for an exercise; returns a message if that failed."""
    try:
        with alone(file().with_suffix(".lock")):
            records, message = _read()
            record = records.setdefault(id, {"points": 0})
            for name, value in changes.items():
                record[name] = max(value, record.get(name, 0))
            kept = {"version": 1, "exercises": records}
            write(file(), json.dumps(kept, indent=1, sort_keys=True))
    except OSError as error:
        return f"Your progress could not be saved: {error}."
    return message
