"""A grammar whose sentences know five qualities of the word they are about.

A sentence is nine words long, one from every slot: time, determiner, noun, kin, verb,
possessive, object, preposition, place. The noun has a number, a gender, a royalty and an
age, the sentence has a tense, and the other words agree with them.
"""

from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Int, Key

from book.linearity.words.offsets import numbers

# Tables of a slot's words: first an index 0 or 1 per quality, then the choices that are left.
TIMES = (("today", "now"), ("yesterday", "once"))  # present, past
DETERMINERS = (("a", "this"), ("some", "these"))  # one, many
NOUNS = (  # common or royal, grown or young, male or female, one or many
    ((("man", "men"), ("woman", "women")), (("boy", "boys"), ("girl", "girls"))),
    ((("king", "kings"), ("queen", "queens")), (("prince", "princes"), ("princess", "princesses"))),
)
KIN = (  # male or female, one or many
    (("father", "brother", "son"), ("fathers", "brothers", "sons")),
    (("mother", "sister", "daughter"), ("mothers", "sisters", "daughters")),
)
VERBS = (  # present or past, one or many: the past does not show the number
    (
        ("guards", "seeks", "praises", "carries", "paints", "cleans"),
        ("guard", "seek", "praise", "carry", "paint", "clean"),
    ),
    (("guarded", "sought", "praised", "carried", "painted", "cleaned"),) * 2,
)
POSSESSIVES = (("his", "their"), ("her", "their"))  # male or female, one or many
OBJECTS = (  # common or royal, one or many
    (("basket", "lamp", "coat"), ("baskets", "lamps", "coats")),
    (("crown", "jewel", "throne"), ("crowns", "jewels", "thrones")),
)
PREPOSITIONS = ("in", "near")
PLACES = (("market", "harbour", "hall"), ("school", "garden", "nursery"))  # grown, young

_TABLES = (TIMES, DETERMINERS, NOUNS, KIN, VERBS, POSSESSIVES, OBJECTS, PREPOSITIONS, PLACES)

#: Every word once, in the order of the slots.
WORDS: tuple[str, ...] = tuple(dict.fromkeys(w for t in _TABLES for w in np.ravel(t).tolist()))


def generate(
    sentences: int, *, key: Key[Array, ""], habits: float = 1.0, slips: float = 0.1
) -> Int[np.ndarray, "{sentences} 9"]:
    """A corpus: sentences as rows of word numbers, indices into `WORDS`.

    Each of the sixteen nouns has habits of its own: it prefers some kin, verbs, objects and
    places to others. So nouns differ in more than their qualities, as words do.

    Args:
        sentences: How many.
        key: The randomness, of the habits too.
        habits: The standard deviation of the preferences, which are log-odds; 0 for none.
        slips: How often a word disagrees with a quality, in [0, 1/2]; at 1/2 nothing agrees.
    """
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))

    def any_of(count: int) -> np.ndarray:
        return rng.integers(count, size=sentences)

    def agree(quality: np.ndarray) -> np.ndarray:
        return quality ^ (rng.random(sentences) < slips)

    def liked(count: int) -> np.ndarray:
        preference = habits * rng.normal(size=(16, count))
        return (preference[noun] + rng.gumbel(size=(sentences, count))).argmax(axis=1)

    royal, young, female, many, past = (any_of(2) for _ in range(5))
    noun = 8 * royal + 4 * young + 2 * female + many
    slots: list[tuple[Any, ...]] = [
        (TIMES, agree(past), any_of(2)),
        (DETERMINERS, agree(many), any_of(2)),
        (NOUNS, royal, young, female, many),
        (KIN, agree(female), agree(many), liked(3)),
        (VERBS, agree(past), agree(many), liked(6)),
        (POSSESSIVES, agree(female), agree(many)),
        (OBJECTS, agree(royal), agree(many), liked(3)),
        (PREPOSITIONS, any_of(2)),
        (PLACES, agree(young), liked(3)),
    ]
    return np.stack([numbers(table, WORDS)[tuple(index)] for table, *index in slots], axis=1)
