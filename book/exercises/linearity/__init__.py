"""Exercises of chapter 2: directions, vector sums, packed numbers, word vectors and probes."""

from book.exercises.exercise import defined
from book.exercises.linearity import directions, packing, probes, relus, words

CHAPTER = 2
EXERCISES = defined(directions, packing, relus, words, probes)
