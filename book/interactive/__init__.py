"""JAX that runs in the reader's browser."""

from book.interactive.javascript import NotCovered, to_javascript

__all__ = ["NotCovered", "to_javascript"]
