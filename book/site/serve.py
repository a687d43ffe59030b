"""Serve the site on this machine and build it again when a source changes."""

import logging
import signal
import socket
import subprocess
import sys
from pathlib import Path

import livereload

from book.site.build import SOURCES, STAMP, BuildError

HOST = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 20


def is_free(port: int) -> bool:
    """Whether nothing listens on this port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose_port(port: int | None) -> int:
    """The port asked for, or else the first free one from 8000.

    Raises:
        BuildError: the port is in use or out of range, or twenty ports in a row are in use.
    """
    if port is None:
        for candidate in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
            if is_free(candidate):
                return candidate
        raise BuildError(
            f"The ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} are all in use. "
            "Name a free one: python -m book.site serve --port 9000"
        )
    if not 1 <= port <= 65535:
        raise BuildError(f"A port is a number from 1 to 65535, not {port}.")
    if not is_free(port):
        raise BuildError(
            f"Port {port} is in use, perhaps by another `make serve`. Stop that program, name "
            "another port, or leave --port out to get the first free one."
        )
    return port


def serve(root: Path, port: int | None) -> None:
    """Build, then serve `_build/serve/html` and build again on every change, until Ctrl+C.

    Pages that are open in a browser reload by themselves.

    Raises:
        BuildError: the port cannot be used, or there is no site because the first build failed.
    """
    chosen = choose_port(port)
    # A new process, so that edits of the `book` package count; of two builds, one waits.
    build = [sys.executable, "-m", "book.site", "update"]
    subprocess.run(build, cwd=root, check=False)
    folder = root / "_build" / "serve"
    if not (folder / "html" / "index.html").is_file():
        raise BuildError("There is no site to serve yet: correct the errors above and try again.")
    builds: list[subprocess.Popen[bytes]] = []
    server = livereload.Server()
    for name in SOURCES:
        server.watch(
            str(root / name),
            lambda: builds.append(subprocess.Popen(build, cwd=root)),
            delay="forever",  # nothing is reloaded yet
            ignore=lambda path: "__pycache__" in path,
        )
    server.watch(str(folder / STAMP))
    logging.disable(logging.INFO)
    print(f"Serving on http://{HOST}:{chosen} (Ctrl+C stops).", flush=True)
    try:
        server.serve(port=chosen, host=HOST, root=str(folder / "html"))
    finally:
        for process in builds:
            process.send_signal(signal.SIGINT)
        for process in builds:
            process.wait()
