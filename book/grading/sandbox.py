"""The parent's side of the sandbox: a fork server, and the children it makes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from book.grading import isolation as layers_of
from book.grading import package
from book.grading.child import wire
from book.grading.isolation import Isolation, IsolationError
from book.grading.model import Limits

START_SECONDS = 120.0  # for the fork server: imports, on a busy machine
GOODBYE_SECONDS = 10.0  # for a child to be gone once it is told to


@dataclass(frozen=True)
class End:
    """How a child ended.

    Attributes:
        reason: "memory", "processes", "ended by the parent", or empty if it ended by itself.
        status: Exit status; above 128, the signal that killed it.
        peak: Most memory it used, in bytes.
        cpu: Processor time, in seconds.
    """

    reason: str = ""
    status: int = 0
    peak: int = 0
    cpu: float = 0.0


class Died(Exception):
    """The child is gone, did not answer in time, or answered nonsense.

    Attributes:
        status: "timeout", "out of time" or "crashed".
        why: In words.
    """

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Child:
    """A learner's process."""

    def __init__(
        self, wire_: socket.socket, control: socket.socket, limits: Limits, deadline: float
    ) -> None:
        self._wire, self._control = wire_, control
        self._limits, self._deadline = limits, deadline
        self.end: End | None = None
        self.user = -1

    def ready(self, seconds: float) -> None:
        """Wait until the jail is closed.

        Raises:
            Refused: a layer does not work here.
        """
        try:
            message, _ = wire.receive(self._wire, 0, time.monotonic() + seconds)
        except (wire.WireError, TimeoutError) as error:
            raise IsolationError(f"The sandbox did not start: {error}.") from None
        if "refused" in message:
            self.close()
            raise Refused(str(message["refused"]), str(message.get("why")))
        self.user = message["ready"]

    def cell(self, number: int, source: str, lean: bool = False) -> dict[str, str]:
        """Run a cell, or only its definitions; what went wrong in it, or nothing.

        Raises:
            Died: it took the child with it.
        """
        ask = {"do": "cell", "number": number, "source": source, "lean": lean}
        head, _ = self._ask(ask, None)
        return {name: _text(head.get(name)) for name in ("kind", "said", "where") if head.get(name)}

    def call(self, name: str, arguments: Any, jit: bool = False) -> tuple[dict[str, str], Any]:
        """Call a learner's function: how that went, and what it returned.

        Raises:
            Died: it took the child with it.
        """
        head, value = self._ask({"do": "call", "name": name, "jit": jit}, arguments)
        known = ("status", "what", "kind", "said", "where")
        return {name: _text(head.get(name)) for name in known}, value

    def _ask(self, head: dict[str, Any], value: Any) -> tuple[dict[str, Any], Any]:
        now = time.monotonic()
        until = min(now + self._limits.call, self._deadline)
        if until <= now:
            raise Died("out of time", self._late())
        try:
            self._wire.settimeout(until - now)
            wire.send(self._wire, head, value)
            return wire.receive(self._wire, self._limits.reply, until)
        except TimeoutError:
            self.close()
            if until == self._deadline:
                raise Died("out of time", self._late()) from None
            raise Died("timeout", f"no answer within {self._limits.call:g} seconds") from None
        except wire.Closed:
            raise Died("crashed", _cause(self.close(), self._limits)) from None
        except wire.WireError as error:
            self.close()
            raise Died("crashed", f"its answer could not be read: {error}") from None

    def _late(self) -> str:
        return f"the submission's {self._limits.submission:g} seconds were over"

    def close(self) -> End:
        """End the child and everything it started; how it ended."""
        if self.end is not None:
            return self.end
        self._wire.close()
        self.end = End()
        with contextlib.suppress(OSError, ValueError, TypeError):
            # A supervisor tells by itself when a child has ended; give it a moment to.
            self._control.settimeout(0.3)
            try:
                said = self._control.recv(4096)
            except TimeoutError:
                self._control.sendall(b"end")
                self._control.settimeout(GOODBYE_SECONDS)
                said = self._control.recv(4096)
            message = json.loads(said)
            self.end = End(**message)
        self._control.close()
        return self.end


def _text(value: Any) -> str:
    return value[:4000] if isinstance(value, str) else ""


def _cause(end: End, limits: Limits) -> str:
    if end.reason == "memory":
        return f"it used more than {limits.memory >> 20} MB of memory"
    if end.reason == "processes":
        return f"it started more than {limits.processes} processes"
    signals = {128 + 11: "a segmentation fault", 128 + 6: "it aborted", 128 + 9: "it was killed"}
    signals |= {128 + 24: "it used too much processor time", 128 + 25: "it wrote too large a file"}
    return signals.get(end.status, f"the process ended itself (status {end.status})")


class Refused(Exception):
    """A layer of isolation cannot be put around a child here."""

    def __init__(self, layer: str, why: str) -> None:
        super().__init__(why)
        self.layer, self.why = layer, why


