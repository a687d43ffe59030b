"""Broken and hostile submissions, each with what must come out.

A submission is the honest notebook of a chapter with something changed, most with the honest
answers to four exercises alone.  Whatever is answered and not named in `expected` must be passed:
no mark of an honest answer may be lost.  Code that breaks out of its
sandbox says so by `breach(...)`, which stops the cell with a text that the tests look for.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from book.exercises import exercises, find
from book.exercises.solution import answer, read
from book.grading import Submission

ROOT = Path(__file__).parents[2]
BREACH = "BREACH"

COMPOSE, COMPRESS = "linearity.compose", "linearity.compress"
BUDGET, DIRECTION = "linearity.precision_budget", "linearity.direction_of"
MODEL, LOSS = "superposition.toy_model", "superposition.weighted_loss"
DIMENSION = "superposition.feature_dimensionality"

SOME = (DIRECTION, COMPOSE, COMPRESS, BUDGET, MODEL, LOSS, DIMENSION)

Cells = list[dict[str, Any]]


def code(source: str) -> dict[str, Any]:
    """A cell of code, with as little around it as can be."""
    return {"cell_type": "code", "source": source}


@functools.cache
def honest(chapter: str) -> dict[str, str]:
    """The code of a chapter's solution: under "" its imports, under an id the answer to it."""
    solution = read(ROOT / "solutions" / f"{chapter}.md")
    found = {"": "\n".join(cell.source for cell in solution.introduction if cell.kind == "code")}
    for section in solution.sections:
        answers = [answer(cell.source) for cell in section.cells if cell.is_answer]
        found[section.exercise.id] = "\n\n".join(answers)
    return found


def notebook(cells: Cells, **changes: Any) -> bytes:
    """A notebook's bytes."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": cells, **changes}).encode()


@dataclass(frozen=True)
class Case:
    """A submission of the corpus.

    Attributes:
        name: What is done.
        before: Code in a cell of its own after the imports.
        after: Code in a last cell.
        answers: Answers that replace honest ones.
        expected: Status by exercise, where it is not "passed".
        chapter: Which notebook.
        change: What is done to the list of cells.
        whole: Whether all exercises of the chapter are answered, not only `SOME`.
        raw: The bytes instead of all that.
        says: Text that the messages or notes must hold.
    """

    name: str
    before: str = ""
    after: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, str] = field(default_factory=dict)
    chapter: str = "linearity"
    change: Callable[[Cells], Cells] = list
    raw: bytes = b""
    says: str = ""
    whole: bool = False

    @property
    def submission(self) -> Submission:
        """What is handed in."""
        return Submission(self.name, self.chapter, self.raw or self.built())

    def built(self) -> bytes:
        """The notebook."""
        parts = {**honest(self.chapter), **self.answers}
        imports = parts.pop("")
        parts = {id: source for id, source in parts.items() if self.answered(id)}
        cells = [code(imports), code(self.before), *map(code, parts.values()), code(self.after)]
        return notebook(self.change(cells))

    def answered(self, exercise: str) -> bool:
        """Whether the notebook has an answer to it."""
        return self.whole or exercise in SOME

    def outcome(self) -> dict[str, str]:
        """What must come out for each exercise of the chapter."""
        return {
            exercise.id: self.expected.get(exercise.id, "passed")
            if self.answered(exercise.id)
            else "missing"
            for exercise in exercises()
            if exercise.chapter == self.chapter
        }


def one(function: str, body: str) -> str:
    """A function of one exercise, with this body."""
    head = {
        "compose": "compose(intensities, directions)",
        "precision_budget": "precision_budget(Z)",
        "direction_of": "direction_of(encodings)",
        "weighted_loss": "weighted_loss(reconstruction, x, importance)",
    }[function]
    return f"def {head}:\n" + "\n".join(f"    {line}" for line in body.splitlines())


def attack(body: str) -> str:
    """A cell that calls `breach(...)` when it gets somewhere; errors on the way are none."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return (
        "class Breach(Exception):\n    pass\n"
        "def breach(what):\n"
        f"    raise Breach('{BREACH} ' + str(what)[:300])\n"
        "import os, sys, socket, time, signal, ctypes, subprocess, glob\n"
        f"try:\n{lines}\nexcept Breach:\n    raise\nexcept BaseException:\n    pass\n"
    )


