"""What JAX compiles for checks, kept on this machine: from its second start on, a check is quick.

What is kept is executable code.  It is read by `check` alone, in a learner's own process: the
grader does not call it, and gives learners' processes a folder that none of them can write.
"""

from __future__ import annotations

import functools
import os
import shutil
import warnings
from pathlib import Path

import jax
import platformdirs
from jax.experimental.compilation_cache import compilation_cache

LARGEST = 64 << 20  # bytes; all exercises together need about a quarter of it


def folder() -> Path:
    """Where it is kept: the user's folder for caches, or below `$XDG_CACHE_HOME`."""
    home = os.environ.get("XDG_CACHE_HOME")
    name = "neural-representations"
    return (Path(home, name) if home else platformdirs.user_cache_path(name, False)) / "compiled"


@functools.cache
def keep_compiled() -> None:
    """Let JAX read and write the folder from now on, once a process.

    Nothing changes where the user has set a folder or turned caches off, or where this one cannot
    be made or belongs to somebody else.
    """
    now = jax.config.values
    if now["jax_compilation_cache_dir"] or not now["jax_enable_compilation_cache"]:
        return
    path = folder()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return
        if sum(entry.stat().st_size for entry in os.scandir(path)) > LARGEST:
            shutil.rmtree(path)
            path.mkdir(mode=0o700)
    except OSError:
        return
    # An entry that cannot be read or written costs time and nothing else.
    warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")
    jax.config.update("jax_compilation_cache_dir", str(path))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()  # something may have been compiled before
