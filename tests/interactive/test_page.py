"""The static face as text: its weight, what it asks of a browser, and what it says without one."""

import gzip
import re

import jax.numpy as jnp
import pytest

from book.interactive import NotCovered, Slider, figure, page, plane, standalone, vectors
from tests.interactive import examples


@pytest.fixture(scope="module")
def vector_sum():
    return examples.vector_sum()


def weight(text):
    return len(gzip.compress(text.encode(), 9))


def test_the_shared_script_weighs_at_most_8_kilobytes():
    assert weight(page.SCRIPT_FILE.read_text()) <= 8_000


def test_a_vector_sum_weighs_at_most_5_kilobytes_in_all(vector_sum):
    assert weight(vector_sum.html) <= 5_000


def test_a_page_asks_for_nothing(vector_sum):
    source = standalone(vector_sum)
    assert not re.search(r"https?:|\bsrc=|\bfetch\(|\bimport\b|@import|url\((?!#)", source)


def test_every_slider_has_a_label_a_range_and_a_spoken_value(vector_sum):
    inputs = re.findall(r"<label><span>(.*?)</span>.*?<input (.*?)></label>", vector_sum.html)
    assert [label for label, _ in inputs] == ["Red-ness", "Size", "Angle between the directions"]
    assert 'min="0" max="180" step="1" value="90" aria-valuetext="90 degrees"' in inputs[2][1]
    assert all("disabled" in attributes for _, attributes in inputs)


def test_the_picture_has_its_description_and_the_caption_its_words(vector_sum):
    assert f'role="img" aria-label="{vector_sum.drawn.description.alt}"' in vector_sum.html
    assert str(vector_sum.drawn.first.sentence) in vector_sum.html
    assert '<div class="controls" hidden>' in vector_sum.html


def test_the_bundle_has_the_static_face_when_nobody_works_in_a_notebook(vector_sum, monkeypatch):
    for name in ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD"):
        monkeypatch.delenv(name, raising=False)
    bundle = vector_sum._repr_mimebundle_()
    assert bundle["text/html"] == vector_sum.html
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_script_cannot_be_closed_from_within():
    made = figure(
        lambda red: {"arrow": red * jnp.ones(2)},
        lambda ax: vectors(ax, "arrow"),
        lambda red: f"{red:.1f} </script><b>",
        name="closing",
        alt="An arrow.",
        sliders={"red": Slider(0, 1, start=0.5, step=0.1)},
    )
    assert made.html.count("</script>") == 1
    assert made.html.endswith("</script></figure>")


def test_an_operation_that_javascript_lacks_fails_where_the_figure_is_made(monkeypatch):
    def compute(red):
        matrix = jnp.array([[2.0, 0.0], [0.0, 1.0]]) + red
        return {"arrow": jnp.linalg.eigh(matrix)[0]}

    def make():
        return figure(
            compute,
            lambda ax: (plane(ax, limit=4), vectors(ax, "arrow")),
            lambda red: f"{red:.1f}",
            name="eigen",
            alt="An arrow.",
            sliders={"red": Slider(0, 1, start=0.5, step=0.1)},
        )

    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(NotCovered):
        make()
    monkeypatch.setenv("JPY_SESSION_NAME", "a notebook")
    assert "<svg" in make()._repr_mimebundle_()["text/html"]
