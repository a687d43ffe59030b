"""What runs inside the sandbox: the fork server, the jail, and the learner's cells.

These modules import nothing else of the book, because they are copied beside the child's own
copy of it, which lacks tests and answers.
"""
