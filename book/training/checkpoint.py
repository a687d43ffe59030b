"""Trainings kept in files, so that one that was interrupted goes on where it stood.

A file's name is made of all that determines its training: the program of a step, and the numbers
that it begins with. After a change of the code or of a parameter there is no such file, and the
training begins anew.
"""

import hashlib
import io
import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from book.files import write
from book.training.loop import Run

SECONDS = 10.0
"""The time between two writings of a file."""


class Checkpoint(NamedTuple):
    """How far a training is.

    Attributes:
        runs: The runs, with a first axis over them.
        losses: The losses so far, in chunks of some steps each.
        done: The number of steps taken.
    """

    runs: Run
    losses: tuple[Float[np.ndarray, "runs _"], ...]
    done: int


class File:
    """The file of one training.

    Attributes:
        path: Where it is.
    """

    def __init__(self, folder: Path, program: str, *inputs: Any):
        digest = hashlib.sha256(program.encode())
        for leaf in jax.tree.leaves(inputs):
            digest.update(numbers(leaf).tobytes())
        self.path = folder / f"{digest.hexdigest()[:24]}.npz"
        self._written = time.monotonic()

    def load(self, first: Checkpoint, most: int) -> Checkpoint:
        """How far the training is, or `first` if it is not here, or went on past `most` steps."""
        if not self.path.is_file():
            return first
        with np.load(self.path) as kept:
            losses = kept["losses"]
            if losses.shape[1] > most:
                return first
            leaves, structure = jax.tree.flatten(first.runs)
            placed = [
                jax.device_put(kept[f"leaf{i}"], leaf.sharding) for i, leaf in enumerate(leaves)
            ]
        return Checkpoint(jax.tree.unflatten(structure, placed), (losses,), losses.shape[1])

    def save(self, checkpoint: Checkpoint, *, now: bool) -> None:
        """Writes how far the training is, all or nothing, if it is time or must be `now`."""
        if not now and time.monotonic() - self._written < SECONDS:
            return
        leaves = {f"leaf{i}": leaf for i, leaf in enumerate(jax.tree.leaves(checkpoint.runs))}
        content = io.BytesIO()
        np.savez(content, losses=np.concatenate(checkpoint.losses, axis=1), **leaves)
        write(self.path, content.getvalue())
        self._written = time.monotonic()


def numbers(leaf: Array) -> np.ndarray:
    """An array's numbers; a random key's are its words."""
    if jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        leaf = jax.random.key_data(leaf)
    return np.asarray(leaf)
