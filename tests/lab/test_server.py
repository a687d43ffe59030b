"""The connection that `make lab` gives to Jupyter's server, without a browser."""

import re
from pathlib import Path

import pytest
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from book.site.lab import PromptConnection

MAKEFILE = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")


def test_a_connection_sends_at_once_and_connects_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: "connected")
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)  # without a server
    monkeypatch.setattr(handler, "set_nodelay", said.append)
    made = PromptConnection(websocket_handler=handler)
    assert said == []
    assert made.connect() == "connected"
    assert said == [True]


def test_make_lab_gives_it_to_the_server() -> None:
    (line,) = re.findall(r"jupyter lab (.*)", MAKEFILE)
    server = ServerApp()
    server.parse_command_line([line])
    assert server.kernel_websocket_connection_class is PromptConnection
