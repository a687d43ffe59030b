"""The repository as a stranger meets it: what it promises is there, and is true."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import jupytext
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
README = (ROOT / "README.md").read_text()
CONSTRAINTS = (ROOT / "constraints.txt").read_text().splitlines()
CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


PINNED = {normal(line.partition("==")[0]): Version(line.partition("==")[2]) for line in CONSTRAINTS}


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make with none of the settings of pip that this machine may have."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that an installation starts from, and no `.venv`."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "book", tmp_path / "book")
    return tmp_path


def test_constraints_are_exact_versions_without_addresses() -> None:
    for line in CONSTRAINTS:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line
    assert len(PINNED) == len(CONSTRAINTS), "a package is there twice"


def test_constraints_hold_a_version_of_every_requirement_that_it_allows() -> None:
    groups = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
    for text in [text for group in groups.values() for text in group]:
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            continue
        assert normal(requirement.name) in PINNED, f"{text} is not in constraints.txt"
        assert requirement.specifier.contains(PINNED[normal(requirement.name)]), text


def test_pytorch_is_for_the_benchmark_alone() -> None:
    extras = PROJECT["optional-dependencies"]
    assert [name for name, group in extras.items() if "torch" in str(group)] == ["benchmark"]
    using = [
        path.relative_to(ROOT).as_posix()
        for folder in ("book", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(import|from) torch", path.read_text(), re.MULTILINE)
    ]
    assert using == ["tests/benchmarks/pytorch.py"]


def test_every_command_of_the_readme_exists() -> None:
    for target in set(re.findall(r"make ([a-z]+)", README)) - {"it"}:
        done = make(ROOT, "--dry-run", target)
        assert done.returncode == 0, f"make {target}: {done.stderr}"
    for module in set(re.findall(r"-m ((?:book|tests)\.[a-z.]+[a-z])", README)):
        path = ROOT.joinpath(*module.split("."))
        assert (path / "__main__.py").is_file() or path.with_suffix(".py").is_file(), module
    for extra in set(re.findall(r'"\.\[([a-z]+)\]"', README)):
        assert extra in PROJECT["optional-dependencies"], extra


def test_every_path_of_the_readme_exists() -> None:
    table = README.partition("## Where things live")[2]
    named = re.findall(r"`([A-Za-z_./]+)`", table)
    linked = [path for path in re.findall(r"\]\(([^)]+)\)", README) if "://" not in path]
    assert len(named) > 6
    for path in named + linked:
        inside = path if (ROOT / path).exists() else f"tests/{path}"
        assert (ROOT / inside).exists(), path


def test_the_figure_of_the_readme_runs_and_has_both_faces() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    body, call = code[1].split("\nfigure(")
    names: dict[str, object] = {}
    exec(f"{body}\nmade = figure({call}", names)
    faces = names["made"]._repr_mimebundle_()  # type: ignore[attr-defined]
    assert "<svg" in faces["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in faces
    assert "Red-ness 0.70 points 30° from the first neuron." in faces["text/plain"]


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_with_cells_has_a_kernel_and_no_outputs(chapter: Path) -> None:
    notebook = jupytext.read(chapter, fmt="md:myst")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if cells:
        assert notebook.metadata["kernelspec"]["name"] == "python3"
        assert chapter.read_text().startswith("---\njupytext:")
    assert not any(cell.outputs for cell in cells)


def test_an_old_python_is_refused_with_advice(checkout: Path) -> None:
    old = checkout / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit\nexit 1\n')
    old.chmod(0o755)
    done = make(checkout, "site", f"PYTHON={old}")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stdout
    assert "Python 3.9.2" in done.stdout
    assert "PYTHON=python3" in done.stdout
    assert not (checkout / ".venv").exists()


def test_a_missing_python_is_named(checkout: Path) -> None:
    done = make(checkout, "site", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "'no-such-python' is missing" in done.stdout


def test_without_a_network_the_installation_says_so_and_is_done_again(checkout: Path) -> None:
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }
    for _ in range(2):
        done = make(checkout, "site", f"PYTHON={sys.executable}", **nowhere)
        assert done.returncode != 0
        assert "needs the network" in done.stdout
        assert "run 'make' again" in done.stdout
        assert (checkout / ".venv" / "made").is_file()
        assert not (checkout / ".venv" / "site-ready").exists()


def test_a_wheel_holds_all_that_the_package_reads(tmp_path: Path, checkout: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-c", "import setuptools.build_meta as b; print(b.build_wheel('.'))"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = checkout.glob("*.whl")
    shutil.unpack_archive(wheel, tmp_path / "unpacked", "zip")
    for file in (ROOT / "book").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert (tmp_path / "unpacked" / file.relative_to(ROOT)).is_file(), file
