"""What JAX has compiled, kept from build to build: most of a build's time is compiling.

JAX recompiles whatever it cannot read. But what it reports about that on the error stream would
fail a cell, and what another processor compiled may not run on this one; so the folder is looked
through before kernels use it, and what is unfit for use is set aside with one line.
"""

import shutil
import zlib
from pathlib import Path

from book.exercises.compiled import maker

LARGEST = 512 << 20
"""Bytes in the folder: some thirty times what the book needs."""
LEAST_FREE = 128 << 20
"""Bytes that a disk needs to have left."""
ZSTANDARD = b"\x28\xb5\x2f\xfd"
"""The first bytes of an entry that JAX writes from Python 3.14 on; it holds no sum to check."""

SILENT = [
    f"ignore:Error {doing} persistent compilation cache entry" for doing in ("reading", "writing")
]


def environment(folder: Path) -> dict[str, str]:
    """The environment variables that make JAX keep in `folder` whatever it compiles.

    Prints a line if something was wrong with the folder; if it cannot be used, there are none.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        set_aside(folder)
        if shutil.disk_usage(folder).free < LEAST_FREE:
            raise OSError("the disk is nearly full")
        (folder / "made-by").write_text(maker())
    except OSError as error:
        print(f"Working without the compile cache in {folder}: {error}.", flush=True)
        return {}
    return {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        # Any of these options takes IPython's own filter away: it shows what a cell deprecates.
        "PYTHONWARNINGS": ",".join(["default::DeprecationWarning:__main__", *SILENT]),
    }


def set_aside(folder: Path) -> None:
    """Remove what another version made, what is broken, and the oldest of what is too much."""
    entries = sorted(folder.glob("*-cache"), key=lambda path: path.stat().st_mtime)
    made_by = folder / "made-by"
    if entries and (not made_by.is_file() or made_by.read_text() != maker()):
        _remove(entries, "other versions of JAX and Python, or another processor, made it")
        return
    _remove([path for path in entries if not is_whole(path)], "it was broken")
    kept = [(path, path.stat().st_size) for path in entries if path.exists()]
    size = sum(size for _, size in kept)
    if size > LARGEST:
        old = []
        while size > LARGEST // 2:
            path, freed = kept.pop(0)
            old.append(path)
            size -= freed
        _remove(old, f"the cache was over {LARGEST >> 20} MB")


def _remove(entries: list[Path], reason: str) -> None:
    for path in entries:
        path.unlink()
    if entries:
        print(f"Set aside {len(entries)} entries of the compile cache: {reason}.", flush=True)


def is_whole(entry: Path) -> bool:
    """Whether an entry can be unpacked; a build that was stopped may have written half of one."""
    data = entry.read_bytes()
    if not data.startswith(ZSTANDARD):
        try:
            zlib.decompress(data)
        except zlib.error:
            return False
    return True
