"""Exercises of chapter 4: directions, the toy model, training it, shapes and phases."""

from book.exercises.superposition.directions import (
    BEST_THREE_DIRECTIONS,
    INTERFERENCE_ENERGY,
    RANDOM_COSINES,
)
from book.exercises.superposition.model import SPARSE_FEATURES, TOY_MODEL, WEIGHTED_LOSS
from book.exercises.superposition.shapes import FEATURE_DIMENSIONALITY, PHASE
from book.exercises.superposition.training import SWEEP, TRAIN

EXERCISES = (
    INTERFERENCE_ENERGY,
    BEST_THREE_DIRECTIONS,
    RANDOM_COSINES,
    SPARSE_FEATURES,
    TOY_MODEL,
    WEIGHTED_LOSS,
    TRAIN,
    SWEEP,
    FEATURE_DIMENSIONALITY,
    PHASE,
)
