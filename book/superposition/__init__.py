"""Chapter 4, superposition: more features than neurons, and when a network stores them so.

`model` is the toy model, `geometry` the shapes that its directions form, `phase_diagram` what the
smallest one does with two features, and `fast_loss` the model's loss for many steps.  `ledger`
holds the claims of *Toy Models of Superposition* against our own measurements.
"""

from book.superposition.model import (
    Model,
    feature_dimensionality,
    initial_model,
    linear_model,
    represented,
    sample_features,
    sample_pairs,
    superposition_of,
    toy_model,
    weighted_loss,
)

__all__ = [
    "Model",
    "feature_dimensionality",
    "initial_model",
    "linear_model",
    "represented",
    "sample_features",
    "sample_pairs",
    "superposition_of",
    "toy_model",
    "weighted_loss",
]
