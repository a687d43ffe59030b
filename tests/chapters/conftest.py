"""What the chapters found: the numbers that their cells glued when the site was built."""

import ast
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Executed

Glued = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def glued(executed: Executed) -> Glued:
    """`glued("linearity")`: the numbers in the prose of that chapter, by their names.

    A number that was glued as formatted text comes back as a number.
    """

    def read(chapter: str) -> dict[str, Any]:
        found = {}
        for cell in executed(f"chapters/{chapter}"):
            for output in cell.outputs:
                scrap = output.get("metadata", {}).get("scrapbook")
                if scrap:
                    text = output["data"][scrap["mime_prefix"] + "text/plain"]
                    found[scrap["name"]] = number(text)
        assert found, f"{chapter}.md glues no numbers"
        return found

    return read


def number(text: str) -> Any:
    """A glued value: a number, also when it was glued as text, else what it is."""
    value = ast.literal_eval(text)
    try:
        return float(value.replace(",", "").rstrip(" %"))
    except (AttributeError, ValueError):
        return value
