"""Captions: one function of numbers, traced once, filled many times."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.display.numbers import format_number
from book.interactive import FigureError, choose
from book.interactive.caption import trace

# XLA takes a number below about 1e-38 for zero, where NumPy does not; sums of these stay above.
NUMBERS = st.floats(-1e6, 1e6, width=32).map(lambda x: x if abs(x) > 1e-30 else 0.0)


def told(caption, names=None, **values):
    """The caption for these values."""
    return str(trace(caption, values, names or {}))


def sentence(x, y):
    words = choose(x > y, f"more, by {x - y:.1f}", choose(x == y, "the same", "less"))
    both = choose((x > 0) & (y > 0), "both", choose((x > 0) | (y > 0), "one", "none"))
    return (
        f"x is {x:.2f}, which is {words} than {y:.0f}; {both} above zero, together {-(x + y):.3e}."
    )


@given(NUMBERS, NUMBERS)
def test_a_traced_caption_reads_like_the_same_function_of_plain_numbers(x, y):
    plain = sentence(np.float32(x), np.float32(y)).replace("-", "−")
    plain = re.sub(r"−(0(?:\.0+)?(?:e\+00)?)(?![\d.])", r"\1", plain)
    assert told(sentence, x=jnp.float32(x), y=jnp.float32(y)) == plain


def test_a_compiled_caption_has_its_words_for_other_values_than_those_of_the_trace():
    compiled = jax.jit(lambda values: trace(sentence, values, {}))
    first = compiled({"x": jnp.float32(1), "y": jnp.float32(2)})
    then = compiled({"x": jnp.float32(3), "y": jnp.float32(-2)})
    assert "x is 1.00, which is less than 2; both" in str(first)
    assert "3.00, which is more, by 5.0 than −2; one above zero" in str(then)


def test_a_named_choice_is_written_by_its_name():
    names = {"model": {"linear": 0, "ReLU": 1, "GELU": 2}}
    for value, name in ((0, "linear"), (1, "ReLU"), (2, "GELU")):
        assert told(lambda model: f"the {model} model", names, model=jnp.int32(value)) == (
            f"the {name} model"
        )


def test_arithmetic_from_either_side_and_absolute_values():
    def caption(x):
        first = f"{2 * x:.0f} {1 - x:.0f} {1 / x:.2f} {x**2:.0f}"
        return first + f" {abs(x):.0f} {-x:.0f} {7 % x:.0f} {x // 3:.0f}"

    assert told(caption, x=jnp.float32(4)) == "8 −3 0.25 16 4 −4 3 1"


@pytest.mark.parametrize(
    ("value", "spec", "written"),
    [
        (0.125, ".2f", "0.12"),
        (0.375, ".2f", "0.38"),
        (2.5, ".0f", "2"),
        (-0.001, ".2f", "0.00"),
        (-0.001, "+.2f", "+0.00"),
        (-1.5, ".1f", "−1.5"),
        (0.256, ".0%", "26%"),
        (9216, ",d", "9,216"),
        (1234567.5, ",.1f", "1,234,567.5"),
        (0.00012, ".1e", "1.2e−04"),
        (float("nan"), ".2f", "not a number"),
        (float("-inf"), ".2f", "−∞"),
    ],
)
def test_numbers_are_written_as_python_does_with_a_real_minus(value, spec, written):
    assert format_number(value, spec) == written


def test_white_space_of_the_source_does_not_reach_the_page():
    assert told(lambda x: f"one\n      {x:.0f}  two", x=jnp.float32(1)) == "one 1 two"


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        (lambda x: "a" if x > 1 else "b", "choose"),
        (lambda x: f"{max(x, 1):.2f}", "choose"),
        (lambda x: "a" if x > 1 and x < 2 else "b", "choose"),
        (lambda x: f"{jnp.sqrt(x):.2f}", "compute"),
        (lambda x: f"{np.sqrt(x):.2f}", "compute"),
        (lambda x: f"{round(float(x)):.2f}", "compute"),
        (lambda x: f"{x}", "format"),
        (lambda x: f"{x:g}", "'g'"),
        (lambda x: f"{x:d}", "not whole"),
        (lambda x, y: f"{y:.2f}", "'y'"),
        (lambda x: None, "NoneType"),
    ],
)
def test_bad_captions_are_explained(caption, words):
    with pytest.raises(FigureError, match=words):
        told(caption, x=jnp.float32(1))
