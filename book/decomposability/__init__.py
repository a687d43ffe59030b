"""Chapter 1, decomposability: what a network learns of a picture is made of separate pieces.

The pictures are made here (`pictures`), a small network answers two questions about them
(`network`), and a lookup table and the selectivity of neurons are measured (`measures`).
"""

from book.decomposability.measures import (
    UNKNOWN,
    as_bytes,
    code_size,
    look_up,
    lookup_table,
    selectivity,
    table_size,
)
from book.decomposability.network import (
    Network,
    accuracy,
    cross_entropy,
    hidden,
    initial_network,
    logits,
    train_network,
)
from book.decomposability.pictures import (
    HUES,
    QUALITIES,
    SHIFTS,
    SIDE,
    SIZES,
    Scene,
    cells,
    coverage,
    every_scene,
    labels,
    nearest_training_scene,
    render,
    sample_scenes,
)

__all__ = [
    "HUES",
    "QUALITIES",
    "SHIFTS",
    "SIDE",
    "SIZES",
    "UNKNOWN",
    "Network",
    "Scene",
    "accuracy",
    "as_bytes",
    "cells",
    "code_size",
    "coverage",
    "cross_entropy",
    "every_scene",
    "hidden",
    "initial_network",
    "labels",
    "logits",
    "look_up",
    "lookup_table",
    "nearest_training_scene",
    "render",
    "sample_scenes",
    "selectivity",
    "table_size",
    "train_network",
]
