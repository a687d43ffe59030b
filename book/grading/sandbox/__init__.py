"""The process of one learner: its layers, its server, and the copy of the book that it sees."""
