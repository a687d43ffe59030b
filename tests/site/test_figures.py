"""The figures of every page: moved by keyboard and pointer, trained, seen without scripts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.site.conftest import ROOT, OpenPage, pages_of_the_book

ALL_PAGES = [name for name in pages_of_the_book() if "/" in name]
PAGES = [name for name in ALL_PAGES if "figure(" in (ROOT / f"{name}.md").read_text()]

MOVABLE = "figure.book-figure:has(.controls)"


def figures(page: Page) -> list[Locator]:
    """The figures of a page that have sliders, each seen and ready."""
    page.wait_for_load_state("load")
    found = page.locator(MOVABLE).all()
    for figure in found:
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".controls")).to_be_visible()
    return found


def trains(figure: Locator) -> bool:
    """Whether a figure has a training run."""
    return figure.locator(".run").count() > 0


def picture(figure: Locator) -> str:
    """What a figure shows now."""
    return str(figure.locator(".panels").inner_html())


def settle(page: Page) -> None:
    """Wait until the browser has drawn twice, so that a move has been shown."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_no_figure_is_on_a_page_that_these_tests_leave_out(site: Path) -> None:
    pages = [
        name for name in ALL_PAGES if 'class="controls"' in (site / f"{name}.html").read_text()
    ]
    assert len(pages) >= 3
    assert set(pages) <= set(PAGES)


# What a key does is the page's own script: how the page came here changes nothing in it.
@pytest.mark.parametrize(
    ("page_name", "over"), [*((name, "file") for name in PAGES), ("chapters/superposition", "http")]
)
def test_keys_move_every_slider_and_the_figure_follows(
    open_page: OpenPage, page_name: str, over: str
) -> None:
    page = open_page(page_name, over=over)
    for figure in figures(page):
        caption = figure.locator(".caption")
        captions = {caption.inner_text()}
        for slider in figure.locator("input[type=range]").all():
            slider.focus()
            pictures = set()
            for key in ("Home", "ArrowRight", "PageUp", "ArrowLeft", "End"):
                before = slider.input_value()
                page.keyboard.press(key)
                settle(page)
                spoken = slider.get_attribute("aria-valuetext") or ""
                assert re.search(r"\d", spoken), f"{key} from {before} says {spoken!r}"
                pictures.add(picture(figure))
                captions.add(caption.inner_text())
            assert float(slider.input_value()) == float(slider.get_attribute("max") or "nan")
            label = slider.locator("xpath=..").inner_text()
            assert len(pictures) > 1 or trains(figure), f"{label!r} does not change the picture"
        only_choices = figure.locator("input[type=range]").count() == 0
        assert len(captions) > 1 or trains(figure) or only_choices, (
            f"the caption of {figure.get_attribute('id')} never changes"
        )


@pytest.mark.parametrize("page_name", PAGES)
def test_a_pointer_drags_a_slider_and_the_figure_follows(
    open_page: OpenPage, page_name: str
) -> None:
    page = open_page(page_name)
    for figure in figures(page):
        slider = figure.locator("input[type=range]").first
        if trains(figure) or slider.count() == 0:
            continue
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        before = picture(figure)
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.1, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=5)
        page.mouse.up()
        settle(page)
        share = slider.evaluate("s => (s.value - s.min) / (s.max - s.min)")
        assert 0.8 < share <= 1
        assert picture(figure) != before


@pytest.mark.parametrize("page_name", PAGES)
def test_a_choice_changes_the_figure(open_page: OpenPage, page_name: str) -> None:
    page = open_page(page_name)
    for figure in figures(page):
        for choice in figure.locator("select").all():
            options = choice.locator("option").all_inner_texts()
            seen = set()
            for option in options:
                choice.select_option(label=option)
                settle(page)
                seen.add((picture(figure), figure.locator(".caption").inner_text()))
            pictures, captions = map(set, zip(*seen, strict=True))
            assert len(pictures) > 1 or trains(figure), options
            assert len(captions) > 1 or trains(figure), options


