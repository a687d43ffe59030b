"""Chapter 3, features: what a neuron would be dedicated to, and how a layer stores it.

The directions of n features in d neurons are the rows of W, as in `book.linearity`, which has
the writing and the reading.
"""

from book.features.directions import (
    Nonlinearity,
    basis_alignment,
    effective_directions,
    is_orthonormal,
    left_over,
    local_directions,
    project,
    reading_loss,
    write_and_read,
)

__all__ = [
    "Nonlinearity",
    "basis_alignment",
    "effective_directions",
    "is_orthonormal",
    "left_over",
    "local_directions",
    "project",
    "reading_loss",
    "write_and_read",
]
