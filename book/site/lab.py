"""A JupyterLab in which figures follow the hand: what a kernel sends reaches the browser at once.

`make lab` gives this class to Jupyter's server, which by itself leaves Nagle's algorithm on: a
small message then waits until the browser has acknowledged the one before, up to 40 ms.  A move
of a slider is answered by five small messages.  Without it figures work as well, only later.
"""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The server's own connection between a kernel and a browser, without the delay."""

    def connect(self) -> Any:
        self.websocket_handler.set_nodelay(True)
        return super().connect()
