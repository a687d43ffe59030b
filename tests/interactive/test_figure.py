"""Figures: what they check before anything is shown, and what they are made of."""

import inspect
import re
from xml.etree import ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from book.interactive import Choice, FigureError, Slider, figure, lines, plane, points, vectors
from book.interactive.patch import patches
from tests.interactive import examples


@pytest.fixture(autouse=True)
def in_a_notebook(monkeypatch):
    """Figures of these tests are not compiled to JavaScript: that has its own tests."""
    monkeypatch.setenv("JPY_SESSION_NAME", "a notebook")


def compute(red):
    return {"arrow": red * jnp.array([1.0, 2.0]), "double": 2 * red}


def draw(ax):
    plane(ax)
    vectors(ax, "arrow")


def caption(red, double):
    return f"{red:.2f} {double:.2f}"


def make(**changes):
    known = {
        "compute": compute,
        "draw": draw,
        "caption": caption,
        "name": "example",
        "alt": "An arrow.",
        "sliders": {"red": Slider(0, 1, start=0.5, step=0.1)},
    }
    return figure(**{**known, **changes})


def slider(*range_, **known):
    return {"sliders": {"red": Slider(*range_, **{"start": 0.5, "step": 0.1, **known})}}


def nan_at(value):
    return {"compute": lambda red: {"arrow": jnp.log(red - value) * jnp.ones(2), "double": red}}


def branching(red):
    return {"arrow": jnp.ones(2) if red > 0.5 else jnp.zeros(2), "double": red}


def growing(red):
    return {"arrow": jnp.ones((3 if red > 0.5 else 2, 2)), "double": red}


STATEFUL = {
    "compute": lambda state, red: {"arrow": red * state, "double": red},
    "start": lambda sliders, key: jnp.ones(2),
    "step": lambda state, sliders, key: 0.5 * state,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sliders": {"blue": Slider(0, 1, start=0, step=1)}}, "slider 'blue'.*no parameter.*red"),
        ({"sliders": {}}, "parameter 'red'.*no slider"),
        (slider(0, 1, start=1.5), "slider 'red'.*1.5.*outside.*0 to 1"),
        (slider(0, 1, start=0.55), "start 0.55.*neighbours are 0.5 and 0.6"),
        (slider(0, 0.95), "max 0.95.*neighbours are 0.9 and 1"),
        (slider(1, 1), "min must be less than max, and 1 is not"),
        (slider(0, 1, step=0), "step must be positive.*0"),
        (slider(0, float("inf")), "finite"),
        (slider(0, 1, format=".2g"), "'.2g'"),
        ({"sliders": {"red": Choice({"a": 0, "b": 1}, start="c")}}, "choice 'red'.*'c'.*'a', 'b'"),
        ({"sliders": {"red": Choice({"a": 0}, start="a")}}, "two or more"),
        (slider(0, 1, restart=True), "slider 'red'.*restart"),
        ({"name": "a b"}, "'a b'.*letters"),
        ({"alt": " "}, "'example'.*alt"),
        ({"draw": lambda ax: None}, "nothing in draw moves"),
        ({"draw": lambda ax: vectors(ax, "size")}, "'size'.*does not return.*arrow, double"),
        ({"draw": lambda ax: lines(ax, "arrow")}, r"lines for 'arrow'.*\(2,\)"),
        ({"caption": lambda blue: f"{blue:.2f}"}, "'blue'.*neither a slider"),
        ({"caption": lambda arrow: f"{arrow:.2f}"}, "'arrow'.*single number"),
        ({"compute": lambda red: red}, "must return a dict"),
        (nan_at(0.5), "'arrow' of compute contains -inf with all sliders at their start"),
        (nan_at(0.0), "'arrow' of compute contains -inf with slider 'red' at 0"),
        ({"compute": branching}, "slider 'red'.*in Python.*0.5.*jnp.where"),
        ({"compute": growing}, r"slider 'red'.*'arrow'.*\(2, 2\) at 0.5.*\(3, 2\) at 1"),
        ({"start": lambda sliders, key: 0}, "both start= and step="),
        ({"steps": 10}, "steps=10.*needs start="),
        ({"size": (3, 0)}, r"size=\(3, 0\).*inches.*for each axes of draw, which has 1"),
        ({"size": [(3, 3), (3, 3)]}, "for each axes of draw, which has 1"),
        ({**STATEFUL, "step": lambda state, sliders, key: state[:1]}, "same structure"),
        ({**STATEFUL, "step": lambda state, sliders, key: (state, state)}, "same structure"),
    ],
)
def test_a_bad_description_is_explained(changes, words):
    with pytest.raises(FigureError, match=words) as caught:
        make(**changes)
    assert str(caught.value).startswith("figure '")


