"""Exercises of chapter 2: directions, vector sums, packed numbers, word vectors and probes."""

from book.checks.linearity.directions import BUCKET_CODE, COMPOSE, DIRECTION_OF
from book.checks.linearity.packing import COMPRESS, PRECISION_BUDGET
from book.checks.linearity.probes import LINEAR_PROBE
from book.checks.linearity.relus import FLOOR_NETWORK, NOISE_GAIN
from book.checks.linearity.words import ANALOGY, OFFSET_CONSISTENCY

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
