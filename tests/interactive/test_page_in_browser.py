"""The static face in a real browser: it moves, trains, and agrees with the live face."""

import re

import numpy as np
import pytest

from book.display.numbers import format_number
from book.interactive import Choice, Figure, page, standalone
from book.interactive.caption import fill
from book.interactive.patch import patches
from tests.interactive import examples


@pytest.fixture(scope="module")
def figures():
    return {
        "vector-sum": examples.vector_sum().drawn,
        "everything": examples.everything().drawn,
        "descent": examples.descent().drawn,
    }


@pytest.fixture
def visit(browser, figures, tmp_path):
    """Opens a figure's page from the file system; fails on any error or request of the page."""
    troubles, contexts = [], []

    def open_page(name, **options):
        options = {"viewport": {"width": 390, "height": 900}, **options}
        context = browser.new_context(**options)
        contexts.append(context)
        opened = context.new_page()
        opened.on("pageerror", lambda error: troubles.append(str(error)))
        opened.on("console", lambda message: troubles.append(message.text))
        opened.on(
            "request", lambda request: request.url[:5] in ("file:",) or troubles.append(request.url)
        )
        file = tmp_path / f"{name}.html"
        file.write_text(standalone(Figure(figures[name])))
        opened.goto(file.as_uri())
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


def slider_of(opened, label):
    """The slider with exactly this accessible name."""
    return opened.get_by_role("slider", name=label, exact=True)


def settled(opened):
    """Waits until the frames that are under way have been drawn."""
    opened.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def attributes(opened):
    """Every slot of the page with the attributes that patches can set, and the caption."""
    return opened.evaluate(
        """[[...document.querySelectorAll("[data-slot]")].map((e) => [e.dataset.slot,
            e.getAttribute("d"), e.getAttribute("transform"), e.getAttribute("style"),
            e.textContent]), document.querySelector(".caption").textContent]"""
    )


def random_numbers(figure, seed):
    """What is written for random arrays: large, small, and some that cannot be drawn."""
    random = np.random.default_rng(seed)
    arrays = {}
    for name, first in figure.first.arrays.items():
        array = random.normal(scale=1.5, size=first.shape)
        odd = random.integers(40, size=first.shape)
        arrays[name] = np.where(
            odd == 0, np.nan, np.where(odd == 1, 1e9, np.where(odd == 2, 0, array))
        )
    return figure.numbers(figure.first._replace(arrays=arrays))


def moving(figure, numbers):
    """The columns that the page calculates, without those that are written in its description."""
    parts = [part for panel in page.description(figure)["panels"] for part in panel["parts"]]
    return [
        column
        for (*_, fixed), columns in zip(parts, numbers, strict=True)
        for given, column in zip(fixed, columns, strict=True)
        if not given
    ]


@pytest.mark.parametrize("name", ["vector-sum", "everything", "descent"])
def test_both_faces_write_random_arrays_alike(visit, figures, name):
    figure, opened = figures[name], visit(name)
    cases = [random_numbers(figure, seed) for seed in range(25)]
    theirs = opened.evaluate(
        "([panels, cases]) => cases.map((numbers) => figures.patches(panels, numbers))",
        [page.description(figure)["panels"], [moving(figure, numbers) for numbers in cases]],
    )
    for numbers, changes in zip(cases, theirs, strict=True):
        assert [tuple(change) for change in changes] == patches(figure.panels, numbers)


def moves(figure, count):
    """Random positions of all sliders, as the page's inputs and as `values` have them."""
    random = np.random.default_rng(0)
    for _ in range(count):
        chosen = {}
        for name, slider in figure.description.sliders.items():
            if isinstance(slider, Choice):
                index = int(random.integers(len(slider.values)))
                chosen[name] = (str(index), list(slider.values)[index])
            else:
                steps = random.integers(round((slider.max - slider.min) / slider.step) + 1)
                value = round(float(slider.min + steps * slider.step), 6)
                chosen[name] = (str(value), value)
        yield [text for text, _ in chosen.values()], {k: value for k, (_, value) in chosen.items()}


@pytest.mark.parametrize("name", ["vector-sum", "everything"])
def test_both_faces_show_the_same_wherever_the_sliders_stand(visit, figures, name):
    figure, opened = figures[name], visit(name)
    for texts, moved in moves(figure, 20):
        opened.evaluate(
            """(texts) => document.querySelectorAll("input, select").forEach((input, i) => {
                input.value = texts[i]; input.dispatchEvent(new Event("input")); })""",
            texts,
        )
        settled(opened)
        shown = figure.shown(None, figure.description.values(moved))
        *_, caption = attributes(opened)
        assert caption == str(shown.sentence)
        for slot, attribute, value in patches(figure.panels, figure.numbers(shown)):
            element = opened.locator(f"[data-slot='{slot}']")
            theirs = element.get_attribute(attribute) if attribute else element.text_content()
            assert numbers_in(theirs) == pytest.approx(numbers_in(value), abs=0.11)
            assert re.sub(NUMBER, "", theirs) == re.sub(NUMBER, "", value)


