"""Neural Network Representations: the code of the book."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from book.checks import check, hint, progress

__all__ = ["check", "hint", "progress"]


def __getattr__(name: str) -> Any:
    # Jupyter's server imports `book.lab` and shall not wait for JAX.
    if name in __all__:
        return getattr(importlib.import_module("book.checks"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
