"""Reading a solution: what is made of it, and what is said when something is wrong with it."""

import re
from pathlib import Path

import pytest

from book.exercises.solution import SolutionError, answer, read, stub

ROOT = Path(__file__).parents[2]
WHOLE = (ROOT / "solutions" / "linearity.md").read_text()

COMPOSE = '''\
def compose(intensities, directions):
    """The activation."""
    ### BEGIN SOLUTION
    scaled = intensities[:, None] * directions
    return scaled.sum(axis=0)
    ### END SOLUTION
'''


def test_a_stub_keeps_signature_and_docstring() -> None:
    assert stub(COMPOSE) == (
        "def compose(intensities, directions):\n"
        '    """The activation."""\n'
        "    raise NotImplementedError"
    )


def test_an_answer_is_the_cell_without_its_markers() -> None:
    assert answer(COMPOSE) == (
        "def compose(intensities, directions):\n"
        '    """The activation."""\n'
        "    scaled = intensities[:, None] * directions\n"
        "    return scaled.sum(axis=0)"
    )


def test_a_cell_without_an_answer_stays_as_it_is() -> None:
    assert stub("x = 1\n\ny = 2") == "x = 1\n\ny = 2"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["### BEGIN SOLUTION", "### BEGIN SOLUTION", "1", "### END SOLUTION"],
            "line 2: '### BEGIN SOLUTION' inside a region that is still open",
        ),
        (["1", "### END SOLUTION"], "line 2: '### END SOLUTION' without '### BEGIN SOLUTION'"),
        (["### BEGIN SOLUTION", "1"], "'### BEGIN SOLUTION' without '### END SOLUTION' after it"),
        (
            ["### BEGIN SOLUTION", "1", "### END SOLUTION", "### END SOLUTION"],
            "line 4: '### END SOLUTION' without '### BEGIN SOLUTION'",
        ),
        (["### BEGIN SOLUTION", "", "### END SOLUTION"], "line 3: nothing stands between"),
        (["# BEGIN SOLUTION", "1", "### END SOLUTION"], "line 1, '# BEGIN SOLUTION', should read"),
        (["### begin solution", "1"], "line 1, '### begin solution', should read"),
        (["### BEGIN SOLUTION", "1", "### END_SOLUTION"], "line 3, '### END_SOLUTION', should"),
        (["x = 1  ### BEGIN SOLUTION"], "line 1, 'x = 1  ### BEGIN SOLUTION', should read"),
    ],
)
def test_a_malformed_region_is_named(lines: list[str], message: str) -> None:
    with pytest.raises(SolutionError, match=re.escape(message)):
        stub("\n".join(lines))


