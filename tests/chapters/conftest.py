"""What the chapters found: the numbers that their cells glued when the site was built."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_cache import get_cache

Glued = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def glued(site: Path) -> Glued:
    """`glued("linearity")`: the numbers in the prose of that chapter, by their names.

    A number that was glued as formatted text comes back as a number.
    """
    (folder,) = (site.parent / "cells").iterdir()
    cache = get_cache(folder)

    def read(chapter: str) -> dict[str, Any]:
        page = site.parents[1] / "chapters" / f"{chapter}.md"
        record = cache.get_cached_project_nb(str(page))
        assert record is not None, f"{page.name} has not been executed"
        found = {}
        for cell in cache.get_cache_bundle(record.pk).nb.cells:
            for output in cell.get("outputs", []):
                scrap = output.get("metadata", {}).get("scrapbook")
                if scrap:
                    text = output["data"][scrap["mime_prefix"] + "text/plain"]
                    found[scrap["name"]] = number(text)
        assert found, f"{page.name} glues no numbers"
        return found

    return read


def number(text: str) -> Any:
    """A glued value: a number, also when it was glued as text, else what it is."""
    value = ast.literal_eval(text)
    try:
        return float(value.replace(",", "").rstrip(" %"))
    except (AttributeError, ValueError):
        return value
