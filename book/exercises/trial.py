"""The one engine that tries a learner's functions and says what went wrong.

Notebook and grader hand it `call(name, arguments, jit)`, which runs a learner's function, here or
in a process of its own.  Examples, properties and mistakes are the same for both.
"""

from __future__ import annotations

import contextlib
import inspect
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from book.exercises.compare import difference, difference_in_kind, identical, short
from book.exercises.errors import describe_exception
from book.exercises.exercise import Example, Exercise, Inputs, Mistake, Property, key_of

CASES = 4  # random inputs on which `check` tries every property

LARGEST = 1 << 16  # entries of a result that has no counterpart among the solution's


@dataclass(frozen=True)
class Call:
    """One call of a function: what it was given and gave, and what is right if that is known."""

    name: str
    arguments: Inputs
    result: Any = None
    right: Any = None
    jit: bool = False

    def __str__(self) -> str:
        name = f"jax.jit({self.name})" if self.jit else self.name
        return f"{name}({', '.join(map(short, self.arguments))})"


@dataclass(frozen=True)
class Case:
    """A property and inputs on which it is tried.

    Attributes:
        claim: The property.
        inputs: What it is tried on.
        calls: What the solution was asked there and gave, if that is known. A learner's results
            must then have the same shapes before anything is computed with them, so that nothing
            they return can make the comparison itself expensive.
    """

    claim: Property
    inputs: Inputs
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The first thing that went wrong.

    Attributes:
        status: "failed", "error", "not started", or how the process that ran the function ended.
        what: What went wrong.
        tried: The calls that were made.
        expected: What an example should have given.
        claim: The property that was tried, if it was one.
        cause: The hint of the mistake that explains it.
        plainly: `what` in words from which nobody can learn inputs, or nothing.
        kind: The name of the exception, if there was one.
    """

    status: str
    what: str
    tried: str = ""
    expected: str = ""
    claim: str = ""
    cause: str = ""
    plainly: str = ""
    kind: str = ""


class NoResult(Exception):
    """Raised when a learner's function gave nothing that can be compared; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.what)
        self.finding = finding


@dataclass
class Trial:
    """A learner's functions under test.

    Attributes:
        exercise: What they should do.
        call: Runs one of them by its name, under `jax.jit` or not; may raise `NoResult`.
        cases: Gives what properties are tried on.
        calls: Those of the comparison under way.
        passed: How many comparisons found nothing wrong.
    """

    exercise: Exercise
    call: Callable[[str, Inputs, bool], Any]
    cases: Callable[[], Iterable[Case]]
    calls: list[Call] = field(default_factory=list)
    passed: int = 0

    def examples(self, *, jit: bool = False) -> Finding | None:
        """What is wrong with the first example that fails."""
        for example in self.exercise.examples:
            finding = self._finding(partial(self._example, example, jit))
            if finding:
                return replace(finding, expected=short(example.result))
        return None

    def jitted(self) -> Finding | None:
        """The same under `jax.jit`, if the exercise asks for it."""
        return self.examples(jit=True) if self.exercise.jit else None

    def properties(self) -> Finding | None:
        """What is wrong with the first property that does not hold."""
        for case in self.cases():
            finding = self._finding(partial(self._case, case))
            if finding:
                return replace(finding, claim=case.claim.claim)
        return None

    def _finding(self, comparison: Callable[[], str | None]) -> Finding | None:
        try:
            fault = comparison()
        except NoResult as reason:
            finding = reason.finding
        else:
            if fault is None:
                self.passed += 1
                return None
            finding = Finding("failed", fault)
        if finding.status != "failed":
            return replace(finding, tried=str(self.calls[-1]))
        tried = "; ".join(map(str, self.calls))
        mistake = self._recognised()
        return replace(finding, tried=tried, cause=mistake.hint if mistake else "")

    def _example(self, example: Example, jit: bool = False) -> str | None:
        self.calls = []
        name = example.function or self.exercise.names[0]
        result = self._ask(name, *example.arguments, jit=jit)
        fault = self._compared(lambda: (result, example.result))
        return f"Under jax.jit {fault}" if fault and jit else fault

    def _case(self, case: Case) -> str | None:
        self.calls = []
        ask = partial(self._ask_alike, iter(case.calls)) if case.calls else self._ask
        answer = SimpleNamespace(**{name: partial(ask, name) for name in self.exercise.names})
        fault = self._compared(lambda: case.claim.sides(answer, *case.inputs))
        for call in self.calls:
            if fault is None and call.right is not None:
                fault = difference(call.result, call.right, self.exercise.tolerance)
        return fault

    def _compared(self, sides: Callable[[], tuple[Any, Any]]) -> str | None:
        try:
            with np.errstate(all="ignore"):
                got, expected = sides()
                return difference(got, expected, self.exercise.tolerance)
        except NoResult:
            raise
        except Exception as error:  # a learner's result can be anything
            return f"the result cannot be computed with: {describe_exception(error, ())}"

    def _ask(self, name: str, *arguments: Any, jit: bool = False) -> Any:
        given = as_given(arguments)
        self.calls.append(Call(name, given, jit=jit))
        result = self.call(name, given, jit)
        self.calls[-1] = replace(self.calls[-1], result=result)
        return result

    def _ask_alike(self, solution: Iterator[Call], name: str, *arguments: Any) -> Any:
        """The same, where the solution's calls are known; only calls like its own are kept."""
        result = self._ask(name, *arguments)
        known = next(solution, None)
        call = self.calls.pop()
        if known is None or known.name != name:
            if sum(np.size(leaf) for leaf in jax.tree.leaves(result)) > LARGEST:
                raise NoResult(Finding("failed", "the result is too large"))
            return result
        if identical(call.arguments, known.arguments):
            self.calls.append(replace(call, right=known.result))
        fault = difference_in_kind(result, known.result)
        if fault:
            raise NoResult(Finding("failed", fault, plainly=fault))
        return result

    def _recognised(self) -> Mistake | None:
        """The named mistake that gives what the learner's functions give, wherever it is tried.

        One call can agree by coincidence. So the comparison that failed says which mistakes are
        possible, and while some are, all examples and properties are tried: every call must agree.
        Mistakes that nothing tells apart are not named, unless they have the same hint.
        """
        possible = [
            mistake
            for mistake in self.exercise.mistakes
            if any(call.name == self._replaced(mistake) for call in self.calls)
            and self._explains(mistake, self.calls)
        ]
        if not possible:
            return None
        for calls in self._further():
            possible = [mistake for mistake in possible if self._explains(mistake, calls)]
            if not possible:
                return None
        return possible[0] if len({mistake.hint for mistake in possible}) == 1 else None

    def _further(self) -> Iterator[list[Call]]:
        """Calls of one comparison after another, until a process ends."""
        comparisons = [partial(self._example, example) for example in self.exercise.examples]
        for comparison in comparisons + [partial(self._case, case) for case in self.cases()]:
            try:
                comparison()
            except NoResult as reason:
                if reason.finding.status not in ("failed", "error"):
                    return
            else:
                yield self.calls

    def _replaced(self, mistake: Mistake) -> str:
        return mistake.replaces or self.exercise.names[0]

    def _explains(self, mistake: Mistake, calls: Iterable[Call]) -> bool:
        return all(
            self._agrees(mistake, call) for call in calls if call.name == self._replaced(mistake)
        )

    def _agrees(self, mistake: Mistake, call: Call) -> bool:
        with np.errstate(all="ignore"):
            try:
                expected = mistake.function(*jax.tree.map(np.asarray, call.arguments))
                return difference(call.result, expected, self.exercise.tolerance) is None
            except Exception:  # a mistake that cannot even be made on these inputs
                return False


