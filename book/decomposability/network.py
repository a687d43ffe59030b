"""A network that is asked two questions about a picture: which colour, and which shape?"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, Key

from book.decomposability.pictures import SIDE
from book.training import train


class Network(NamedTuple):
    """The parameters of the two-question network.

    Attributes:
        inward: Weights from the pixels to the hidden neurons.
        threshold: Of the hidden neurons.
        outward: Weights from the hidden neurons to the four answers.
        bias: Of the four answers.
    """

    inward: Float[Array, "pixels neurons"]
    threshold: Float[Array, " neurons"]
    outward: Float[Array, "neurons 4"]
    bias: Float[Array, "4"]


def initial_network(neurons: int, *, key: Key[Array, ""]) -> Network:
    """Random weights with a standard deviation of √(2 / inputs) (He et al., 2015), no biases."""
    pixels = SIDE * SIDE * 3
    first, second = jax.random.split(key)
    return Network(
        jnp.sqrt(2 / pixels) * jax.random.normal(first, (pixels, neurons)),
        jnp.zeros(neurons),
        jnp.sqrt(2 / neurons) * jax.random.normal(second, (neurons, 4)),
        jnp.zeros(4),
    )


def hidden(
    network: Network, images: Float[Array, "*batch rows columns 3"]
) -> Float[Array, "*batch neurons"]:
    """The activations of the hidden neurons, ReLU((pixels - 1/2) · inward + threshold)."""
    pixels = images.reshape(*images.shape[:-3], -1) - 0.5
    return jax.nn.relu(pixels @ network.inward + network.threshold)


def logits(
    network: Network, images: Float[Array, "*batch rows columns 3"]
) -> Float[Array, "*batch 2 2"]:
    """What speaks for each answer: red or blue in the first row, circle or triangle in the second.

    The softmax of a row gives the probabilities of the answers to that question.
    """
    answers = hidden(network, images) @ network.outward + network.bias
    return answers.reshape(*answers.shape[:-1], 2, 2)


@jax.jit
def cross_entropy(
    network: Network,
    images: Float[Array, "batch rows columns 3"],
    answers: Int[Array, "batch 2"],
) -> Float[Array, ""]:
    """The loss in nats: the mean of -log(probability of the right answer), added over questions."""
    each = optax.softmax_cross_entropy_with_integer_labels(logits(network, images), answers)
    return jnp.mean(jnp.sum(each, axis=-1))


def accuracy(
    network: Network,
    images: Float[Array, "batch rows columns 3"],
    answers: Int[Array, "batch 2"],
) -> Float[Array, "2"]:
    """The share of right answers to each question, in [0, 1]."""
    return jnp.mean(logits(network, images).argmax(-1) == answers, axis=0)


def train_network(
    images: Float[Array, "count rows columns 3"],
    answers: Int[Array, "count 2"],
    *,
    key: Key[Array, ""],
    neurons: int = 8,
    steps: int = 600,
) -> Network:
    """The network after training by Adam (5e-3) on batches of 32; `jax.vmap` over keys for seeds.

    Args:
        images: The training set.
        answers: To both questions, 0 or 1.
        key: Of the first weights and of the batches.
        neurons: Hidden neurons.
        steps: Training steps.
    """

    def loss(network: Network, key: Key[Array, ""]) -> Float[Array, ""]:
        batch = jax.random.randint(key, (32,), 0, len(images))
        return cross_entropy(network, images[batch], answers[batch])

    first = initial_network(neurons, key=key)
    return train(loss, optax.adam(5e-3), first, key, steps)[0]
