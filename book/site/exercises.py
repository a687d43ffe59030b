"""Exercise pages: a chapter's solutions as a reader meets them, hints and answers folded.

The page's text is made of the solution's cells while Sphinx reads it: `solutions/<chapter>.md`
itself can stay in the order in which it is written and run.
"""

import base64
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from book.exercises.notebook import examples, facts
from book.exercises.solution import Cell, Section, Solution, answer, read, stub

FOLDER = "solutions"
FENCE, BOX = "`" * 5, ":" * 5


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_config_value("exercises", {}, "env", (dict,))
    app.connect("config-inited", check_links)
    app.connect("source-read", write_page)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def check_links(app: Sphinx, config: Config) -> None:
    """Refuse launch links that could not lead to a notebook.

    Raises:
        ConfigError: an address does not say where the notebook's path belongs.
    """
    for name, address in (config.exercises.get("launch") or {}).items():
        if not isinstance(address, str) or "{notebook}" not in address:
            raise ConfigError(
                f"_config.yml, exercises, launch: the address of {name!r} is {address!r}; write "
                "{notebook} where the path of the notebook belongs"
            )


def write_page(app: Sphinx, page: str, source: list[str]) -> None:
    """Replace the text of a solution by that of its exercise page."""
    if page.startswith(f"{FOLDER}/"):
        app.env.note_dependency(str(notebook_of(app, page)))
        source[0] = text_of(app, page)


def text_of(app: Sphinx, page: str) -> str:
    """The text of a page as Sphinx reads it: the page's file, or an exercise page."""
    path = Path(app.env.doc2path(page))
    text = path.read_text(encoding="utf-8")
    if not page.startswith(f"{FOLDER}/"):
        return text
    notebook = notebook_of(app, page)
    header = text.split("\n---\n", 1)[0] + "\n---\n"
    place = notebook.relative_to(app.srcdir).as_posix()
    links = launch_links(place, app.config.exercises.get("launch") or {})
    return header + "\n\n".join(page_text(read(path), download_link(notebook), links))


def notebook_of(app: Sphinx, page: str) -> Path:
    """The notebook of an exercise page."""
    return Path(app.srcdir, "exercises", page.rpartition("/")[2] + ".ipynb")


def launch_links(notebook: str, launch: Mapping[str, str]) -> list[str]:
    """Links that open a notebook elsewhere, in Markdown; none if none are set."""
    return [
        f"[Open in {name}]({address.replace('{notebook}', notebook)})"
        for name, address in launch.items()
    ]


def download_link(notebook: Path) -> str:
    """A link that holds the notebook itself.

    A page that was opened from a file may not make the browser save another file: a link to it
    would show its text.
    """
    data = base64.b64encode(notebook.read_bytes()).decode()
    return (
        f'<a download="{notebook.name}" href="data:application/x-ipynb+json;base64,{data}">'
        "Download the notebook</a>"
    )


def page_text(solution: Solution, download: str, links: list[str]) -> Iterator[str]:
    """The parts of an exercise page in MyST."""
    title, imports = solution.introduction
    yield title.source
    yield classed("notebook-links", " · ".join([download, *links]))
    yield (
        "The notebook holds these tasks with the answers left out, and a check for each.\n"
        "Below are the hints and the solutions, folded, and what you will see once a check passes."
    )
    yield code_cell(imports.source, "remove-cell")
    for section in solution.sections:
        yield from section_text(section)


def section_text(section: Section) -> Iterator[str]:
    """The parts of one exercise: task, what to write, hints, solution, and what it shows."""
    exercise, cells = section.exercise, section.cells
    first = next(k for k, cell in enumerate(cells) if cell.is_answer)
    answers = [cell for cell in cells if cell.is_answer]
    yield f"({exercise.id})=\n## {literal(exercise.title)}"
    yield classed("exercise-facts", facts(exercise))
    yield from (cell.source for cell in cells[:first] if cell.kind == "markdown")
    yield examples(exercise)
    yield block("\n\n\n".join(stub(cell.source) for cell in answers))
    for number, hint in enumerate(exercise.hints, start=1):
        yield folded(f"Hint {number} of {len(exercise.hints)}", literal(hint))
    explained = [c.source for c in cells if c.for_site_only and c.kind == "markdown"]
    complete = block("\n\n\n".join(answer(cell.source) for cell in answers))
    yield folded("Solution", "\n\n".join([complete, *explained]))
    for cell in cells[:first]:
        if cell.kind == "code":
            yield shown(cell, section)
    for cell in cells[first:]:
        if cell.kind == "code" or not cell.for_site_only:
            yield shown(cell, section)


def shown(cell: Cell, section: Section) -> str:
    """A cell that follows the solution."""
    if cell.kind == "markdown":
        return cell.source
    if cell.is_answer:
        return code_cell(answer(cell.source), "remove-cell")
    if cell.for_site_only:
        return code_cell(cell.source, "hide-cell")
    if cell.source.strip() == section.exercise.call:
        return code_cell(cell.source)
    return code_cell(cell.source, "hide-input")


def code_cell(source: str, *tags: str) -> str:
    """A cell that is executed when the site is built."""
    return f"{FENCE}{{code-cell}} ipython3\n:tags: [{', '.join(tags)}]\n\n{source}\n{FENCE}"


def classed(name: str, text: str) -> str:
    """A paragraph with a style of its own."""
    return f"{BOX}{{container}} {name}\n{text}\n{BOX}"


def block(source: str) -> str:
    """Python to be read."""
    return f"{FENCE}python\n{source}\n{FENCE}"


def folded(title: str, text: str) -> str:
    """Text that a reader opens."""
    return f"{BOX}{{dropdown}} {title}\n{text}\n{BOX}"


def literal(text: str) -> str:
    """Text in which no character is markup."""
    return re.sub(f"([{re.escape(string.punctuation)}])", r"\\\1", text)
