"""The fork server: imports everything once, then makes a process for every submission.

Its standard input is a socket to the parent.  A request is a JSON text and two sockets: over one
the parent watches and ends the process, over the other the process is asked.  Three processes are
forked: a *supervisor*, which is trusted, watches the memory of the tree and kills it; an *init*,
the first process of a new process namespace; and the *learner*, which closes the jail around
itself and runs the notebook.  No JAX operation has run before the fork, so there are no threads to
lose in it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import select
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

PARENT = 0  # standard input
WATCH_SECONDS, FILES_SECONDS = 0.05, 0.25
RUSAGE_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes
REQUEST_LIMIT = 1 << 16


def prepare() -> dict[str, Any]:
    """Import what notebooks use, and say what went wrong with it."""
    failed = {}
    import book

    names = ["jax", "jax.numpy", "numpy", "optax", "matplotlib.figure", "matplotlib.pyplot"]
    names += [module.name for module in pkgutil.walk_packages(book.__path__, "book.")]
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"
    from jax._src import xla_bridge

    if xla_bridge.backends_are_initialized():
        failed["book"] = "a JAX operation runs when the book is imported, so it cannot be forked"
    return {"failed": failed, "python": sys.version.split()[0], "pid": os.getpid()}


def serve() -> None:
    """Answer requests until the parent is gone."""
    parent = socket.socket(fileno=os.dup(PARENT))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    from . import jail, run

    del jail, run
    parent.sendall(json.dumps(prepare()).encode() + b"\n")
    gc.collect()
    gc.freeze()  # so that collections in children do not copy what they share
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # supervisors are not waited for
    while True:
        text, handles, _, _ = socket.recv_fds(parent, REQUEST_LIMIT, 2)
        if not text:
            return
        if os.fork() == 0:
            try:
                parent.close()
                supervise(json.loads(text), *handles)
            finally:
                os._exit(1)  # whatever happens, only one process is the server
        for handle in handles:
            os.close(handle)


def supervise(request: dict[str, Any], control_handle: int, wire_handle: int) -> None:
    """In the supervisor: start the learner, watch it, end all of it, say how it ended."""
    from . import jail

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    control = socket.socket(fileno=control_handle)
    linux = sys.platform == "linux"
    try:
        if linux:
            jail.adopt_orphans()
            jail.hide_memory()
            jail.die_with_parent()
        if "namespaces" in request["layers"]:
            jail.unshare(jail.NEW_PIDS)
        if request["scratch"]:
            os.mkdir(request["folder"], 0o700)
            if request["user"]:
                os.chown(request["folder"], request["user"], request["user"])
        first = os.fork()
    except OSError as error:
        _refuse(wire_handle, "namespaces", error)
        os._exit(1)
    if first == 0:
        control.close()
        become_init(request, wire_handle)
    os.close(wire_handle)
    reason, status, peak = watch(first, control, request)
    end()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak, cpu = max(peak, RUSAGE_UNIT * usage.ru_maxrss), usage.ru_utime + usage.ru_stime
    _tell(control, status=status, reason=reason, peak=peak, cpu=round(cpu, 3))
    if request["scratch"]:
        shutil.rmtree(request["folder"], ignore_errors=True)
    os._exit(0)


def _tell(control: socket.socket, **message: Any) -> None:
    with contextlib.suppress(OSError):  # the parent may have given up on this one
        control.sendall(json.dumps(message).encode() + b"\n")


def watch(first: int, control: socket.socket, request: dict[str, Any]) -> tuple[str, int, int]:
    """Wait until the learner has ended, or end it; returns why, its status, its peak of memory."""
    peak = 0
    shared = resident(os.getpid())  # what a process has from the fork server, and does not cost
    watches = "watch" in request["layers"] and Path("/proc/self/statm").exists()
    scratch = request["folder"] if request["scratch"] else ""
    reason, counted = "", time.monotonic()
    handle = os.pidfd_open(first) if hasattr(os, "pidfd_open") else control
    while not reason:
        ended, status = os.waitpid(first, os.WNOHANG)
        if ended:
            return "", os.waitstatus_to_exitcode(status), peak
        if control in select.select([control, handle], [], [], WATCH_SECONDS)[0]:
            reason = "ended by the parent"
        elif watches:
            tree = descendants(os.getpid())
            used = sum(max(0, resident(process) - shared) for process in tree)
            peak = max(peak, used)
            if used > request["memory"]:
                reason = "memory"
            elif len(tree) > request["processes"]:
                reason = "processes"
            elif scratch and time.monotonic() - counted > FILES_SECONDS:
                reason = "disk" if stored(scratch) > request["disk"] else ""
                counted = time.monotonic()
    _kill(first)
    return reason, os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]), peak


def stored(folder: str) -> int:
    """Bytes that the files below a folder take up on the disk."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += 512 * os.lstat(os.path.join(place, name)).st_blocks
    return total


