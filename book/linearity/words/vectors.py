"""Word vectors that a reader brings: a GloVe text file, or a matrix in a safetensors file."""

import json
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped


class WordVectors(NamedTuple):
    """Words and their vectors, one a row."""

    words: tuple[str, ...]
    vectors: Shaped[np.ndarray, "words d"]


#: Number types of safetensors that a matrix of vectors may have. All are little-endian.
DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
}
DTYPES["BF16"] = np.dtype(jnp.bfloat16)

HEADER_LIMIT = 100_000_000  # bytes, of the safetensors format
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

    The matrix is mapped, not read: only the rows that are used come into memory.

    Args:
        path: The file. Its format is 8 bytes with the length of a header, the header in JSON, and
            the numbers of all tensors.
        words: A text file in UTF-8, with the word of row 1 in line 1, and so on; the file beside
            `path` with the ending `.txt` if it is left out.
        tensor: Name of the matrix; may be left out if there is only one.
        limit: Only so many of the first rows.

    Returns:
        The words, and the matrix as it is in the file: float64, float32, float16 or bfloat16.

    Raises:
        OSError: a file cannot be opened.
        ValueError: a file is not as it should be; the message says why.
        LookupError: there is no such matrix; the message names those that there are.
    """
    path = Path(path)
    header, start = _header(path)
    entry = _entry(path, header, tensor)
    matrix = _mapped(path, entry, start)
    words = path.with_suffix(".txt") if words is None else Path(words)
    listed = tuple(text for _, text in _lines(words))
    if len(listed) != len(matrix):
        raise ValueError(
            f"{words.name} has {len(listed):,} words, and the matrix of {path.name} has "
            f"{len(matrix):,} rows. Give a list with the word of each row on a line."
        )
    return WordVectors(listed[:limit], matrix[:limit])


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file, counted from 1, without their ends."""
    total, done = path.stat().st_size, 0
    progress = Progress(path.name, total)
    try:
        with path.open("rb") as file:
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
                done += len(content)
                progress.show(done)
    finally:
        progress.end()


class Progress:
    """A line on the terminal, or under the cell, that says how far a long reading is.

    It appears after a second, so short readings stay silent.
    """

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total = what, total
        self.began = self.latest = time.monotonic()
        self.shown = False

    def show(self, done: int) -> None:
        """Says that `done` of `total` is done, at most once a second."""
        now = time.monotonic()
        if now - self.latest < 1:
            return
        self.latest, self.shown = now, True
        left = (now - self.began) * (self.total - done) / done
        bar = "#" * round(20 * done / self.total)
        sys.stderr.write(f"\r{self.what} [{bar:<20}] {done / self.total:4.0%}, {left:.0f} s left ")
        sys.stderr.flush()

    def end(self) -> None:
        """Leaves the line."""
        if self.shown:
            sys.stderr.write("\n")


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The header of a safetensors file, and where the numbers begin."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, HEADER_LIMIT):
            raise ValueError(
                f"{path.name}: not a safetensors file, or cut off: its first 8 bytes announce a "
                f"header of {length:,} bytes, and the file has {size:,}."
            )
        try:
            header = json.loads(file.read(length).decode("utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise ValueError(
                f"{path.name}: not a safetensors file: its header is not JSON ({error})."
            ) from None
    if not isinstance(header, dict):
        raise ValueError(f"{path.name}: not a safetensors file: its header is no JSON object.")
    header.pop("__metadata__", None)
    return header, 8 + length


def _entry(path: Path, header: dict[str, Any], tensor: str) -> dict[str, Any]:
    """What the header says of a tensor: `dtype`, `shape` and `data_offsets`, all well-formed."""
    for name, entry in header.items():
        if not _well_formed(entry):
            raise ValueError(f"{path.name}: the header's entry for {name!r} is damaged: {entry!r}.")
    matrices = [name for name, entry in header.items() if len(entry["shape"]) == 2]
    name = tensor or (matrices[0] if len(matrices) == 1 else "")
    if name not in header:
        asked = f"no tensor {tensor!r} in it" if tensor else "say which matrix, tensor=..."
        listed = ", ".join(f"{n!r} {header[n]['shape']}" for n in matrices[:20]) or "none"
        raise LookupError(f"{path.name}: {asked}. Its matrices: {listed}.")
    entry = header[name]
    if len(entry["shape"]) != 2 or 0 in entry["shape"]:
        raise ValueError(
            f"{path.name}: {name!r} has the shape {entry['shape']}; a matrix with a row for each "
            "word is needed."
        )
    if entry["dtype"] not in DTYPES:
        raise ValueError(
            f"{path.name}: {name!r} holds numbers of type {entry['dtype']}; "
            f"one of {', '.join(DTYPES)} is needed."
        )
    return entry


def _well_formed(entry: Any) -> bool:
    def whole(values: Any) -> bool:
        return isinstance(values, list) and all(type(v) is int and v >= 0 for v in values)

    return (
        isinstance(entry, dict)
        and isinstance(entry.get("dtype"), str)
        and whole(entry.get("shape"))
        and whole(entry.get("data_offsets"))
        and len(entry["data_offsets"]) == 2
    )


def _mapped(path: Path, entry: dict[str, Any], start: int) -> np.ndarray:
    dtype, (rows, d) = DTYPES[entry["dtype"]], entry["shape"]
    begin, end = entry["data_offsets"]
    needed, size = rows * d * dtype.itemsize, path.stat().st_size
    if end - begin != needed or start + end > size:
        raise ValueError(
            f"{path.name}: damaged or cut off: a {rows} × {d} matrix of {entry['dtype']} has "
            f"{needed:,} bytes, the header gives it bytes {begin:,} to {end:,}, and there are "
            f"{size - start:,}."
        )
    return np.memmap(path, dtype, "r", offset=start + begin, shape=(rows, d))
