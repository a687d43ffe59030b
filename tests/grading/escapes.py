"""Attacks on the sandbox, and the layers each of which is enough to stop one."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.grading.corpus import Case, attack, code

SECRET = "the secret of a canary"


@dataclass
class Canaries:
    """What must neither be read, changed nor reached.

    Attributes:
        folder: Holds a file to read, `secret`, and is where nothing may be written.
        port: Of a TCP server on this machine.
        datagrams: Port of a UDP socket.
        abstract: Name of a Unix socket without a file.
        touched: What got through the network.
    """

    folder: Path
    port: int = 0
    datagrams: int = 0
    abstract: str = ""
    touched: list[str] = field(default_factory=list)


@contextlib.contextmanager
def canaries() -> Iterator[Canaries]:
    """Set them out; anybody on this machine may read and write them."""
    folder = Path(tempfile.mkdtemp(prefix="canaries-"))
    (folder / "secret").write_text(SECRET)
    folder.chmod(0o777)
    (folder / "secret").chmod(0o666)
    out = Canaries(folder, abstract=folder.name)  # a name that nobody else on this machine has
    stop = threading.Event()
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    named = socket.socket(socket.AF_UNIX)
    named.bind(f"\0{out.abstract}")
    named.listen()
    out.port, out.datagrams = tcp.getsockname()[1], udp.getsockname()[1]

    def listen(who: str, place: socket.socket) -> None:
        place.settimeout(0.1)
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                if who == "udp":
                    place.recv(16)
                else:
                    place.accept()[0].close()
                out.touched.append(who)

    places = {"tcp": tcp, "udp": udp, "abstract": named}
    threads = [threading.Thread(target=listen, args=item) for item in places.items()]
    for thread in threads:
        thread.start()
    try:
        yield out
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for place in places.values():
            place.close()
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Escape:
    """An attack.

    Attributes:
        name: What it tries.
        body: Code that calls `breach(...)` if it got there.
        stopped_by: Layers that stop it, each without the others; without all of them it works.
            Empty for what is not stopped by a layer that can be left out.
        as_root: Whether it works only where the grader runs as root.
    """

    name: str
    body: str
    stopped_by: tuple[str, ...] = ()
    as_root: bool = False


def handed_in(escapes: list[Escape]) -> list[Case]:
    """Submissions that try them, whose answers are honest.

    What a layer stops is tried against each layer by itself elsewhere, so all of that is in one
    notebook, a cell for each attack.
    """
    together = [code(attack(escape.body)) for escape in escapes if escape.stopped_by]
    alone = [escape for escape in escapes if not escape.stopped_by]
    return [
        Case("all that a layer stops", change=lambda cells: [cells[0], *together, *cells[1:]]),
        *(Case(escape.name, before=attack(escape.body)) for escape in alone),
    ]


def escapes(at: Canaries) -> list[Escape]:
    """All attacks, against these canaries."""
    secret, pid = f"{at.folder}/secret", os.getpid()
    return [
        Escape("reads a file", f"breach(open({secret!r}).read())", ("bubblewrap", "landlock")),
        Escape(
            "writes a file",
            f"open({str(at.folder / 'written')!r}, 'w').write('x')\nbreach('written')",
            ("bubblewrap", "landlock"),
        ),
        Escape(
            "changes a file",
            f"open({secret!r}, 'w').write('x')\nbreach('changed')",
            ("bubblewrap", "landlock"),
        ),
        Escape(
            "follows a link of its own",
            f"os.symlink({secret!r}, 'link')\nbreach(open('link').read())",
            ("bubblewrap", "landlock"),
        ),
        Escape(
            "asks another program",
            f"said = subprocess.run(['/bin/cat', {secret!r}], capture_output=True, text=True)\n"
            "said.returncode or breach(said.stdout)",
            ("bubblewrap", "landlock"),
        ),
        Escape(
            "connects to this machine",
            f"socket.socket().connect(('127.0.0.1', {at.port}))\nbreach('connected')",
            ("bubblewrap", "landlock", "seccomp"),
        ),
        Escape(
            "sends a datagram",
            "sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            f"sender.sendto(b'x', ('127.0.0.1', {at.datagrams}))",
            ("bubblewrap", "seccomp"),
        ),
        Escape(
            "connects to a socket without a file",
            f"socket.socket(socket.AF_UNIX).connect(chr(0) + {at.abstract!r})\nbreach('connected')",
            ("bubblewrap", "landlock"),
        ),
        Escape(
            "serves the network",
            "socket.create_server(('127.0.0.1', 0))\nbreach('serving')",
            ("landlock", "seccomp"),
        ),
        Escape(
            "sees other processes",
            "others = [p for p in os.listdir('/proc') if p.isdigit() and int(p) > 2 "
            "and int(p) != os.getpid()]\nothers and breach(others)",
            ("namespaces",),
        ),
        Escape(
            "signals the grader",
            f"os.kill({pid}, 0)\nbreach('signalled')",
            ("bubblewrap", "own user", "landlock"),
        ),
        Escape(
            "reads the grader's memory",
            f"breach(len(open('/proc/{pid}/mem', 'rb').read(1)))",
        ),
        Escape(
            "traces its init",
            "libc = ctypes.CDLL(None)\n"
            "libc.ptrace(16, os.getppid(), 0, 0) == 0 and breach('traced')",
        ),
        Escape(
            "traces a process of its own",
            "libc = ctypes.CDLL(None)\nlibc.prctl(4, 1, 0, 0, 0)\nchild = os.fork()\n"
            "child or time.sleep(60)\n"
            "libc.ptrace(16, child, 0, 0) == 0 and breach('traced')",
            ("seccomp",),
        ),
        Escape(
            "makes memory that is no file",
            "os.memfd_create('x')\nbreach('made')",
            ("seccomp",),
        ),
        Escape(
            "makes a user namespace",
            "libc = ctypes.CDLL(None)\nlibc.unshare(0x10000000) == 0 and breach('made')",
            ("seccomp",),
        ),
        Escape(
            "becomes root",
            "os.setuid(0)\nos.getuid() == 0 and breach('root')",
            ("own user",),
            as_root=True,
        ),
        Escape(
            "writes where programs start",
            "import site\n"
            "for place in [*site.getsitepackages(), '/usr/bin', '/etc/cron.d', '/root']:\n"
            "    try:\n"
            "        open(place + '/canary.pth', 'w').close()\n"
            "    except OSError:\n"
            "        continue\n"
            "    os.unlink(place + '/canary.pth')\n"
            "    breach(place)",
            ("bubblewrap", "own user", "landlock"),
            as_root=True,
        ),
        Escape(
            "writes into the book",
            "import book\nopen(book.__file__, 'a').close()\nbreach(book.__file__)",
            ("bubblewrap", "own user", "landlock"),
        ),
        Escape(
            "writes what JAX compiled, which the next one would run",
            "place = os.environ['JAX_COMPILATION_CACHE_DIR'] + '/canary'\n"
            "open(place, 'w').close()\nos.unlink(place)\nbreach(place)",
            ("bubblewrap", "own user", "landlock"),
        ),
        Escape(
            "reads the password file",
            "breach(len(open('/etc/shadow').read()))",
            ("bubblewrap", "own user", "landlock"),
            as_root=True,
        ),
        Escape(
            "finds something in the environment",
            "names = set(os.environ) - {'PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_CTYPE', 'PWD', "
            "'LD_LIBRARY_PATH'}\n"
            "names = [n for n in names if not n.startswith(('MPL', 'JAX', 'TF_', 'OPENBLAS', "
            "'OMP', 'PYTHON', 'KMP', 'TPU'))]\nnames and breach(names)",
        ),
        Escape(
            "talks to the terminal",
            "open('/dev/tty', 'w').write('x')\nbreach('said')",
        ),
        Escape(
            "finds open files",
            "import stat\n"
            "for k in range(64):\n"
            "    try:\n        kind = os.fstat(k).st_mode\n    except OSError:\n        continue\n"
            "    (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) and breach(k)",
        ),
        Escape(
            "finds what another submission left",
            "found = [p for f in ('.', '/tmp', '/dev/shm', '/var/tmp', '/scratch', '/') "
            "for p in glob.glob(f + '/left-*')]\nfound and breach(found)",
        ),
        Escape(
            "leaves processes behind",
            "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
            "        for n in range(1, 32):\n            try:\n"
            "                signal.signal(n, signal.SIG_IGN)\n            except OSError:\n"
            "                pass\n"
            "        while True:\n            time.sleep(1)\n    os._exit(0)",
        ),
        Escape(
            "leaves something for when it ends",
            "import atexit\n"
            f"atexit.register(lambda: open({str(at.folder / 'late')!r}, 'w').write('x'))\n"
            "import threading\n"
            "threading.Timer(0.5, lambda: socket.create_connection("
            f"('127.0.0.1', {at.port}), 1)).start()",
        ),
        Escape(
            "leaves files behind",
            "for folder in ('.', '/tmp', '/dev/shm', '/var/tmp', '/scratch', '/'):\n"
            "    try:\n        open(folder + '/left-here', 'w').close()\n"
            "    except OSError:\n        pass",
        ),
        Escape(
            "leaves shared memory behind",
            "libc = ctypes.CDLL(None)\nlibc.shmget(4711, 4096, 0o1666) >= 0 and breach('made')",
            ("seccomp",),
        ),
        Escape(
            "finds what another submission left, again",
            "found = [p for f in ('.', '/tmp', '/dev/shm', '/var/tmp', '/scratch', '/') "
            "for p in glob.glob(f + '/left-*')]\nfound and breach(found)",
        ),
    ]
