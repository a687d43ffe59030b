"""Grading a class: submissions in, marks out, and no learner's code in this process.

The parent holds tests, references and random inputs.  It asks a fork server, which stands in a
sandbox, for one process per submission; that process runs the notebook and returns numbers.  A
forged reply is only another answer.  `python -m book.grading --help` says how to use it.

The grader reads no compile cache of this machine's: what is in one is executable code, and a
learner's process could have written it in an earlier run that was not contained.
"""

import jax

from book.grading.records import Grade, Graded, Limits, Settings, Submission

try:
    from book.grading.marking.submission import grade_submission
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"Grading needs {error.name}, which a plain installation of the book does not bring. "
        "Install it with: pip install 'neural-representations[grading]' "
        "(in a checkout: pip install --editable '.[grading]').",
        name=error.name,
    ) from error

jax.config.update("jax_enable_compilation_cache", False)

__all__ = ["Grade", "Graded", "Limits", "Settings", "Submission", "grade_submission"]
