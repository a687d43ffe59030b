"""What a learner sees: one page per notebook, in public words only."""

from __future__ import annotations

from html import escape

from book.exercises import find
from book.grading.records import Graded, Submission

STYLE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 0.2rem; }
.points { font-variant-numeric: tabular-nums; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 0.2rem 0; }
section { border-left: 4px solid #999; padding-left: 0.8rem; }
section.passed { border-color: #009E73; } section.failed { border-color: #D55E00; }
"""

WORDS = {
    "passed": "passed",
    "failed": "not right yet",
    "error": "stopped with an error",
    "not started": "not started",
    "missing": "not found",
    "timeout": "took too long",
    "crashed": "ended the process",
    "out of time": "not reached in time",
    "unreadable": "could not be read",
}


def page(submission: Submission, graded: Graded) -> str:
    """The page for one notebook."""
    points = sum(grade.points for grade in graded.grades)
    possible = sum(grade.possible for grade in graded.grades)
    chapter = submission.chapter.replace("_", " ").capitalize() or "Submission"
    title = f"{chapter}: {points} of {possible} points"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(submission.student)}</p>",
    ]
    for grade in graded.grades:
        heading = find(grade.exercise).title if grade.exercise else chapter
        kind = "passed" if grade.status == "passed" else "failed"
        parts += [
            f'<section class="{kind}"><h2>{escape(heading)}</h2>',
            f'<p class="points">{grade.points} of {grade.possible} points: '
            f"{escape(WORDS.get(grade.status, grade.status))}</p>",
        ]
        if grade.message:
            parts.append(f"<pre>{escape(grade.message)}</pre>")
        parts.append("</section>")
    if graded.notes:
        parts.append("<h2>About the notebook</h2>")
        parts += [f"<pre>{escape(note)}</pre>" for note in graded.notes]
    return "\n".join([*parts, "</main></body></html>"]) + "\n"
