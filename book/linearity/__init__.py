"""Chapter 2, linearity: encodings are directions, and they add up.

`directions` writes and reads sums of scaled directions, `codes` holds the alternatives for one
intensity, `packing` the one for two, and `probes` reads what others wrote.
"""

from book.linearity.codes import binary_code, bucket_code, read_bucket, read_direction
from book.linearity.directions import (
    angle_between,
    compose,
    dual_directions,
    interference,
    random_directions,
    read_intensities,
    unit_direction,
)
from book.linearity.packing import compress, recover, staircase
from book.linearity.probes import Probe, apply_probe, explained, fit_probe

__all__ = [
    "Probe",
    "angle_between",
    "apply_probe",
    "binary_code",
    "bucket_code",
    "compose",
    "compress",
    "dual_directions",
    "explained",
    "fit_probe",
    "interference",
    "random_directions",
    "read_bucket",
    "read_direction",
    "read_intensities",
    "recover",
    "staircase",
    "unit_direction",
]
