"""Numbers as text: one set of formats for captions, sliders and tables."""

import math
import re

FORMAT = re.compile(r"(\+?)(,?)(?:d|(?:\.(\d+))?([fe%]))")
"""The formats that the page can write too."""


def format_number(value: float, spec: str) -> str:
    """A number as Python formats it, with a real minus sign and no minus before a zero."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    written = format(round(value) if spec.endswith("d") else value, spec)
    if not re.search("[1-9]", written.split("e")[0]):
        written = written.replace("-", "+" if "+" in spec else "", 1)
    return written.replace("-", "−")
