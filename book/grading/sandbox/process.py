"""A learner's process, as the parent sees it: it is asked, it answers, or it dies."""

from __future__ import annotations

import re
import shutil
import socket
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from book.grading.records import Limits
from book.grading.sandbox import stripped_book
from book.grading.sandbox.child import wire
from book.grading.sandbox.layers import Isolation, IsolationError

START_SECONDS = 120.0  # for what children come from, or a child alone: imports, on a busy machine
READY_SECONDS = 30.0  # for a child's jail


@dataclass(frozen=True)
class End:
    """How a child ended.

    Attributes:
        reason: "memory", "processes", "disk", "ended by the parent", or empty: by itself.
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
        plainly: In words that hold nothing the learner's code chose, such as a number in which
            it could hand on what it was given.
    """

    def __init__(self, status: str, why: str, plainly: str = "") -> None:
        super().__init__(why)
        self.status, self.why, self.plainly = status, why, plainly or why


@runtime_checkable
class Answering(Protocol):
    """Whatever answers calls of a learner's functions."""

    def call(self, name: str, arguments: Any, jit: bool = False) -> tuple[dict[str, str], Any]:
        """See `Child.call`."""


class Child:
    """A learner's process, as the parent sees it.

    Args:
        wire_: Where it is asked.
        finish: Ends it and all that it started, and says how it ended.
        limits: What it may use.
        deadline: On `time.monotonic`'s clock, when the submission's time is over.
    """

    def __init__(
        self, wire_: socket.socket, finish: Callable[[], End], limits: Limits, deadline: float
    ) -> None:
        self._wire, self._finish = wire_, finish
        self._limits, self._deadline = limits, deadline
        self.end: End | None = None

    def ready(self) -> None:
        """Wait until the jail is closed.

        Raises:
            Refused: a layer does not work here.
        """
        try:
            message, _ = wire.receive(self._wire, 0, time.monotonic() + READY_SECONDS)
        except (wire.WireError, TimeoutError) as error:
            raise IsolationError(f"The sandbox did not start: {error}.") from None
        if "refused" in message:
            self.close()
            raise Refused(str(message["refused"]), str(message.get("why")))

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
            why = _cause(self.close(), self._limits)
            raise Died("crashed", why, re.sub(r" \(status .*", "", why)) from None
        except wire.WireError as error:
            self.close()
            plainly = "its answer could not be read"
            raise Died("crashed", f"{plainly}: {error}", plainly) from None

    def _late(self) -> str:
        return f"the submission's {self._limits.submission:g} seconds were over"

    def close(self) -> End:
        """End the child and everything it started; how it ended."""
        if self.end is None:
            self._wire.close()
            self.end = self._finish()
        return self.end


def _text(value: Any) -> str:
    return value[:4000] if isinstance(value, str) else ""


def _cause(end: End, limits: Limits) -> str:
    if end.reason == "memory":
        return f"it used more than {limits.memory >> 20} MB of memory"
    if end.reason == "disk":
        return f"it wrote more than {limits.disk >> 20} MB into files"
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


class Origin(ABC):
    """Where learners' processes come from, with the copy of the book that they read.

    Attributes:
        isolation: The layers around it and its children.
        limits: What a child may use.
        user: Whom children become, if they may not run as this user.
        compiled: Whether they read what was compiled beforehand.
        failed: What notebooks cannot import, and why.
    """

    def __init__(
        self, isolation: Isolation, limits: Limits, user: int = 0, compiled: Path | None = None
    ) -> None:
        self.isolation, self.limits, self.user = isolation, limits, user
        self.compiled, self.failed = compiled is not None, dict[str, str]()
        self._folder = Path(tempfile.mkdtemp(prefix="grading-"))
        self._folder.chmod(0o755)
        self._package = stripped_book.build(self._folder / "package", compiled)

    @abstractmethod
    def child(self, names: list[str], deadline: float) -> Child:
        """A new process for a submission that is asked for these functions.

        Raises:
            Refused: a layer does not work here.
            IsolationError: there can be none any more.
        """

    def close(self) -> None:
        """End all children; leave nothing on the disk."""
        shutil.rmtree(self._folder, ignore_errors=True)
