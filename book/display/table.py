"""Tables of results: an HTML table where there is a page, aligned text where there is none."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from book.display.numbers import format_number


class Table:
    """Columns of text with a caption."""

    def __init__(self, columns: dict[str, list[str]], caption: str) -> None:
        self.columns = columns
        self.caption = caption

    def rows(self) -> list[tuple[str, ...]]:
        """The cells, row by row."""
        return list(zip(*self.columns.values(), strict=True))

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows()
        )
        return (
            f'<table class="results"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def __repr__(self) -> str:
        lines = [tuple(self.columns), *self.rows()]
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        text = [
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
            for line in lines
        ]
        return "\n".join([self.caption, *text])


def show_table(columns: Mapping[str, tuple[Iterable[object], str]], *, caption: str) -> Table:
    """Shows columns of values, as the last expression of a cell.

    Args:
        columns: For each heading its values and the format of one value,
            for example `{"Density": (densities, ".2f")}`; an array of scalars will do.
        caption: What the table shows, in words.

    Raises:
        ValueError: If the columns differ in length.
    """
    texts = {
        name: [_written(value, spec) for value in values]
        for name, (values, spec) in columns.items()
    }
    lengths = {name: len(column) for name, column in texts.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"show_table: the columns differ in length: {lengths}.")
    return Table(texts, caption)


def _written(value: Any, spec: str) -> str:
    """The value in its format, with a true minus sign and none before a zero."""
    return format(value, spec) if spec.endswith("s") else format_number(float(value), spec)
