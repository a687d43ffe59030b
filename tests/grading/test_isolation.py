"""Each layer stops an attack that works without it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from book.grading import Limits
from book.grading.records import MB
from book.grading.sandbox.layers import LAYERS, Isolation, IsolationError, require, unused_user
from book.grading.sandbox.process import Died
from book.grading.sandbox.server import Server
from tests.grading.corpus import BREACH, ROOT, Case, attack
from tests.grading.escapes import Canaries, Escape, canaries, escapes

LIMITS = Limits(call=20, submission=60, memory=600 * MB, disk=8 * MB, processes=64)
AT_NOWHERE = escapes(Canaries(Path("/nowhere")))
STOPPED = [(escape.name, layer) for escape in AT_NOWHERE for layer in escape.stopped_by]
WORKING = [escape.name for escape in AT_NOWHERE if escape.stopped_by]


class Servers:
    """A fork server behind bubblewrap and one that is not, whose children have any layers."""

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation
        root = os.geteuid() == 0
        self._user = unused_user(set()) if root else 0
        self._servers: dict[bool, Server] = {}

    def run(self, layers: set[str], code: str) -> str:
        """Run a cell behind these layers; returns what stopped it."""
        layers = layers - ({"namespaces"} if "bubblewrap" not in layers else set())
        wrapped = "bubblewrap" in layers
        active = tuple(name for name in LAYERS if name in layers)
        isolation = Isolation(active, namespaces=self.isolation.namespaces)
        if wrapped not in self._servers:
            self._servers[wrapped] = Server(isolation, LIMITS, self._user)
        server = self._servers[wrapped]
        server.isolation = isolation
        server.user = self._user if "own user" in layers else 0
        child = server.child([], time.monotonic() + LIMITS.submission)
        try:
            return child.cell(1, code).get("said", "")
        except Died as died:
            return f"died: {died.why}"
        finally:
            child.close()

    def close(self) -> None:
        """End both."""
        for server in self._servers.values():
            server.close()


@pytest.fixture(scope="module")
def servers(isolation: Isolation) -> Iterator[Servers]:
    started = Servers(isolation)
    yield started
    started.close()


@pytest.fixture(scope="module")
def at() -> Iterator[Canaries]:
    with canaries() as out:
        yield out


def broke_out(servers: Servers, escape: Escape, at: Canaries, layers: set[str]) -> bool:
    at.touched.clear()
    said = servers.run(layers, attack(escape.body))
    deadline = time.monotonic() + 0.3
    while not at.touched and BREACH not in said and time.monotonic() < deadline:
        time.sleep(0.02)
    return BREACH in said or bool(at.touched)


def needed(isolation: Isolation, *layers: str) -> None:
    """Skip where this kernel or user cannot have a layer; a missing program is a failure."""
    for layer in layers:
        if layer not in isolation.active:
            pytest.skip(f"{layer} does not work here: {isolation.missing[layer]}")


@pytest.mark.parametrize(("name", "layer"), STOPPED)
def test_a_layer_stops_an_attack(
    servers: Servers, isolation: Isolation, at: Canaries, name: str, layer: str
) -> None:
    needed(isolation, layer)
    escape = next(one for one in escapes(at) if one.name == name)
    layers = set(isolation.active) - set(escape.stopped_by) | {layer}
    assert not broke_out(servers, escape, at, layers)


@pytest.mark.parametrize("name", WORKING)
def test_the_attack_works_without_the_layers(
    servers: Servers, isolation: Isolation, at: Canaries, name: str
) -> None:
    escape = next(one for one in escapes(at) if one.name == name)
    if escape.as_root and os.geteuid() != 0:
        pytest.skip("only root could do it")
    assert broke_out(servers, escape, at, set(isolation.active) - set(escape.stopped_by))


MEMORY = attack("held = bytearray(900 << 20)\ntime.sleep(1)\nbreach('held')")
PROCESSES = attack(
    "for n in range(100):\n    if os.fork() == 0:\n        time.sleep(60)\n        os._exit(0)\n"
    "time.sleep(1)\nbreach('forked')"
)
DISK = attack("open('big', 'wb').write(bytes(12 << 20))\nbreach('written')")
FILES = attack(
    "for n in range(6):\n    open(str(n), 'wb').write(bytes(2 << 20))\n"
    "time.sleep(1)\nbreach('written')"
)


@pytest.mark.parametrize(
    ("code", "layer"),
    [
        (MEMORY, "limits"),
        (MEMORY, "watch"),
        (PROCESSES, "limits"),
        (PROCESSES, "watch"),
        (DISK, "limits"),
        (DISK, "namespaces"),
        (FILES, "namespaces"),
        (FILES, "watch"),
    ],
    ids=lambda part: part if part in LAYERS else "",
)
def test_what_a_submission_uses_is_limited(
    servers: Servers, isolation: Isolation, code: str, layer: str
) -> None:
    needed(isolation, layer)
    files = code in (DISK, FILES)
    without = {"limits", "watch"} | ({"namespaces", "bubblewrap"} if files else set())
    layers = set(isolation.active) - without
    kept = {"bubblewrap", "namespaces"} if layer == "namespaces" else {layer}
    assert BREACH not in servers.run(layers | kept, code)
    assert BREACH in servers.run(layers, code)


LEAVE = "open('/scratch/left-here', 'w').close()"
FIND = attack("os.path.exists('/scratch/left-here') and breach('found')")


def test_nothing_is_left_for_the_next_submission(servers: Servers, isolation: Isolation) -> None:
    needed(isolation, "namespaces")
    everything = set(isolation.active)
    servers.run(everything, LEAVE)
    assert BREACH not in servers.run(everything, FIND)
    without = everything - {"namespaces", "landlock"}
    servers.run(without, LEAVE)
    assert BREACH in servers.run(without, FIND)
    servers.run(without, "import os; os.unlink('/scratch/left-here')")


DAEMON = (
    "import os, signal, time\n"
    "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
    "        signal.signal(15, signal.SIG_IGN)\n        time.sleep(600)\n    os._exit(0)\n"
)


@pytest.mark.parametrize("namespaces", [True, False])
def test_daemons_end_with_the_submission(
    servers: Servers, isolation: Isolation, namespaces: bool
) -> None:
    needed(isolation, "own user")
    servers.run(set(isolation.active) - (set() if namespaces else {"namespaces"}), DAEMON)
    assert servers._user not in {
        os.stat(f"/proc/{entry}").st_uid
        for entry in os.listdir("/proc")
        if entry.isdigit() and os.path.exists(f"/proc/{entry}")
    }


def test_without_isolation_nothing_is_graded() -> None:
    nothing = Isolation((), dict.fromkeys(LAYERS, "turned off"))
    if os.geteuid() == 0:
        with pytest.raises(IsolationError, match="would run as root"):
            require(nothing, unsafe=True)
        return
    with pytest.raises(IsolationError, match="--unsafe"):
        require(nothing, unsafe=False)
    require(nothing, unsafe=True)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="tests run as a user")
def test_an_ordinary_user_can_grade(isolation: Isolation) -> None:
    needed(isolation, "bubblewrap")
    work = Path(tempfile.mkdtemp())
    work.chmod(0o777)
    (work / "in" / "ada").mkdir(parents=True)
    case = Case("an attack", before=attack(f"breach(os.listdir({str(work)!r}))"))
    (work / "in" / "ada" / "linearity.ipynb").write_bytes(case.built())
    seen = [sys.base_prefix, sys.prefix, str(ROOT)]
    closed = {p for path in seen for p in Path(path).parents if not p.stat().st_mode & 1}
    command = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--cap-add", "ALL"]
    for folder in sorted(closed, key=str):
        if not any(other in folder.parents for other in closed):
            command += ["--perms", "0755", "--tmpfs", str(folder)]
    for path in seen:
        inside = [p for p in reversed(Path(path).parents) if {p, *p.parents} & closed]
        for parent in inside:
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind", path, path]
    user = str(unused_user(set()))
    command += ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
    command += ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    command += ["env", f"HOME={work}", f"TMPDIR={work}", sys.executable, "-m", "book.grading"]
    command += [str(work / "in"), "--output", str(work / "out"), "--workers", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    grades = (work / "out" / "grades.csv").read_text()
    feedback = (work / "out" / "feedback" / "ada" / "linearity.html").read_text()
    assert "on   bubblewrap" in done.stdout
    assert "only root can give" in done.stdout
    assert "passed" in grades
    assert not re.search("failed|error|crashed", grades)
    assert BREACH not in feedback
    shutil.rmtree(work)
