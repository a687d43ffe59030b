"""Tables of results."""

import jax.numpy as jnp
import pytest

from book.display.table import show_table


def test_html_has_a_caption_headings_and_formatted_cells():
    html = show_table(
        {"Seed": (range(2), "d"), "Loss <L>": (jnp.array([0.125, 0.5]), ".2f")}, caption="Two & two"
    )._repr_html_()
    assert "<caption>Two &amp; two</caption>" in html
    assert '<th scope="col">Loss &lt;L&gt;</th>' in html
    assert "<tr><td>0</td><td>0.12</td></tr><tr><td>1</td><td>0.50</td></tr>" in html


def test_text_is_aligned():
    table = show_table({"Seed": ([1, 10], "d"), "Loss": ([0.5, 12.25], ".1f")}, caption="Losses")
    assert repr(table) == "Losses\nSeed  Loss\n   1   0.5\n  10  12.2"


def test_a_minus_is_a_minus_sign_and_zero_has_none():
    table = show_table(
        {"x": ([-0.5, -0.001, 0.25], ".2f"), "name": (["a-b", "-", "c"], "s")}, caption=""
    )
    assert table.columns == {"x": ["−0.50", "0.00", "0.25"], "name": ["a-b", "-", "c"]}


def test_columns_of_different_length_are_an_error_that_names_them():
    with pytest.raises(ValueError, match="'Seed': 2, 'Loss': 1"):
        show_table({"Seed": ([1, 2], "d"), "Loss": ([0.5], ".1f")}, caption="")
