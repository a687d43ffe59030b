"""The fork server in its sandbox, from which learners' processes come, and the choice of layers."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from book.grading.records import Limits
from book.grading.sandbox import stripped_book
from book.grading.sandbox.layers import (
    PACKAGE,
    SCRATCH,
    Isolation,
    IsolationError,
    around,
    bubblewrap_command,
    installed,
    readable,
    require,
    unused_user,
)
from book.grading.sandbox.process import START_SECONDS, Child, Died, End, Origin, Refused
from book.grading.sandbox.spawner import Spawner

GOODBYE_SECONDS = 10.0  # for a child to be gone once it is told to


class Server(Origin):
    """A fork server in its sandbox; one per thread."""

    def __init__(
        self, isolation: Isolation, limits: Limits, user: int = 0, compiled: Path | None = None
    ) -> None:
        super().__init__(isolation, limits, user, compiled)
        self._count = 0
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        wrapped = "bubblewrap" in self.isolation.active
        self._inside = PACKAGE if wrapped else str(self._package)
        scratch = SCRATCH if wrapped else str(self._folder)
        command = (
            bubblewrap_command(self.isolation, self._package, self.limits.disk) if wrapped else []
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
                env=stripped_book.environment(scratch, self._inside, self.compiled),
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
        self._count += 1
        request = self._request(names, self._count)
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
        child = Child(ours, lambda: _ended(control), self.limits, deadline)
        child.ready()
        return child

    def _request(self, names: list[str], count: int) -> dict[str, Any]:
        """What the fork server must know to make a child; see `child/server.py`."""
        active, limits = self.isolation.active, self.limits
        alone, wrapped = "namespaces" in active, "bubblewrap" in active
        scratch = SCRATCH if wrapped else str(self._folder)
        return {
            "layers": active,
            "names": names,
            "user": self.user,
            "folder": scratch if alone else f"{scratch}/{count}",
            "scratch": not alone,
            "readable": self._readable(),
            "memory": limits.memory,
            "disk": limits.disk,
            "processes": limits.processes,
            "counts": wrapped or bool(self.user),
            "seconds": int(limits.submission) + 10,
            "reply": limits.reply,
        }

    def _readable(self) -> list[str]:
        holes = installed()
        return [self._inside, *(path for place in readable() for path in around(place, holes))]

    def close(self) -> None:
        process = getattr(self, "_process", None)
        if process is not None:
            self._socket.close()
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        super().close()


def _ended(control: socket.socket) -> End:
    """End a child through its supervisor."""
    with contextlib.suppress(OSError, ValueError, TypeError), control:
        # A supervisor tells by itself when a child has ended; give it a moment to.
        control.settimeout(0.3)
        try:
            said = control.recv(4096)
        except TimeoutError:
            control.sendall(b"end")
            control.settimeout(GOODBYE_SECONDS)
            said = control.recv(4096)
        return End(**json.loads(said))
    return End()


PROBE = "import jax.numpy, matplotlib.figure\nfloat(jax.numpy.ones(2).sum())"


def start(
    isolation: Isolation,
    limits: Limits,
    taken: set[int],
    unsafe: bool,
    compiled: Path | None = None,
) -> Origin:
    """A fork server with as many of the layers as work, each tried on a first child.

    Args:
        isolation: The layers to try.
        limits: What a child may use.
        taken: Users that other servers' children have; one is added.
        unsafe: Whether to go on with no isolation at all.
        compiled: What was compiled beforehand; not used where learners' processes could write it.

    Raises:
        IsolationError: too little is left to run learners' code.
    """
    forks = sys.platform == "linux"
    compiled = None if unsafe else compiled
    while True:
        require(isolation, unsafe)
        user = unused_user(taken) if "own user" in isolation.active else 0
        try:
            server = (Server if forks else Spawner)(isolation, limits, user, compiled)
        except IsolationError as error:
            if "bubblewrap" not in isolation.active:
                raise
            isolation = isolation.without("bubblewrap", str(error))
            continue
        try:
            _probe(server)
        except Refused as error:
            server.close()
            isolation = isolation.without(error.layer, f"it does not work here ({error.why})")
        except BaseException:
            server.close()
            raise
        else:
            taken.add(user)
            return server


def _probe(server: Origin) -> None:
    """See whether a notebook could run.

    Raises:
        Refused: a layer does not work here.
        IsolationError: it could not, behind these layers.
    """
    child = server.child([], time.monotonic() + START_SECONDS)
    try:
        problem = child.cell(1, PROBE)
    except Died as died:
        problem = {"said": died.why}
    finally:
        child.close()
    if problem:
        raise IsolationError(
            f"Notebooks cannot run in the sandbox: {problem.get('kind', '')} {problem['said']}.\n"
            f"As root, learners' code runs as another user: can that one read {sys.prefix} and "
            f"{sys.base_prefix}? Bubblewrap (apt-get install bubblewrap) makes them readable; or "
            "grade as an ordinary user."
        )
