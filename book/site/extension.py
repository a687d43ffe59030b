"""The book's Sphinx extension: execution, figures' script and style, descriptions, templates."""

import html
import textwrap
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from book.site import execution

HERE = Path(__file__).parent
FIGURE_FILES = [HERE.parent / "display" / "figure.css", HERE.parent / "interactive" / "page.js"]

REDIRECT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{description}">
<meta http-equiv="refresh" content="0; url={target}">
<link rel="icon" href="_static/favicon.svg">
<title>{title}</title>
</head>
<body><main><p><a href="{target}">{title}</a></p></main></body>
</html>
"""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    execution.setup(app)
    # Jupyter Book sets this value of an extension that this book does not load.
    app.add_config_value("comments_config", {}, "html")
    app.connect("config-inited", add_files)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", name_roles)
    app.connect("build-finished", write_first_page)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def add_files(app: Sphinx, config: Config) -> None:
    """Add the templates and, from where they stand, the figures' script and style."""
    config.templates_path.append(str(HERE / "templates"))
    config.html_static_path += [str(path) for path in FIGURE_FILES]
    app.add_css_file("figure.css")
    app.add_js_file("page.js", loading_method="defer")


def first_paragraph(doctree: nodes.document) -> str:
    """The first paragraph of prose of a page, shortened to fit a search result."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            return textwrap.shorten(paragraph.astext(), 160, placeholder=" …")
    return ""


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give a page a meta description: its own, else its first paragraph, else its title."""
    if 'name="description"' in context.get("metatags", ""):
        return
    text = first_paragraph(doctree) if doctree else ""
    text = text or f"{context.get('title', page)} of the interactive book {app.config.html_title}."
    context["metatags"] = (
        f'{context.get("metatags", "")}<meta name="description" content="{html.escape(text)}">'
    )


def name_roles(app: Sphinx, page: str, template: str, context: dict[str, Any], *_: Any) -> None:
    """Correct a role that docutils gives to a bibliography: a list without list items."""
    if "body" in context:
        context["body"] = context["body"].replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )


def write_first_page(app: Sphinx, error: Exception | None) -> None:
    """Let `index.html` lead to the title page, which lives in the chapters' folder."""
    if error is None:
        Path(app.outdir, "index.html").write_text(
            REDIRECT.format(
                target=f"{app.config.root_doc}.html",
                title=html.escape(app.config.html_title),
                description=html.escape(f"The interactive book {app.config.html_title}."),
            ),
            encoding="utf-8",
        )
