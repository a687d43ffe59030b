"""Marking one exercise: what the learner's functions return against properties and references.

A property is written for functions at hand, `sides(answer, *inputs)`.  Here `answer` holds proxies:
each call goes to the learner's process, and what comes back is numbers.  Before it is used, it must
have the shape of what the reference gave in the same place, so that nothing a learner returns can
make the comparison itself expensive.
"""

from __future__ import annotations

import builtins
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jax
import numpy as np

from book.exercises.compare import difference, short
from book.exercises.errors import TRACED
from book.exercises.exercise import Exercise, Inputs, Mistake, Property
from book.exercises.trial import _for_learner
from book.grading.marking.likeness import differs, same, size, unlike, values
from book.grading.marking.references import references
from book.grading.sandbox.process import Answering, Died

STARVING = ("RuntimeError", "MemoryError", "OSError", "BlockingIOError")
"""What a call may stop with because threads or memory are used up, "cannot start new thread"."""

ELSEWHERE = "The public checks pass, but on other inputs this does not hold: "


@dataclass(frozen=True)
class Verdict:
    """What came out for one exercise.

    Attributes:
        status: As in `Grade`.
        message: For the learner.
        final: Whether another try, in a process in which nothing else ran, cannot come out better.
        starved: Whether something else that the notebook started may be to blame.
    """

    status: str
    message: str
    final: bool = False
    starved: bool = False

    @property
    def passed(self) -> bool:
        """Whether all points are earned."""
        return self.status == "passed"


