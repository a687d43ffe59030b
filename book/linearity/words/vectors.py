"""Word vectors that a reader brings: a GloVe text file, or a matrix in a safetensors file."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped
from tqdm import tqdm


class WordVectors(NamedTuple):
    """Words and their vectors, one a row."""

    words: tuple[str, ...]
    vectors: Shaped[np.ndarray, "words d"]


DTYPES = ("F64", "F32", "F16", "BF16")
"""Number types of safetensors that a matrix of vectors may have."""

LARGEST = float(np.finfo(np.float32).max)


def load_glove(path: str | Path, *, limit: int | None = None) -> WordVectors:
    """Vectors of a text file: a line is a word and its numbers, separated by spaces.

    The file is read line by line, with a line of progress if it takes long; Ctrl+C, or *stop* in
    Jupyter, ends it. A first line of two whole numbers, as word2vec writes it, is skipped. Of a
    word that is there twice the first vector counts.

    Args:
        path: The file, for example `glove.6B.100d.txt`. It is encoded as UTF-8.
        limit: Read only so many vectors; GloVe files begin with the most frequent words.

    Returns:
        The words, and their vectors as float32.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is not such a file; the message says in which line and why.
    """
    path = Path(path)
    found: dict[str, None] = {}
    values, d = array("f"), 0
    for line, text in _lines(path):
        if limit is not None and len(found) >= limit:
            break
        if line == 1 and len(text.split()) == 2 and text.replace(" ", "").isdecimal():
            continue
        d = d or len(text.split(" ")) - 1
        word, *row = text.rsplit(" ", d)  # a word of the largest GloVe file may contain spaces
        where = f"{path.name}, line {line}"
        if d < 1 or len(row) != d:
            raise ValueError(
                f"{where}: {len(row)} numbers after the word, where the lines before have {d}. "
                "A line should be a word and its numbers, separated by single spaces."
                if d
                else f"{where}: no numbers after {text[:40]!r}. A line should be a word and its "
                "numbers, separated by single spaces."
            )
        try:
            vector = [float(number) for number in row]
        except ValueError as error:
            raise ValueError(f"{where}: after {word[:40]!r}, {error}.") from None
        if not all(abs(number) < LARGEST for number in vector):
            raise ValueError(f"{where}: after {word[:40]!r}, a number is no finite float32.")
        if word not in found:
            found[word] = None
            values.extend(vector)
    if not found:
        raise ValueError(f"{path.name}: there is no vector in it.")
    return WordVectors(tuple(found), np.frombuffer(values, np.float32).reshape(len(found), d))


def load_safetensors(
    path: str | Path,
    words: str | Path | None = None,
    *,
    tensor: str = "",
    limit: int | None = None,
) -> WordVectors:
    """A matrix of a safetensors file, with a list of words for its rows.

    Only the rows that are used come into memory.

    Args:
        path: The file.
        words: A text file in UTF-8, with the word of row 1 in line 1, and so on; the file beside
            `path` with the ending `.txt` if it is left out.
        tensor: Name of the matrix; may be left out if there is only one.
        limit: Only so many of the first rows.

    Returns:
        The words, and the matrix as it is in the file: float64, float32, float16 or bfloat16.

    Raises:
        ModuleNotFoundError: the package safetensors is not installed.
        OSError: a file cannot be opened.
        ValueError: a file is not as it should be; the message says why.
        LookupError: there is no such matrix; the message names those that there are.
    """
    try:
        from safetensors import SafetensorError, safe_open
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Reading a safetensors file needs the package safetensors; install it with: "
            "pip install safetensors",
            name=error.name,
        ) from error
    path = Path(path)
    words = path.with_suffix(".txt") if words is None else Path(words)
    try:
        with safe_open(path, framework="np") as file:
            part = _matrix(path, {name: file.get_slice(name) for name in file.keys()}, tensor)  # noqa: SIM118
            rows, _ = part.get_shape()
            listed = tuple(text for _, text in _lines(words))
            if len(listed) != rows:
                raise ValueError(
                    f"{words.name} has {len(listed):,} words, and the matrix of {path.name} has "
                    f"{rows:,} rows. Give a list with the word of each row on a line."
                )
            return WordVectors(listed[:limit], part[:limit])
    except SafetensorError as error:
        raise ValueError(
            f"{path.name}: not a safetensors file, or damaged or cut off: {error}."
        ) from None


def _matrix(path: Path, parts: dict[str, Any], tensor: str) -> Any:
    """The tensor of this name, or the only matrix, once it can be a matrix of vectors."""
    shapes = {name: list(part.get_shape()) for name, part in parts.items()}
    matrices = [name for name, shape in shapes.items() if len(shape) == 2]
    name = tensor or (matrices[0] if len(matrices) == 1 else "")
    if name not in parts:
        asked = f"no tensor {tensor!r} in it" if tensor else "say which matrix, tensor=..."
        listed = ", ".join(f"{one!r} {shapes[one]}" for one in matrices[:20]) or "none"
        raise LookupError(f"{path.name}: {asked}. Its matrices: {listed}.")
    if len(shapes[name]) != 2 or 0 in shapes[name]:
        raise ValueError(
            f"{path.name}: {name!r} has the shape {shapes[name]}; a matrix with a row for each "
            "word is needed."
        )
    if parts[name].get_dtype() not in DTYPES:
        raise ValueError(
            f"{path.name}: {name!r} holds numbers of type {parts[name].get_dtype()}; "
            f"one of {', '.join(DTYPES)} is needed."
        )
    return parts[name]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file, counted from 1, without their ends."""
    about = {"desc": path.name, "total": path.stat().st_size, "unit": "B", "unit_scale": True}
    with path.open("rb") as file, tqdm(**about, delay=1, leave=False) as bar:
        for line, content in enumerate(file, start=1):
            if line == 1 and content[:2] in (b"PK", b"\x1f\x8b"):
                raise ValueError(f"{path.name} is compressed. Unpack it first.")
            try:
                text = content.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{path.name}, line {line}: not UTF-8 ({error.reason}). "
                    "Is it a text file? Word vectors in another format need another loader."
                ) from None
            yield line, text.rstrip("\r\n").rstrip(" ")
            bar.update(len(content))
