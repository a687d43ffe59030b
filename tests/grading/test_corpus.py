"""Every broken or hostile submission is contained, costs no honest mark, and forges none."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.grading.conftest import SETTINGS, Run
from tests.grading.corpus import BREACH, BROKEN, FORGED, RUINOUS
from tests.grading.escapes import SECRET, Canaries, escapes, handed_in

WRITTEN = [*BROKEN, *RUINOUS, *FORGED]
ESCAPES = escapes(Canaries(Path("/nowhere")))


def test_the_corpus_is_large_enough() -> None:
    names = [case.name for case in WRITTEN] + [escape.name for escape in ESCAPES]
    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize("name", [case.name for case in [*WRITTEN, *handed_in(ESCAPES)]])
def test_what_comes_out(corpus: Run, name: str) -> None:
    case, graded = corpus.cases[name], corpus.graded[name]
    found = {grade.exercise: grade.status for grade in graded.grades}
    wanted = {"": case.expected[""]} if "" in case.expected else case.outcome()
    assert found == wanted, graded
    for grade in graded.grades:
        assert grade.points == (grade.possible if grade.status == "passed" else 0)
    said = "\n".join([*(grade.message for grade in graded.grades), *graded.notes])
    assert case.says in said
    for never in (BREACH, SECRET, "SECRET"):
        assert never not in said


def test_nothing_takes_longer_than_its_limit(corpus: Run) -> None:
    for name, graded in corpus.graded.items():
        assert graded.seconds < SETTINGS.limits.submission + 10, name


def test_no_canary_was_touched(corpus: Run) -> None:
    at = corpus.canaries
    assert at.touched == []
    assert (at.folder / "secret").read_text() == SECRET
    assert sorted(path.name for path in at.folder.iterdir()) == ["secret"]


def test_no_process_is_left(corpus: Run) -> None:
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                user = os.stat(f"/proc/{entry}").st_uid
            except OSError:
                continue
            assert user not in corpus.users - {0}, entry


def test_feedback_holds_no_numbers_of_hidden_inputs(corpus: Run) -> None:
    for graded in corpus.graded.values():
        for grade in graded.grades:
            if "on other inputs" in grade.message.lower():
                assert not re.search(r"\d\.\d{3}", grade.message), grade
