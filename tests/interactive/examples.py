"""Figures that several tests share."""

import jax
import jax.numpy as jnp

from book.display.style import BLUE, FIVE, GREEN, INK, VERMILION
from book.interactive import (
    Choice,
    Figure,
    Slider,
    bars,
    choose,
    figure,
    heat_map,
    lines,
    plane,
    points,
    text,
    vectors,
)


def vector_sum() -> Figure:
    """Two directions, two intensities and their sum."""

    def compute(red, size, angle):
        direction = jnp.stack([jnp.cos(jnp.deg2rad(angle)), jnp.sin(jnp.deg2rad(angle))])
        redness, largeness = red * jnp.array([1.0, 0.0]), size * direction
        activation = redness + largeness
        return {
            "redness": redness,
            "largeness": largeness,
            "activation": activation,
            "reading": activation[0],
        }

    def draw(ax):
        plane(ax, limit=2.1, xlabel="neuron 1", ylabel="neuron 2")
        vectors(ax, "redness", color=VERMILION, label="red-ness")
        vectors(ax, "largeness", color=BLUE, label="size")
        vectors(ax, "activation", color=INK, label="activation")

    def caption(red, size, reading):
        return (
            f"Red-ness {red:.2f} and size {size:.2f}: red-ness is read back as {reading:.2f}, "
            + (
                choose(
                    abs(reading - red) < 0.005,
                    "as it was.",
                    choose(reading > red, "too much.", "too little."),
                )
            )
        )

    return figure(
        compute,
        draw,
        caption,
        name="vector-sum",
        alt="Two arrows from the origin, red-ness and size, and their sum, the activation.",
        sliders={
            "red": Slider(0, 1, start=0.7, step=0.01, label="Red-ness", color=VERMILION),
            "size": Slider(0, 1, start=0.9, step=0.01, label="Size", color=BLUE),
            "angle": Slider(
                0, 180, start=90, step=1, label="Angle between the directions", unit="°"
            ),
        },
    )


def everything() -> Figure:
    """One of each artist, two panels, a choice and moving text."""

    def compute(shift, count, model):
        x = jnp.linspace(0, 1, 24)
        wave = jnp.sin(6 * x + shift)
        curves = jnp.stack([jnp.stack([x, wave], -1), jnp.stack([x, wave**2], -1)])
        matrix = jnp.where(model == 0, jnp.outer(wave[:5], wave[-5:]), jnp.eye(5))
        return {
            "curves": curves,
            "marks": curves[0, ::6],
            "heights": jnp.abs(wave[:5]) + count / 10,
            "matrix": matrix,
            "total": jnp.sum(matrix),
            "tip": curves[0, 12],
            "top": wave[12],
        }

    def draw(left, middle, right):
        left.set(xlim=(0, 1), ylim=(-1.2, 1.2), xlabel="place $x_1$", ylabel="height")
        lines(left, "curves", color=[VERMILION, GREEN])
        points(left, "marks", color=INK, marker="s")
        text(left, "top", at="tip", format="here {:.1f}", offset=(0, 12))
        middle.set(ylim=(0, 2), ylabel="intensity")
        bars(middle, "heights", labels=list("abcde"), color=FIVE)
        heat_map(right, "matrix", vmin=-1, vmax=1)
        text(right, "total", at=(2, 2), format="sum {:.2f}", color=GREEN)

    def caption(shift, count, model, total):
        return f"Shift {shift:.1f}, count {count:d}, model {model}: the cells sum to {total:+.2f}."

    return figure(
        compute,
        draw,
        caption,
        name="everything",
        alt="Two waves with marks, five bars and a matrix.",
        sliders={
            "shift": Slider(-2, 2, start=0, step=0.1, label="Shift of the wave"),
            "count": Slider(0, 8, start=3, step=1, label="Count"),
            "model": Choice({"product": 0, "identity": 1}, start="product", label="Model"),
        },
    )


def descent() -> Figure:
    """A figure that trains: a point falls into a bowl along a noisy gradient."""

    def start(sliders, key):
        return {"at": jax.random.uniform(key, (2,), minval=-1.0), "losses": jnp.ones(50), "t": 0}

    def step(state, sliders, key):
        slope = 2 * state["at"] + sliders["noise"] * jax.random.normal(key, (2,))
        at = state["at"] - sliders["rate"] * slope
        losses = jnp.where(jnp.arange(50) * 4 >= state["t"], jnp.sum(at**2), state["losses"])
        return {"at": at, "losses": losses, "t": state["t"] + 1}

    def compute(state, seed, rate, noise):
        curve = jnp.stack([4.0 * jnp.arange(50), jnp.maximum(state["losses"], 1e-6)], -1)
        return {"at": state["at"], "curve": curve, "loss": state["losses"][-1]}

    def draw(left, right):
        plane(left)
        points(left, "at", color=VERMILION, size=8)
        right.set(xlim=(0, 200), ylim=(1e-6, 4), yscale="log", xlabel="step", ylabel="loss")
        lines(right, "curve")

    def caption(loss):
        return f"The loss is {loss:.1e}."

    return figure(
        compute,
        draw,
        caption,
        name="descent",
        alt="A point in a plane beside its loss.",
        start=start,
        step=step,
        steps=200,
        sliders={
            "seed": Slider(0, 9, start=0, step=1, label="Seed", restart=True),
            "rate": Slider(0.01, 0.5, start=0.05, step=0.01, label="Learning rate"),
            "noise": Slider(0, 1, start=0.1, step=0.1, label="Noise"),
        },
    )
