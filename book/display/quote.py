"""Quoting the book's own code in a chapter, so that a quotation can never differ from the code."""

import inspect
from collections.abc import Callable
from typing import Any


class Source:
    """A function's source; Jupyter and the site show it as highlighted Python."""

    def __init__(self, code: str, module: str) -> None:
        self.code = code
        self.module = module

    def _repr_markdown_(self) -> str:
        return f"From `{self.module}`:\n\n```python\n{self.code}```\n"

    def __repr__(self) -> str:
        return self.code


def show_source(*functions: Callable[..., Any]) -> Source:
    """Shows the source of functions of one module, as the last expression of a cell.

    Raises:
        ValueError: If no function is given, or functions of different modules.
    """
    modules = {function.__module__ for function in functions}
    if len(modules) != 1:
        raise ValueError(
            f"show_source: got functions of {len(modules)} modules; give one or more of one module."
        )
    code = "\n\n".join(inspect.getsource(function) for function in functions)
    return Source(code, modules.pop())
