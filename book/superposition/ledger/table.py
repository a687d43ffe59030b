"""The ledger as a table: one row a claim, with what the paper has and what came out here."""

import re
from collections.abc import Sequence
from html import escape

from book.superposition.ledger.results import Outcome

COLUMNS = ("Claim, and what the paper has", "What came out here", "Tolerance", "Within")


class LedgerTable:
    """Outcomes as a table that shows itself; a claim leads to the cell that measured it."""

    def __init__(self, outcomes: Sequence[Outcome], caption: str) -> None:
        self.outcomes = outcomes
        self.caption = caption

    def rows(self) -> list[tuple[str, ...]]:
        """Claim, paper, ours, seeds, spread, tolerance, within and cell, row by row."""
        return [_cells(outcome) for outcome in self.outcomes]

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
        body = ""
        for row in self.rows():
            claim, paper, ours, seeds, spread, tolerance, within, cell = map(escape, row)
            anchor = re.sub("[^a-z0-9]+", "-", cell.lower()).strip("-")
            body += (
                f'<tr><th scope="row"><a href="#{anchor}" title="{cell}">{claim}</a><br>'
                f'<span style="font-weight:400">Paper: {paper}</span></th>'
                + _labelled(f"{ours}<br>Seeds: {seeds}. {spread}", tolerance, within)
                + "</tr>"
            )
        return (
            f'<table class="ledger" style="min-width:34rem"><caption>{escape(self.caption)}'
            f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def __repr__(self) -> str:
        lines = []
        for claim, paper, ours, seeds, spread, tolerance, within, _ in self.rows():
            lines += [
                f"{'ok ' if within == 'yes' else 'NOT' if within == 'no' else '?  '} {claim}",
                f"      paper: {paper}",
                f"      ours:  {ours}; {spread} (seeds: {seeds}); tolerance: {tolerance}",
            ]
        return "\n".join([self.caption, *lines])


def _labelled(*cells: str) -> str:
    """Cells of HTML that name their column, for a phone, where each row is a block of lines."""
    return "".join(
        f'<td data-column="{column}">{cell}</td>'
        for column, cell in zip(COLUMNS[1:], cells, strict=True)
    )


def _cells(outcome: Outcome) -> tuple[str, ...]:
    row, verdict = outcome.row, outcome.verdict
    within = "yes" if verdict.passed else "no"
    if outcome.stale:
        within += ", stale: measured with earlier code"
    texts = (
        row.claim,
        f"{row.paper} ({row.section})",
        verdict.ours,
        row.seeds(outcome.size),
        verdict.spread,
        row.tolerance,
        within,
        row.cell,
    )
    return tuple(re.sub(r"(?<![\w.])-(?=\d)", "−", text) for text in texts)


def ledger_table(outcomes: Sequence[Outcome], *, caption: str) -> LedgerTable:
    """Shows outcomes, as the last expression of a cell.

    Raises:
        ValueError: There is no outcome to show.
    """
    if not outcomes:
        raise ValueError("ledger_table: there are no outcomes; give those of `measure`.")
    return LedgerTable(outcomes, caption)
