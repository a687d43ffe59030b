"""Captions that are written once and read the same in Jupyter and on the static page.

A caption is a Python function that returns a sentence. It is called once, while JAX traces it, with
stand-ins for its numbers: formatting a stand-in leaves a mark in the sentence and keeps the traced
value. What comes out is a *template* (words, and places for numbers) and a JAX function that gives
the numbers, so both faces fill the same template.

A template is a list of words and places. `[3, ".2f"]` is number 3 in that format;
`[4, [...], [...]]` is the first template if number 4 is not zero and the second one otherwise.
"""

import inspect
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from book.display.numbers import FORMAT, format_number
from book.interactive.errors import FigureError

Template = list[Any]

MARK = re.compile("\ue000(\\d+)\ue001")


class Recorder:
    """Collects the places of a caption in the order in which they are written."""

    def __init__(self, figure: str) -> None:
        self.figure = figure
        self.numbers: list[Any] = []
        self.places: list[Template] = []

    def number(self, value: Any) -> int:
        self.numbers.append(jnp.asarray(value, jnp.float32))
        return len(self.numbers) - 1

    def mark(self, place: Template) -> str:
        self.places.append(place)
        return f"\ue000{len(self.places) - 1}\ue001"

    def template(self, sentence: str) -> Template:
        """The sentence with its marks replaced by their places."""
        parts = MARK.split(sentence)
        places = [self.places[int(part)] if i % 2 else part for i, part in enumerate(parts)]
        return [place for place in places if place != ""]


class Number:
    """A number of a caption: it can be formatted, calculated with, compared and chosen by."""

    def __init__(self, recorder: Recorder, value: Any, names: Mapping[str, float] | None = None):
        self.recorder = recorder
        self.value = value
        self.names = names

    def __format__(self, spec: str) -> str:
        if not spec and self.names:
            return self._name(list(self.names.items()))
        if not FORMAT.fullmatch(spec):
            raise FigureError(
                f"figure {self.recorder.figure!r}: its caption formats a number with {spec!r}. "
                "Write a format such as {x:.2f}, {x:d}, {x:.0%}, {x:.1e} or {x:+.2f}."
            )
        if spec.endswith("d") and not jnp.issubdtype(jnp.result_type(self.value), jnp.integer):
            raise FigureError(
                f"figure {self.recorder.figure!r}: its caption formats a number that is not whole "
                f"with {spec!r}; write {{x:.0f}} to round it."
            )
        return self.recorder.mark([self.recorder.number(self.value), spec])

    def __str__(self) -> str:
        return format(self, "")

    def _name(self, names: list[tuple[str, float]]) -> str:
        (name, value), *others = names
        return choose(self == value, name, self._name(others)) if others else name

    def __bool__(self) -> bool:
        raise FigureError(
            f"figure {self.recorder.figure!r}: its caption decides with Python's `if`, `and`, `or`,"
            " `not`, `max` or `min`, which would keep the words of the first state for ever. "
            "Write choose(condition, 'these words', 'those words'), and & | ~ between conditions."
        )

    __hash__ = None  # type: ignore[assignment]


def _operation(function: Callable, swapped: bool = False) -> Callable:
    def method(self: Number, *others: Any) -> Number:
        values = [self.value, *(o.value if isinstance(o, Number) else o for o in others)]
        return Number(self.recorder, function(*(values[::-1] if swapped else values)))

    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_"):
    _method = getattr(operator, _name)
    setattr(Number, f"__{_name.strip('_')}__", _operation(_method))
    setattr(Number, f"__r{_name.strip('_')}__", _operation(_method, swapped=True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne", "neg", "pos", "abs", "invert"):
    setattr(Number, f"__{_name}__", _operation(getattr(operator, _name)))


def choose(condition: Any, yes: str, no: str) -> str:
    """The words `yes` if the condition holds and `no` otherwise, for use in a caption.

    Python's `if` would decide once and for all when the caption is traced; this decides whenever a
    slider moves. Both sides may contain numbers and further choices.
    """
    if not isinstance(condition, Number):
        return yes if condition else no
    recorder = condition.recorder
    place = [
        recorder.number(condition.value != 0),
        recorder.template(str(yes)),
        recorder.template(str(no)),
    ]
    return recorder.mark(place)


def trace(
    caption: Callable[..., str],
    values: Mapping[str, Any],
    names: Mapping[str, Mapping[str, float]],
    figure: str,
) -> tuple[Template, Float[Array, " numbers"]]:
    """The template of a caption and its numbers, one call of the caption; made to be traced by JAX.

    Args:
      caption: returns a sentence; each of its parameters is a key of `values`.
      values: the values of the sliders and the scalars that `compute` returns.
      names: for a slider with named choices, its names and their values.
      figure: the figure's name, for errors.
    """
    recorder = Recorder(figure)
    parameters = inspect.signature(caption).parameters
    for name in parameters:
        if name not in values:
            raise FigureError(
                f"figure {figure!r}: its caption asks for {name!r}, which is neither a slider nor "
                f"a single number that compute returns. There are: {', '.join(sorted(values))}."
            )
    arguments = {name: Number(recorder, values[name], names.get(name)) for name in parameters}
    try:
        sentence = caption(**arguments)
    except (TypeError, AttributeError) as error:
        raise FigureError(
            f"figure {figure!r}: its caption does with a number what it cannot do ({error}). "
            "It may format, compare, add, subtract, multiply and divide; calculate anything else "
            "in compute, and return it under a name of its own."
        ) from error
    if not isinstance(sentence, str):
        raise FigureError(
            f"figure {figure!r}: its caption must return a string, "
            f"and returned {type(sentence).__name__}."
        )
    numbers = jnp.stack(recorder.numbers) if recorder.numbers else jnp.zeros(0)
    return recorder.template(" ".join(sentence.split())), numbers


def fill(template: Template, numbers: Sequence[float]) -> str:
    """The sentence of a template for these numbers. `page.js` has the same function."""
    words = []
    for place in template:
        if isinstance(place, str):
            words.append(place)
        elif isinstance(place[1], str):
            words.append(format_number(float(numbers[place[0]]), place[1]))
        else:
            words.append(fill(place[1] if numbers[place[0]] else place[2], numbers))
    return "".join(words)
