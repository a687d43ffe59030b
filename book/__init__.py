"""The code that the book's chapters, figures, exercises and tests share."""

from book.checks import check, hint, progress

__all__ = ["check", "hint", "progress"]
