"""What `check` says, step by step, on an exercise made for it."""

import dataclasses
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import book.exercises
from book.exercises import Example, Exercise, Mistake, Property, check, exercises, generator
from book.exercises.trial import undisturbed

DOUBLE = Exercise(
    id="test.double",
    title="Double it",
    points=2,
    difficulty=1,
    importance=1,
    minutes=1,
    functions={"double": ["x"]},
    examples=[Example((np.array([1.0, 2.0]),), np.array([2.0, 4.0]))],
    inputs=lambda key: (generator(key).normal(size=(3, 30)),),
    properties=[Property("Every entry is doubled.", lambda answer, x: (answer.double(x), 2 * x))],
    mistakes=[Mistake("squared", lambda x: x**2, "You squared it.")],
    hints=["Think of two.", "2 * x"],
)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = dataclasses.replace(DOUBLE, id="test.strict", jit=True)
    monkeypatch.setattr(book.exercises, "exercises", lambda: (DOUBLE, strict))


def test_passing_says_how_much_was_checked() -> None:
    result = check("test.double", lambda x: 2 * x)
    assert result.message.startswith("✓ Double it: all 5 public checks passed, 2 of 2 points.")
    assert (result.status, result.points, result.possible) == ("passed", 2, 2)


def test_an_unknown_id_names_what_was_meant() -> None:
    with pytest.raises(LookupError, match=r"no exercise 'test.doubel'.*'test.double'"):
        check("test.doubel", lambda x: x)


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        pytest.param((3.0,), ["not a function", 'check("test.double", double)'], id="a number"),
        pytest.param((), ["1 function", "you gave 0"], id="none"),
        pytest.param((abs, abs), ["you gave 2"], id="two"),
        pytest.param((lambda: 0,), ["should take 1 arguments, (x)", "double()"], id="no argument"),
        pytest.param((lambda x, y: 0,), ["double(x, y)"], id="too many"),
        pytest.param((lambda x: None,), ["is None", "return"], id="no return"),
        pytest.param((lambda x: (x, x),), ["one array", "tuple of 2"], id="tuple"),
        pytest.param((lambda x: "2",), ["should be numbers", "str"], id="text"),
        pytest.param((lambda x: x[0],), ["shape (2,)", "has ()"], id="shape"),
        pytest.param((lambda x: x**2,), ["You squared it.", "at [0]: 1, expected 2"], id="named"),
        pytest.param((lambda x: x + 2,), ["at [0]: 3, expected 2", "Tried: double([1., 2.])"]),
        pytest.param((lambda x: 2 * x * jnp.nan,), ["at [0]: nan, expected 2"], id="NaN"),
    ],
)
def test_a_failure_says_what_was_tried_expected_and_returned(
    answer: tuple[Any, ...], parts: list[str]
) -> None:
    result = check("test.double", *answer)
    assert result.status == "failed", result
    for part in parts:
        assert part in result.message


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (lambda x: x**2, "You squared it."),
        (lambda x: x**2 + 0 * x.sum(), "You squared it."),
        (lambda x: jnp.abs(x) * x, "The sign is kept."),
        (lambda x: x**2 if x.ndim == 1 else 2 * x, ""),
        (lambda x: x**3, ""),
        (lambda x: x / 0, ""),
    ],
    ids=["first", "first again", "second", "by coincidence", "neither", "no number"],
)
def test_a_mistake_is_named_only_if_it_explains_every_call(
    answer: Callable[[Any], Any], cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the example both mistakes, and more, give the same."""
    mistakes = [
        Mistake("squared", lambda x: x**2, "You squared it."),
        Mistake("signed", lambda x: abs(x) * x, "The sign is kept."),
    ]
    exercise = dataclasses.replace(DOUBLE, mistakes=mistakes)
    monkeypatch.setattr(book.exercises, "exercises", lambda: (exercise,))
    result = check("test.double", answer)
    assert result.status == "failed", result
    assert [hint for mistake in mistakes if (hint := mistake.hint) in result.message] == (
        [cause] if cause else []
    ), result


def test_mistakes_that_nothing_tells_apart_are_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    same = [Mistake(hint, lambda x: x**2, hint) for hint in ("You squared it.", "You took x * x.")]
    exercise = dataclasses.replace(DOUBLE, mistakes=same)
    monkeypatch.setattr(book.exercises, "exercises", lambda: (exercise,))
    result = check("test.double", lambda x: x**2)
    assert "Likely cause" not in result.message, result


def test_what_cannot_be_computed_with_is_said() -> None:
    class Odd(np.ndarray):
        def __sub__(self, other: Any) -> Any:
            raise ZeroDivisionError("no differences")

    result = check("test.double", lambda x: np.asarray(2 * x).view(Odd))
    assert result.passed, result  # what is compared are numbers alone

    class Worse:
        shape = (2,)

        def __array__(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError("no numbers")

    result = check("test.double", lambda x: Worse())
    assert result.status == "failed", result
    assert "cannot be computed with: ZeroDivisionError: no numbers" in result.message


def test_a_difference_is_shown_where_it_is() -> None:
    def nearly(x: Any) -> Any:
        doubled = np.array(2 * x)
        if doubled.ndim == 2:
            doubled[1, 7] = 0.0
        return doubled

    message = check("test.double", nearly).message
    assert "Every entry is doubled." in message
    assert "differs in 1 of 90 entries: at [1, 7]: 0, expected" in message
    assert len(message) < 700


def test_the_next_hint_is_on_offer() -> None:
    assert 'hint("test.double") opens hint 1 of 2' in check("test.double", lambda x: x).message
    assert "Think of two." in repr(book.exercises.hint("test.double"))
    assert "opens hint 2 of 2" in check("test.double", lambda x: x).message
    last = repr(book.exercises.hint("test.double"))
    assert "Think of two." in last
    assert "2 * x" in last
    assert "shows them again" in check("test.double", lambda x: x).message


def test_an_error_is_shown_at_the_learners_line() -> None:
    def helper(x: Any) -> Any:
        return x.no_such_thing  # the guilty line

    result = check("test.double", lambda x: helper(x))
    assert result.status == "error", result
    assert "AttributeError" in result.message
    assert "in helper, line " in result.message
    assert "return x.no_such_thing  # the guilty line" in result.message
    assert "runner.py" not in result.message


def test_a_changed_argument_is_an_error_that_jax_explains() -> None:
    def change(x: Any) -> Any:
        x[0] = 5
        return x

    result = check("test.double", change)
    assert result.status == "error", result
    assert ".at[" in result.message


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (lambda x: 2 * x if x.sum() > -1e9 else x, "jnp.where(condition, a, b)"),
        (lambda x: 2 * np.asarray(x), "same name in jax.numpy"),
        (lambda x: 2 * x + 0 * float(x.ravel()[0]), "Keep it an array"),
        (lambda x: 2 * x + range(1)[(0 * x.ravel()[0]).astype(int)], "jax.lax.fori_loop"),
    ],
    ids=["if", "numpy", "float", "range"],
)
def test_tracing_errors_are_explained_where_jit_is_asked_for(
    answer: Callable[[Any], Any], advice: str
) -> None:
    assert check("test.double", answer).passed
    result = check("test.strict", answer)
    assert result.status == "error", result
    assert advice in result.message
    assert "Tried: jax.jit(double)([1., 2.])" in result.message


def test_a_leaked_tracer_is_explained() -> None:
    kept: list[Any] = []

    def leak(x: Any) -> Any:
        kept.append(2 * x)
        return kept[0] if isinstance(kept[0], jax.core.Tracer) else 2 * x

    jax.jit(leak)(jnp.ones(2))
    message = check("test.double", leak).message
    assert "outlived jax.jit" in message


def test_a_pure_function_passes_under_jit() -> None:
    result = check("test.strict", lambda x: 2 * x)
    assert result.passed, result
    assert "all 6 public checks" in result.message


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: 2 * np.asarray(x),
        lambda x: (2 * np.asarray(x)).tolist(),
        lambda x: jax.jit(lambda y: y + y)(x),
        lambda x: np.asarray(2 * x, np.float16),
    ],
    ids=["numpy", "lists", "jit", "float16"],
)
def test_numbers_of_every_kind_are_accepted(
    answer: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = dataclasses.replace(DOUBLE, tolerance=2e-3)
    monkeypatch.setattr(book.exercises, "exercises", lambda: (loose,))
    assert check("test.double", answer).passed


def test_global_random_numbers_are_left_alone() -> None:
    def noisy(x: Any) -> Any:
        np.random.seed(0)
        return 2 * x

    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    assert check("test.double", noisy).passed
    assert np.random.rand() == expected
    # The type checker of the tests draws from Python's generator too, around every call.
    with undisturbed():
        before = random.getstate()
        random.seed(0)
    assert random.getstate() == before


def test_an_endless_loop_can_be_stopped() -> None:
    def endless(x: Any) -> Any:
        threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
        while True:
            pass

    result = check("test.double", endless)
    assert result.status == "stopped", result
    assert "double([1., 2.])" in result.message


def test_html_is_accessible_and_escaped() -> None:
    html = check("test.double", lambda x: "<script>")._repr_html_()
    assert 'role="status"' in html
    assert "<script>" not in html
    assert "Double it" in html


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "double"}, "not 'chapter.name'"),
        ({"points": 0}, "points is less than 1"),
        ({"difficulty": 6}, "difficulty is not between 1 and 5"),
        ({"importance": 0}, "importance"),
        ({"minutes": 0}, "minutes"),
        ({"hints": ["only one"]}, "fewer than two rungs"),
        ({"examples": []}, "examples is empty"),
        ({"properties": []}, "properties is empty"),
        ({"functions": {}}, "functions is empty"),
        ({"mistakes": [Mistake("m", abs, "h", "triple")]}, "no function 'triple'"),
    ],
)
def test_a_definition_that_cannot_be_used_is_refused(change: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(DOUBLE, **change)


def test_it_works_in_plain_python_in_any_folder(tmp_path: Path) -> None:
    program = (
        "from book import check, hint, progress\n"
        "def compose(x, d):\n    return x @ d\n"
        "print(check('linearity.compose', compose), progress(), hint('linearity.compose'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "public checks passed, 2 of 2 points" in done.stdout
    own = [e for e in exercises() if e.chapter == "linearity"]
    assert f"2 of {sum(e.points for e in own)} points, 1 of {len(own)} exercises" in done.stdout
