"""Results in two faces: text for a terminal, HTML for a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

MARKS = {
    "passed": ("✓", "#009E73"),
    "failed": ("✗", "#D55E00"),
    "error": ("✗", "#D55E00"),
    "stopped": ("–", "#E69F00"),
    "not started": ("○", "#808080"),
    "hint": ("?", "#0072B2"),
    "progress": ("▸", "#0072B2"),
}


@dataclass(frozen=True)
class Box:
    """A heading and some parts, each with a label; what `check`, `hint` and `progress` show."""

    kind: str
    heading: str
    parts: Sequence[tuple[str, str]] = field(
        default=()
    )  # label and text; code if label ends in ":"

    def __repr__(self) -> str:
        mark, _ = MARKS[self.kind]
        lines = [f"{mark} {self.heading}"]
        for label, text in self.parts:
            shown = text.replace("\n", "\n    ")
            lines.append(f"  {label} {shown}" if label else f"  {shown}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        mark, color = MARKS[self.kind]
        rows = "".join(
            '<div style="display:flex;flex-wrap:wrap;gap:0 .6em;margin-top:.35em">'
            f'<span style="flex:0 0 6.5em;opacity:.75">{html.escape(label)}</span>'
            f'<span style="flex:1 1 16em;min-width:0;white-space:pre-wrap;overflow-wrap:anywhere">'
            f"{_code(text) if label.endswith(':') else html.escape(text)}</span></div>"
            for label, text in self.parts
        )
        return (
            f'<div role="status" style="border-left:4px solid {color};padding:.3em .9em;'
            'margin:.3em 0;color:inherit;font-size:.95em;line-height:1.5">'
            f'<div style="font-weight:600"><span aria-hidden="true">{mark} </span>'
            f"{html.escape(self.heading)}</div>{rows}</div>"
        )


def _code(text: str) -> str:
    return f'<code style="color:inherit;background:none;padding:0">{html.escape(text)}</code>'


@dataclass(frozen=True)
class Result:
    """What a check found; shows itself at the end of a cell.

    Attributes:
        exercise: Its id.
        passed: Whether every public check passed.
        points: Points for this answer, 0 or all of `possible`.
        possible: What the exercise can earn.
        status: "passed", "failed", "error", "stopped" or "not started".
        message: The whole message as text.
    """

    exercise: str
    passed: bool
    points: int
    possible: int
    status: str
    message: str
    box: Box

    def __repr__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        return self.box._repr_html_()


@dataclass(frozen=True)
class Bar:
    """How far one chapter is."""

    chapter: str
    points: int
    possible: int
    done: int
    count: int


@dataclass(frozen=True)
class Progress:
    """A bar per chapter with its points, and what is next."""

    bars: Sequence[Bar]
    next: str
    note: str = ""

    WIDTH = 24

    def __repr__(self) -> str:
        lines = []
        for bar in self.bars:
            full = round(self.WIDTH * bar.points / bar.possible)
            drawn = "█" * full + "░" * (self.WIDTH - full)
            lines.append(f"{bar.chapter:16} {drawn} {_score(bar)}")
        return "\n".join([*lines, *filter(None, [self.next, self.note])])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left;padding:.2em 1em .2em 0'>{html.escape(bar.chapter)}"
            f"</td><td><progress max='{bar.possible}' value='{bar.points}' "
            f"aria-label='{html.escape(bar.chapter)}' style='width:11em;accent-color:#0072B2'>"
            f"</progress></td><td style='text-align:left;padding:.2em 0 .2em 1em;"
            f"font-variant-numeric:tabular-nums'>{_score(bar)}</td></tr>"
            for bar in self.bars
        )
        words = "".join(f"<p>{html.escape(line)}</p>" for line in (self.next, self.note) if line)
        return f"<div style='color:inherit'><table style='border:0'>{rows}</table>{words}</div>"


def _score(bar: Bar) -> str:
    return f"{bar.points} of {bar.possible} points, {bar.done} of {bar.count} exercises"
