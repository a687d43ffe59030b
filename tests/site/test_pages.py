"""Every page of the site: complete, self-contained, readable on a phone and by everyone."""

import functools
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.site.conftest import OpenPage, at_rest

#: Leaves one word of code of each pair of colours: thousands of the same take minutes to look at.
EACH_COLOUR_ONCE = """() => {
  const seen = new Set(), again = []
  for (const word of document.querySelectorAll("pre span")) {
    const [own, around] = [word, word.closest("pre")].map(one => getComputedStyle(one))
    const kind = [own.color, own.backgroundColor, around.backgroundColor, own.fontSize].join()
    if (seen.has(kind)) again.push(word)
    else if (word.checkVisibility()) seen.add(kind)
  }
  for (const word of again) word.replaceWith(...word.childNodes)
}"""


def file_of(address: str) -> Path:
    """The file that a file: address names."""
    return Path(url2pathname(urlsplit(address).path))


def test_opens_over_http_without_errors_or_other_hosts(open_page: OpenPage, name: str) -> None:
    arrive(open_page(name, over="http"))


def test_opens_as_a_file_without_errors_and_is_complete(open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    arrive(page)
    expect(page.locator("h1")).to_have_count(1)
    check_head(page)
    formulas = page.locator(".bd-article .math")
    expect(page.locator(".bd-article mjx-container")).to_have_count(formulas.count())
    expect(page.locator(".bd-article [data-mml-node=merror]")).to_have_count(0)
    check_links(page)


def arrive(page: Page) -> None:
    page.mouse.wheel(0, 100_000)
    at_rest(page)
    page.wait_for_timeout(500)  # what a page asks for late counts, too


def check_head(page: Page) -> None:
    """The page has a title, an icon, a description and a language."""
    assert "Neural Network Representations" in page.title()
    icon = page.locator("link[rel=icon]").evaluate("link => link.href")
    assert file_of(icon).is_file(), icon
    description = page.locator('meta[name="description"]')
    expect(description).to_have_count(1)
    text = description.get_attribute("content") or ""
    assert 40 <= len(text) <= 170, text
    assert page.locator("html").get_attribute("lang") == "en"


def check_links(page: Page) -> None:
    """Every link within the book leads somewhere."""
    targets = page.evaluate(
        "[...document.links].filter(link => !link.hasAttribute('download'))"
        ".map(link => link.href).filter(href => href.startsWith('file:'))"
    )
    assert targets
    for target in sorted(set(targets)):
        address, _, anchor = target.partition("#")
        path = file_of(address)
        assert path.is_file(), target
        assert not anchor or unquote(anchor) in anchors(path), target


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_fits_and_has_no_serious_violation_of_accessibility(
    open_page: OpenPage, name: str, theme: str, width: int
) -> None:
    page = open_page(name, color_scheme=theme, width=width)
    at_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(EACH_COLOUR_ONCE)
    options = {"preload": False, "resultTypes": ["violations"]}
    serious = [
        f"{found['id']}: {found['help']}: {[node['html'][:200] for node in found['nodes']]}"
        for found in Axe().run(page, options=options).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)


class Anchors(HTMLParser):
    """Collects the `id` of every element."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the id of one element."""
        self.found.update(value for key, value in attrs if key == "id" and value)


@functools.cache
def anchors(page: Path) -> set[str]:
    """What a link can point to within a page."""
    parser = Anchors()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.found
