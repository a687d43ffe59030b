"""The one hash of files: what was built or graded is kept under the hash of what made it."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

IGNORED = {"__pycache__", ".ipynb_checkpoints"}


def digest(root: Path, names: Iterable[str], *, without: Iterable[str] = ()) -> str:
    """A hash of every file below `names`, paths included, and of Python's version.

    Args:
        root: The folder that the names are relative to.
        names: Files and folders; those that do not exist are passed over.
        without: Files and folders to leave out, relative to `root`.
    """
    left_out = [root / name for name in without]
    files: list[Path] = []
    for name in names:
        path = root / name
        files += sorted(path.rglob("*")) if path.is_dir() else [path]
    total = hashlib.sha256(sys.version.encode())
    for file in files:
        if not file.is_file() or IGNORED.intersection(file.relative_to(root).parts):
            continue
        if any(file.is_relative_to(path) for path in left_out):
            continue
        total.update(f"{file.relative_to(root).as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
