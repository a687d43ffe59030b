"""Exercises of chapter 3: directions that are written, read, and lined up with neurons."""

from book.exercises.features.bases import (
    BASIS_ALIGNMENT,
    DUAL_DIRECTIONS,
    EFFECTIVE_DIRECTION,
    ORTHOGONAL_CAPACITY,
)
from book.exercises.features.directions import (
    INTERFERENCE,
    IS_ORTHONORMAL,
    PROJECT,
    READ_INTENSITIES,
    WRITE_ACTIVATION,
)

EXERCISES = (
    PROJECT,
    IS_ORTHONORMAL,
    WRITE_ACTIVATION,
    READ_INTENSITIES,
    INTERFERENCE,
    DUAL_DIRECTIONS,
    EFFECTIVE_DIRECTION,
    BASIS_ALIGNMENT,
    ORTHOGONAL_CAPACITY,
)
