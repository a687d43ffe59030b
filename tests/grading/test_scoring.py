"""Marks over the wire's format, without a sandbox: what the grader makes of answers.

That every answer and every mistake is marked rightly is tested with the exercises' definitions: the
engine is the same.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import pytest

from book.exercises import find
from book.exercises.exercise import Exercise
from book.grading.marking.exercise import Verdict, mark
from book.grading.marking.prepared import Prepared, prepare
from book.grading.sandbox.child import run, wire
from book.grading.sandbox.process import End
from tests.exercises.answers import CORRECT
from tests.grading.conftest import SETTINGS


class Here:
    """A child in this process, for functions that are trusted; values go over the wire's format."""

    end: End | None = None

    def __init__(self, functions: dict[str, Callable[..., Any]]) -> None:
        self.notebook = run.Notebook(list(functions))
        for name, function in functions.items():
            self.notebook.definitions[name] = [function]

    def call(self, name: str, arguments: Any, jit: bool = False) -> tuple[dict[str, str], Any]:
        head, result = self.notebook.call(name, there_and_back(arguments), jit)
        try:
            result = there_and_back(result)
        except wire.WireError as error:
            head = {"status": "unsendable", "what": str(error)}
        known = ("status", "what", "kind", "said", "where")
        return {part: str(head.get(part, "")) for part in known}, result


def there_and_back(value: Any) -> Any:
    buffers: list[bytes] = []
    tree = json.loads(json.dumps(wire.pack(value, buffers, run.convert)))
    return wire.unpack(tree, memoryview(b"".join(buffers)))


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook takes the place of __main__, and shows things by `display`."""
    import builtins
    import sys

    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(builtins, "display", print, raising=False)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(["decomposability", "linearity", "way_forward"], SETTINGS)


def marked(exercise: Exercise, answer: Sequence[Any], prepared: Prepared) -> Verdict:
    child = Here(dict(zip(exercise.names, answer, strict=True)))
    return mark(exercise, child, prepared.cases[exercise.id])


ASKED = {
    "decomposability.train_step": "tuples of arrays",
    "linearity.floor_network": "numbers",
    "linearity.compress": "two functions, one of which gets what the other gives",
    "way_forward.sae_forward": "several results, under jit",
}


@pytest.mark.parametrize("id", ASKED)
def test_answers_and_mistakes_are_marked_over_the_wire(id: str, prepared: Prepared) -> None:
    exercise = find(id)
    for answer in CORRECT[id]:
        verdict = marked(exercise, answer, prepared)
        assert verdict.passed, verdict
    for mistake in exercise.mistakes:
        wrong = list(CORRECT[id][0])
        wrong[exercise.names.index(mistake.replaces or exercise.names[0])] = mistake.function
        verdict = marked(exercise, wrong, prepared)
        assert verdict.status == "failed", verdict
        assert f"\nLikely cause: {mistake.hint}" in verdict.message


def stub(x: Any, d: Any) -> Any:
    raise NotImplementedError


def elsewhere(wrong: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Right on the two examples."""
    return lambda x, d: x @ d if np.isclose(x[0], [0.4, 1]).any() else wrong(x, d)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (stub, "not started", "There is no answer here yet."),
        (lambda x, d: x.secret, "error", "compose stopped with AttributeError: "),
        (lambda x, d: {1, 2}, "failed", "Compose: "),
        (
            lambda x, d: "7",
            "failed",
            "The result should be numbers, and is a str.\nTried: comp",
        ),
        (elsewhere(lambda x, d: 7), "failed", "not hold: .*\nThe result should have the shape"),
        (elsewhere(lambda x, d: "7"), "failed", "\nThe result should be numbers, and is a str.$"),
        (elsewhere(lambda x, d: x @ d + 7), "failed", "on other inputs this does not hold: [^7]*$"),
        (
            elsewhere(lambda x, d: 1 // 0),
            "error",
            "On other inputs than the public ones, compose stopped with ZeroDivisionError.$",
        ),
        (elsewhere(lambda x, d: {7}), "failed", "\nCompose returns something that is neither num"),
    ],
)
def test_a_verdict_tells_what_happened_and_no_hidden_input(
    answer: Any, status: str, said: str, prepared: Prepared
) -> None:
    verdict = marked(find("linearity.compose"), [answer], prepared)
    assert verdict.status == status, verdict
    assert re.search(said, verdict.message), verdict


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(2**80),
        2.5,
        float("inf"),
        "text \u2713",
        (1, [2.0, {"a": (3,)}]),
        np.arange(6, dtype=np.int8).reshape(2, 3),
        np.zeros((0, 4)),
        np.array(True),
    ],
    ids=repr,
)
def test_values_arrive_as_they_were_sent(value: Any) -> None:
    back = there_and_back(value)
    assert type(back) is type(value)
    assert np.array_equal(back, value) if isinstance(value, np.ndarray) else back == value


def test_keys_arrive_as_they_were_sent() -> None:
    key_ = jax.random.key(3)
    assert (there_and_back(key_) == key_).all()


@pytest.mark.parametrize(
    "tree",
    [
        7,
        {"a": ["<f4", [10]]},
        {"a": ["<f4", [-1]]},
        {"a": ["|O", [1]]},
        {"a": ["<f4", [1 << 50]]},
        {"a": 3},
        {"p": "cos\nsystem"},
        {"d": [[{"l": []}, 1]]},
        {"i": "9" * 10_000},
        {"f": "x"},
        {"k": ["threefry2x32", {"a": ["|u1", [1]]}]},
        {"t": 3},
        {"a": 1, "t": []},
    ],
    ids=repr,
)
def test_what_is_no_value_is_refused(tree: Any) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack(tree, memoryview(b"1234"))


def test_objects_cannot_be_sent() -> None:
    for value in (object(), io.BytesIO(), {1, 2}, np.array([object()]), lambda: 0):
        with pytest.raises(wire.WireError):
            wire.pack(value, [])
