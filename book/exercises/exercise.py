"""What an exercise is: one definition for the notebook's check and for marking."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Inputs = tuple[Any, ...]


@dataclass(frozen=True)
class Example:
    """A visible case: these arguments give this result."""

    arguments: Inputs
    result: Any
    function: str = ""  # which function, where an exercise asks for several


@dataclass(frozen=True)
class Property:
    """Something that holds for every correct answer.

    Attributes:
        claim: What must hold, in words that the learner reads.
        sides: `sides(answer, *inputs)` gives two things that must be equal: what the learner's
            functions make of the inputs, and what it should be. `answer.compose` is the learner's
            function of that name.
    """

    claim: str
    sides: Callable[..., tuple[Any, Any]]


@dataclass(frozen=True)
class Mistake:
    """A wrong function that learners write, and what to tell them."""

    name: str  # "averaged instead of summed"
    function: Callable[..., Any]
    hint: str
    replaces: str = ""  # which function, where an exercise asks for several


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise; see CONTRIBUTING for how to write one.

    Attributes:
        id: Chapter and name, `linearity.compose`.
        title: A few words.
        points: What a full answer earns.
        difficulty: 1 (a line) to 5 (an evening).
        importance: 1 (for the curious) to 5 (the rest of the book needs it).
        minutes: How long a learner who has read the chapter needs.
        functions: Names of the functions to write, each with its parameters.
        examples: Visible cases, the simplest first.
        inputs: `inputs(key)` draws arguments for the properties.
        properties: What holds for all inputs; together they allow correct answers only.
        mistakes: Wrong answers that are recognised.
        hints: The ladder, from a nudge to almost the answer; at least two.
        tolerance: Largest error of a correct float result, relative to the largest entry, at
            least 1.
        jit: Whether the functions must also run under `jax.jit`.
    """

    id: str
    title: str
    points: int
    difficulty: int
    importance: int
    minutes: int
    functions: Mapping[str, Sequence[str]]
    examples: Sequence[Example]
    inputs: Callable[[jax.Array], Inputs]
    properties: Sequence[Property]
    mistakes: Sequence[Mistake]
    hints: Sequence[str]
    tolerance: float = 1e-5
    jit: bool = False

    def __post_init__(self) -> None:
        """Refuse a definition that could not be used.

        Raises:
            ValueError: a field is empty or out of range; the message names exercise and field.
        """
        wrong = [
            (not re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", self.id), "id is not 'chapter.name'"),
            (self.points < 1, "points is less than 1"),
            (not 1 <= self.difficulty <= 5, "difficulty is not between 1 and 5"),
            (not 1 <= self.importance <= 5, "importance is not between 1 and 5"),
            (self.minutes < 1, "minutes is less than 1"),
            (not self.functions, "functions is empty"),
            (not self.examples, "examples is empty"),
            (not self.properties, "properties is empty"),
            (len(self.hints) < 2, "hints has fewer than two rungs"),
        ]
        for is_wrong, why in wrong:
            if is_wrong:
                raise ValueError(f"exercise {self.id!r}: {why}")
        named = [*(e.function for e in self.examples), *(m.replaces for m in self.mistakes)]
        for name in named:
            if name and name not in self.functions:
                raise ValueError(f"exercise {self.id!r}: there is no function {name!r}")

    @property
    def chapter(self) -> str:
        """The chapter's key, the first half of the id."""
        return self.id.split(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the functions to write, in the order in which `check` takes them."""
        return tuple(self.functions)

    @property
    def call(self) -> str:
        """The line that checks this exercise."""
        return f'check("{self.id}", {", ".join(self.names)})'


def defined(*modules: ModuleType) -> tuple[Exercise, ...]:
    """The exercises that modules define, in their order."""
    values = (value for module in modules for value in vars(module).values())
    return tuple(value for value in values if isinstance(value, Exercise))


def generator(key: jax.Array) -> np.random.Generator:
    """NumPy's random numbers from a JAX key: quick to draw, with nothing to compile."""
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))


def key_of(seed: int) -> jax.Array:
    """The key `jax.random.key(seed)` of a seed below 2**32, with nothing to compile."""
    return jax.random.wrap_key_data(jnp.asarray(np.array([0, seed], np.uint32)))
