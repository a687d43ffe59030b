"""Who handed in what, from the names that students, Moodle and Canvas give to files."""

from __future__ import annotations

import re
from dataclasses import dataclass

from book.exercises import CHAPTERS

# Moodle: "Ada Lovelace_123456_assignsubmission_file_" is a folder or begins a file's name.
_MOODLE = re.compile(r"^(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?")
# Canvas: "lovelaceada_LATE_123_456789_linearity-2.ipynb".
_CANVAS = re.compile(
    r"^(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d+)_(?P<count>\d+)_(?P<rest>.+)$"
)
_COPY = re.compile(r"(?:[-_ ]?\((?P<bracket>\d+)\)|-(?P<dash>\d+)|[-_ ]?[Cc]opy\d*)$")


@dataclass(frozen=True)
class Identity:
    """What names say about a file.

    Attributes:
        student: Who handed it in.
        chapter: Which notebook it is, or what else it is called.
        number: What Canvas or Moodle calls the student.
        copy: 2 for a second copy, `linearity-2.ipynb` or `linearity (2).ipynb`.
        count: Canvas's number of the file, which grows.
        late: Whether Canvas marks it as late.
    """

    student: str
    chapter: str
    number: str = ""
    copy: int = 0
    count: int = 0
    late: bool = False


def identify(folders: tuple[str, ...], name: str) -> Identity:
    """Who handed in what, from the names of a file and of the folders it is in."""
    stem = name[: -len(".ipynb")] if name.lower().endswith(".ipynb") else name
    given = by_system(stem)
    student, stem, number = given.student, given.chapter, given.number
    for folder in folders:
        if match := _MOODLE.match(folder):
            student, number = match["name"], match["number"]
    copy = 0
    while match := _COPY.search(stem):
        copy = max(copy, int(match["bracket"] or match["dash"] or 0))
        stem = stem[: match.start()]
    chapter = next((one for one in CHAPTERS if stem.strip().lower() == one), "")
    if not chapter and not student:
        for one in CHAPTERS:
            if stem.lower().endswith(f"_{one}") and len(stem) > len(one) + 1:
                chapter, student = one, stem[: -len(one) - 1]
    if not student and folders:
        student = _owner(folders)
    if not student:
        student = "(no name)" if chapter else stem
    return Identity(text_of(student), chapter or stem, number, copy, given.count, given.late)


def _owner(folders: tuple[str, ...]) -> str:
    """The folder that names the student: the innermost that is no generic one."""
    generic = ("exercises", "submission", "submissions", "notebooks", *CHAPTERS)
    named = [folder for folder in folders if folder.lower() not in generic]
    return (named or list(folders))[-1]


def by_system(stem: str) -> Identity:
    """What Moodle or Canvas wrote into a name, with the rest of it as the chapter."""
    if match := _MOODLE.match(stem):
        return Identity(match["name"], stem[match.end() :], match["number"])
    if match := _CANVAS.match(stem):
        late, count = bool(match["late"]), int(match["count"])
        return Identity(match["name"], match["rest"], match["number"], count=count, late=late)
    return Identity("", stem)


def marked(name: str) -> bool:
    """Whether Moodle or Canvas made this name."""
    return bool(_MOODLE.match(name) or _CANVAS.match(name))


def of_moodle(name: str) -> bool:
    """Whether Moodle made this name."""
    return bool(_MOODLE.match(name))


def text_of(name: str) -> str:
    """A name that may hold anything, as text that can be written: odd bytes become �."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
