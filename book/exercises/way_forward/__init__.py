"""Exercises of chapter 5: a sparse autoencoder, and scores of what it found."""

from book.exercises.exercise import defined
from book.exercises.way_forward import autoencoder, scores

CHAPTER = 5
EXERCISES = defined(autoencoder, scores)