def test_a_good_description_needs_no_more_than_its_parts():
    assert str(make().drawn.first.sentence) == "0.50 1.00"
    assert make(**STATEFUL).drawn.description.stateful


def test_panels_have_the_size_that_is_asked_for():
    def two(left, right):
        draw(left)

    def sizes(**size):
        return re.findall(r'viewBox="0 0 (\S+) (\S+)"', make(draw=two, **size).html)

    assert sizes() == [("237.6", "237.6")] * 2
    assert sizes(size=(2, 3)) == [("144", "216")] * 2
    assert sizes(size=[(2, 3), (4, 1)]) == [("144", "216"), ("288", "72")]


def test_the_function_takes_what_a_description_takes_and_says_so():
    assert list(inspect.signature(figure).parameters)[:4] == ["compute", "draw", "caption", "name"]
    assert "size: width and height of a panel in inches" in figure.__doc__


def test_the_picture_is_well_formed_and_each_of_its_ids_is_unique():
    made = examples.everything()
    roots = ElementTree.fromstring(f"<div>{made.drawn.picture(made.drawn.first)}</div>")
    found = [element.attrib["id"] for element in roots.iter() if "id" in element.attrib]
    assert found
    assert len(found) == len(set(found))
    assert all(name.startswith("everything") for name in found)


def test_the_same_description_gives_the_same_picture():
    assert examples.everything().html == examples.everything().html


def test_text_from_the_author_is_escaped():
    def drawn(ax):
        plane(ax)
        vectors(ax, "arrow", label="a < b & c")

    made = make(draw=drawn, caption=lambda red: f"{red:.1f} < 1 & more", alt='A "quoted" <alt>.')
    bundle = made._repr_mimebundle_()["text/html"]
    assert "a &lt; b &amp; c" in bundle
    assert "0.5 &lt; 1 &amp; more" in bundle
    assert "A &quot;quoted&quot; &lt;alt&gt;." in bundle


def test_only_what_arrays_set_changes_when_a_slider_moves():
    made = examples.vector_sum().drawn
    moved = made.shown(None, made.description.values({"red": 0.2}))
    before, after = (
        {key[:2]: key[2] for key in patches(made.panels, made.numbers(shown))}
        for shown in (made.first, moved)
    )
    assert before.keys() == after.keys()
    assert {key for key in before if before[key] != after[key]} == {
        (0, "d"),  # red-ness and the activation, with their labels; size stays
        (1, "transform"),
        (4, "d"),
        (5, "transform"),
    }


def test_whole_numbers_reach_compute_as_integers_and_others_as_floats():
    sliders = {
        "whole": Slider(0, 3, start=1, step=1),
        "real": Slider(0, 3, start=1.0, step=1),
        "name": Choice({"a": 2, "b": 5}, start="b"),
    }
    seen = {}

    def kinds(whole, real, name):
        seen.update(whole=whole.dtype, real=real.dtype, name=name.dtype)
        return {"arrow": jnp.stack([jnp.arange(4.0)[whole], real + name])}

    first = make(compute=kinds, sliders=sliders, caption=lambda name: f"{name}").drawn.first
    assert seen == {"whole": jnp.int32, "real": jnp.float32, "name": jnp.int32}
    assert first.arrays["arrow"].tolist() == [1.0, 6.0]
    assert str(first.sentence) == "b"


def test_the_keys_of_a_training_are_those_of_its_seed():
    def start(sliders, key):
        return jax.random.uniform(key, (2,))

    def step(state, sliders, key):
        return state + jax.random.uniform(key, (2,))

    made = make(
        compute=lambda state, seed: {"spot": state},
        draw=lambda ax: points(ax, "spot"),
        caption=lambda seed: f"{seed:d}",
        start=start,
        step=step,
        sliders={"seed": Slider(0, 9, start=3, step=1, restart=True)},
    ).drawn.description
    values, key = made.values(), jax.random.key(3)
    state = made.initial(values)
    assert np.array_equal(state, jax.random.uniform(key, (2,)))
    for t in range(3):
        before, state = state, made.following(state, t, values)
        assert jnp.allclose(state, before + jax.random.uniform(jax.random.fold_in(key, t), (2,)))


def test_a_figure_reads_as_words_in_a_terminal():
    assert repr(make()) == "Figure example: 0.50 1.00 [An arrow.]"
