"""Exercises of chapter 5: a sparse autoencoder, and scores of what it found."""

from book.exercises.way_forward.autoencoder import SAE_FORWARD, SAE_LOSS, TRAIN_SAE, UNIT_DECODER
from book.exercises.way_forward.scores import (
    DEAD_LATENTS,
    MATCH_FEATURES,
    MEAN_MAX_COSINE,
    SPARSITY_AND_FIDELITY,
)

EXERCISES = (
    SAE_FORWARD,
    SAE_LOSS,
    UNIT_DECODER,
    TRAIN_SAE,
    DEAD_LATENTS,
    MATCH_FEATURES,
    MEAN_MAX_COSINE,
    SPARSITY_AND_FIDELITY,
)
