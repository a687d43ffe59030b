"""Every exercise: right answers pass, wrong ones fail, and are told why."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

from book.exercises import CHAPTERS, check, exercises
from book.exercises.exercise import Exercise, Mistake, key_of
from tests.exercises.answers import CORRECT, SPOILED, Answer

EACH = pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.id)


def put(exercise: Exercise, name: str, function: Answer) -> list[Answer]:
    """The first correct answer with one function replaced."""
    answer = list(CORRECT[exercise.id][0])
    answer[exercise.names.index(name or exercise.names[0])] = function
    return answer


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        pytest.param(exercise, answer, id=f"{exercise.id} {k}")
        for exercise in exercises()
        for k, answer in enumerate(CORRECT[exercise.id])
    ],
)
def test_a_correct_answer_earns_all_points(exercise: Exercise, answer: tuple[Answer, ...]) -> None:
    result = check(exercise.id, *answer)
    assert result.passed, result
    assert (result.points, result.possible) == (exercise.points, exercise.points)
    assert "public checks passed" in result.message


@EACH
def test_an_untouched_answer_is_not_started(exercise: Exercise) -> None:
    def stub(*arguments: Any) -> Any:
        raise NotImplementedError

    result = check(exercise.id, *[stub] * len(exercise.names))
    assert (result.status, result.points, result.passed) == ("not started", 0, False)


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.id}: {mistake.name}")
        for exercise in exercises()
        for mistake in exercise.mistakes
    ],
)
def test_a_named_mistake_is_recognised(exercise: Exercise, mistake: Mistake) -> None:
    result = check(exercise.id, *put(exercise, mistake.replaces, mistake.function))
    assert result.status == "failed"
    assert mistake.hint in result.message


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
@pytest.mark.parametrize(
    ("exercise", "name"),
    [(exercise, name) for exercise in exercises() for name in exercise.names],
    ids=lambda part: part.id if isinstance(part, Exercise) else part,
)
def test_a_wrong_answer_fails(exercise: Exercise, name: str, spoil: Callable[[Any], Any]) -> None:
    correct = CORRECT[exercise.id][0][exercise.names.index(name)]

    def wrong(*arguments: Any) -> Any:
        result = correct(*arguments)
        if isinstance(result, tuple):
            return tuple(spoil(np.asarray(part)) for part in result)
        return spoil(np.asarray(result))

    result = check(exercise.id, *put(exercise, name, wrong))
    assert not result.passed
    assert result.points == 0


@EACH
def test_definitions_are_complete(exercise: Exercise) -> None:
    assert len(exercise.hints) >= 2
    assert len({mistake.name for mistake in exercise.mistakes}) >= 3
    assert exercise.chapter in CHAPTERS
    assert exercise.call.startswith(f'check("{exercise.id}", ')


def test_ids_are_unique_and_in_the_order_of_the_book() -> None:
    ids = [exercise.id for exercise in exercises()]
    assert len(set(ids)) == len(ids)
    chapters = [CHAPTERS.index(exercise.chapter) for exercise in exercises()]
    assert chapters == sorted(chapters)


@pytest.mark.parametrize("seed", [0, 1, 77, 2**32 - 1])
def test_a_key_made_without_compiling_is_the_key_of_jax(seed: int) -> None:
    made, known = jax.random.key_data(key_of(seed)), jax.random.key_data(jax.random.key(seed))
    assert made.tolist() == known.tolist()
