"""Exercises of chapter 3: directions that are written, read, and lined up with neurons."""

from book.exercises.exercise import defined
from book.exercises.features import bases, directions

CHAPTER = 3
EXERCISES = defined(directions, bases)
