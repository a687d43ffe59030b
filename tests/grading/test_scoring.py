"""Marks by property and by reference, without a sandbox: what the grader makes of answers."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

from book.exercises import exercises
from book.exercises.exercise import Exercise, Mistake
from book.grading.marking.exercise import Marking, Verdict, hidden_cases, key
from book.grading.sandbox.child import run, wire
from tests.exercises.answers import CORRECT
from tests.grading.conftest import SETTINGS

SEED = SETTINGS.seed
EACH = pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.id)


class Here:
    """A child in this process, for functions that are trusted; values go over the wire's format."""

    end = None

    def __init__(self, functions: dict[str, Callable[..., Any]]) -> None:
        self.notebook = run.Notebook(list(functions))
        for name, function in functions.items():
            self.notebook.definitions[name] = [function]

    def call(self, name: str, arguments: Any, jit: bool = False) -> tuple[dict[str, str], Any]:
        head, result = self.notebook.call(name, there_and_back(arguments), jit)
        known = ("status", "what", "kind", "said", "where")
        return {part: str(head.get(part, "")) for part in known}, there_and_back(result)


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


def marked(exercise: Exercise, answer: tuple[Any, ...]) -> Verdict:
    child: Any = Here(dict(zip(exercise.names, answer, strict=True)))
    cases = hidden_cases(exercise.id, SEED, SETTINGS.cases, "")
    return Marking(exercise, child).mark(cases)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        pytest.param(exercise, answer, id=f"{exercise.id} {k}")
        for exercise in exercises()
        for k, answer in enumerate(CORRECT[exercise.id])
    ],
)
def test_correct_answers_of_every_style_pass(exercise: Exercise, answer: tuple[Any, ...]) -> None:
    verdict = marked(exercise, answer)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.id}: {mistake.name}")
        for exercise in exercises()
        for mistake in exercise.mistakes
    ],
)
def test_mistakes_fail_and_are_told(exercise: Exercise, mistake: Mistake) -> None:
    answer = list(CORRECT[exercise.id][0])
    place = exercise.names.index(mistake.replaces or exercise.names[0])
    answer[place] = mistake.function
    verdict = marked(exercise, tuple(answer))
    assert verdict.status == "failed"
    assert any(one.hint in verdict.message for one in exercise.mistakes)


@EACH
def test_hidden_inputs_hang_on_the_seed_alone(exercise: Exercise) -> None:
    once, again, other = (
        jax.tree.leaves(exercise.inputs(key(seed, exercise.id, 0))) for seed in (SEED, SEED, 8)
    )
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(once, other, strict=True))


@EACH
def test_knowing_the_public_cases_is_not_enough(exercise: Exercise) -> None:
    exercise = dataclasses.replace(exercise, jit=False)  # a table of answers cannot be traced
    public = {
        (example.function or exercise.names[0], str(jax.tree.map(np.shape, example.arguments)))
        for example in exercise.examples
    }

    def learnt(name: str) -> Callable[..., Any]:
        def function(*given: Any) -> Any:
            for example in exercise.examples:
                if name == (example.function or exercise.names[0]) and alike(
                    given, example.arguments
                ):
                    return example.result
            return 0.0

        return function

    assert public
    verdict = marked(exercise, tuple(map(learnt, exercise.names)))
    assert verdict.status in ("failed", "error")
    assert "on other inputs" in verdict.message.lower()


def alike(given: Any, arguments: Any) -> bool:
    one, other = jax.tree.leaves(given), jax.tree.leaves(arguments)
    return len(one) == len(other) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-6)
        if not isinstance(b, str)
        else a == b
        for a, b in zip(one, other, strict=True)
    )


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
