"""Exercises of chapter 2: directions, vector sums, packed numbers, word vectors and probes."""

from book.exercises.linearity.directions import BUCKET_CODE, COMPOSE, DIRECTION_OF
from book.exercises.linearity.packing import COMPRESS, PRECISION_BUDGET
from book.exercises.linearity.probes import LINEAR_PROBE
from book.exercises.linearity.relus import FLOOR_NETWORK, NOISE_GAIN
from book.exercises.linearity.words import ANALOGY, OFFSET_CONSISTENCY

EXERCISES = (
    DIRECTION_OF,
    BUCKET_CODE,
    COMPOSE,
    COMPRESS,
    PRECISION_BUDGET,
    NOISE_GAIN,
    FLOOR_NETWORK,
    ANALOGY,
    OFFSET_CONSISTENCY,
    LINEAR_PROBE,
)
