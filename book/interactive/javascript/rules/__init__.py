"""Every operation that can be translated, by its name in StableHLO: one `Rule` each."""

from book.interactive.javascript.rules import control, elementwise, sorting, sums, updates, views

RULES = elementwise.RULES | views.RULES | sums.RULES
RULES |= updates.RULES | sorting.RULES | control.RULES
