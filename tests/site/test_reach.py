"""What an edit executes: one file of each kind, and the pages whose key it changes."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jupytext
import pytest

from book.site import reach
from book.site.reach import Package

ROOT = Path(__file__).parents[2]

LEDGER = {"chapters/claim-ledger", "chapters/superposition-geometry"}
CHAPTERS = {path.stem for path in (ROOT / "solutions").glob("*.md")}


def pages() -> dict[str, list[str]]:
    """The cells of every page that has some; an exercise page has those of its solution."""
    found = {}
    for path in [*(ROOT / "chapters").glob("*.md"), *(ROOT / "solutions").glob("*.md")]:
        text = path.read_text()
        if text.startswith("---"):
            cells = jupytext.reads(text, "md:myst").cells
            page = path.relative_to(ROOT).with_suffix("").as_posix()
            found[page] = [cell.source for cell in cells if cell.cell_type == "code"]
    return found


PAGES = pages()
EXERCISES = {f"solutions/{chapter}" for chapter in CHAPTERS}


def importing(*modules: str) -> set[str]:
    """The pages with a cell that names one of these modules."""
    return {page for page, cells in PAGES.items() if any(m in c for m in modules for c in cells)}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, to be edited."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "book", folder / "book", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def keys(root: Path) -> dict[str, str]:
    package = Package(root)
    return {page: package.key(page, cells) for page, cells in PAGES.items()}


@pytest.fixture(scope="module")
def before(copy: Path) -> dict[str, str]:
    return keys(copy)


def executed(copy: Path, before: dict[str, str], file: str) -> set[str]:
    """The pages that are executed again after an edit of a file."""
    path = copy / file
    kept = path.read_bytes()
    path.write_bytes(kept + b"\n")
    try:
        after = keys(copy)
    finally:
        path.write_bytes(kept)
    return {page for page in PAGES if after[page] != before[page]}


@pytest.mark.parametrize(
    "file",
    [
        "book/display/figure.css",
        "book/interactive/page.js",
        "book/static/site.css",
        "book/site/templates/menu-button.html",
        "book/site/extension.py",
        "book/site/execution.py",
        "book/exercises/__main__.py",
        "book/grading/__main__.py",
        "book/superposition/ledger/__main__.py",
    ],
)
def test_what_no_cell_runs_executes_nothing(copy: Path, before: dict[str, str], file: str) -> None:
    assert (copy / file).is_file()
    assert executed(copy, before, file) == set()


@pytest.mark.parametrize(
    ("file", "chapter"),
    [
        ("book/exercises/linearity/directions.py", "linearity"),
        ("book/exercises/superposition/__init__.py", "superposition"),
    ],
)
def test_a_hint_executes_the_exercises_of_its_chapter(
    copy: Path, before: dict[str, str], file: str, chapter: str
) -> None:
    # The page for lecturers lists the mistakes of all chapters.
    assert executed(copy, before, file) == {f"solutions/{chapter}", "chapters/teaching"}


def test_the_grader_executes_the_page_that_tells_of_it(copy: Path, before: dict[str, str]) -> None:
    assert executed(copy, before, "book/grading/commands/rehearsal.py") == {"chapters/teaching"}


def test_the_engine_of_exercises_executes_all_of_them(copy: Path, before: dict[str, str]) -> None:
    assert executed(copy, before, "book/exercises/trial.py") == EXERCISES | {"chapters/teaching"}


@pytest.mark.parametrize("file", ["book/display/style.py", "book/display/book.mplstyle"])
def test_the_style_executes_the_pages_that_draw(
    copy: Path, before: dict[str, str], file: str
) -> None:
    again = executed(copy, before, file)
    assert importing("book.display.style", "book.interactive") <= again
    assert "chapters/teaching" not in again


def test_a_script_in_the_outputs_executes_the_pages_that_ask_questions(
    copy: Path, before: dict[str, str]
) -> None:
    assert executed(copy, before, "book/display/questions/questions.js") == importing(
        "book.display.questions"
    )


def test_a_function_of_a_chapter_executes_the_pages_that_reach_it(
    copy: Path, before: dict[str, str]
) -> None:
    assert executed(copy, before, "book/linearity/words/skipgram.py") == {"chapters/linearity"}
    assert executed(copy, before, "book/superposition/phase_diagram.py") == LEDGER


def test_the_results_of_the_ledger_execute_the_pages_that_read_them(
    copy: Path, before: dict[str, str]
) -> None:
    assert executed(copy, before, "book/superposition/ledger/full.json") == LEDGER


def test_a_cell_executes_its_page(copy: Path) -> None:
    package = Package(copy)
    assert package.key("page", ["1 + 1"]) != package.key("page", ["1 + 2"])


def test_another_version_of_a_library_executes_all(
    copy: Path, before: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {"jax", "jaxlib", "numpy", "ipykernel"} <= {line.split()[0] for line in reach.versions()}
    monkeypatch.setattr(reach, "versions", lambda: ("jax 0.1",))
    after = keys(copy)
    assert all(after[page] != before[page] for page in PAGES)


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    files = {
        "book/__init__.py": "if TYPE_CHECKING:\n    from book.tools import tool\n",
        "book/tools/__init__.py": "def tool():\n    from .inner import deep\n",
        "book/tools/inner/__init__.py": "from ..beside import x",
        "book/tools/beside.py": "import book.other, json\nopen('numbers.txt')",
        "book/other.py": "",
        "book/unused.py": "",
        "book/data/numbers.txt": "1",
    }
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code)
    package = Package(tmp_path)
    assert package.reached(["import jax"]) == set()
    assert package.reached(["import book"]) == {"book"}
    reached = package.reached(["%matplotlib inline\nfrom book import tool", "no Python"])
    assert reached == {"book", "book.tools", "book.tools.inner", "book.tools.beside", "book.other"}
    read = {path.relative_to(tmp_path).as_posix() for path in package.read(reached)}
    assert read == files.keys() - {"book/unused.py"}


WATCH = """
import json, os, sys
root = os.path.join(sys.argv[1], "book", "")
opened = set()
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(root):
        opened.add(arguments[0])
