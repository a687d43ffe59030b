"""What JAX compiles for checks, kept on this machine: from its second start on, a check is quick.

What is kept is executable code.  It is read by `check` alone, in a learner's own process: the
grader does not call it, and gives learners' processes a folder that none of them can write.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import shutil
import sys
import warnings
from pathlib import Path

import jax
import platformdirs
from jax.experimental.compilation_cache import compilation_cache

LARGEST = 64 << 20  # bytes; all exercises together need about a quarter of it


def folder() -> Path:
    """Where it is kept: the user's folder for caches, or below `$XDG_CACHE_HOME`.

    A home that several machines share has a folder for each kind of them.
    """
    home = os.environ.get("XDG_CACHE_HOME")
    name = "neural-representations"
    base = Path(home, name) if home else platformdirs.user_cache_path(name, False)
    return base / "compiled" / hashlib.sha256(maker().encode()).hexdigest()[:12]


def maker() -> str:
    """The versions and the processor that compiled code belongs to, one a line."""
    libraries = [f"{name} {importlib.metadata.version(name)}" for name in ("jax", "jaxlib")]
    return "\n".join([*libraries, f"Python {sys.version}", *processor()])


def processor() -> list[str]:
    """What this machine's processor is called and what it can do, as the system says."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    told = ("model name", "flags", "Features", "CPU part")
    first = lines[: lines.index("")] if "" in lines else lines
    return [platform.machine(), platform.processor(), *(x for x in first if x.startswith(told))]


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
        if sum(entry.stat().st_size for entry in path.parent.rglob("*")) > LARGEST:
            shutil.rmtree(path.parent)
            path.mkdir(mode=0o700, parents=True)
    except OSError:
        return
    # An entry that cannot be read or written costs time and nothing else.
    warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")
    jax.config.update("jax_compilation_cache_dir", str(path))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()  # something may have been compiled before
