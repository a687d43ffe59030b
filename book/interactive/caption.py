"""Templates, and captions that are written once and read the same in Jupyter and on the page.

A *template* is a tuple of words and of places for numbers: `(3, ".2f")` is number 3 in that format,
`(3,)` is number 3 as a length in the picture, and `(4, yes, no)` is the template `yes` if number 4
is not zero and `no` otherwise. Both faces fill the same templates: captions, and all that moves in
the picture.

A caption is a Python function that returns a sentence. It is called while JAX traces it, with
stand-ins for its numbers: formatting a stand-in leaves a mark in the sentence and keeps the traced
value. What comes out is a template and its numbers.
"""

import inspect
import math
import operator
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from book.display.numbers import FORMAT, format_number
from book.interactive.errors import FigureError

Template = tuple[Any, ...]

MARK = re.compile("\ue000(\\d+)\ue001")


def mark(number: int) -> str:
    """What stands in a text for the place of this number until `marked` finds it."""
    return f"\ue000{number}\ue001"


def marked(text: str, places: Sequence[Any]) -> Template:
    """The template of a text, with its marks replaced by these places."""
    parts = MARK.split(text)
    return tuple(places[int(part)] if i % 2 else part for i, part in enumerate(parts) if part)


def template(pattern: str) -> Template:
    """A template written as Python writes formats: `"M{0} {1}"`, or `"loss {:.2f}"`."""
    parts: list[Any] = []
    for words, number, spec, _ in string.Formatter().parse(pattern):
        parts += [words] if words else []
        if number is not None:
            parts.append((int(number or 0), spec) if spec else (int(number),))
    return tuple(parts)


def either(number: int, yes: str | Template, no: str | Template) -> Template:
    """The template `yes` if this number is not zero, and `no` otherwise."""
    return ((number, *(template(x) if isinstance(x, str) else x for x in (yes, no))),)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Sentence:
    """A traced caption: JAX sees its numbers, and its words stand still."""

    numbers: Any
    template: Template = field(metadata={"static": True})

    def __str__(self) -> str:
        return fill(self.template, np.reshape(self.numbers, (-1, 1)).tolist())[0]


class Recorder:
    """Collects the places of a caption in the order in which they are written."""

    def __init__(self) -> None:
        self.numbers: list[Any] = []
        self.places: list[Template] = []

    def number(self, value: Any) -> int:
        self.numbers.append(jnp.asarray(value, jnp.float32))
        return len(self.numbers) - 1

    def place(self, place: Template) -> str:
        self.places.append(place)
        return mark(len(self.places) - 1)

    def template(self, sentence: str) -> Template:
        return marked(sentence, self.places)


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
                f"its caption formats a number with {spec!r}. "
                "Write a format such as {x:.2f}, {x:d}, {x:.0%}, {x:.1e} or {x:+.2f}."
            )
        if spec.endswith("d") and not jnp.issubdtype(jnp.result_type(self.value), jnp.integer):
            raise FigureError(
                f"its caption formats a number that is not whole with {spec!r}; "
                "write {x:.0f} to round it."
            )
        return self.recorder.place((self.recorder.number(self.value), spec))

    def __str__(self) -> str:
        return format(self, "")

    def _name(self, names: list[tuple[str, float]]) -> str:
        (name, value), *others = names
        return choose(self == value, name, self._name(others)) if others else name

    def __bool__(self) -> bool:
        raise FigureError(
            "its caption decides with Python's `if`, `and`, `or`, `not`, `max` or `min`, which "
            "would keep the words of the first state for ever. Write "
            "choose(condition, 'these words', 'those words'), and & | ~ between conditions."
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
    number = recorder.number(condition.value != 0)
    return recorder.place((number, recorder.template(str(yes)), recorder.template(str(no))))


def trace(
    caption: Callable[..., str],
    values: Mapping[str, Any],
    names: Mapping[str, Mapping[str, float]],
) -> Sentence:
    """A caption for these values, by one call of it; made to be traced by JAX.

    Args:
        caption: returns a sentence; each of its parameters is a key of `values`.
        values: the values of the sliders and the scalars that `compute` returns.
        names: for a slider with named choices, its names and their values.
    """
    recorder = Recorder()
    parameters = inspect.signature(caption).parameters
    for name in parameters:
        if name not in values:
            raise FigureError(
                f"its caption asks for {name!r}, which is neither a slider nor a single number "
                f"that compute returns. There are: {', '.join(sorted(values))}."
            )
    arguments = {name: Number(recorder, values[name], names.get(name)) for name in parameters}
    try:
        sentence = caption(**arguments)
    except (TypeError, AttributeError) as error:
        raise FigureError(
            f"its caption does with a number what it cannot do ({error}). It may format, compare, "
            "add, subtract, multiply and divide; calculate anything else in compute, and return "
            "it under a name of its own."
        ) from error
    if not isinstance(sentence, str):
        raise FigureError(
            f"its caption must return a string, and returned {type(sentence).__name__}."
        )
    numbers = jnp.stack(recorder.numbers) if recorder.numbers else jnp.zeros(0)
    return Sentence(numbers, recorder.template(" ".join(sentence.split())))


def fill(template: Template, columns: Sequence[Sequence[float]], rows: int = 1) -> list[str]:
    """The template with each row of these columns. `page.js` has the same function for one row."""
    texts = [""] * rows
    for place in template:
        if isinstance(place, str):
            texts = [text + place for text in texts]
            continue
        numbers = columns[place[0]]
        if len(place) == 1:
            written = [length(number) for number in numbers]
        elif len(place) == 2:
            written = [format_number(number, place[1]) for number in numbers]
        else:
            no, yes = (fill(part, columns, rows) for part in (place[2], place[1]))
            written = [yes[i] if number else no[i] for i, number in enumerate(numbers)]
        texts = list(map(str.__add__, texts, written))
    return texts


def length(value: float) -> str:
    """A length in the picture: to a tenth of a point, without a needless zero."""
    tenths = math.floor(min(max(value, -9999), 9999) * 10 + 0.5) if value == value else 0
    return str(tenths / 10).removesuffix(".0")
