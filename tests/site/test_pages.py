"""Every page of the site: complete, self-contained, readable on a phone and by everyone."""

import functools
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.site.conftest import OpenPage


@pytest.mark.parametrize("over", ["file", "http"])
def test_opens_without_errors_or_other_hosts(open_page: OpenPage, name: str, over: str) -> None:
    page = open_page(name, over=over)
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, 100_000)
    expect(page.locator("h1")).to_have_count(1)


def test_has_title_description_and_language(open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    assert "Neural Network Representations" in page.title()
    description = page.locator('meta[name="description"]')
    expect(description).to_have_count(1)
    text = description.get_attribute("content") or ""
    assert 40 <= len(text) <= 170, text
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_has_no_serious_violation_of_accessibility(
    open_page: OpenPage, name: str, theme: str, width: int
) -> None:
    page = open_page(name, color_scheme=theme, width=width)
    page.wait_for_load_state("networkidle")
    serious = [
        f"{found['id']}: {found['help']}: {[node['html'][:200] for node in found['nodes']]}"
        for found in Axe().run(page, options={"preload": False}).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)


def test_fits_a_phone_without_sideways_scrolling(open_page: OpenPage, name: str) -> None:
    page = open_page(name, width=320, height=640)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_mathematics_is_set(open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    formulas = page.locator(".bd-article .math")
    expect(page.locator(".bd-article mjx-container")).to_have_count(formulas.count())
    expect(page.locator(".bd-article [data-mml-node=merror]")).to_have_count(0)


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


def test_every_link_within_the_book_leads_somewhere(open_page: OpenPage, name: str) -> None:
    page = open_page(name)
    page.wait_for_load_state("networkidle")
    targets = page.evaluate(
        "[...document.links].filter(link => !link.hasAttribute('download'))"
        ".map(link => link.href).filter(href => href.startsWith('file:'))"
    )
    assert targets
    for target in sorted(set(targets)):
        address, _, anchor = target.partition("#")
        path = Path(url2pathname(urlsplit(address).path))
        assert path.is_file(), target
        assert not anchor or unquote(anchor) in anchors(path), target
