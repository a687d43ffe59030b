"""Reading a submitted notebook: bytes that may be anything."""

from __future__ import annotations

import json
from dataclasses import dataclass

MOST_CELLS = 2000


class NotebookError(ValueError):
    """Not a notebook; the message says why, for the student."""


@dataclass(frozen=True)
class CodeCell:
    """A cell of code: which of the notebook's cells it is, counted from 1, and what is in it."""

    number: int
    source: str


def code_cells(source: bytes) -> list[CodeCell]:
    """The code of a notebook, in the order of its cells.

    Only what is needed is looked at, so that a notebook whose metadata, outputs or ids were
    lost or made up reads as well as any other.

    Raises:
        NotebookError: it is none.
    """
    if not source.strip():
        raise NotebookError("The file is empty.")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(f"The file is not UTF-8 text: {error.reason}.") from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotebookError(
            f"The file is not a notebook: it is not JSON (line {error.lineno}, {error.msg})."
        ) from None
    except (RecursionError, ValueError):
        raise NotebookError("The file is not a notebook: it is not JSON of a usual kind.") from None
    if not isinstance(notebook, dict):
        raise NotebookError("The file is not a notebook: it holds no cells.")
    version = notebook.get("nbformat")
    if version == 3:
        cells = [cell for sheet in _list(notebook, "worksheets") for cell in _list(sheet, "cells")]
    elif version in (4, None) and "cells" in notebook:
        cells = _list(notebook, "cells")
    else:
        raise NotebookError(
            f"The file is a notebook of format {str(version)[:20]}, and 4 is needed. "
            "Open it in Jupyter and save it again."
        )
    if len(cells) > MOST_CELLS:
        raise NotebookError(f"The notebook has {len(cells)} cells, more than {MOST_CELLS}.")
    found = []
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            lines = cell.get("source", cell.get("input", ""))
            if isinstance(lines, list):
                lines = "".join(line for line in lines if isinstance(line, str))
            if isinstance(lines, str) and lines.strip():
                found.append(CodeCell(number, lines.replace("\x00", "")))
    return found


def _list(value: object, name: str) -> list[object]:
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise NotebookError(f"The file is not a notebook: its {name} are no list.")
    return found
