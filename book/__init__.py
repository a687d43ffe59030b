"""Neural Network Representations: the code of the book."""

from typing import TYPE_CHECKING

from book.names import MOVED, __getattr__, answers, install

if TYPE_CHECKING:
    from book.exercises import check, hint, progress

__all__ = ["MOVED", "__getattr__", "answers", "check", "hint", "progress"]

install()