@pytest.mark.parametrize("page_name", PAGES)
def test_every_control_has_a_name_and_is_large_enough_to_touch(
    open_page: OpenPage, page_name: str
) -> None:
    page = open_page(page_name, width=390, height=800, has_touch=True)
    for figure in figures(page):
        for control in figure.locator("input, select, button").all():
            box = control.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44, control.evaluate("c => c.outerHTML")
            name = control.evaluate("c => c.labels?.[0]?.innerText || c.innerText")
            assert name.strip()


@pytest.mark.parametrize("page_name", PAGES)
def test_without_scripts_the_first_state_is_a_picture_with_its_caption(
    open_page: OpenPage, page_name: str
) -> None:
    alive = open_page(page_name)
    first = [(picture(f), f.locator(".caption").inner_text()) for f in figures(alive)]
    page = open_page(page_name, java_script_enabled=False)
    found = page.locator(MOVABLE).all()
    assert len(found) == len(first)
    for figure, (seen, caption) in zip(found, first, strict=True):
        expect(figure.locator(".controls")).to_be_hidden()
        assert picture(figure) == seen
        assert figure.locator(".caption").inner_text() == caption


@pytest.mark.parametrize("page_name", PAGES)
def test_a_figure_changes_with_the_colours_of_the_page(open_page: OpenPage, page_name: str) -> None:
    seen = []
    for theme in ("light", "dark"):
        page = open_page(page_name, color_scheme=theme)
        seen.append([figure.screenshot() for figure in figures(page)])
    assert all(light != dark for light, dark in zip(*seen, strict=True))


def test_training_in_the_page_comes_to_represent_five_directions(open_page: OpenPage) -> None:
    figure = open_page("chapters/superposition").locator("#toy-model")
    figure.scroll_into_view_if_needed()
    figure.locator(".run").click()
    expect(figure.locator(".caption")).to_contain_text(re.compile(r"\b5 of 5\b"), timeout=120_000)


@pytest.mark.parametrize("page_name", PAGES)
def test_a_training_runs_pauses_steps_starts_again_and_rests_unseen(
    open_page: OpenPage, page_name: str
) -> None:
    page = open_page(page_name)
    for figure in [figure for figure in figures(page) if trains(figure)]:
        figure.scroll_into_view_if_needed()
        before = picture(figure)
        run = figure.locator(".run")
        run.click()
        page.wait_for_function(
            "([id, before]) => document.querySelector(`#${id} .panels`).innerHTML !== before",
            arg=[figure.get_attribute("id"), before],
        )
        run.click()
        expect(run).to_have_text("Run")
        settle(page)
        trained = picture(figure)
        settle(page)
        assert picture(figure) == trained, "it goes on after Pause"
        figure.locator(".step").click()
        settle(page)
        assert picture(figure) != trained
        figure.locator(".reset").click()
        settle(page)
        assert picture(figure) == before
        run.click()
        expect(run).to_have_text("Pause")
        # To the end of the page that is farther away: from the nearer one it may still be seen.
        figure.evaluate(
            """figure => {
                const box = figure.getBoundingClientRect();
                const page = document.documentElement.scrollHeight;
                const above = box.top + window.scrollY;
                window.scrollTo(0, above > page - above - box.height ? 0 : page);
            }"""
        )
        expect(figure).not_to_be_in_viewport()
        expect(run).to_have_text("Run")


@pytest.mark.parametrize("page_name", PAGES)
def test_without_motion_training_shows_its_result_and_not_its_course(
    open_page: OpenPage, page_name: str
) -> None:
    page = open_page(page_name, reduced_motion="reduce")
    for figure in [figure for figure in figures(page) if trains(figure)]:
        figure.locator(".run").click()
        pictures = set()
        started = page.evaluate("performance.now()")
        for _ in range(30):
            settle(page)
            pictures.add(picture(figure))
        seconds = (page.evaluate("performance.now()") - started) / 1000
        assert len(pictures) <= seconds + 2  # one a second, however slow the machine is
        figure.locator(".run").click()
