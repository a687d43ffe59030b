"""Chapter 1, decomposability: pictures with a few qualities, and a network asked about two of them.

A picture shows a white circle or triangle on a red or blue background. It is made from five numbers
(a `Scene`), smoothly, so that it can be differentiated, vmapped and drawn between the values that a
network was trained on. Lengths are in pixels, measured from the middle of the picture.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, Key, Num

from book.training import train

SIDE = 12
"""Pixels along each side of a picture."""

QUALITIES = ("red", "blue", "circle", "triangle")
"""What the two questions ask for: the background's colour, and the shape."""

SIZES = (2.1, 2.4, 2.7, 3.0)
"""The sizes in the training set."""

SHIFTS = (-1.2, -0.4, 0.4, 1.2)
"""The displacements in the training set, across and upwards."""

Number = Num[Array, "*batch"] | float | int


class Scene(NamedTuple):
    """What is in a picture; arrays of numbers stand for many pictures.

    Attributes:
        hue: Of the background: 0 is red, 1 is blue, and 1/2 is purple.
        shape: 0 is a circle and 1 a triangle; between them one turns into the other.
        size: The circle's radius; the triangle has the same area.
        x: How far right of the middle the shape is.
        y: How far above the middle it is.
    """

    hue: Number
    shape: Number
    size: Number = 2.6
    x: Number = 0.0
    y: Number = 0.0


def coverage(scene: Scene) -> Float[Array, "rows columns"]:
    """How much of each pixel of one picture the shape covers, in [0, 1].

    A pixel's distance from the outline, positive inside, goes through a sigmoid: edges are soft, as
    a camera sees them, and every pixel is a smooth function of the scene.
    """
    middle = jnp.arange(SIDE) - (SIDE - 1) / 2
    x, y = middle[None, :] - scene.x, -middle[:, None] - scene.y
    circle = scene.size - jnp.sqrt(x**2 + y**2 + 1e-6)
    inner = scene.size * jnp.sqrt(jnp.pi / 27**0.5)  # radius of the circle inside the triangle
    slant = jnp.minimum(3**0.5 / 2 * x, -(3**0.5) / 2 * x) - y / 2
    triangle = inner + jnp.minimum(y, slant)
    inside = (1 - scene.shape) * circle + scene.shape * triangle
    return jax.nn.sigmoid(4 * inside)


def render(scene: Scene) -> Float[Array, "rows columns 3"]:
    """One picture in red, green and blue, each in [0, 1]; `jax.vmap` makes many."""
    white = coverage(scene)[..., None]
    background = jnp.stack([1.0 - scene.hue, jnp.zeros_like(1.0 * scene.hue), 1.0 * scene.hue])
    return white + (1 - white) * background


def every_scene() -> Scene:
    """The training set: both colours, both shapes, and four sizes at 4 x 4 places; 256 scenes."""
    values = ((0.0, 1.0), (0.0, 1.0), SIZES, SHIFTS, SHIFTS)
    return Scene(*(jnp.asarray(part.ravel(), jnp.float32) for part in np.meshgrid(*values)))


def sample_scenes(count: int, *, key: Key[Array, ""]) -> Scene:
    """Scenes like those of the training set, with any size and place between the least and most."""
    keys = jax.random.split(key, 5)
    uniform = jax.random.uniform
    return Scene(
        hue=jax.random.bernoulli(keys[0], shape=(count,)).astype(jnp.float32),
        shape=jax.random.bernoulli(keys[1], shape=(count,)).astype(jnp.float32),
        size=uniform(keys[2], (count,), minval=SIZES[0], maxval=SIZES[-1]),
        x=uniform(keys[3], (count,), minval=SHIFTS[0], maxval=SHIFTS[-1]),
        y=uniform(keys[4], (count,), minval=SHIFTS[0], maxval=SHIFTS[-1]),
    )


def labels(scenes: Scene) -> Int[Array, "batch 2"]:
    """The right answers: is the background blue, and is the shape a triangle? 1 is yes."""
    answers = jnp.stack([jnp.asarray(scenes.hue), jnp.asarray(scenes.shape)], axis=-1)
    return (answers > 0.5).astype(jnp.int32)


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
