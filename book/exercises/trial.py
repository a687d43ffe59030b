"""Trying a learner's functions, cheapest step first, and saying what happened."""

from __future__ import annotations

import contextlib
import inspect
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from book.exercises.compare import difference, short
from book.exercises.errors import describe_exception
from book.exercises.exercise import Exercise, Inputs, Mistake, Property, key_of

CASES = 4  # random inputs on which every property is tried


@dataclass(frozen=True)
class Call:
    """One call of a learner's function: what it was given and what it returned."""

    name: str
    arguments: Inputs
    result: Any


@dataclass
class Finding:
    """What the first failing step found."""

    status: str  # "not started", "failed", "error" or "stopped"
    what: str  # what went wrong
    tried: str = ""  # the call or the claim that was tried
    cause: str = ""  # the likely cause


@dataclass
class Trial:
    """A learner's functions under test; `calls` are those of the comparison under way."""

    exercise: Exercise
    functions: dict[str, Any]
    calls: list[Call] = field(default_factory=list)
    passed: int = 0

    def run(self) -> Finding | None:
        """The first fault, or None if every public check passed."""
        with undisturbed():
            for step in (self._signatures, self._examples, self._properties, self._jit):
                try:
                    finding = step()
                except NotImplementedError:
                    return Finding("not started", "There is no answer here yet.")
                except KeyboardInterrupt:
                    where = self.calls[-1] if self.calls else None
                    return Finding("stopped", "You stopped the check.", _written(where))
                except Exception as error:
                    own = self.functions.values()
                    described = describe_exception(error, own)
                    return Finding("error", described, self._last_call())
                if finding is not None:
                    return finding
        return None

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a learner's function on fresh copies, and remember it."""
        given = tuple(jax.tree.map(_for_learner, argument) for argument in arguments)
        self.calls.append(Call(name, arguments, None))
        result = self.functions[name](*given)
        self.calls[-1] = Call(name, arguments, result)
        return result

    def _last_call(self) -> str:
        return _written(self.calls[-1]) if self.calls else ""

    def _signatures(self) -> Finding | None:
        for name, function in self.functions.items():
            wanted = self.exercise.functions[name]
            if not callable(function):
                return Finding(
                    "failed",
                    f"{name} is {short(function)}, not a function. Hand over the function itself, "
                    f"without calling it: {self.exercise.call}",
                )
            try:
                inspect.signature(function).bind(*wanted)
            except (TypeError, ValueError):
                return Finding(
                    "failed",
                    f"{name} should take {len(wanted)} arguments, ({', '.join(wanted)}), and "
                    f"yours is {name}{_signature(function)}.",
                )
        return None

    def _examples(self) -> Finding | None:
        for example in self.exercise.examples:
            name = example.function or self.exercise.names[0]
            self.calls = []
            result = self.call(name, *example.arguments)
            fault = difference(result, example.result, self.exercise.tolerance)
            if fault:
                expected = f" Expected: {short(example.result)}."
                return self._failed(fault + expected, self._last_call())
            self.passed += 1
        return None

    def _properties(self) -> Finding | None:
        for case in range(CASES):
            inputs = self.exercise.inputs(key_of(case))
            for claim in self.exercise.properties:
                finding = self._property(claim, inputs)
                if finding is not None:
                    return finding
                self.passed += 1
        return None

    def _property(self, claim: Property, inputs: Inputs) -> Finding | None:
        self.calls = []
        answer = SimpleNamespace(
            **{
                name: lambda *arguments, name=name: self.call(name, *arguments)
                for name in self.functions
            }
        )
        got, expected = claim.sides(answer, *inputs)
        fault = difference(got, expected, self.exercise.tolerance)
        if fault is None:
            return None
        return self._failed(f"{claim.claim} Here {fault}", "; ".join(map(_written, self.calls)))

    def _jit(self) -> Finding | None:
        if not self.exercise.jit:
            return None
        for example in self.exercise.examples:
            name = example.function or self.exercise.names[0]
            self.calls = [Call(f"jax.jit({name})", example.arguments, None)]
            given = jax.tree.map(jnp.asarray, example.arguments)
            result = jax.jit(self.functions[name])(*given)
            fault = difference(result, example.result, self.exercise.tolerance)
            if fault:
                return self._failed(f"Under jax.jit {fault}", self._last_call())
            self.passed += 1
        return None

    def _failed(self, what: str, tried: str) -> Finding:
        mistake = self._recognised()
        return Finding("failed", what, tried, mistake.hint if mistake else "")

    def _recognised(self) -> Mistake | None:
        """The named mistake that gives what the learner's function gave on every call."""
        for mistake in self.exercise.mistakes:
            name = mistake.replaces or self.exercise.names[0]
            calls = [call for call in self.calls if call.name == name]
            if calls and all(_agrees(mistake, call, self.exercise.tolerance) for call in calls):
                return mistake
        return None


def _agrees(mistake: Mistake, call: Call, tolerance: float) -> bool:
    with np.errstate(all="ignore"):
        try:
            expected = mistake.function(*jax.tree.map(np.asarray, call.arguments))
        except (ValueError, IndexError, np.linalg.LinAlgError):
            return False  # a mistake that cannot even be made on these inputs
    return difference(call.result, expected, tolerance) is None


def _for_learner(argument: Any) -> Any:
    """Numbers stay Python numbers; arrays become JAX arrays, which nobody can change."""
    if isinstance(argument, bool | int | float):
        return argument
    array = np.asarray(argument)
    # JAX would compile a conversion for every shape; NumPy converts at once.
    return jnp.asarray(array.astype(jax.dtypes.canonicalize_dtype(array.dtype)))


def _written(call: Call | None) -> str:
    if call is None:
        return ""
    return f"{call.name}({', '.join(map(short, call.arguments))})"


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


def try_functions(exercise: Exercise, functions: Sequence[Any]) -> tuple[Finding | None, int]:
    """The first fault of these functions (None: all is well), and how many checks passed."""
    names = exercise.names
    if len(functions) != len(names):
        asked = f"{len(names)} function{'s' * (len(names) > 1)}"
        given = f"you gave {len(functions)}"
        return Finding("failed", f"This exercise has {asked} and {given}: {exercise.call}"), 0
    trial = Trial(exercise, dict(zip(names, functions, strict=True)))
    return trial.run(), trial.passed
