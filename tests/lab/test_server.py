"""The extension of Jupyter's server, without a server."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from book import lab


class Handler:
    """A browser's end of the connection; remembers whether small messages wait."""

    waits = True

    def set_nodelay(self, value: bool) -> None:
        self.waits = not value


class Connection:
    """The server's own connection to a kernel."""

    def __init__(self, handler: Handler) -> None:
        self.websocket_handler = handler

    def connect(self) -> str:
        return "connected"


def test_a_connection_sends_at_once_and_connects_as_before() -> None:
    app = SimpleNamespace(web_app=SimpleNamespace(settings={lab.SETTING: Connection}))
    lab._load_jupyter_server_extension(app)
    made = app.web_app.settings[lab.SETTING](Handler())
    assert made.websocket_handler.waits
    assert made.connect() == "connected"
    assert not made.websocket_handler.waits


def test_the_extension_is_enabled_where_the_book_is_installed() -> None:
    config = Path(sys.prefix) / "etc" / "jupyter" / "jupyter_server_config.d" / "lab.json"
    extensions = json.loads(config.read_text())["ServerApp"]["jpserver_extensions"]
    assert extensions == {"book.lab": True}
    (point,) = lab._jupyter_server_extension_points()
    assert point["module"] in extensions
