"""Exercises of chapter 1: codes and tables, what a network does, and how it learns it."""

from book.exercises.decomposability import codes, networks, tables
from book.exercises.exercise import defined

CHAPTER = 1
EXERCISES = defined(tables, networks, codes)
