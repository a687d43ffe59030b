"""The code that the book's chapters, figures, exercises and tests share."""
