"""Skip-gram with negative sampling (Mikolov et al., 2013): guess who stands in one sentence."""

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, Key

from book.training import train

Model = tuple[Float[Array, "words d"], Float[Array, "words d"]]
"""The vectors of words, and their vectors as context."""


def skipgram_loss(
    model: Model, corpus: Int[Array, "sentences length"], *, key: Key[Array, ""], batch: int = 512
) -> Float[Array, ""]:
    """The loss −log σ(w·c) − Σ log σ(−w·c′) of a batch of pairs, in nats.

    w is the vector of a word, c the context vector of another word of its sentence, and the five
    c′ are context vectors of words drawn from the corpus at random.

    Args:
        model: Word vectors and context vectors.
        corpus: Word numbers, a sentence a row.
        key: Draws the pairs.
        batch: How many pairs.
    """
    sentences, length = corpus.shape
    below = jnp.array([sentences, length, length - 1] + 5 * [corpus.size])
    row, place, ahead, *anything = jax.random.randint(key, (8, batch), 0, below[:, None])
    word, context = corpus[row, place], corpus[row, (place + 1 + ahead) % length]
    noise = corpus.ravel()[jnp.stack(anything)]
    W, C = model
    scores = W @ C.T  # few words: all products at once are quicker than picking rows
    true, false = scores[word, context], scores[word, noise]
    return jnp.mean(jax.nn.softplus(-true) + jax.nn.softplus(false).sum(axis=0))


def train_word_vectors(
    corpus: Int[Array, "sentences length"],
    words: int,
    *,
    key: Key[Array, ""],
    d: int = 16,
    steps: int = 2000,
) -> tuple[Float[Array, "{words} {d}"], Float[Array, " {steps}"]]:
    """Trains the vectors of one corpus; `jax.vmap` over corpora and keys trains many.

    Args:
        corpus: Word numbers, a sentence a row.
        words: How many words there are.
        key: The randomness, of the first vectors and of all steps.
        d: How many numbers a word gets.
        steps: Training steps, of Adam at a learning rate of 0.01.

    Returns:
        The word vectors, and the loss before each step.
    """
    first_key, run_key = jax.random.split(key)
    W = jax.random.normal(first_key, (words, d)) / jnp.sqrt(d)

    def loss(model: Model, key: Key[Array, ""]) -> Float[Array, ""]:
        return skipgram_loss(model, corpus, key=key)

    (W, _), losses = train(loss, optax.adam(0.01), (W, jnp.zeros((words, d))), run_key, steps)
    return W, losses
