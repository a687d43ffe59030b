"""What goes into grading and what comes out: submissions, grades, settings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

MB = 1 << 20


class InputError(ValueError):
    """What was given cannot be used; the message says what it is, and what to do."""


@dataclass(frozen=True)
class Submission:
    """One notebook that one student handed in.

    Attributes:
        student: As the folder or file names them.
        chapter: Which notebook it is, `linearity`.
        source: The notebook's bytes, as handed in; nobody has looked into them yet.
        number: What Canvas or Moodle calls the student, if its file names say.
        place: Where it was found, for messages: a path, and within an archive its member.
        notes: What intake has to say about it: "the newest of 2 copies".
        problem: Why it cannot be read, if so; then `source` is empty.
    """

    student: str
    chapter: str
    source: bytes = b""
    number: str = ""
    place: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Grade:
    """One row of `grades.csv`: what a student reached in one exercise.

    Attributes:
        student: Who.
        notebook: The chapter's key.
        exercise: The exercise's id; empty in a row about a submission that could not be read.
        points: Reached.
        possible: Points of a full answer.
        status: "passed", "failed", "error", "not started", "missing", "timeout", "crashed",
            "out of time" (of the whole submission), or "unreadable" (the submission).
        message: One line or more for the student: public wording, no hidden input or result.
    """

    student: str
    notebook: str
    exercise: str
    points: int
    possible: int
    status: str
    message: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Column by column."""
        return asdict(self)

    @property
    def subject(self) -> str:
        """What the row is about: an exercise, a notebook, or all that was handed in."""
        return self.exercise or self.notebook or "submission"


@dataclass(frozen=True)
class Limits:
    """What a submission may use."""

    call: float = 10.0  # seconds for one call of one function, and for one cell
    submission: float = 120.0  # seconds for all of it
    memory: int = 2048 * MB  # bytes, of all its processes together
    disk: int = 64 * MB  # bytes it may keep in files
    processes: int = 128  # processes and threads
    reply: int = 16 * MB  # bytes of one result
    notebook: int = 32 * MB  # bytes of a submitted file


@dataclass(frozen=True)
class Settings:
    """How to grade; the same settings and submission give the same grades.

    Attributes:
        seed: Of the hidden inputs.
        cases: Hidden inputs per exercise.
        limits: What a submission may use.
        layers: Names of the layers of isolation to use, of `layers.LAYERS`; those that do not
            work here are left out, and said.
        unsafe: Whether to grade with no isolation at all.
        solutions: The folder of solution notebooks; empty: the checkout's `solutions`.
    """

    seed: int
    cases: int = 8
    limits: Limits = field(default_factory=Limits)
    layers: tuple[str, ...] = (
        *("bubblewrap", "namespaces", "own user", "landlock", "seccomp", "limits", "watch"),
    )
    unsafe: bool = False
    solutions: str = ""


@dataclass
class Graded:
    """What `grade_submission` returns: the rows, and how it went.

    Attributes:
        grades: One per exercise, in the order of the book.
        seconds: Wall-clock time.
        children: How many processes were started for it.
        peak: The most memory that one of them used, in bytes.
        cpu: Their processor time, in seconds.
        notes: For the student: copies, cells that were skipped.
    """

    grades: list[Grade]
    seconds: float = 0.0
    children: int = 0
    peak: int = 0
    cpu: float = 0.0
    notes: list[str] = field(default_factory=list)