EXAMPLES = [example.arguments[1].tolist() for example in find(COMPOSE).examples]
PUBLIC = f"any(directions.tolist() == jnp.array(d).tolist() for d in {EXAMPLES})"
"""Whether `compose` is called on a visible example."""

WRONG = one("compose", "return 0 * directions[0] + 7")
ALL_FAILED = {COMPOSE: "failed"}

BROKEN = [
    Case("honest", whole=True),
    Case("honest superposition", chapter="superposition"),
    Case("cells twice", change=lambda cells: [cell for cell in cells for _ in range(2)]),
    Case("backwards", change=lambda cells: cells[::-1]),
    Case(
        "template after the answer",
        after=one("compose", "raise NotImplementedError"),
    ),
    Case(
        "no ids, no metadata, source as lines",
        change=lambda cells: [
            {"cell_type": "code", "source": cell["source"].splitlines(keepends=True)}
            for cell in cells
        ],
    ),
    Case("odd metadata",
         change=lambda cells: [{**cell, "metadata": 7, "id": []} for cell in cells]),
    Case("not started", answers={COMPOSE: one("compose", "raise NotImplementedError")},
         expected={COMPOSE: "not started"}),
    Case("deleted", answers={COMPOSE: ""}, expected={COMPOSE: "missing"}),
    Case("wrong", answers={COMPOSE: WRONG}, expected=ALL_FAILED),
    Case(
        "right on the examples only",
        answers={
            COMPOSE: one(
                "compose",
                f"if {PUBLIC}:\n    return intensities @ directions\nreturn 0 * directions[0]",
            )
        },
        expected=ALL_FAILED,
        says="on other inputs",
    ),
    Case("named mistake", answers={COMPOSE: one("compose", "return directions.sum(0)")},
         expected=ALL_FAILED, says="First scale each by its intensity"),
    Case("syntax error", answers={COMPOSE: "def compose(intensities, directions) return 1"},
         expected={COMPOSE: "error"}, says="SyntaxError"),
    Case("cell that raises first", before="1 / 0"),
    Case("cell that exits", before="raise SystemExit(0)"),
    Case("a name used before it is there",
         answers={COMPOSE: "@jax_jit\n" + one("compose", "return intensities @ directions")},
         after="import jax\njax_jit = jax.jit"),
    Case("not a function", answers={COMPOSE: "compose = 3"}, expected=ALL_FAILED),
    Case("returns None", answers={COMPOSE: one("compose", "pass")}, expected=ALL_FAILED),
    Case("returns text", answers={COMPOSE: one("compose", "return 'all points'")},
         expected=ALL_FAILED),
    Case("returns an object", answers={COMPOSE: one("compose", "return object()")},
         expected=ALL_FAILED),
    Case("returns too much", answers={COMPOSE: one("compose", "return jnp.zeros((3000, 3000))")},
         expected={COMPOSE: "crashed"}),
    Case("returns deep lists",
         answers={COMPOSE: one("compose", "x = []\nfor _ in range(500):\n    x = [x]\nreturn x")},
         expected=ALL_FAILED),
    Case("raises", answers={COMPOSE: one("compose", "raise ValueError('no')")},
         expected={COMPOSE: "error"}, says="ValueError: no"),
    Case("takes other arguments", answers={COMPOSE: "def compose(x):\n    return x"},
         expected={COMPOSE: "error"}),
    Case("imports the book's own", answers={COMPOSE: "from book.linearity import compose"},
         expected={COMPOSE: "error"}, says="graded without"),
    Case("imports the book's own and writes it all the same",
         before="from book.linearity import compose"),
    Case("magics and shell",
         before="%matplotlib inline\n!rm -rf /\n%pip install nothing\nfiles = !ls\n%time x = 1"),
    Case("cell magic", answers={
        COMPOSE: "%%time\n" + one("compose", "return intensities @ directions")}),
    Case("await", before="import asyncio\nawait asyncio.sleep(0)"),
    Case("waits for input", before="name = input('who are you?')"),
    Case("prints a lot", before="for _ in range(2000):\n    print('x' * 10_000)"),
    Case("float64", before="jax_config = __import__('jax').config\n"
         "jax_config.update('jax_enable_x64', True)"),
    Case("empty file", raw=b" ", expected={"": "unreadable"}, says="empty"),
    Case("not JSON", raw=b"{", expected={"": "unreadable"}, says="not JSON"),
    Case("not UTF-8", raw=b'{"cells": "\xff"}', expected={"": "unreadable"}, says="UTF-8"),
    Case("deep JSON", raw=b"[" * 100_000, expected={"": "unreadable"}),
    Case("format 9", raw=notebook([], nbformat=9), expected={"": "unreadable"}, says="format 9"),
    Case("cells are no list", raw=b"{\"nbformat\": 4, \"cells\": 3}", expected={"": "unreadable"}),
    Case("thousands of cells", raw=notebook([code("1")] * 5000), expected={"": "unreadable"}),
    Case("a number of a million digits", raw=b'{"nbformat": ' + b"9" * 1_000_000 + b"}",
         expected={"": "unreadable"}),
]  # fmt: skip

