"""What was handed in: folders, flat files and archives, and whatever else lies among them.

Nothing is unpacked: members of archives are read in memory, up to a limit.  Links, pipes and
devices are never opened.  A thing that cannot be graded becomes a submission with its problem.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from book.exercises import CHAPTERS
from book.grading.intake.filenames import by_system, identify, marked, of_moodle, text_of
from book.grading.records import Submission

MOST_MEMBERS = 20_000  # of an archive
MOST_DEPTH = 3  # archives in archives
TOTAL = 4 << 30  # bytes read from one archive
IGNORED = re.compile(
    r"^(\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX|\.ipynb_checkpoints|\.git|\._.*"
    r"|.*-checkpoint\.ipynb)$"
)


@dataclass(frozen=True)
class Found:
    """A file that may be a submission, and when it is from."""

    submission: Submission
    version: tuple[int, float, int]  # by its name, its time, and the system's count
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Other:
    """Something else that was handed in, or an empty folder, whose name is empty."""

    folders: tuple[str, ...]
    name: str


def collect(folder: Path, limit: int) -> list[Submission]:
    """Everything that was handed in, the newest copy of each, in the order of names.

    Args:
        folder: `<student>/<chapter>.ipynb`, `<student>_<chapter>.ipynb`, archives of these as
            Moodle and Canvas make them, or such an archive itself.
        limit: The largest notebook that is read, in bytes.
    """
    parts = list((_file if folder.is_file() else _folder)(folder, (), limit))
    found = [part for part in parts if isinstance(part, Found)]
    others = [part for part in parts if isinstance(part, Other)]
    return newest([*found, *_without_notebook(found, others)])


def _without_notebook(found: Sequence[Found], others: Sequence[Other]) -> Iterator[Found]:
    """A problem for everyone who handed in something, and no notebook."""
    ways = {one.folders[:k] for one in found for k in range(1, len(one.folders) + 1)}
    students = {one.submission.student for one in found}
    given: dict[tuple[str, str], list[str]] = {}
    for other in others:
        folders = other.folders
        who = identify(folders, other.name.rpartition(".")[0] or other.name)
        # The outermost of its folders in which no notebook lies is the student's.
        depth = next((k for k in range(1, len(folders) + 1) if folders[:k] not in ways), 0)
        if students & set(folders[: max(0, depth - 1)]):
            continue
        named = any(map(marked, (*folders, other.name))) or who.chapter in CHAPTERS
        if depth and not any(map(marked, folders)):
            who = identify(folders[:depth], "")
        elif not named:
            continue
        student = who.student
        if student not in students:
            shown = "/".join((*folders[depth:], other.name)) if depth else other.name
            given.setdefault((student, who.number), []).append(shown)
    for (student, number), names in given.items():
        listed = ", ".join(_named(name) for name in names[:4] if name)
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        why = f"There is no notebook in what was handed in{listed and f', only {listed}{more}'}."
        yield Found(Submission(student, "", b"", number, student, (), why), (0, 0.0, 0))


def newest(found: list[Found]) -> list[Submission]:
    """One submission for every student and chapter, with a note where there were more."""
    numbers: dict[tuple[str, str], set[str]] = {}
    for one in found:
        key = one.submission.student, one.submission.chapter
        numbers.setdefault(key, set()).add(one.submission.number)
    namesakes = {student for (student, chapter), all_ in numbers.items() if len(all_) > 1}
    groups: dict[tuple[str, str, str], list[Found]] = {}
    for one in found:
        submission = one.submission
        if submission.student in namesakes and submission.number:
            name = f"{submission.student} ({submission.number})"
            submission = replace(submission, student=name)
        other = submission.place if not submission.chapter else ""
        key3 = submission.student, submission.chapter, other
        groups.setdefault(key3, []).append(replace(one, submission=submission))
    chosen = []
    for group in groups.values():
        group.sort(key=lambda one: (not one.submission.problem, one.version))
        last = group[-1].submission
        if len(group) > 1:
            places = ", ".join(_named(one.submission.place) for one in group[:-1])
            note = f"{len(group)} copies were handed in; the newest counts. Left out: {places}."
            last = replace(last, notes=(*last.notes, note))
        chosen.append(last)
    return sorted(chosen, key=lambda one: (one.student, one.chapter, one.place))


def _folder(folder: Path, students: tuple[str, ...], limit: int) -> Iterator[Found | Other]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield _problem(students, folder.name, str(folder), f"It cannot be read: {error.strerror}.")
        return
    entries = [entry for entry in entries if not IGNORED.match(entry.name)]
    if students and not entries:
        yield Other(students, "")
    for entry in entries:
        path, name = Path(entry.path), text_of(entry.name)
        if entry.is_symlink():
            why = "It is a link, and links are not followed."
            yield _problem(students, name, str(path), why)
        elif entry.is_dir():
            if len(students) > 4:
                yield _problem(students, name, str(path), "It lies too deep in folders.")
            else:
                yield from _folder(path, (*students, name), limit)
        elif not entry.is_file():
            yield _problem(students, name, str(path), "It is no ordinary file.")
        else:
            yield from _file(path, students, limit)


def _file(path: Path, students: tuple[str, ...], limit: int) -> Iterator[Found | Other]:
    name, suffix = text_of(path.name), path.suffix.lower()
    if suffix not in (".ipynb", ".zip"):
        yield Other(students, name)
        return
    try:
        # Opened without following a link or waiting for a pipe that took the file's place.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                yield _problem(students, name, str(path), "It is no ordinary file.")
            elif suffix == ".zip":
                yield from _archive(file, str(path), students, name, limit, 1)
            elif about.st_size > limit:
                yield _problem(students, name, str(path), _large(about.st_size, limit))
            else:
                yield _notebook(file.read(limit), students, name, str(path), about.st_mtime)
    except OSError as error:
        yield _problem(students, name, str(path), f"It cannot be read: {error.strerror}.")


def _archive(
    file: io.BufferedIOBase,
    place: str,
    students: tuple[str, ...],
    name: str,
    limit: int,
    depth: int,
) -> Iterator[Found | Other]:
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    except Exception as error:
        why = f"It is not a zip archive that can be read: {_said(error)}."
        yield _problem(students, name, place, why)
        return
    if len(members) > MOST_MEMBERS:
        why = f"The archive has {len(members)} members, more than {MOST_MEMBERS}."
        yield _problem(students, name, place, why)
        return
    students = _owners(students, name, depth)
    left, notebooks, others = TOTAL, False, []
    for member in members:
        parts = [part for part in re.split(r"[/\\]", member.filename) if part]
        if member.is_dir() or not parts or any(IGNORED.match(part) for part in parts):
            continue
        owners = (*students, *(text_of(part) for part in parts[:-1] if part != ".."))
        inside, last = f"{place}: {text_of(member.filename)}", text_of(parts[-1])
        suffix = PurePosixPath(parts[-1]).suffix.lower()
        if suffix not in (".ipynb", ".zip"):
            others.append(Other(owners, last))
            continue
        notebooks = True
        most = limit if suffix == ".ipynb" else 16 * limit
        data, why = _unpacked(archive, member, min(most, left), most)
        left -= len(data)
        if why:
            yield _problem(owners, last, inside, why)
        elif suffix == ".ipynb":
            yield _notebook(data, owners, last, inside, _clock(member))
        elif depth >= MOST_DEPTH:
            why = f"It lies in more than {MOST_DEPTH} archives inside each other."
            yield _problem(owners, last, inside, why)
        else:
            yield from _archive(io.BytesIO(data), inside, owners, last, limit, depth + 1)
    if notebooks:
        yield from others
    else:
        yield _problem(students, name, place, "There is no notebook in it.")


def _owners(students: tuple[str, ...], name: str, depth: int) -> tuple[str, ...]:
    """Whose an archive is: a student's, in whose folder it lies or after whom it is named."""
    if students or (depth == 1 and not of_moodle(name)):
        return students
    own = by_system(name).student
    return (own,) if own else ()


