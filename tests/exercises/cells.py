"""Runs the code of a notebook here, without a kernel."""

import ast
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager


def run_cells(cells: Iterable[str]) -> Iterator[str]:
    """The text that each cell shows; an error in a cell is raised."""
    shown: list[str] = []

    def show(*values: Any, **_: Any) -> None:
        shown.extend(repr(value) for value in values if value is not None)

    names: dict[str, Any] = {"__name__": "__main__", "display": show}
    for source in cells:
        tree = ast.parse(TransformerManager().transform_cell(source))
        shown.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "displayhook", show)
            exec(compile(ast.Interactive(tree.body), "<cell>", "single"), names)
        yield "\n".join(shown)