def test_both_faces_write_numbers_alike(visit):
    opened = visit("vector-sum")
    generator = np.random.default_rng(0)
    sizes = 10 ** generator.uniform(-6, 6, 400) * generator.choice([-1, 1], 400)
    random = sizes.astype(np.float32).tolist()
    halves = (np.arange(-200, 200) / 16).tolist()
    specs = [
        ".2f",
        ".0f",
        ".1f",
        "+.3f",
        ",.0f",
        ",.2f",
        ".0%",
        ".1%",
        ".1e",
        ".3e",
        "d",
        ",d",
        "f",
    ]
    cases = [(x, spec) for x in [*random, *halves, 0.0, -0.0] for spec in specs]
    theirs = opened.evaluate(
        "(cases) => cases.map(([x, spec]) => figures.fill([[0, spec]], [[x]]))", cases
    )
    ours = [format_number(x, spec) for x, spec in cases]
    assert [c for c in zip(cases, theirs, ours, strict=True) if c[1] != c[2]] == []


def test_both_faces_choose_words_alike(visit, figures):
    opened, template = visit("vector-sum"), figures["vector-sum"].first.sentence.template
    for seed in range(30):
        numbers = np.random.default_rng(seed).integers(2, size=(5, 1)).tolist()
        theirs = opened.evaluate("(x) => figures.fill(...x)", [template, numbers])
        assert [theirs] == fill(template, numbers)


@pytest.mark.parametrize("name", ["vector-sum", "everything"])
def test_drawing_the_first_state_again_changes_nothing(visit, name):
    opened = visit(name)
    before = attributes(opened)
    opened.locator("input").first.dispatch_event("input")
    settled(opened)
    assert attributes(opened) == before


def test_the_keyboard_moves_a_slider_and_the_figure_agrees_with_jax(visit, figures):
    opened, figure = visit("vector-sum"), figures["vector-sum"]
    slider = slider_of(opened, "Angle between the directions")
    slider.focus()
    for key in ("ArrowRight", "ArrowUp", "PageDown", "ArrowLeft"):
        opened.keyboard.press(key)
    angle = int(slider.input_value())
    assert angle not in (90, 91)
    settled(opened)
    assert slider.get_attribute("aria-valuetext") == f"{angle} degrees"
    assert opened.locator(".value").nth(2).inner_text() == f"{angle}°"
    shown = figure.shown(None, figure.description.values({"angle": angle}))
    assert opened.locator(".caption").inner_text() == str(shown.sentence)
    opened.keyboard.press("Home")
    assert slider.input_value() == "0"
    opened.keyboard.press("End")
    assert slider.input_value() == "180"
    settled(opened)
    assert "too little" in opened.locator(".caption").inner_text()


