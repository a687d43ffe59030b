"""Offsets between word vectors: do all pairs of one relation differ by one direction?

A relation is an array of pairs of word numbers: (king, kings), (girl, girls), ...
The vectors are rows; `unit_rows` first, as Mikolov, Yih and Zweig (2013) do, so that how often a
word occurs, which shows in the length of its vector, does not count.
"""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from book import answers


class AnalogyScores(NamedTuple):
    """How often the nearest word is the right one, in [0, 1].

    Attributes:
        usual: Of all words but the three that make the question.
        all_words: Of all words.
        nearest: Of all words but the three, with the offset left out: the nearest to c.
    """

    usual: Float[Array, ""]
    all_words: Float[Array, ""]
    nearest: Float[Array, ""]


def numbers(words: object, vocabulary: Sequence[str]) -> Int[np.ndarray, "..."]:
    """The places of words in a vocabulary.

    Args:
        words: One word, or a list or table of them, whose shape the result has.
        vocabulary: All words; of a word that is there twice the first place counts.

    Raises:
        LookupError: a word is not there; the message names those that come close.
    """
    place = {word: i for i, word in reversed(list(enumerate(vocabulary)))}
    table = np.array(words)
    missing = [word for word in table.ravel().tolist() if word not in place]
    if missing:
        close = difflib.get_close_matches(missing[0], vocabulary, n=3)
        meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise LookupError(
            f"{missing[0]!r}{others}: not among the {len(place):,} words of the vocabulary.{meant}"
        )
    return np.array([place[word] for word in table.ravel().tolist()], int).reshape(table.shape)


@answers("way_forward.unit_decoder")
def unit_rows(vectors: Float[Array, "*batch d"]) -> Float[Array, "*batch d"]:
    """Each row at length 1; a row of zeros stays."""
    length = jnp.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / jnp.where(length > 0, length, 1.0)


def offsets(
    vectors: Float[Array, "words d"], pairs: Int[Array | np.ndarray, "pairs 2"]
) -> Float[Array, "pairs d"]:
    """Second word minus first word of each pair."""
    return vectors[pairs[:, 1]] - vectors[pairs[:, 0]]


@answers("linearity.offset_consistency")
def mean_cosine(offsets: Float[Array, "pairs d"]) -> Float[Array, ""]:
    """The mean cosine of two different offsets, from −1/(pairs − 1) to 1.

    1 if all point the same way, about 0 if they have nothing to do with one another.
    With unit vectors u the sum of all cosines is ‖Σ u‖², of which each has one with itself.
    """
    u, count = unit_rows(offsets), len(offsets)
    return (jnp.sum(u.sum(axis=0) ** 2) - count) / (count * (count - 1))


def analogy(
    vectors: Float[Array, "words d"], a: int, b: int, c: int, *, leave_out: bool = True
) -> Int[Array, ""]:
    """The word whose vector has the largest cosine with b − a + c: a is to b as c is to it.

    Args:
        vectors: One unit vector a row.
        a: Number of a word, as b and c.
        b: What a becomes.
        c: What becomes the answer.
        leave_out: Whether a, b and c themselves are no answers.
    """
    cosines = vectors @ (vectors[b] - vectors[a] + vectors[c])
    if leave_out:
        cosines = cosines.at[jnp.array([a, b, c])].set(-jnp.inf)
    return jnp.argmax(cosines)


def score_analogies(
    vectors: Float[Array, "words d"], pairs: Int[Array | np.ndarray, "pairs 2"]
) -> AnalogyScores:
    """Asks every pair of the relation to complete every other one.

    Args:
        vectors: One unit vector a row.
        pairs: Two or more pairs of word numbers.
    """
    first, second = np.nonzero(~np.eye(len(pairs), dtype=bool))
    (a, b), (c, wanted) = pairs[first].T, pairs[second].T
    cosines = (vectors[b] - vectors[a] + vectors[c]) @ vectors.T
    question = jnp.arange(len(a))[:, None], jnp.stack([a, b, c], axis=1)

    def score(cosines: Float[Array, "questions words"]) -> Float[Array, ""]:
        return jnp.mean(cosines.argmax(axis=1) == wanted)

    return AnalogyScores(
        score(cosines.at[question].set(-jnp.inf)),
        score(cosines),
        score((vectors[c] @ vectors.T).at[question].set(-jnp.inf)),
    )


def relation_plane(
    vectors: Float[Array, "words d"], pairs: Int[Array | np.ndarray, "pairs 2"]
) -> Float[Array, "2 d"]:
    """Two orthogonal unit vectors, of a plane in which to look at a relation.

    The first is the direction of the mean offset. The second, at a right angle to it, keeps the
    pairs apart: it mixes the three directions in which the middles of the pairs are spread most,
    in the proportions 1, 1/2 and 1/4, so that pairs which one does not part another does.
    """
    along = unit_rows(offsets(vectors, pairs).mean(axis=0))
    middles = vectors[pairs].mean(axis=1)
    middles = middles - middles.mean(axis=0)
    middles = middles - jnp.outer(middles @ along, along)
    spread = jnp.linalg.svd(middles, full_matrices=False)[2][:3]
    return jnp.stack([along, unit_rows(jnp.array([1.0, 0.5, 0.25]) @ spread)])
