"""Every way to install the book brings what the code that it is for imports."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping

import pytest
import yaml

from book.grading import Settings
from book.grading.gradescope.pack import bundle
from tests import installed
from tests.installed import ROOT, declared, missing, modules, reached

CHECKOUT = (
    *("book.site", "book.grading"),
    *("book.exercises.__main__", "book.exercises.notebook", "book.exercises.solution"),
)
"""What is run from a checkout, to build and to grade; all else is for readers and learners."""


def inside(*packages: str) -> set[str]:
    """The modules of these packages."""
    return {name for name in modules() for one in packages if f"{name}.".startswith(f"{one}.")}


def learners() -> set[str]:
    """What notebooks may import."""
    return set(modules()) - inside(*CHECKOUT)


def worked_in() -> set[str]:
    """The same, what the cells of chapters and solutions import, and `make lab`'s own."""
    return {*learners(), *installed.in_cells("chapters", "solutions"), "book.site.lab"}


def built() -> set[str]:
    """What the site's build runs: its own code, the extensions of Sphinx, and all cells."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    extensions = config["sphinx"]["config"]["extensions"]
    roots = {*worked_in(), *inside("book.site", "book.exercises"), *extensions}
    return roots - {"book.site.lab"}


def graded() -> set[str]:
    """What grading a class runs."""
    return inside("book.grading")


ENTRIES: Mapping[str, tuple[Callable[[], set[str]], frozenset[str]]] = {
    "": (learners, frozenset({"safetensors"})),
    "lab": (worked_in, frozenset()),
    "site": (built, frozenset()),
    "grading": (graded, frozenset({"distributed", "safetensors"})),
    "distributed": (graded, frozenset({"safetensors"})),
}
"""By extra: what it is for, and what some function there asks for in words if it is not there."""


def lacking(extra: str, lines: Iterable[str]) -> set[str]:
    """What is imported on this way into the book, and not installed by these requirements."""
    roots, asked_for = ENTRIES[extra]
    always, later = reached(roots())
    return missing(always | (later - asked_for), lines)


@pytest.mark.parametrize("extra", ENTRIES)
def test_an_extra_brings_all_that_its_code_imports(extra: str) -> None:
    assert lacking(extra, declared(extra)) == set()


def test_gradescopes_requirements_bring_all_that_grading_there_imports() -> None:
    archive = zipfile.ZipFile(io.BytesIO(bundle(ROOT, Settings(1), ["features"], "visible")))
    assert lacking("grading", archive.read("requirements.txt").decode().splitlines()) == set()


@pytest.mark.parametrize(
    ("extra", "left_out", "noticed"),
    [
        ("", "filelock", "filelock"),
        ("lab", "myst-nb", "myst_nb"),
        ("site", "jupyter-book", "jupyter_book"),
        ("grading", "jupytext", "jupytext"),
        ("distributed", "distributed", "distributed"),
    ],
)
def test_what_is_not_declared_is_noticed(extra: str, left_out: str, noticed: str) -> None:
    lines = [line for line in declared(extra) if not line.startswith(left_out)]
    assert noticed in lacking(extra, lines)


def test_the_first_editions_requirements_are_noticed() -> None:
    """Its archive lacked the lock, and its extra for a cluster was Dask alone."""
    bare = [line for line in declared() if not line.startswith("filelock")]
    assert "jupytext" in lacking("distributed", [*bare, "distributed"])
    assert "filelock" in lacking("grading", [*bare, "ipython", "jupytext", "nbformat", "pyyaml"])


def test_imports_are_found_wherever_they_stand(tmp_path) -> None:
    path = tmp_path / "book" / "part" / "one.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "from typing import TYPE_CHECKING\nfrom . import two\nfrom ..other import three\n"
        "if TYPE_CHECKING:\n    import never\n"
        "def function():\n    import late.part\n    importlib.import_module('named')\n"
        "class A:\n    import early\n"
    )
    always, later = installed.imports(path, "book.part.one")
    assert {"book.part.two", "book.other.three", "early"} <= always
    assert later == {"late.part", "named"}
    assert "never" not in always


def test_without_the_extra_the_grader_says_what_to_install() -> None:
    code = "import sys; sys.modules['jupytext'] = None; import book.grading"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "Grading needs jupytext" in done.stderr
    assert "pip install 'neural-representations[grading]'" in done.stderr
