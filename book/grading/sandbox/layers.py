"""Which layers of isolation work on this machine, found by trying them."""

from __future__ import annotations

import os
import platform
import random
import shutil
import site
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

LAYERS = {
    "bubblewrap": "a read-only system without home, solutions and submissions; no network",
    "namespaces": "each submission alone: its own processes, network, and a small disk in memory",
    "own user": "learners' code runs as a user that nobody else is",
    "landlock": "no files but the system's and its own, no TCP, no signals to others",
    "seccomp": "no network sockets, tracing, mounts, or memory outside the limits",
    "limits": "memory, files, processes and time of each process",
    "watch": "memory, processes and files of the whole tree, ended by its supervisor",
}
"""What each layer does, in the order in which they stand around a learner's code."""

CONTAINING = ("bubblewrap", "own user", "landlock")
"""Layers of which at least one must hold before learners' code runs."""

_NAMESPACES = ("user", "pid", "net", "ipc", "uts", "cgroup")


class IsolationError(RuntimeError):
    """Learners' code will not be run here; the message says why, and what to do."""


@dataclass(frozen=True)
class Isolation:
    """The layers that are used, and why others are not.

    Attributes:
        active: Names of `LAYERS`.
        missing: The others, each with a reason.
        namespaces: Those that bubblewrap can make here.
    """

    active: tuple[str, ...]
    missing: dict[str, str] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ()

    def without(self, layer: str, why: str) -> Isolation:
        """The same without one layer, and without those that stand on it."""
        gone = {layer, "namespaces"} if layer == "bubblewrap" else {layer}
        active = tuple(name for name in self.active if name not in gone)
        return Isolation(active, {**self.missing, **dict.fromkeys(gone, why)}, self.namespaces)

    def lines(self) -> list[str]:
        """What is on and what is off, for the terminal."""
        on = [f"  on   {name}: {LAYERS[name]}" for name in LAYERS if name in self.active]
        off = [f"  off  {name}: {self.missing[name]}" for name in LAYERS if name in self.missing]
        return on + off


def detect(wanted: tuple[str, ...]) -> Isolation:
    """The layers of `wanted` that seem to work here; the first child proves them."""
    found = Isolation(tuple(name for name in LAYERS if name in wanted))
    for name in LAYERS:
        if name not in wanted:
            found = found.without(name, "turned off")
    if sys.platform != "linux":
        for name in found.active:
            found = found.without(name, f"there is none on {platform.system()}")
        return found
    if "bubblewrap" in found.active:
        namespaces, why = _bubblewrap()
        if why:
            found = found.without("bubblewrap", why)
        found = Isolation(found.active, found.missing, namespaces)
    if os.geteuid() != 0 and "own user" in found.active:
        found = found.without("own user", "only root can give learners' code a user of its own")
    return found


def _bubblewrap() -> tuple[tuple[str, ...], str]:
    """The namespaces that bubblewrap can make, and why it cannot be used."""
    program = shutil.which("bwrap")
    if program is None:
        return (), "bwrap is not installed; on Debian and Ubuntu: apt-get install bubblewrap"
    wanted = [name for name in _NAMESPACES if name != "user" or os.geteuid() != 0]
    said: dict[str, str] = {}
    while True:
        flags = [f"--unshare-{name}" for name in wanted]
        command = [program, "--ro-bind", "/", "/", "--proc", "/proc", *flags, "--", "/bin/true"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return tuple(wanted), ""
        why = done.stderr.strip().splitlines()[-1:] or ["bwrap failed"]
        dropped = next((name for name in ("cgroup", "uts", "ipc", "net") if name in wanted), None)
        if dropped is None:
            return (), f"bubblewrap does not work here ({why[0]})"
        wanted.remove(dropped)
        said[dropped] = why[0]


def require(isolation: Isolation, unsafe: bool) -> None:
    """Refuse to go on where learners' code would not be contained.

    Raises:
        IsolationError: nothing contains it and `unsafe` is not set, or it would run as root.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and "own user" not in isolation.active:
        raise IsolationError(
            "Learners' code would run as root: "
            f"{isolation.missing.get('own user', 'the layer own user is off')}. "
            "Run this as an ordinary user, or with the layer 'own user'."
        )
    if not unsafe and not any(layer in isolation.active for layer in CONTAINING):
        reasons = "\n".join(f"  {name}: {isolation.missing[name]}" for name in CONTAINING)
        raise IsolationError(
            "Nothing here would contain learners' code, which could read and change your files:\n"
            f"{reasons}\nGrade on Linux with bubblewrap (a virtual machine or a container will "
            "do), or give --unsafe if you trust every submission."
        )


def unused_user(taken: set[int]) -> int:
    """The number of a user that is not in the system's list and has no process."""
    import pwd

    known = {entry.pw_uid for entry in pwd.getpwall()} | taken
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                known.add(os.stat(f"/proc/{entry}").st_uid)
            except OSError:
                continue
    free = [user for user in range(61184, 65520) if user not in known]
    return random.SystemRandom().choice(free)


def readable() -> list[str]:
    """What a learner's process may read besides its copy of the book: system, Python, packages."""
    folders = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache"]
    folders += ["/etc/alternatives", "/etc/fonts", "/etc/localtime", "/etc/mime.types"]
    folders += ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/full", "/proc"]
    folders += ["/sys/devices/system/cpu", sys.base_prefix, sys.prefix]
    return [folder for folder in dict.fromkeys(folders) if os.path.lexists(folder)]


def installed() -> list[str]:
    """An installed copy of the book among Python's packages, which a learner must not read."""
    places = [*site.getsitepackages(), site.getusersitepackages()]
    return [path for place in places if os.path.isdir(path := os.path.join(place, "book"))]


def around(folder: str, holes: list[str]) -> list[str]:
    """Paths that together cover a folder, except for the holes."""
    inside = [hole for hole in holes if hole == folder or hole.startswith(folder + os.sep)]
    if folder in inside:
        return []
    if not inside:
        return [folder]
    parts = (around(entry.path, inside) for entry in os.scandir(folder))
    return [path for part in parts for path in part]


PACKAGE, SCRATCH = "/grading", "/scratch"
"""Where bubblewrap shows the child's copy of the book, and where the child may write."""


def bubblewrap_command(isolation: Isolation, package: Path, disk: int) -> list[str]:
    """The beginning of the command that puts a fork server behind bubblewrap."""
    command = [shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session"]
    command += [f"--unshare-{name}" for name in isolation.namespaces]
    command += ["--cap-add", "ALL", "--proc", "/proc", "--dir", "/dev"]
    command += ["--size", str(disk), "--perms", "1777", "--tmpfs", SCRATCH]
    seen = [path for path in readable() if path != "/proc"]
    if not any(path.startswith("/tmp/") for path in seen):
        command += ["--symlink", SCRATCH, "/tmp"]
    above = {str(parent) for path in seen for parent in Path(path).parents}
    for path in sorted(above - {"/", "/dev"} - set(seen)):
        command += ["--perms", "0755", "--dir", path]  # else only root could pass through
    for path in seen:
        if path.startswith("/dev/"):
            command += ["--dev-bind", path, path]
        elif os.path.islink(path) and os.path.dirname(path) == "/":
            command += ["--symlink", os.readlink(path), path]
        else:
            command += ["--ro-bind", path, path]
    command += ["--ro-bind", str(package), PACKAGE, "--symlink", "/proc/self/fd", "/dev/fd"]
    for path in installed():
        command += ["--tmpfs", path, "--remount-ro", path]
    return [*command, "--remount-ro", "/", "--chdir", SCRATCH, "--"]
