"""What a learner has reached: a file of their own, on their own machine.

It stands in the XDG data folder (`~/.local/share/neural-representations/progress.json`, or below
`$XDG_DATA_HOME`).  It is written whole and then moved into place, so a crash leaves the old file;
a file that cannot be read is set aside under another name.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows, where two notebooks must not save within the same millisecond
    fcntl = None

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
        with _alone():
            records, message = _read()
            record = records.setdefault(id, {"points": 0})
            for name, value in changes.items():
                record[name] = max(value, record.get(name, 0))
            _write(records)
    except OSError as error:
        return f"Your progress could not be saved: {error}."
    return message


_IN_THIS_PROCESS = threading.Lock()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """No other notebook of this learner changes the record meanwhile."""
    folder = file().parent
    folder.mkdir(parents=True, exist_ok=True)
    with _IN_THIS_PROCESS:
        if fcntl is None:
            yield
            return
        place = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(place, fcntl.LOCK_EX)
            yield
        finally:
            os.close(place)


def _write(records: dict[str, Record]) -> None:
    path = file()
    text = json.dumps({"version": 1, "exercises": records}, indent=1, sort_keys=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".progress-", delete=False
    ) as new:
        try:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
            os.replace(new.name, path)
        except BaseException:
            os.unlink(new.name)
            raise
