"""Exercise notebooks and pages, made from the solutions: `python -m book.exercises`."""