def test_a_move_with_the_pointer_changes_the_picture(visit):
    opened = visit("vector-sum")
    before = attributes(opened)
    box = slider_of(opened, "Red-ness").bounding_box()
    opened.mouse.click(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
    settled(opened)
    assert attributes(opened) != before


def test_a_choice_changes_the_picture(visit, figures):
    opened, figure = visit("everything"), figures["everything"]
    opened.get_by_label("Model").select_option(label="identity")
    settled(opened)
    shown = figure.shown(None, figure.description.values({"model": "identity"}))
    assert opened.locator(".caption").inner_text() == str(shown.sentence)
    assert "model identity: the cells sum to +5.00" in str(shown.sentence)


def test_the_caption_is_spoken_once_after_the_reader_rests(visit):
    opened = visit("vector-sum")
    opened.evaluate(
        """() => { window.spoken = []; new MutationObserver(() => spoken.push(
            document.querySelector(".said").textContent)).observe(
            document.querySelector(".said"), {childList: true}); }"""
    )
    slider = slider_of(opened, "Size")
    slider.focus()
    for _ in range(6):
        opened.keyboard.press("ArrowLeft")
    opened.wait_for_function("spoken.length > 0")
    settled(opened)
    assert opened.evaluate("spoken") == [opened.locator(".caption").inner_text()]
    assert opened.locator("figcaption[aria-live], output").count() == 0


def test_figures_pushed_before_the_shared_script_loads_are_mounted_too(browser, figures):
    opened = browser.new_page()
    opened.set_content(page.html(figures["vector-sum"]))
    assert opened.locator(".controls").is_hidden()
    opened.add_script_tag(content=page.SCRIPT_FILE.read_text())
    assert opened.locator("input:enabled").count() == 3
    opened.close()


def test_without_scripts_there_is_a_picture_with_its_caption_and_nothing_to_move(visit):
    opened = visit("descent", java_script_enabled=False)
    assert opened.locator("svg").first.is_visible()
    assert "The loss is" in opened.locator(".caption").inner_text()
    assert not opened.locator("input, button").locator("visible=true").count()


def test_in_print_there_are_no_controls_and_ink_is_black(visit):
    opened = visit("vector-sum", color_scheme="dark")
    ink = "getComputedStyle(document.querySelector('figure')).color"
    assert opened.evaluate(ink) != "rgb(0, 0, 0)"
    opened.emulate_media(media="print")
    assert not opened.locator("input").locator("visible=true").count()
    assert opened.evaluate(ink) == "rgb(0, 0, 0)"


@pytest.mark.parametrize("name", ["vector-sum", "everything", "descent"])
def test_a_narrow_screen_needs_no_sideways_scrolling_and_targets_are_large(visit, name):
    opened = visit(name, viewport={"width": 320, "height": 640})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320
    for target in opened.locator("input, select, button").all():
        box = target.bounding_box()
        assert min(box["height"], box["width"]) >= 44


def test_training_runs_pauses_steps_and_resets(visit, figures):
    opened = visit("descent")
    first = attributes(opened)
    run, count = opened.locator(".run"), opened.locator(".count")
    run.click()
    opened.wait_for_function("parseInt(document.querySelector('.count').textContent.slice(5)) > 20")
    assert run.inner_text() == "Pause"
    run.click()
    assert run.inner_text() == "Run"
    settled(opened)
    stopped = count.inner_text()
    settled(opened)
    settled(opened)
    assert count.inner_text() == stopped
    opened.locator(".step").click()
    settled(opened)
    assert count.inner_text() == f"Step {int(stopped[5:]) + 1}"
    opened.locator(".reset").click()
    settled(opened)
    assert count.inner_text() == "Step 0"
    assert attributes(opened) == first


def test_training_on_the_page_equals_training_in_jax(visit, figures):
    opened, figure = visit("descent"), figures["descent"]
    opened.locator(".run").click()
    opened.wait_for_function("document.querySelector('.count').textContent.includes('finished')")
    description = figure.description
    values = description.values()
    state = description.initial(values)
    for step in range(200):
        state = description.following(state, step, values)
    shown = figure.shown(state, values)
    (_, _, expected), *_ = patches(figure.panels, figure.numbers(shown))
    path = opened.locator("[data-slot='0']").get_attribute("d")
    assert numbers_in(path) == pytest.approx(numbers_in(expected), abs=0.15)
    assert opened.locator(".count").inner_text() == "Step 200, finished"
    assert opened.locator(".run").inner_text() == "Run"
    written = float(opened.locator(".caption").inner_text()[12:-1].replace("−", "-"))
    assert written == pytest.approx(float(shown.sentence.numbers[0]), rel=0.1)


NUMBER = r"-?\d+(?:\.\d+)?"


def numbers_in(path):
    return [float(number) for number in re.findall(NUMBER, path)]


def test_a_slider_that_restarts_resets_and_another_one_does_not(visit):
    opened = visit("descent")
    opened.locator(".step").click()
    slider_of(opened, "Learning rate").press("ArrowRight")
    settled(opened)
    assert opened.locator(".count").inner_text() == "Step 1"
    before = opened.locator("[data-slot='0']").get_attribute("d")
    slider_of(opened, "Seed").press("ArrowRight")
    settled(opened)
    assert opened.locator(".count").inner_text() == "Step 0"
    assert opened.locator("[data-slot='0']").get_attribute("d") != before


def test_training_pauses_when_scrolled_away(visit):
    opened = visit("descent", viewport={"width": 390, "height": 500})
    opened.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"height:3000px\">')")
    opened.locator(".run").click()
    opened.evaluate("window.scrollTo(0, 3000)")
    opened.wait_for_function("document.querySelector('.run').textContent === 'Run'")
    assert "finished" not in opened.locator(".count").inner_text()


def test_with_reduced_motion_nothing_moves_by_itself_and_running_shows_few_pictures(visit):
    opened = visit("descent", reduced_motion="reduce")
    opened.evaluate(
        """() => { window.pictures = 0; new MutationObserver(() => pictures++).observe(
            document.querySelector("[data-slot='0']"), {attributes: true}); }"""
    )
    settled(opened)
    assert opened.evaluate("pictures") == 0
    opened.locator(".run").click()
    opened.wait_for_function("document.querySelector('.count').textContent.includes('finished')")
    assert opened.evaluate("pictures") <= 6