# What is replaced in solutions/linearity.md, by what, and the exercise and words of the error.
BROKEN = {
    "an id that does not exist": (
        "## linearity.compose",
        "## linearity.compsoe",
        "exercise 'linearity.compsoe': book/exercises/linearity defines no exercise of this id",
    ),
    "an exercise without cells": (
        "## linearity.direction_of",
        "### Another heading",
        "exercise 'linearity.direction_of': it has no cells; write '## linearity.direction_of'",
    ),
    "an exercise of another chapter": (
        "## linearity.compose",
        "## superposition.toy_model\n\nA task.\n\n## linearity.compose",
        "exercise 'superposition.toy_model': this belongs to another chapter's file",
    ),
    "an exercise twice": (
        "## linearity.direction_of",
        "## linearity.compose\n\nAgain.\n\n## linearity.direction_of",
        "exercise 'linearity.compose': there are 2 of it",
    ),
    "no task": (
        "## linearity.compose\n",
        "## linearity.compose\n\n```{code-cell} ipython3\n1\n```\n",
        "exercise 'linearity.compose': it begins without a task in words",
    ),
    "no check": (
        'check("linearity.compose", compose)\n```',
        "1\n```",
        "exercise 'linearity.compose': there should be one cell that reads check(\"linearity.comp",
    ),
    "a check of another exercise": (
        'check("linearity.compose", compose)\n```',
        'check("linearity.direction_of", compose)\n```',
        "exercise 'linearity.compose': there should be one cell that reads check(\"linearity.comp",
    ),
    "a region left open": (
        "    return intensities @ directions\n    ### END SOLUTION",
        "    return intensities @ directions",
        "exercise 'linearity.compose': '### BEGIN SOLUTION' without '### END SOLUTION' after it",
    ),
    "nothing to write": (
        "    ### BEGIN SOLUTION\n    return intensities @ directions\n    ### END SOLUTION",
        "    return intensities @ directions",
        "exercise 'linearity.compose': no cell holds '### BEGIN SOLUTION' and '### END SOLUTION'",
    ),
    "one function of two given away": (
        "    ### BEGIN SOLUTION\n    return (jnp.floor(Z * x) + y) / Z\n    ### END SOLUTION",
        "    return (jnp.floor(Z * x) + y) / Z",
        "exercise 'linearity.compress': the body of compress() does not end with its region",
    ),
    "a function of another name": (
        "def recover(",
        "def unpack(",
        "exercise 'linearity.compress': no cell with an answer defines recover()",
    ),
    "other parameters": (
        "def recover(t, Z):",
        "def recover(t, base):",
        "exercise 'linearity.compress': recover(t, base) differs from the definition, recover(t",
    ),
    "no docstring": (
        '    """The direction that encodings of one quality share.',
        '    words = """The direction that encodings of one quality share.',
        "exercise 'linearity.direction_of': direction_of() has no docstring",
    ),
    "a region outside a function": (
        "def precision_budget(Z):",
        "### BEGIN SOLUTION\nhalf = 2**-24\n### END SOLUTION\n\ndef precision_budget(Z):",
        "exercise 'linearity.precision_budget': a cell with an answer should define functions and "
        "nothing else; it has 'raise NotImplementedError'",
    ),
    "a call beside the answer": (
        "    return intensities @ directions\n    ### END SOLUTION\n",
        "    return intensities @ directions\n    ### END SOLUTION\n\ncompose(1, 2)\n",
        "exercise 'linearity.compose': a cell with an answer should define functions and nothing "
        "else; it has 'compose(1, 2)'",
    ),
    "Python that cannot be read": (
        "def compose(intensities, directions):",
        "def compose(intensities, directions)",
        "exercise 'linearity.compose': expected ':'",
    ),
    "an answer tagged as explanation": (
        "```{code-cell} ipython3\ndef compose(",
        "```{code-cell} ipython3\n:tags: [solution]\n\ndef compose(",
        "exercise 'linearity.compose': a cell with an answer is tagged 'solution'",
    ),
    "a marker in the text": (
        "Write this sum.",
        "Write this sum between `### BEGIN SOLUTION` and the end.",
        "exercise 'linearity.compose': a solution's marker stands in text",
    ),
    "markup that only the site knows": (
        "Write this sum.",
        "Write this sum, see {cite:t}`elhage2022toy`.",
        "exercise 'linearity.compose': the task uses MyST's own markup",
    ),
    "a marker before the first exercise": (
        "from book import check, hint, progress",
        "### BEGIN SOLUTION\nfrom book import check, hint, progress\n### END SOLUTION",
        "a solution's marker stands before the first exercise",
    ),
    "no imports": (
        WHOLE[WHOLE.index("```{code-cell}") : WHOLE.index("## linearity.")],
        "",
        "begin with a title and text, then one cell of imports",
    ),
    "no title": ("# Exercises: Linearity", "Exercises", "the first line of text is not a title"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_solution_is_refused_with_file_and_exercise(tmp_path: Path, fault: str) -> None:
    old, new, message = BROKEN[fault]
    assert WHOLE.count(old) == 1
    (tmp_path / "linearity.md").write_text(WHOLE.replace(old, new))
    with pytest.raises(SolutionError) as caught:
        read(tmp_path / "linearity.md")
    assert str(tmp_path / "linearity.md") in str(caught.value)
    assert message in str(caught.value)


def test_the_order_is_that_of_the_definitions(tmp_path: Path) -> None:
    swapped = (
        WHOLE.replace("## linearity.compose", "## linearity.waiting")
        .replace("## linearity.direction_of", "## linearity.compose")
        .replace("## linearity.waiting", "## linearity.direction_of")
    )
    (tmp_path / "linearity.md").write_text(swapped)
    with pytest.raises(SolutionError, match=r"the order is linearity\.compose, "):
        read(tmp_path / "linearity.md")
