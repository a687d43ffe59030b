"""An extension of Jupyter's server: what a kernel sends reaches the browser at once.

Jupyter's server leaves Nagle's algorithm on: a small message waits until the browser has
acknowledged the one before, which takes up to 40 ms. A move of a slider is answered by five small
messages, so figures lag behind the hand. Installing the book enables this extension (see
`data-files` in pyproject.toml); without it the figures work as well, only later.
"""

from typing import Any

SETTING = "kernel_websocket_connection_class"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "book.lab"}]


def _load_jupyter_server_extension(app: Any) -> None:
    connection = app.web_app.settings[SETTING]

    def connect(self: Any) -> Any:
        self.websocket_handler.set_nodelay(True)
        return connection.connect(self)

    app.web_app.settings[SETTING] = type("PromptConnection", (connection,), {"connect": connect})
