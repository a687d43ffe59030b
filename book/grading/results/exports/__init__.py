"""Grades in the forms that other systems read: one module a system, all from `grades.csv`.

`python -m book.grading export --help` says how to use them.
"""
