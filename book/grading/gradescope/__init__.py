"""Gradescope: the archive that it takes as an autograder, and what runs there."""
