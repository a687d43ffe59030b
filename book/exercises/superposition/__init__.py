"""Exercises of chapter 4: directions, the toy model, training it, shapes and phases."""

from book.exercises.exercise import defined
from book.exercises.superposition import directions, model, shapes, training

CHAPTER = 4
EXERCISES = defined(directions, model, training, shapes)
