"""What a reader does besides reading: find a page, search, choose the colours."""

import pytest
from playwright.sync_api import expect

from tests.site.conftest import BEYOND_THE_TOC, OpenPage, pages_of_the_book

FIRST = pages_of_the_book()[0]


@pytest.mark.parametrize("over", ["file", "http"])
def test_index_leads_to_the_title_page(open_page: OpenPage, over: str) -> None:
    page = open_page("index", over=over)
    page.wait_for_url(f"**/{FIRST}.html")


def test_reading_on_visits_every_page(open_page: OpenPage) -> None:
    page = open_page(FIRST)
    visited = [page.url]
    while page.locator("a[rel=next]").count():
        page.locator("a[rel=next]").click()
        page.wait_for_url(lambda url: url != visited[-1], wait_until="load")
        visited.append(page.url)
    names = [url.partition("/html/")[2].removesuffix(".html") for url in visited]
    assert names == [name for name in pages_of_the_book() if name not in BEYOND_THE_TOC]


@pytest.mark.parametrize("over", ["file", "http"])
def test_search_finds_a_word_of_the_book(open_page: OpenPage, over: str) -> None:
    page = open_page("search?q=superposition", over=over)
    expect(page.locator("#search-results li").first).to_be_visible()
    page.locator("#search-results a").first.click()
    expect(page.locator("h1")).to_be_visible()


def test_search_opens_from_the_keyboard_and_goes_to_the_results(open_page: OpenPage) -> None:
    page = open_page(FIRST)
    page.wait_for_load_state("load")
    page.keyboard.press("Control+k")
    page.keyboard.type("activation")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=activation")
    expect(page.locator("#search-results li").first).to_be_visible()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_colours_follow_the_system_until_the_reader_chooses(
    open_page: OpenPage, system: str
) -> None:
    other = "light" if system == "dark" else "dark"
    page = open_page(FIRST, color_scheme=system)
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", system)
    for _ in range(3):
        if root.get_attribute("data-theme") == other:
            break
        page.get_by_role("button", name="Colours").click()
    expect(root).to_have_attribute("data-theme", other)
    page.reload()
    expect(root).to_have_attribute("data-theme", other)


def test_a_phone_opens_the_contents_and_closes_them_again(open_page: OpenPage) -> None:
    page = open_page(FIRST, width=390, height=800)
    page.wait_for_load_state("load")
    contents = page.get_by_role("navigation", name="Book")
    expect(contents).to_be_hidden()
    button = page.get_by_role("button", name="Contents")
    button.focus()
    page.keyboard.press("Enter")
    expect(contents).to_be_visible()
    page.keyboard.press("Escape")
    expect(contents).to_be_hidden()
    button.click()
    contents.get_by_role("link").last.click()
    expect(page.locator("h1")).to_be_visible()


def test_without_scripts_the_book_can_still_be_read(open_page: OpenPage) -> None:
    page = open_page(FIRST, java_script_enabled=False)
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_role("navigation", name="Book")).to_be_visible()
    for button in page.get_by_role("button").all():
        expect(button).to_be_hidden()
    for picture in page.locator("figure.book-figure").all():
        expect(picture.locator("svg").first).to_be_visible()
        expect(picture.locator("figcaption")).not_to_be_empty()
