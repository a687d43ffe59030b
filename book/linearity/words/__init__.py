"""Word vectors: a grammar that makes a corpus, skip-gram that learns from it, and offsets.

`grammar` generates the corpus, `skipgram` trains the vectors, `offsets` measures how far pairs
of words differ by one direction, and `vectors` brings vectors from a file to the same measures.
"""

from book.linearity.words.grammar import KIN, NOUNS, OBJECTS, VERBS, WORDS, generate
from book.linearity.words.offsets import (
    AnalogyScores,
    analogy,
    mean_cosine,
    numbers,
    offsets,
    relation_plane,
    score_analogies,
    unit_rows,
)
from book.linearity.words.skipgram import skipgram_loss, train_word_vectors
from book.linearity.words.vectors import WordVectors, load_glove, load_safetensors

__all__ = [
    "KIN",
    "NOUNS",
    "OBJECTS",
    "VERBS",
    "WORDS",
    "AnalogyScores",
    "WordVectors",
    "analogy",
    "generate",
    "load_glove",
    "load_safetensors",
    "mean_cosine",
    "numbers",
    "offsets",
    "relation_plane",
    "score_analogies",
    "skipgram_loss",
    "train_word_vectors",
    "unit_rows",
]
