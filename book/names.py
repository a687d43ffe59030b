"""Names that are found when somebody asks for them.

`check`, `hint` and `progress` are imported at first use, so that a page that checks nothing does
not depend on the exercises.  A notebook of the first edition imports modules from the places where
they stood then; each of these names is the module in its new place.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, TypeVar

FACE = ("check", "hint", "progress")

MOVED = {
    "book.batch_last": "book.superposition.fast_loss",
    "book.checks": "book.exercises",
    "book.geometry": "book.superposition.geometry",
    "book.ledger": "book.superposition.ledger",
    "book.phase": "book.superposition.phase_diagram",
    "book.questions": "book.display.questions",
    "book.source": "book.display.quote",
    "book.style": "book.display.style",
    "book.svg": "book.display.svg",
    "book.tables": "book.display.table",
    "book.word_vectors": "book.linearity.words",
    "book.word_vectors.loading": "book.linearity.words.vectors",
}
"""Where the first edition had a module, and where it is."""


Function = TypeVar("Function", bound=Callable[..., Any])


def answers(*exercises: str) -> Callable[[Function], Function]:
    """Mark a function as an answer to exercises that ask for another name.

    The function stays what it is. The grader leaves it out of the book that submissions can read.
    """
    return lambda function: function


class OldNames(MetaPathFinder, Loader):
    """Finds a module by the name that it had in the first edition."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The specification of an alias, or None where the name is not an old one."""
        for old in (fullname, fullname.rpartition(".")[0]):
            if old in MOVED:
                return ModuleSpec(fullname, self, origin=MOVED[old] + fullname.removeprefix(old))
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself, under its new name."""
        module = importlib.import_module(str(spec.origin))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: the module has run under its new name, which it keeps."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def install() -> None:
    """Let old names be found, once a process."""
    if not any(isinstance(finder, OldNames) for finder in sys.meta_path):
        sys.meta_path.append(OldNames())


def __getattr__(name: str) -> Any:
    if name in FACE:
        return getattr(importlib.import_module("book.exercises"), name)
    raise AttributeError(f"module 'book' has no attribute {name!r}")