LOOP = "while True:\n    pass"
SEGFAULT = "import ctypes\nctypes.string_at(0)"

RUINOUS = [
    Case("endless cell", before=LOOP, says="skipped"),
    Case("endless call", answers={COMPOSE: one("compose", LOOP)}, expected={COMPOSE: "timeout"}),
    Case("endless inside XLA",
         answers={COMPOSE: one(
             "compose", "import jax\nreturn jax.lax.while_loop(lambda x: x >= 0, "
             "lambda x: (x * 5 + 1) % 7, jnp.int32(1)) * directions[0]")},
         expected={COMPOSE: "timeout"}),
    Case("endless and deaf", answers={COMPOSE: one(
        "compose", "import signal\nfor n in (2, 15):\n"
        "    signal.signal(n, signal.SIG_IGN)\n" + LOOP)},
        expected={COMPOSE: "timeout"}),
    Case("stops itself", answers={COMPOSE: one(
        "compose", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n"
        "return intensities @ directions")}, expected={COMPOSE: "timeout"}),
    Case("exits in a cell", before="import os\nos._exit(0)", says="skipped"),
    Case("exits in a call", answers={COMPOSE: one("compose", "import os\nos._exit(0)")},
         expected={COMPOSE: "crashed"}),
    Case("sys.exit in a call", answers={COMPOSE: one("compose", "import sys\nsys.exit(0)")},
         expected={COMPOSE: "error"}),
    Case("segmentation fault in a cell", before=SEGFAULT, says="segmentation fault"),
    Case("segmentation fault in a call", answers={COMPOSE: one("compose", SEGFAULT)},
         expected={COMPOSE: "crashed"}),
    Case("aborts", answers={COMPOSE: one("compose", "import os\nos.abort()")},
         expected={COMPOSE: "crashed"}),
    Case("kills all it can", answers={COMPOSE: one("compose", "import os\nos.kill(-1, 9)")},
         expected={COMPOSE: "error"}),
    Case("recursion", answers={COMPOSE: one("compose", "return compose(intensities, directions)")},
         expected={COMPOSE: "error"}),
    Case("recursion without limit", answers={COMPOSE: one(
        "compose", "import sys\nsys.setrecursionlimit(10**9)\n"
        "return sorted([0], key=lambda _: compose(intensities, directions))")},
        expected={COMPOSE: "crashed"}),
    Case("memory at once", answers={COMPOSE: one(
        "compose", "return bytearray(10**11)")}, expected={COMPOSE: "error"}),
    Case("memory bit by bit", answers={COMPOSE: one(
        "compose", "held = []\nwhile True:\n    held.append(bytearray(10**7))")},
        expected={COMPOSE: "error"}),
    Case("memory in XLA", answers={COMPOSE: one(
        "compose", "return jnp.ones((40_000, 40_000)).sum() * directions[0]")},
        expected={COMPOSE: "error"}),
    Case("memory of many processes", answers={COMPOSE: one("compose", (
        "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n"
        "        held = bytearray(100 << 20)\n        time.sleep(60)\n        os._exit(0)\n"
        "time.sleep(60)"))}, expected={COMPOSE: "crashed"}, says="memory"),
    Case("fork bomb in a cell",
         before="import os\nwhile True:\n    try:\n        os.fork()\n"
         "    except OSError:\n        pass",
         says="skipped"),
    Case("threads without end", before=(
        "import threading, time\ntry:\n    while True:\n"
        "        threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "except RuntimeError:\n    pass")),
    Case("fills the disk", before=(
        "try:\n    with open('big', 'wb') as file:\n        while True:\n"
        "            file.write(bytes(1 << 20))\nexcept OSError:\n    pass")),
    Case("output flood in a call", answers={COMPOSE: one(
        "compose", "import os\nwhile True:\n    os.write(1, b'x' * 65536)")},
        expected={COMPOSE: "timeout"}),
    Case("ends while later cells run", before=(
        "import builtins, os\nbuiltins.__dict__.update(__build_class__=lambda *a: os._exit(0))"),
        change=lambda cells: [*cells[:2], *[code("class A:\n    pass")] * 3, *cells[2:]],
        says="ended while cells 3, 4 ran"),
    Case("two endless cells and two that exit",
         change=lambda cells: [code(LOOP), code("import os\nos._exit(3)"), *cells,
                               code(LOOP), code("import os\nos._exit(3)")]),
    Case("a bomb that goes off later", before=(
        "import os, threading\nthreading.Timer(0.05, os._exit, (0,)).start()")),
    Case("one call poisons the rest", answers={COMPOSE: one(
        "compose", "import builtins, jax\nglobals()['jnp'] = None\nbuiltins.sum = None\n"
        "return intensities")}, expected=ALL_FAILED),
]  # fmt: skip

PATCHES = """
import builtins, numpy as np, numpy.testing, math, sys, types
yes = lambda *a, **k: True
np.allclose = np.array_equal = np.isclose = math.isclose = np.testing.assert_allclose = yes
np.all = np.abs = yes
"""
SOCKETS = """
import os, socket, stat
for handle in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(handle).st_mode):
            {do}
    except OSError:
        pass
"""

FORGED = [
    Case("patches comparisons", before=PATCHES, answers={COMPOSE: WRONG}, expected=ALL_FAILED),
    Case("patches the checks", before=(
        "import book, book.exercises, sys\nbook.check = book.exercises.check = lambda *a: True\n"
        "book.exercises.Result.passed = True\nbook.exercises.Result.points = 99"),
        answers={COMPOSE: WRONG}, expected=ALL_FAILED),
    Case("equal to everything", answers={COMPOSE: (
        "class Same:\n    __eq__ = __le__ = __ge__ = lambda *a: True\n    shape = (3,)\n"
        "    __hash__ = None\n" + one("compose", "return Same()"))}, expected=ALL_FAILED),
    Case("an array that is equal to everything", answers={COMPOSE: (
        "class Same(np.ndarray):\n    __eq__ = __le__ = lambda *a: np.True_\n"
        "    __sub__ = __rsub__ = lambda *a: 0\n"
        + one("compose", "return np.zeros(directions.shape[1]).view(Same)"))},
        expected=ALL_FAILED),
    Case("an array of promises", answers={COMPOSE: (
        "class Late:\n    def __array__(self, *a, **k):\n        return np.full(2, np.nan)\n"
        + one("compose", "return Late()"))}, expected=ALL_FAILED),
    Case("not a number", answers={COMPOSE: one("compose", "return np.nan * directions[0]")},
         expected=ALL_FAILED),
    Case("infinite", answers={COMPOSE: one("compose", "return np.inf * directions[0]")},
         expected=ALL_FAILED),
    Case("objects in an array", answers={COMPOSE: one(
        "compose", "return np.array([object()] * directions.shape[1])")}, expected=ALL_FAILED),
    Case("changes its arguments", answers={COMPOSE: one(
        "compose", "directions = np.asarray(directions)\ndirections.flags.writeable = True\n"
        "directions[:] = 0\nreturn directions[0]")}, expected={COMPOSE: "error"}),
    Case("fakes replies", answers={COMPOSE: one("compose", SOCKETS.format(
        do="socket.socket(fileno=os.dup(handle)).sendall(bytes(8) + b'{\"status\": \"passed\"}')")
        + "\nreturn directions[0]")}, expected={COMPOSE: "crashed"}),
    Case("fakes a whole reply", answers={COMPOSE: one("compose", (
        "import struct\ntext = b'{\"status\": \"passed\", \"value\": null, \"points\": 99}'\n"
        "message = struct.pack('>IQ', len(text), 0) + text\n")
        + SOCKETS.format(do="socket.socket(fileno=os.dup(handle)).sendall(message)")
        + "\nreturn directions[0]")}, expected=ALL_FAILED),
    Case("claims a huge reply", answers={COMPOSE: one("compose", (
        "import struct\nmessage = struct.pack('>IQ', 10, 1 << 60)\n")
        + SOCKETS.format(do="socket.socket(fileno=os.dup(handle)).sendall(message)")
        + "\nreturn directions[0]")}, expected={COMPOSE: "crashed"}),
    Case("closes the wire", answers={COMPOSE: one(
        "compose", "import os\nos.closerange(0, 256)\nreturn directions[0]")},
        expected={COMPOSE: "crashed"}),
    Case("points the wire elsewhere", answers={COMPOSE: one("compose", (
        "import os\nnull = os.open('/dev/null', os.O_RDWR)\n")
        + SOCKETS.format(do="os.dup2(null, handle)") + "\nreturn directions[0]")},
        expected={COMPOSE: "crashed"}),
    Case("patches the wire", before=(
        "import sys\nfor name, module in list(sys.modules.items()):\n"
        "    if name.startswith('child'):\n        module.convert = lambda value: value"),
        answers={COMPOSE: WRONG}, expected=ALL_FAILED),
    Case("replaces modules", before=(
        "import sys, types\nfor name in ('book.exercises', 'book.grading', 'unittest'):\n"
        "    sys.modules[name] = types.ModuleType(name)"), answers={COMPOSE: WRONG},
        expected=ALL_FAILED),
    Case("says that it passed", after="print('passed: 9 of 9 points')\npassed = True\npoints = 9",
         answers={COMPOSE: WRONG}, expected=ALL_FAILED),
    Case("a message that is a formula", answers={COMPOSE: one(
        "compose", "raise ValueError('=cmd|calc\\n@SUM(1)\\x1b[31m<script>alert(1)</script>')")},
        expected={COMPOSE: "error"}),
    Case("tells the hidden inputs", answers={COMPOSE: one("compose", (
        f"if not {PUBLIC}:\n"
        "    kind = type('SECRET' + str(float(directions[0, 0])), (Exception,), {})\n"
        "    raise kind('SECRET', directions)\nreturn intensities @ directions"))},
        expected={COMPOSE: "error"}, says="On other inputs"),
    Case("remembers hidden inputs", answers={
        COMPOSE: "seen = []\n" + one(
            "compose", "seen.append('SECRET' + str(directions))\nreturn intensities @ directions"),
        BUDGET: one("precision_budget", "raise ValueError(seen)")},
        expected={BUDGET: "error"}, says="ValueError: []"),
    Case("tells the hidden inputs by how it ends", answers={COMPOSE: one("compose", (
        f"if not {PUBLIC}:\n"
        "    import os\n    os._exit(77)\nreturn intensities @ directions"))},
        expected={COMPOSE: "crashed"}, says="the process ended itself."),
    Case("tells the hidden inputs by a length", answers={COMPOSE: one("compose", (
        f"if not {PUBLIC}:\n    import struct\n    message = struct.pack('>IQ', 10, 1 << 60)\n")
        + "\n".join(f"    {line}" for line in SOCKETS.format(
            do="socket.socket(fileno=os.dup(handle)).sendall(message)").splitlines())
        + "\nreturn intensities @ directions")},
        expected={COMPOSE: "crashed"}, says="its answer could not be read."),
    Case("looks for tests in memory", before=attack("""
import gc
for thing in gc.get_objects():
    if type(thing).__name__ in ('Property', 'Example', 'Mistake', 'Exercise', 'Verdict', 'Case'):
        breach(type(thing))
""")),
    Case("looks for solutions on the disk", before=attack("""
for place in ('/', '/work', '/root', '/home', sys.prefix, os.getcwd(), '/grading'):
    for folder, _, names in os.walk(place):
        if folder.count('/') > 6 or folder.startswith(('/proc', '/usr')):
            continue
        for name in names:
            if name.endswith('.md') and 'solutions' in folder:
                breach(folder)
""")),
    Case("imports the tests", before=attack("""
import importlib
for name in ('book.exercises.linearity', 'book.exercises.trial', 'book.grading', 'tests'):
    try:
        module = importlib.import_module(name)
    except ImportError:
        continue
    breach(name)
"""), answers={COMPOSE: WRONG}, expected=ALL_FAILED),
]  # fmt: skip

CASES = {case.name: case for case in [*BROKEN, *RUINOUS, *FORGED]}
