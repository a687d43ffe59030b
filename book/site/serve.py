"""Serve the site on this machine and build it again when a source changes."""

import functools
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from book.site.build import SOURCES, BuildError

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


def build_anew(root: Path) -> None:
    """Build in a new process, so that edits of the `book` package count."""
    subprocess.run([sys.executable, "-m", "book.site"], cwd=root, check=False)


def rebuild(root: Path, address: str, *, changed_paths: Sequence[Path]) -> None:
    """Build after a change."""
    build_anew(root)
    print(f"Serving on http://{address} (Ctrl+C stops).", flush=True)


def serve(root: Path, port: int | None) -> None:
    """Build, then serve `_build/html` and build again on every change, until Ctrl+C.

    Pages that are open in a browser reload by themselves.
    """
    import uvicorn
    from sphinx_autobuild.filter import IgnoreFilter
    from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
    from sphinx_autobuild.server import RebuildServer
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Mount, WebSocketRoute
    from starlette.staticfiles import StaticFiles

    chosen = choose_port(port)
    address = f"{HOST}:{chosen}"
    build_anew(root)
    site = root / "_build" / "html"
    if not site.is_dir():
        raise BuildError("There is no site to serve yet: correct the errors above and try again.")
    watched = [root / name for name in SOURCES if (root / name).exists()]
    again = functools.partial(rebuild, root, address)
    watcher = RebuildServer(watched, IgnoreFilter([], ["__pycache__"]), again)
    application = Starlette(
        routes=[
            WebSocketRoute("/websocket-reload", watcher, name="reload"),
            Mount("/", app=StaticFiles(directory=site, html=True), name="static"),
        ],
        middleware=[Middleware(JavascriptInjectorMiddleware, ws_url=address)],
        lifespan=watcher.lifespan,
    )
    print(f"Serving on http://{address} (Ctrl+C stops).", flush=True)
    uvicorn.run(application, host=HOST, port=chosen, log_level="warning")