class Server:
    """A fork server in its sandbox.  Use as a context manager; one per thread.

    Args:
        isolation: The layers around it and its children.
        limits: What a child may use.
        user: Whom children become, if they may not run as this user.
        compiled: A folder of `warm`, so that children compile less.
    """

    def __init__(
        self,
        isolation: Isolation,
        limits: Limits,
        user: int = 0,
        compiled: Path | None = None,
    ) -> None:
        self.isolation, self.limits, self.user = isolation, limits, user
        self._folder = Path(tempfile.mkdtemp(prefix="grading-"))
        self._count = 0
        self.failed: dict[str, str] = {}
        try:
            self._folder.chmod(0o755)
            self._package = package.build(self._folder / "package", compiled)
            self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _start(self) -> None:
        wrapped = "bubblewrap" in self.isolation.active
        self._inside = layers_of.PACKAGE if wrapped else str(self._package)
        scratch = layers_of.SCRATCH if wrapped else str(self._folder)
        command = (
            layers_of.bubblewrap_command(self.isolation, self._package, self.limits.disk)
            if wrapped
            else []
        )
        begin = f"import sys; sys.path.insert(0, {self._inside!r}); from child import server"
        command += [sys.executable, "-s", "-P", "-c", f"{begin}; server.serve()"]
        self._socket, theirs = socket.socketpair()
        with (self._folder / "errors.txt").open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=_environment(scratch, self._inside),
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the parent to answer
            )
        theirs.close()
        self._socket.settimeout(START_SECONDS)
        try:
            said = b""
            while not said.endswith(b"\n"):
                part = self._socket.recv(1 << 16)
                if not part:
                    raise OSError("it ended")
                said += part
            self.failed = json.loads(said)["failed"]
        except OSError as error:
            text = (self._folder / "errors.txt").read_text(errors="replace").strip()
            raise IsolationError(f"The fork server did not start ({error}):\n{text}") from None
        if "book" in self.failed:
            raise IsolationError(f"The fork server is of no use: {self.failed['book']}.")

    def child(self, names: list[str], deadline: float) -> Child:
        """A new process for a submission that is asked for these functions.

        Raises:
            Refused: a layer does not work here.
            IsolationError: the fork server is gone.
        """
        self._count += 1
        active = self.isolation.active
        alone = "namespaces" in active
        wrapped = "bubblewrap" in active
        scratch = layers_of.SCRATCH if wrapped else str(self._folder)
        folder = scratch if alone else f"{scratch}/{self._count}"
        limits = self.limits
        request = {
            "layers": active,
            "names": names,
            "user": self.user,
            "folder": folder,
            "scratch": not alone,
            "readable": self._readable(),
            "memory": limits.memory,
            "disk": limits.disk,
            "processes": limits.processes,
            "counts": wrapped or bool(self.user),
            "seconds": int(limits.submission) + 10,
            "reply": limits.reply,
        }
        ours, theirs = socket.socketpair()
        control, their_control = socket.socketpair()
        try:
            self._socket.settimeout(10)
            socket.send_fds(
                self._socket,
                [json.dumps(request).encode()],
                [their_control.fileno(), theirs.fileno()],
            )
        except OSError as error:
            raise IsolationError(f"The fork server is gone ({error}).") from None
        finally:
            theirs.close()
            their_control.close()
        child = Child(ours, control, limits, deadline)
        child.ready(max(30.0, limits.call))
        return child

    def _readable(self) -> list[str]:
        holes = layers_of.installed()
        around = (layers_of.around(folder, holes) for folder in layers_of.readable())
        return [self._inside, *(path for paths in around for path in paths)]

    def close(self) -> None:
        """End the server and all its children; leave nothing on the disk."""
        process = getattr(self, "_process", None)
        if process is not None:
            self._socket.close()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _environment(scratch: str, inside: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {
        **kept,
        "PATH": "/usr/bin:/bin",
        "HOME": scratch,
        "TMPDIR": scratch,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        **package.COMPILER,
        **package.READS_COMPILED,
        "JAX_COMPILATION_CACHE_DIR": f"{inside}/compiled",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def start(
    isolation: Isolation,
    limits: Limits,
    taken: set[int],
    unsafe: bool,
    compiled: Path | None = None,
) -> Server:
    """A fork server with as many of the layers as work, each tried on a first child.

    Raises:
        IsolationError: too little is left to run learners' code.
    """
    while True:
        layers_of.require(isolation, unsafe)
        user = layers_of.unused_user(taken) if "own user" in isolation.active else 0
        try:
            server = Server(isolation, limits, user, compiled)
        except IsolationError as error:
            if "bubblewrap" not in isolation.active:
                raise
            isolation = isolation.without("bubblewrap", str(error))
            continue
        try:
            server.child([], time.monotonic() + START_SECONDS).close()
        except Refused as error:
            server.close()
            isolation = isolation.without(error.layer, f"it does not work here ({error.why})")
        except BaseException:
            server.close()
            raise
        else:
            taken.add(user)
            return server
