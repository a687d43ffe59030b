"""The claim ledger: numbers and shapes of *Toy Models of Superposition*, and what came out here.

Every row has a small version, which each build of the book runs, and a full one:
`python -m book.superposition.ledger` runs that and keeps it in `full.json`.
"""

from book.superposition.ledger.results import Outcome, full_outcomes, measure
from book.superposition.ledger.row import Row, Verdict
from book.superposition.ledger.rows import ROWS
from book.superposition.ledger.table import ledger_table

__all__ = ["ROWS", "Outcome", "Row", "Verdict", "full_outcomes", "ledger_table", "measure"]