def _unpacked(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowed: int, most: int
) -> tuple[bytes, str]:
    """What is in a member, or why it is not read."""
    name, mode = member.filename, member.external_attr >> 16
    parts = re.split(r"[/\\]", name)
    if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0]:
        return b"", "Its name in the archive leads outside, so it was not looked at."
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return b"", "In the archive it is a link or no file."
    if member.file_size > allowed:
        return b"", _large(member.file_size, most)
    if member.flag_bits & 1:
        return b"", "It is encrypted."
    try:
        with archive.open(member) as stream:
            data = stream.read(most + 1)
    except Exception as error:
        return b"", f"It cannot be unpacked: {_said(error)}."
    return data, _large(len(data), most) if len(data) > most else ""


def _clock(member: zipfile.ZipInfo) -> float:
    year, month, day, hour, minute, second = member.date_time
    return (((year * 12 + month) * 31 + day) * 24 + hour) * 3600.0 + minute * 60 + second


def _notebook(data: bytes, folders: tuple[str, ...], name: str, place: str, clock: float) -> Found:
    who = identify(folders, name)
    notes = ("It is marked as late.",) if who.late else ()
    version = who.copy, clock, who.count
    if who.chapter not in CHAPTERS:
        known = ", ".join(f"{one}.ipynb" for one in CHAPTERS)
        why = f"{_named(name)} is none of the book's notebooks; they are called {known}."
        empty = Submission(who.student, "", b"", who.number, place, notes, why)
        return Found(empty, version, folders)
    given = Submission(who.student, who.chapter, data, who.number, place, notes)
    return Found(given, version, folders)


def _problem(folders: tuple[str, ...], name: str, place: str, why: str) -> Found:
    said = f"{_named(name)}: {why}"
    if not name.lower().endswith(".ipynb"):
        student = text_of((folders or (name,))[-1])
        return Found(Submission(student, "", b"", "", place, (), said), (0, 0.0, 0), folders)
    who = identify(folders, name)
    known = who.chapter if who.chapter in CHAPTERS else ""
    submission = Submission(who.student, known, b"", who.number, place, (), said)
    return Found(submission, (who.copy, 0.0, who.count), folders)


def _large(size: int, limit: int) -> str:
    return (
        f"It is {size / 1e6:.0f} MB, and at most {limit / 1e6:.0f} MB are read. "
        "Clear the notebook's outputs and save it again."
    )


def _said(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


def _named(name: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text_of(name))
