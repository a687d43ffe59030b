"""Quoting code."""

import pytest

from book.display.quote import show_source
from book.linearity import compose, read_intensities
from book.training import train


def test_a_quotation_is_the_code():
    shown = show_source(compose, read_intensities)
    assert "return intensities @ directions\n" in repr(shown)
    assert "return activation @ directions.T\n" in repr(shown)


def test_pages_show_highlighted_python_and_where_it_stands():
    markdown = show_source(compose)._repr_markdown_()
    assert markdown.startswith("From `book.linearity.directions`")
    assert "```python\ndef compose(" in markdown


@pytest.mark.parametrize("functions", [(), (compose, train)])
def test_functions_must_be_of_one_module(functions):
    with pytest.raises(ValueError, match="one module"):
        show_source(*functions)
