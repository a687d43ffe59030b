"""Neural Network Representations: the code of the book."""

from typing import TYPE_CHECKING

from book.names import __getattr__, install

if TYPE_CHECKING:
    from book.exercises import check, hint, progress

__all__ = ["__getattr__", "check", "hint", "progress"]

install()