def as_given(arguments: Inputs) -> Inputs:
    """Arguments in a learner's precision: Python's numbers as they are, all else NumPy's arrays."""
    return jax.tree.map(_leaf_as_given, arguments)


def _leaf_as_given(leaf: Any) -> Any:
    if isinstance(leaf, str | bool | int | float):
        return leaf
    if isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return leaf
    array = np.asarray(leaf)
    return array.astype(jax.dtypes.canonicalize_dtype(array.dtype))


def as_jax(arguments: Inputs) -> Inputs:
    """Arguments as a learner's function gets them: JAX's arrays, which nobody can change."""
    return jax.tree.map(
        lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, arguments
    )


def here(functions: Mapping[str, Callable[..., Any]]) -> Callable[[str, Inputs, bool], Any]:
    """A `call` for `Trial` that runs functions in this process."""

    def call(name: str, arguments: Inputs, jit: bool) -> Any:
        function = jax.jit(functions[name]) if jit else functions[name]
        try:
            return function(*as_jax(arguments))
        except NotImplementedError:
            raise NoResult(Finding("not started", "There is no answer here yet.")) from None
        except Exception as error:
            what = describe_exception(error, functions.values())
            raise NoResult(Finding("error", what, kind=type(error).__name__)) from error

    return call


def public_cases(exercise: Exercise) -> Iterator[Case]:
    """What `check` tries properties on."""
    for number in range(CASES):
        inputs = exercise.inputs(key_of(number))
        for claim in exercise.properties:
            yield Case(claim, inputs)


def try_functions(exercise: Exercise, functions: Sequence[Any]) -> tuple[Finding | None, int]:
    """The first fault of these functions (None: all is well), and how many checks passed."""
    misfit = _misfit(exercise, functions)
    if misfit:
        return Finding("failed", misfit), 0
    call = here(dict(zip(exercise.names, functions, strict=True)))
    trial = Trial(exercise, call, partial(public_cases, exercise))
    try:
        with undisturbed():
            return trial.examples() or trial.properties() or trial.jitted(), trial.passed
    except KeyboardInterrupt:
        tried = str(trial.calls[-1]) if trial.calls else ""
        return Finding("stopped", "You stopped the check.", tried), trial.passed


def _misfit(exercise: Exercise, functions: Sequence[Any]) -> str:
    """Why these cannot be the exercise's functions, or nothing."""
    names = exercise.names
    if len(functions) != len(names):
        asked = f"{len(names)} function{'s' * (len(names) > 1)}"
        return f"This exercise has {asked} and you gave {len(functions)}: {exercise.call}"
    for (name, wanted), function in zip(exercise.functions.items(), functions, strict=True):
        if not callable(function):
            return (
                f"{name} is {short(function)}, not a function. Hand over the function itself, "
                f"without calling it: {exercise.call}"
            )
        try:
            inspect.signature(function).bind(*wanted)
        except (TypeError, ValueError):
            return (
                f"{name} should take {len(wanted)} arguments, ({', '.join(wanted)}), and yours is "
                f"{name}{_signature(function)}."
            )
    return ""


def _signature(function: Any) -> str:
    try:
        return str(inspect.signature(function))
    except (TypeError, ValueError):
        return "(?)"


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Leaves the global random numbers of NumPy and Python as they were."""
    of_numpy, of_python = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(of_numpy)
        random.setstate(of_python)
