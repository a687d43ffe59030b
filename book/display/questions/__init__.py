"""Questions that a reader answers for themselves, in the page or in Jupyter, with no server.

A question is a form of native controls. The answers and what is said to each stand in the page,
folded; a small script shows the one that fits. Without scripts a reader unfolds them all.
"""

from __future__ import annotations

import html
import itertools
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
KEYS = 'data-lm-suppress-shortcuts="true"'  # in Jupyter, arrows and Enter are for this control


@dataclass(frozen=True)
class Answer:
    """An answer that a reader may give, and what is said to it."""

    value: str | float
    feedback: str
    is_right: bool


def right(value: str | float, feedback: str) -> Answer:
    """A right answer; the feedback says why it is right."""
    return Answer(value, feedback, True)


def wrong(value: str | float, feedback: str) -> Answer:
    """A wrong answer; the feedback says what to think of, or where it would be right."""
    return Answer(value, feedback, False)


@dataclass(frozen=True)
class Question:
    """A question as the last expression of a cell shows it; made by `pick_one` or `give_number`."""

    prompt: str
    answers: tuple[Answer, ...]
    controls: str  # HTML
    within: float = 0.0
    otherwise: str = ""

    def _repr_html_(self) -> str:
        return (
            f"<style>{(HERE / 'questions.css').read_text()}</style>"
            '<form class="book-question" autocomplete="off">'
            f"<fieldset><legend>{html.escape(self.prompt)}</legend>{self.controls}"
            f'<button type="submit" {KEYS}>Check</button>'
            '<p class="verdict" role="status"></p></fieldset>'
            f"<details><summary>Answers</summary><ul>{self._said()}</ul></details></form>"
            f"<script>{(HERE / 'questions.js').read_text()}</script>"
        )

    def _said(self) -> str:
        rows = [
            f'<li data-value="{html.escape(str(answer.value))}" data-within="{self.within}" '
            f'data-right="{str(answer.is_right).lower()}">{html.escape(_shown(answer.value))}: '
            f"<span>{html.escape(answer.feedback)}</span></li>"
            for answer in self.answers
        ]
        if self.otherwise:
            text = html.escape(self.otherwise)
            rows.append(f'<li data-right="false">anything else: <span>{text}</span></li>')
        return "".join(rows)

    def __repr__(self) -> str:
        options = [f"  ( ) {a.value}" for a in self.answers if isinstance(a.value, str)]
        return "\n".join([self.prompt, *options])


def pick_one(prompt: str, *answers: Answer) -> Question:
    """A question with several answers to choose from, in the order given.

    Args:
        prompt: The question; plain text.
        answers: `right("...", why)` once, and `wrong("...", why not)` at least once.

    Raises:
        ValueError: there is not exactly one right answer, or no wrong one, or one twice.
    """
    count = sum(answer.is_right for answer in answers)
    if count != 1 or len(answers) < 2:
        raise ValueError(
            f"pick_one({prompt!r}) has {count} right answers of {len(answers)}; give one right "
            "answer and at least one wrong one."
        )
    if len({answer.value for answer in answers}) < len(answers):
        raise ValueError(f"pick_one({prompt!r}) has the same answer twice.")
    controls = "".join(
        f'<label><input type="radio" {KEYS} name="answer" value="{html.escape(str(answer.value))}">'
        f"<span>{html.escape(str(answer.value))}</span></label>"
        for answer in answers
    )
    return Question(prompt, answers, controls)


def give_number(
    prompt: str, *answers: Answer, within: float, otherwise: str, unit: str = ""
) -> Question:
    """A question whose answer is a number; a reader may write 0.4, 0,4 or 2/5.

    Args:
        prompt: The question; plain text.
        answers: `right(0.8, why)`, and `wrong(0.4, why not)` for mistakes that are likely.
        within: How far a reader's number may be from an answer's.
        otherwise: What is said to any other number.
        unit: Shown behind the field.

    Raises:
        ValueError: no answer is right, `within` is not positive, or two answers are so close that
            a reader's number could be both.
    """
    values = sorted(float(answer.value) for answer in answers)
    if not any(answer.is_right for answer in answers):
        raise ValueError(f"give_number({prompt!r}) has no right answer; give right(value, why).")
    if within <= 0:
        raise ValueError(f"give_number({prompt!r}): within={within} should be larger than 0.")
    if any(b - a <= 2 * within for a, b in itertools.pairwise(values)):
        raise ValueError(f"give_number({prompt!r}): answers {values} overlap within {within}.")
    controls = (
        '<label><span>Your number</span> <input type="text" inputmode="decimal" name="answer" '
        f'size="8" {KEYS}> {html.escape(unit)}</label>'
    )
    return Question(prompt, answers, controls, within, otherwise)


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}".replace("-", "−")