class Fault(Exception):
    """Stops the marking of an exercise; the verdict stands in it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


@dataclass
class Call:
    """One call of a function: with what, and what it gave."""

    name: str
    arguments: Inputs
    result: Any = None


@dataclass(frozen=True)
class Case:
    """A property with the inputs on which it is tried, and how the reference did."""

    claim: Property
    inputs: Inputs
    calls: tuple[Call, ...]


def given(arguments: Inputs) -> Inputs:
    """Arguments as a learner's function gets them in a notebook, arrays in NumPy's form."""
    return tuple(
        jax.tree.map(_plain, argument, is_leaf=lambda part: isinstance(part, str))
        for argument in arguments
    )


def _plain(leaf: Any) -> Any:
    if isinstance(leaf, str | bool | int | float):
        return leaf
    if isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return leaf
    return np.asarray(_for_learner(leaf))


def key(seed: int, exercise: str, case: int) -> jax.Array:
    """The randomness of a hidden case."""
    digest = hashlib.sha256(f"{seed}:{exercise}:{case}".encode()).digest()
    return jax.random.key(int.from_bytes(digest[:4], "big"))


@functools.cache
def hidden_cases(exercise_id: str, seed: int, count: int, solutions: str) -> tuple[Case, ...]:
    """The hidden cases of an exercise, worked out once with the reference."""
    from book.exercises import find

    exercise = find(exercise_id)
    functions = references(exercise.chapter, solutions)
    cases = []
    for number in range(count):
        inputs = exercise.inputs(key(seed, exercise_id, number))
        for claim in exercise.properties:
            calls: list[Call] = []
            answer = _answer(exercise, functools.partial(_by_reference, functions, calls))
            got, expected = claim.sides(answer, *inputs)
            fault = difference(got, expected, exercise.tolerance)
            if fault:
                raise AssertionError(
                    f"{exercise_id}: the solution does not hold to {claim.claim!r}: {fault}"
                )
            cases.append(Case(claim, inputs, tuple(calls)))
    return tuple(cases)


def _by_reference(functions: Any, calls: list[Call], name: str, *arguments: Any) -> Any:
    arguments = given(arguments)
    as_jax = jax.tree.map(
        lambda leaf: jax.numpy.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, arguments
    )
    result = functions[name](*as_jax)
    calls.append(Call(name, arguments, result))
    return result


def _answer(exercise: Exercise, call: Callable[..., Any]) -> SimpleNamespace:
    return SimpleNamespace(**{name: functools.partial(call, name) for name in exercise.names})


@dataclass
class Marking:
    """One exercise of one submission, marked in one child."""

    exercise: Exercise
    child: Answering
    calls: list[Call] = field(default_factory=list)

    def mark(self, cases: tuple[Case, ...]) -> Verdict:
        """The verdict: public examples first, then hidden cases."""
        try:
            for jit in (False, True) if self.exercise.jit else (False,):
                self._examples(jit)
            for case in cases:
                self._case(case)
        except Fault as fault:
            return fault.verdict
        return Verdict("passed", "")

    def _examples(self, jit: bool) -> None:
        for example in self.exercise.examples:
            name = example.function or self.exercise.names[0]
            shown = f"{name}({', '.join(map(short, example.arguments))})"
            shown = f"jax.jit({name})(...)" if jit else shown
            result = self._ask(name, given(example.arguments), f"\nTried: {shown}", jit)
            fault = differs(result, example.result, self.exercise.tolerance)
            if fault:
                self.calls = [Call(name, example.arguments, result)]
                self._fail(f"{fault}\nTried: {shown}. Expected: {short(example.result)}.")

    def _case(self, case: Case) -> None:
        self.calls = []
        expected = iter(case.calls)

        def call(name: str, *arguments: Any) -> Any:
            arguments = given(arguments)
            reference = next(expected, None)
            result = self._ask(name, arguments, None)
            if reference is not None and reference.name == name:
                fault = unlike(result, reference.result)
                if same(arguments, reference.arguments):
                    self.calls.append(Call(name, arguments, result))
                if fault:
                    self._fail(f"{ELSEWHERE}{case.claim.claim}\n{fault}")
            elif size(result) > 1 << 16:
                self._fail(f"{ELSEWHERE}{case.claim.claim}")
            return result

        try:
            with np.errstate(all="ignore"):
                got, wanted = case.claim.sides(_answer(self.exercise, call), *case.inputs)
            fault = differs(got, wanted, self.exercise.tolerance)
        except Fault:
            raise
        except Exception:  # what was returned cannot be computed with
            fault = "the result cannot be computed with"
        if fault:
            self._fail(ELSEWHERE + case.claim.claim)
        for mine, reference in zip(self.calls, case.calls, strict=False):
            if mine.name != reference.name or not same(mine.arguments, reference.arguments):
                continue
            if differs(mine.result, values(reference.result), self.exercise.tolerance):
                self._fail(ELSEWHERE + case.claim.claim)

    def _ask(self, name: str, arguments: Inputs, shown: str | None, jit: bool = False) -> Any:
        """The learner's result; `shown` is None where inputs are hidden and words must be too."""
        try:
            head, result = self.child.call(name, arguments, jit)
        except Died as died:
            said = f"{died.plainly}." if shown is None else f"{died.why}.{shown}"
            why = f"{name} was stopped: {said}"
            starved = died.status == "crashed"
            raise Fault(Verdict(died.status, why, starved=starved)) from None
        status = head["status"]
        if status == "ok":
            return result
        if status == "missing":
            raise Fault(Verdict("missing", f"The notebook defines no function {name}.", True))
        if status == "not started":
            raise Fault(Verdict("not started", "There is no answer here yet.", True))
        if status == "error":
            starved = head["kind"] in STARVING
            raise Fault(Verdict("error", _error(name, head, shown), starved=starved))
        if shown is None:
            self._fail(f"{name} returns something that is neither numbers nor text.")
        self._fail(f"{name}: {head['what'] or 'no answer that could be read'}.{shown}")
        raise AssertionError

    def _fail(self, what: str) -> None:
        mistake = self._recognised()
        hint = f"\nLikely cause: {mistake.hint}" if mistake else ""
        raise Fault(Verdict("failed", what[:1].upper() + what[1:] + hint))

    def _recognised(self) -> Mistake | None:
        """The named mistake that gives what the learner's function gave on every call."""
        for mistake in self.exercise.mistakes:
            name = mistake.replaces or self.exercise.names[0]
            calls = [call for call in self.calls if call.name == name]
            if calls and all(self._explains(mistake, call) for call in calls):
                return mistake
        return None

    def _explains(self, mistake: Mistake, call: Call) -> bool:
        with np.errstate(all="ignore"):
            try:
                expected = mistake.function(*jax.tree.map(_as_numpy, call.arguments))
                return differs(call.result, expected, self.exercise.tolerance) is None
            except Exception:
                return False  # a mistake that cannot even be made on these inputs


def _as_numpy(leaf: Any) -> Any:
    return leaf if isinstance(leaf, str) else np.asarray(leaf)


def _error(name: str, head: dict[str, str], shown: str | None) -> str:
    """An exception in words; where inputs are hidden, only its kind, which can hold none."""
    traced = {kind.__name__: advice for kind, advice in TRACED.items()}
    kind = head["kind"]
    if kind not in traced and not isinstance(getattr(builtins, kind, None), type):
        kind = "an exception"
    advice = f"\n{traced[kind]}" if kind in traced else ""
    if shown is None:
        return f"On other inputs than the public ones, {name} stopped with {kind}.{advice}"
    said = f": {head['said']}" if head["said"] else ""
    where = f"\nin {head['where']}" if head["where"] else ""
    return f"{name} stopped with {kind}{said}{where}{advice}{shown}"
