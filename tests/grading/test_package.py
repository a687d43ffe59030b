"""The child's copy of the book holds no tests and no answers."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import book
from book.exercises import exercises
from book.exercises.compare import difference
from book.exercises.exercise import Exercise
from book.grading.sandbox.stripped_book import LEFT_OUT, build, marked, withheld, without


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("package") / "new")


def test_tests_and_answers_are_left_out(copy: Path) -> None:
    text = "\n".join(path.read_text() for path in copy.rglob("*.py"))
    for exercise in exercises():
        for mistake in exercise.mistakes:
            assert mistake.hint not in text
        for claim in exercise.properties:
            assert claim.claim not in text
    assert "BEGIN SOLUTION" not in text
    assert not list(copy.rglob("solutions"))
    assert {path.name for path in copy.iterdir()} == {"book", "child", "compiled"}
    assert [path.name for path in (copy / "book" / "exercises").iterdir()] == ["__init__.py"]


def test_no_function_that_an_exercise_asks_for_is_left(copy: Path) -> None:
    for path in (copy / "book").rglob("*.py"):
        for name in withheld():
            for body in re.findall(rf"^def {name}\b.*\n(.*)", path.read_text(), re.MULTILINE):
                assert "raise RuntimeError('This is where" in body, (path, name)


def test_the_copy_can_be_imported_whole(copy: Path) -> None:
    """So a function that is withheld is not needed by the rest of the book to be imported."""
    code = (
        f"import sys; sys.path.insert(0, {str(copy)!r})\n"
        "from child.server import prepare\nprint(prepare()['failed'])\n"
        "import book; print(book.__file__)\nprint(book.check('linearity.compose').passed)"
    )
    said = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, cwd="/"
    ).stdout.splitlines()
    assert said == ["{}", str(copy / "book" / "__init__.py"), "False"]
    assert Path(book.__file__) != copy / "book" / "__init__.py"


def test_stubs() -> None:
    source = (
        "a = 1\ndef f(x):\n    return x\ng = f\nh: int = 3\nclass K:\n    def f(self): return 2\n"
    )
    assert without(source, {"z"}, "book.m") is source
    namespace: dict[str, object] = {}
    exec(without(source, {"f", "h"}, "book.m"), namespace)
    for name in ("f", "g", "h"):
        function = namespace[name]
        assert callable(function)
        with pytest.raises(RuntimeError, match=r"book\.m\.[fh] stood.*in your notebook"):
            function(1)
    assert namespace["a"] == 1


def test_no_other_function_of_the_book_is_an_answer() -> None:
    """One that is, under another name, is marked with `@answers`, and no other is."""
    functions = dict(public_functions())
    found = {
        (place, exercise.id)
        for exercise in exercises()
        if len(exercise.names) == 1
        for place, function in functions.items()
        if place.rpartition(".")[2] not in withheld() and answers(exercise, function)
    }
    modules = {inspect.getmodule(function) for function in functions.values()}
    said = {
        (f"{module.__name__}.{name}", id)
        for module in modules
        if module is not None
        for name, ids in marked(inspect.getsource(module)).items()
        for id in ids
    }
    assert found == said


def public_functions() -> list[tuple[str, Any]]:
    found = {}
    for info in pkgutil.walk_packages(book.__path__, "book."):
        name = info.name
        if name.split(".")[1] in LEFT_OUT:
            continue
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == name and key[0] != "_":
                # As in a notebook, where nothing looks at the shapes that annotations name.
                found[f"{name}.{key}"] = inspect.unwrap(value)
    return sorted(found.items())


def answers(exercise: Exercise, function: Any) -> bool:
    """Whether it gives what all examples want."""
    (name,) = exercise.names
    needed = [
        p
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(needed) != len(exercise.functions[name]):
        return False
    for example in exercise.examples:
        try:
            given = jax.tree.map(
                lambda leaf: leaf if isinstance(leaf, str) else jnp.asarray(leaf), example.arguments
            )
            wanted = [np.shape(leaf) for leaf in jax.tree.leaves(example.result)]
            if shapes(function, given) not in (None, wanted):
                return False
            if difference(function(*given), example.result, exercise.tolerance):
                return False
        except Exception:
            return False
    return True


def shapes(function: Any, given: Any) -> Any:
    """Shapes of its result without working it out, if JAX can tell."""
    try:
        leaves = jax.tree.leaves(jax.eval_shape(function, *given))
    except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError):
        return None
    return [leaf.shape for leaf in leaves]
