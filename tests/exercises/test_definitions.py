"""Every exercise: right answers pass, wrong ones fail, and are told why."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import yaml

from book.exercises import CHAPTERS, check, exercises
from book.exercises.exercise import Exercise, Mistake, key_of
from book.exercises.trial import Case, Trial, here
from book.grading import Settings
from book.grading.marking.prepared import key, prepare
from tests.exercises.answers import CORRECT, SPOILED, Answer

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(seed=20, cases=4)
EACH = pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.id)


@functools.cache
def hidden(chapter: str) -> dict[str, tuple[Case, ...]]:
    return dict(prepare([chapter], SETTINGS).cases)


def marked(exercise: Exercise, answer: list[Answer] | tuple[Answer, ...]) -> Trial:
    """A trial on the grader's cases; functions are called as `check` calls them."""
    call = here(dict(zip(exercise.names, answer, strict=True)))
    return Trial(exercise, call, lambda: hidden(exercise.chapter)[exercise.id])


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
    assert marked(exercise, answer).properties() is None


@EACH
def test_an_untouched_answer_is_not_started(exercise: Exercise) -> None:
    def stub(*arguments: Any) -> Any:
        raise NotImplementedError

    result = check(exercise.id, *[stub] * len(exercise.names))
    assert (result.status, result.points, result.passed) == ("not started", 0, False), result


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.id}: {mistake.name}")
        for exercise in exercises()
        for mistake in exercise.mistakes
    ],
)
def test_a_named_mistake_is_recognised(exercise: Exercise, mistake: Mistake) -> None:
    answer = put(exercise, mistake.replaces, mistake.function)
    result = check(exercise.id, *answer)
    assert result.status == "failed", result
    assert mistake.hint in result.message, result
    if "Expected: " not in result.message:  # the examples, which mark and check share, all pass
        finding = marked(exercise, answer).properties()
        assert finding is not None
        assert (finding.status, finding.cause) == ("failed", mistake.hint), finding


@pytest.mark.parametrize(
    ("exercise", "name"),
    [(exercise, name) for exercise in exercises() for name in exercise.names],
    ids=lambda part: part.id if isinstance(part, Exercise) else part,
)
def test_a_wrong_answer_fails(exercise: Exercise, name: str) -> None:
    correct = CORRECT[exercise.id][0][exercise.names.index(name)]

    def wrong(spoil: Callable[[Any], Any], *arguments: Any) -> Any:
        result = correct(*arguments)
        if isinstance(result, tuple):
            return tuple(spoil(np.asarray(part)) for part in result)
        return spoil(np.asarray(result))

    for how, spoil in SPOILED.items():
        result = check(exercise.id, *put(exercise, name, functools.partial(wrong, spoil)))
        assert (result.passed, result.points) == (False, 0), (how, result)


@EACH
def test_knowing_the_examples_is_not_enough(exercise: Exercise) -> None:
    def learnt(name: str) -> Callable[..., Any]:
        def function(*given: Any) -> Any:
            for example in exercise.examples:
                asked = example.function or exercise.names[0]
                if name == asked and alike(given, example.arguments):
                    return example.result
            return 0.0

        return function

    trial = marked(exercise, tuple(map(learnt, exercise.names)))
    assert trial.examples() is None
    finding = trial.properties()
    assert finding is not None
    assert finding.status == "failed", finding


def alike(given: Any, arguments: Any) -> bool:
    one, other = jax.tree.leaves(given), jax.tree.leaves(arguments)
    return len(one) == len(other) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-6)
        for a, b in zip(one, other, strict=True)
    )


@EACH
def test_hidden_inputs_hang_on_the_seed_alone(exercise: Exercise) -> None:
    once, again, other = (
        jax.tree.leaves(exercise.inputs(key(seed, exercise.id, 0))) for seed in (20, 20, 8)
    )
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(once, other, strict=True))


@EACH
def test_definitions_are_complete(exercise: Exercise) -> None:
    assert len(exercise.hints) >= 2
    assert len({mistake.name for mistake in exercise.mistakes}) >= 3
    assert exercise.call.startswith(f'check("{exercise.id}", ')


def test_the_order_of_chapters_is_that_of_the_table_of_contents() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    pages = [Path(page["file"]) for part in toc["parts"] for page in part["chapters"]]
    assert tuple(page.name for page in pages if page.parent.name == "solutions") == CHAPTERS


def test_ids_are_unique_and_in_the_order_of_the_book() -> None:
    ids = [exercise.id for exercise in exercises()]
    assert len(set(ids)) == len(ids)
    written = [
        line.removeprefix("## ").strip()
        for chapter in CHAPTERS
        for line in (ROOT / "solutions" / f"{chapter}.md").read_text().splitlines()
        if line.startswith(f"## {chapter}.")
    ]
    assert ids == written


@pytest.mark.parametrize("seed", [0, 1, 77, 2**32 - 1])
def test_a_key_made_without_compiling_is_the_key_of_jax(seed: int) -> None:
    made, known = jax.random.key_data(key_of(seed)), jax.random.key_data(jax.random.key(seed))
    assert made.tolist() == known.tolist()