sys.addaudithook(watch)
for code in json.load(sys.stdin):
    exec(code)
modules = [name for name in sys.modules if name.split(".")[0] == "book"]
print(json.dumps([modules, sorted(opened)]), file=sys.__stdout__)
"""


@pytest.mark.parametrize(
    ("page", "then"),
    [
        ("chapters/claim-ledger", "full_outcomes(), subplots()"),
        (
            "solutions/linearity",
            "check('linearity.compose', lambda intensities, W: None), subplots()",
        ),
    ],
)
def test_what_a_page_loads_when_it_runs_was_seen_in_its_code(page: str, then: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(ROOT)],
        cwd=ROOT,
        input=json.dumps([PAGES[page][0], then]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules, opened = json.loads(done.stdout.splitlines()[-1])
    package = Package(ROOT)
    reached = package.reached(PAGES[page], page)
    others = {name for name in modules if name.startswith(f"{reach.EXERCISES}.")} - reached
    assert set(modules) - reached == others
    assert {name.split(".")[2] for name in others} <= CHAPTERS, "more than other definitions"
    data = {path for path in opened if not path.endswith((".py", ".pyc"))}
    assert data <= {str(path) for path in package.read(reached)}
    assert f"{ROOT}/book/display/book.mplstyle" in data, "the test looks at too little"


def test_libraries_that_are_here_for_other_reasons_execute_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs = {
        "neural-representations": ["One>=1", 'two; sys_platform == "nowhere"', "three"],
        "three": ['four; extra == "all"'],
    }

    def distribution(name: str) -> SimpleNamespace:
        return SimpleNamespace(version="1", requires=needs.get(name))

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    found = {line.partition(" ")[0] for line in reach.versions.__wrapped__()}
    assert found == {"ipykernel", "neural-representations", "one", "three"}
