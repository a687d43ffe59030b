"""What a reader can move: a slider over numbers, or a choice between named values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import jax.numpy as jnp
from jaxtyping import Array, Num

from book.display.numbers import FORMAT, format_number
from book.interactive.errors import FigureError

#: How a unit is said, for readers who listen.
SPOKEN = {"°": "degrees", "%": "percent", "×": "times", "s": "seconds", "ms": "milliseconds"}


@dataclass(frozen=True, kw_only=True)
class Control:
    """What sliders and choices share.

    Attributes:
        label: what the reader sees; the parameter's name if left out.
        restart: whether a move restarts the training of a stateful figure.
    """

    label: str = ""
    restart: bool = False

    @property
    def numbers(self) -> tuple[float, ...]:
        """The numbers that say whether all values are whole."""
        raise NotImplementedError

    @property
    def whole(self) -> bool:
        """Whether `compute` receives integers."""
        return all(isinstance(number, int) for number in self.numbers)

    @property
    def dtype(self) -> type:
        return jnp.int32 if self.whole else jnp.float32


@dataclass(frozen=True)
class Slider(Control):
    """A number from a range.

    Attributes:
        min: the smallest value.
        max: the largest value.
        start: the value at first.
        step: the distance between two values; `start` and `max` must lie on this grid.
        unit: written after the value, such as "°" or " bits"; "" for none.
        format: of the value, such as ".2f" or ".0f"; as many decimals as `step` if left out.
        color: of the slider's handle, one of the colours of `book.display.style`.

    `compute` receives a 32-bit integer if min, max, start and step are all Python integers, so that
    it may index with it or make a random key of it, and a 32-bit float otherwise.
    """

    min: float
    max: float
    start: float = field(kw_only=True)
    step: float = field(kw_only=True)
    unit: str = field(default="", kw_only=True)
    format: str = field(default="", kw_only=True)
    color: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.format:
            decimals = max(0, -math.floor(math.log10(self.step) + 1e-9)) if self.step > 0 else 2
            object.__setattr__(self, "format", f".{decimals}f")

    @property
    def numbers(self) -> tuple[float, ...]:
        return (self.min, self.max, self.start, self.step)

    def check(self) -> None:
        """Raises a FigureError for a range, start, step or format that cannot work."""
        if not all(map(math.isfinite, self.numbers)):
            raise FigureError("min, max, start and step must be finite numbers.")
        if not self.min < self.max:
            raise FigureError(
                f"min must be less than max, and {self.min} is not less than {self.max}."
            )
        if not self.step > 0:
            raise FigureError(f"step must be positive, and is {self.step}.")
        if not self.min <= self.start <= self.max:
            raise FigureError(
                f"its start {self.start} lies outside its range, which is {self.min} to {self.max}."
            )
        for what, value in (("start", self.start), ("max", self.max)):
            steps = (value - self.min) / self.step
            if abs(steps - round(steps)) > 1e-6:
                below = self.min + math.floor(steps) * self.step
                raise FigureError(
                    f"its {what} {value} cannot be reached from {self.min} in steps of "
                    f"{self.step}; the neighbours are {below:g} and {below + self.step:g}."
                )
        if not FORMAT.fullmatch(self.format):
            raise FigureError(f"its format is {self.format!r}; write .2f, .0f, .0% or .1e.")

    def value(self, moved: float) -> Num[Array, ""]:
        """What `compute` receives for a position of the slider."""
        return jnp.asarray(round(moved) if self.whole else moved, self.dtype)

    def written(self, value: float) -> str:
        """The value as it stands beside the label."""
        return format_number(value, self.format) + self.unit

    def spoken(self, value: float) -> str:
        """The value as it is read aloud."""
        unit = SPOKEN.get(self.unit.strip(), self.unit.strip())
        return f"{format_number(value, self.format)} {unit}".strip()

    @property
    def extremes(self) -> tuple[float, ...]:
        return (self.min, self.max)


@dataclass(frozen=True)
class Choice(Control):
    """One of a few named values.

    Attributes:
        values: names, and the numbers that `compute` receives (all integers, or floats).
        start: the name chosen at first.
    """

    values: Mapping[str, float]
    start: str = field(kw_only=True)

    def check(self) -> None:
        """Raises a FigureError if there is nothing to choose or the start is not among it."""
        if len(self.values) < 2:
            raise FigureError(f"a choice needs two or more names, and has {self.values!r}.")
        if self.start not in self.values:
            raise FigureError(
                f"its start {self.start!r} is none of its names: "
                f"{', '.join(map(repr, self.values))}."
            )

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(self.values.values())

    def value(self, moved: str) -> Num[Array, ""]:
        """What `compute` receives for a name."""
        return jnp.asarray(self.values[moved], self.dtype)

    @property
    def extremes(self) -> tuple[str, ...]:
        return tuple(self.values)
