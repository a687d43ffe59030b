"""Chapter 5, a way forward: a sparse autoencoder finds features that share neurons.

`autoencoder` is the dictionary and how it learns, `scores` says how good one is.
"""

from book.way_forward.autoencoder import (
    Autoencoder,
    decode,
    encode,
    initial_autoencoder,
    keep_largest,
    resample,
    sae_forward,
    sae_loss,
    sample_activations,
    topk_forward,
    topk_loss,
    unit_decoder,
)
from book.way_forward.scores import (
    cosines,
    dead_latents,
    match_features,
    mean_max_cosine,
    sparsity_and_fidelity,
)

__all__ = [
    "Autoencoder",
    "cosines",
    "dead_latents",
    "decode",
    "encode",
    "initial_autoencoder",
    "keep_largest",
    "match_features",
    "mean_max_cosine",
    "resample",
    "sae_forward",
    "sae_loss",
    "sample_activations",
    "sparsity_and_fidelity",
    "topk_forward",
    "topk_loss",
    "unit_decoder",
]
