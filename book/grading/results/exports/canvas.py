"""Canvas's gradebook, which has a line with the points of each column below its heading."""

from book.grading.results.exports.gradebook import System

CANVAS = System(
    "Canvas",
    identity=("ID", "SIS User ID", "SIS Login ID", "Student"),
    fixed=("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Section"),
    marks=r".* \(\d+\)",
    points_line="Points Possible",
)
