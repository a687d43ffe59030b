"""The book's look: contrast of its colours, fixed plots, and the SVG that both are made of."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from book.display import style, svg
from book.display.style import show, subplots


def luminance(color):
    digits = color.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def themes():
    """The colours of the light and of the dark theme, by name."""
    light, dark = re.split("@media screen", style.CSS_FILE.read_text(), maxsplit=1)
    return [dict(re.findall(r"--figure-([a-z-]+): (#[0-9a-f]+);", part)) for part in (light, dark)]


@pytest.mark.parametrize(
    ("theme", "papers"),
    [(0, ["#ffffff", "#fefefc"]), (1, ["#14181e", "#151514", "#111111", "#1e1e1e"])],
)
def test_lines_and_text_have_their_contrast_on_every_background(theme, papers):
    colors = themes()[theme]
    assert len(colors) == 2 * (len(svg.THEME) - 1) - 1  # ink is its own text; paper is the page
    for name, color in colors.items():
        wanted = 4.5 if name.endswith("-text") or name == "ink" else 3
        assert min(contrast(color, paper) for paper in papers) >= wanted, name


def plot():
    figure, ax = subplots(width=4, height=2)
    ax.plot([0, 1], [0, 1], color=style.VERMILION, label="a line")
    ax.set(xlabel="place $x_1$", ylabel="height")
    ax.legend()
    return figure


def test_a_fixed_plot_shows_with_caption_and_description(monkeypatch):
    shown = show(plot(), caption="It rises & rises.", alt="A rising line.")
    source = shown._repr_mimebundle_()["text/html"].split("</style>")[-1]
    root = ElementTree.fromstring(source)
    assert root.find("figcaption").text == "It rises & rises."
    assert root.find("div").attrib["aria-label"] == "A rising line."
    assert 'stroke="var(--figure-vermilion)"' in source
    assert not re.search("metadata|<style|xlink|font-family", source)
    monkeypatch.setenv("JPY_SESSION_NAME", "a notebook")
    assert shown._repr_mimebundle_()["text/html"].startswith("<style>")


def test_the_same_plot_gives_the_same_source():
    first, second = (show(plot(), caption="A line.", alt="A line.") for _ in range(2))
    assert first.source == second.source


def test_a_formula_is_one_text_in_the_fonts_of_the_page():
    root = svg.to_svg(plot(), "example")
    (formula,) = [e for e in root.iter("text") if "".join(e.itertext()) == "place\xa0x1"]
    assert [piece.get("dy") for piece in formula] == [None, None, "1.5"]


@pytest.mark.parametrize("words", [{"caption": " ", "alt": "b"}, {"caption": "a", "alt": ""}])
def test_a_plot_without_words_is_refused(words):
    with pytest.raises(ValueError, match="caption"):
        show(plot(), **words)


def test_panels_of_one_figure_have_one_scale_in_rows_that_can_be_read():
    panels = [svg.to_svg(subplots(width=2.5, height=2)[0], f"p{i}") for i in range(4)]
    style.arrange(panels)
    assert {panel.attrib["style"] for panel in panels} == {"--width:180;--row:540;--gaps:2"}
