"""Exercises of chapter 2: directions, vector sums, packed numbers, word vectors and probes."""

from .directions import BUCKET_CODE, COMPOSE, DIRECTION_OF
from .packing import COMPRESS, PRECISION_BUDGET
from .probes import LINEAR_PROBE
from .relus import FLOOR_NETWORK, NOISE_GAIN
from .words import ANALOGY, OFFSET_CONSISTENCY

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