def descendants(root: int) -> list[int]:
    """All processes below one, at this moment."""
    below: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            below.setdefault(int(fields[1]), []).append(int(entry))
    found, rest = [], [root]
    while rest:
        children = below.get(rest.pop(), [])
        found += children
        rest += children
    return found


def resident(process: int) -> int:
    """Bytes of memory that a process has in use."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def end() -> None:
    """Kill all descendants, until none is left; with a namespace of their own none is, by now."""
    if not Path("/proc/self/stat").exists():
        return
    for _ in range(200):
        tree = descendants(os.getpid())
        for process in tree:
            _kill(process)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)


def become_init(request: dict[str, Any], wire_handle: int) -> None:
    """In the init: make the namespaces' insides, fork the learner, pass on how it ended."""
    from . import jail

    try:
        if sys.platform == "linux":
            jail.die_with_parent()
        if "namespaces" in request["layers"]:
            jail.unshare(jail.NEW_MOUNTS | jail.NEW_IPC | jail.NEW_NET)
            jail.mount_private(request["disk"], request["folder"], processes=True)
        learner = os.fork()
        if learner == 0:
            become_learner(request, wire_handle)
        os.close(wire_handle)
        while True:
            process, status = os.wait()
            if process == learner:
                code = os.waitstatus_to_exitcode(status)
                os._exit(code if code >= 0 else 128 - code)
    except OSError as error:
        _refuse(wire_handle, "namespaces", error)
    os._exit(1)


def become_learner(request: dict[str, Any], wire_handle: int) -> None:
    """In the learner: close the jail, then do as the parent asks over the wire."""
    from . import jail, run

    layers, folder = request["layers"], request["folder"]
    layer = "own user"
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        close_all_but(wire_handle)
        if request["user"]:
            jail.become(request["user"])
        os.chdir(folder)
        if sys.platform == "linux":
            jail.give_up_privileges()
            jail.hide_memory()
        layer = "limits"
        if layer in layers:
            of_user = request["processes"] if request["counts"] else None
            jail.limit(request["memory"], request["disk"], of_user, request["seconds"])
        layer = "landlock"
        if layer in layers:
            jail.landlock(request["readable"], [folder, os.devnull])
        layer = "seccomp"
        if layer in layers:
            jail.seccomp()
    except OSError as error:
        _refuse(wire_handle, layer, error)
        os._exit(1)
    run.answer(socket.socket(fileno=wire_handle), request)
    os._exit(0)


def _refuse(wire_handle: int, layer: str, error: OSError) -> None:
    from . import wire

    wire.send(socket.socket(fileno=wire_handle), {"refused": layer, "why": str(error)})


def close_all_but(wire_handle: int) -> None:
    """Leave standard input, output and error, all of them the null device, and the wire."""
    null = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(null, handle)
    os.closerange(3, wire_handle)
    os.closerange(wire_handle + 1, 4096)
