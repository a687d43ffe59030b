"""The ledger as a table: one row a claim, with what the paper has and what came out here."""

import re
from collections.abc import Sequence
from html import escape

from book.ledger.results import Outcome

COLUMNS = ("Claim", "Paper", "Ours", "Seeds", "Spread", "Tolerance", "Within", "Cell")


class LedgerTable:
    """Outcomes as a table that shows itself; the last column leads to the cell."""

    def __init__(self, outcomes: Sequence[Outcome], caption: str) -> None:
        self.outcomes = outcomes
        self.caption = caption

    def rows(self) -> list[tuple[str, ...]]:
        """The cells as text, row by row."""
        return [_cells(outcome) for outcome in self.outcomes]

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
        body = ""
        for outcome, (claim, *others) in zip(self.outcomes, self.rows(), strict=True):
            *middle, cell = others
            anchor = re.sub("[^a-z0-9]+", "-", outcome.row.cell.lower()).strip("-")
            body += (
                f'<tr><th scope="row">{escape(claim)}</th>'
                + "".join(f"<td>{escape(text)}</td>" for text in middle)
                + f'<td><a href="#{anchor}">{escape(cell)}</a></td></tr>'
            )
        return (
            f'<table class="ledger"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
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


def _cells(outcome: Outcome) -> tuple[str, ...]:
    row, verdict = outcome.row, outcome.verdict
    within = "yes" if verdict.passed else "no"
    if outcome.stale:
        within += ", stale: measured with earlier code"
    return (
        row.claim,
        f"{row.paper} ({row.section})",
        verdict.ours,
        row.seeds(outcome.size),
        verdict.spread,
        row.tolerance,
        within,
        row.cell,
    )


def ledger_table(outcomes: Sequence[Outcome], *, caption: str) -> LedgerTable:
    """Shows outcomes, as the last expression of a cell.

    Raises:
        ValueError: There is no outcome to show.
    """
    if not outcomes:
        raise ValueError("ledger_table: there are no outcomes; give those of `measure`.")
    return LedgerTable(outcomes, caption)
