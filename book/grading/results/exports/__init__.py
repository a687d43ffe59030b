"""Grades in the forms that other systems read: one module a system, all from `grades.csv`.

`book/grading/commands/export.py` has the table of them.
"""
