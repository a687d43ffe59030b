"""Pictures with a few qualities.

A picture shows a white circle or triangle on a red or blue background. It is made from five numbers
(a `Scene`), smoothly, so that it can be differentiated, vmapped and drawn between the values that a
network was trained on. Lengths are in pixels, measured from the middle of the picture.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
from jaxtyping import Array, Float, Int, Key, Num
from matplotlib.colors import ListedColormap

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


def nearest_training_scene(scene: Scene) -> Scene:
    """The training scene that is nearest to one scene, quality by quality."""

    def nearest(value: Number, known: tuple[float, ...]) -> Float[Array, ""]:
        among = jnp.asarray(known)
        return among[jnp.argmin(jnp.abs(among - value))]

    known = ((0.0, 1.0), (0.0, 1.0), SIZES, SHIFTS, SHIFTS)
    return Scene(*map(nearest, scene, known))


HUES = np.linspace(0, 1, 9)
"""The hues that a heat map can show."""


def cells(scene: Scene) -> Float[Array, "rows columns"]:
    """One picture as a heat map shows it with `cmap="pictures"`, its hue rounded to one of `HUES`.

    A heat map has one number for each cell and one scale of colours. This scale goes from the first
    hue to white, on to the second hue, to white again, and so on: a cell that is half covered by
    the shape stands half of the way from its hue to the white behind it.
    """
    step = jnp.round(8 * jnp.asarray(scene.hue))
    return (2 * step + jnp.where(step == 8, -1, 1) * coverage(scene)) / 16


def _scale() -> ListedColormap:
    colors = np.ones((17, 3))
    colors[::2] = np.stack([1 - HUES, 0 * HUES, HUES], axis=1)
    return ListedColormap(colors, name="pictures")


matplotlib.colormaps.register(_scale(), force=True)
