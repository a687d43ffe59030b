"""What commands share: kinds of arguments, and how marks come about."""

from argparse import ArgumentParser, ArgumentTypeError


def count(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def amount(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def add_marking(parser: ArgumentParser, call: float, submission: float, most: str = "") -> None:
    """The arguments that say how submissions are marked.

    Args:
        parser: Gets them.
        call: Seconds for a call or cell, unless given.
        submission: Seconds for a submission, unless given.
        most: What else is to be said of these.
    """
    add = parser.add_argument
    add("--seed", type=int, help="of the hidden inputs; a secret one unless given")
    add("--cases", type=count, default=8, help="hidden inputs per exercise (%(default)s)")
    add("--solutions", default="", help="the folder of solution notebooks (the checkout's)")
    add("--call-seconds", type=amount, default=call, help="for a call or cell (%(default)g)")
    about = f"for all of a submission{most} (%(default)g)"
    add("--submission-seconds", type=amount, default=submission, help=about)
