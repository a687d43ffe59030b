"""Linear probes: what a dot product can read out of somebody else's activations."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from book import answers

Probe = tuple[Float[Array, "neurons qualities"], Float[Array, " qualities"]]
"""Weights, one column per quality, and a constant for each."""


@answers("linearity.linear_probe")
def fit_probe(
    activations: Float[Array, "inputs neurons"], intensities: Float[Array, "inputs qualities"]
) -> Probe:
    """The weights and constants with the least squared error.

    Source: Alain and Bengio, *Understanding intermediate layers using linear classifier probes*
    (2016); theirs classify, ours read a number.
    """
    centre, middle = activations.mean(axis=0), intensities.mean(axis=0)
    weights = jnp.linalg.lstsq(activations - centre, intensities - middle)[0]
    return weights, middle - centre @ weights


def apply_probe(
    probe: Probe, activations: Float[Array, "*batch neurons"]
) -> Float[Array, "*batch qualities"]:
    """The probe's readings."""
    weights, constant = probe
    return activations @ weights + constant


def explained(
    readings: Float[Array, "inputs qualities"], intensities: Float[Array, "inputs qualities"]
) -> Float[Array, " qualities"]:
    """R², the share of each quality's variance that the readings explain.

    1 for exact readings, 0 for always answering the mean, less for readings that are worse.
    """
    missed = jnp.sum((intensities - readings) ** 2, axis=0)
    total = jnp.sum((intensities - intensities.mean(axis=0)) ** 2, axis=0)
    return 1 - missed / total
