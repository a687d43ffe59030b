"""A process for each submission, where there is no fork server: on macOS and Windows."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from book.grading.records import Limits
from book.grading.sandbox import stripped_book
from book.grading.sandbox.layers import Isolation, IsolationError
from book.grading.sandbox.process import START_SECONDS, Child, End, Origin


class Spawner(Origin):
    """A new Python for every child: slower, without layers, and the same on every system.

    Time is limited all the same, because the parent ends what does not answer.
    """

    def __init__(
        self, isolation: Isolation, limits: Limits, user: int = 0, compiled: Path | None = None
    ) -> None:
        super().__init__(isolation, limits, user, compiled)
        self._processes: list[subprocess.Popen[bytes]] = []

    def child(self, names: list[str], deadline: float) -> Child:
        scratch = tempfile.mkdtemp(dir=self._folder)
        token = secrets.token_hex(16)
        package = str(self._package)
        environment = stripped_book.environment(scratch, package, self.compiled)
        request = {"names": names, "folder": scratch, "reply": self.limits.reply}
        begin = f"import sys; sys.path.insert(0, {package!r}); from child import unforked"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            told = json.dumps({"port": listener.getsockname()[1], "token": token, **request})
            process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-c", f"{begin}; unforked.main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **environment},
                cwd=scratch,
            )
            self._processes.append(process)
            assert process.stdin is not None
            process.stdin.write(told.encode())
            process.stdin.close()
            listener.settimeout(START_SECONDS)
            wire_ = _greeted(listener, token.encode())

        def finish() -> End:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.3)
            process.kill()
            status = process.wait()
            shutil.rmtree(scratch, ignore_errors=True)
            return End(status=status if status >= 0 else 128 - status)

        child = Child(wire_, finish, self.limits, deadline)
        child.ready()
        return child

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        super().close()


def _greeted(listener: socket.socket, token: bytes) -> socket.socket:
    """The connection of whoever knows the token."""
    while True:
        try:
            wire_, _ = listener.accept()
        except OSError as error:
            raise IsolationError(f"A process for a submission did not start ({error}).") from None
        wire_.settimeout(5)
        with contextlib.suppress(OSError):
            if secrets.compare_digest(wire_.recv(len(token), socket.MSG_WAITALL), token):
                return wire_
        wire_.close()
