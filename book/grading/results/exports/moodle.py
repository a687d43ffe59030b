"""Moodle's grading worksheet, which has the points of each student in a column."""

from book.grading.results.exports.gradebook import System

MOODLE = System(
    "Moodle",
    identity=("Identifier", "ID number", "Username", "Email address", "Full name"),
    fixed=("Identifier", "Full name", "ID number", "Username", "Email address", "Status"),
    marks="Grade",
    points_column="Maximum Grade",
)
