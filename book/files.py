"""What is done with files: hash them, write them whole or not at all, keep others waiting."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from book.digest import digest

__all__ = ["alone", "digest", "write"]


def write(path: Path, data: str | bytes) -> None:
    """Write a file, its folder included, whole or not at all, and onto the disk.

    Raises:
        OSError: it cannot be written; a file that was there is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


@contextlib.contextmanager
def alone(lock: Path, waiting: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Wait until nobody else holds this lock, and hold it.

    Args:
        lock: A file that stands for what is locked; it is made, and stays.
        waiting: Called once if somebody else holds it.

    Raises:
        OSError: the file cannot be made.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(blocking=False)
    except Timeout:
        waiting()
        held.acquire()
    try:
        yield
    finally:
        held.release()
