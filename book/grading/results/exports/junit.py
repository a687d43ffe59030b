"""JUnit's XML, for systems that show tests: a suite per student, a case per exercise."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import groupby

from book.grading.records import Grade

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(grades: Sequence[Grade]) -> str:
    """The file as text."""
    root = ET.Element("testsuites", name="grades")
    for student, rows in groupby(grades, key=lambda grade: grade.student):
        cases = list(rows)
        failures = sum(case.status != "passed" for case in cases)
        counts = {"name": _xml(student), "tests": str(len(cases)), "failures": str(failures)}
        suite = ET.SubElement(root, "testsuite", counts)
        for case in cases:
            place, name = _xml(case.notebook or "submission"), _xml(case.subject)
            entry = ET.SubElement(suite, "testcase", classname=place, name=name)
            if case.status != "passed":
                failure = ET.SubElement(entry, "failure", type=case.status)
                failure.set("message", f"{case.points} of {case.possible} points")
                failure.text = _xml(case.message)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """The text without characters that no XML may hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
