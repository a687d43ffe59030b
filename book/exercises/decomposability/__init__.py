"""Exercises of chapter 1: codes and tables, what a network does, and how it learns it."""

from book.exercises.decomposability.codes import (
    BLEND,
    DECODE_QUALITIES,
    ENCODE_QUALITIES,
    LOOKUP_TABLE,
    TABLE_SIZE,
)
from book.exercises.decomposability.networks import GENERALISATION_GAP, SELECTIVITY, TRAIN_STEP

EXERCISES = (
    LOOKUP_TABLE,
    GENERALISATION_GAP,
    SELECTIVITY,
    TRAIN_STEP,
    ENCODE_QUALITIES,
    DECODE_QUALITIES,
    BLEND,
    TABLE_SIZE,
)
