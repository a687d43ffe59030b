"""The grammar, skip-gram, offsets, and the loaders of a reader's own vectors."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.linearity.words import (
    NOUNS,
    WORDS,
    analogy,
    generate,
    load_glove,
    load_safetensors,
    mean_cosine,
    numbers,
    offsets,
    relation_plane,
    score_analogies,
    skipgram_loss,
    train_word_vectors,
    unit_rows,
    vectors,
)

KEY = jax.random.key(0)
NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=8),
    min_size=1,
    max_size=6,
    unique=True,
).filter(lambda names: not any(name.isdecimal() for name in names))


def matrices(rows: int, d: int = 3) -> Any:
    number = st.floats(-1e6, 1e6, width=32)
    return st.lists(st.lists(number, min_size=d, max_size=d), min_size=rows, max_size=rows)


def test_without_slips_every_sentence_agrees() -> None:
    for sentence in generate(200, key=KEY, slips=0.0):
        words = [WORDS[number] for number in sentence]
        noun, place = words[2], words[8]
        many = noun in np.array(NOUNS)[..., 1]
        female = noun in np.array(NOUNS)[:, :, 1]
        assert (words[1] in ("some", "these")) == many
        assert words[3].endswith("s") == many
        assert words[5] == ("their" if many else "her" if female else "his")
        assert words[6].endswith("s") == many
        assert (place in ("school", "garden", "nursery")) == (noun in np.array(NOUNS)[:, 1])
        assert words[4].endswith(("ed", "sought")) == (words[0] in ("yesterday", "once"))


def test_slips_of_one_half_leave_no_agreement() -> None:
    corpus = generate(20_000, key=KEY, slips=0.5, habits=0.0)
    many = np.isin(corpus[:, 2], numbers(np.array(NOUNS)[..., 1], WORDS))
    some = np.isin(corpus[:, 1], numbers(["some", "these"], WORDS))
    assert abs(np.corrcoef(many, some)[0, 1]) < 0.03


def test_a_corpus_comes_from_its_key_alone() -> None:
    assert np.array_equal(generate(50, key=KEY), generate(50, key=KEY))
    assert not np.array_equal(generate(50, key=KEY), generate(50, key=jax.random.key(1)))


def test_vectors_of_zeros_lose_six_bits() -> None:
    zeros = jnp.zeros((len(WORDS), 4))
    loss = skipgram_loss((zeros, zeros), jnp.asarray(generate(50, key=KEY)), key=KEY)
    assert np.isclose(loss, 6 * np.log(2))


def test_training_learns() -> None:
    corpus = jnp.asarray(generate(2000, key=KEY))
    W, losses = train_word_vectors(corpus, len(WORDS), key=KEY, d=8, steps=200)
    assert W.shape == (len(WORDS), 8)
    assert losses[-20:].mean() < losses[:5].mean() - 1


def test_numbers_keep_the_shape_and_name_what_is_missing() -> None:
    assert numbers([["b", "a"]], ["a", "b", "a"]).tolist() == [[1, 0]]
    assert int(numbers("b", ["a", "b"])) == 1
    with pytest.raises(LookupError, match=r"'kingz' and 1 more.*Did you mean 'king' or 'kings'"):
        numbers(["kingz", "queenz"], WORDS)


@given(st.integers(0, 1000))
def test_the_mean_cosine_is_the_mean_over_pairs(seed: int) -> None:
    e = np.random.default_rng(seed).normal(size=(5, 4)).astype(np.float32)
    u = e / np.linalg.norm(e, axis=1, keepdims=True)
    pairs = [u[i] @ u[j] for i in range(5) for j in range(i)]
    assert np.isclose(mean_cosine(jnp.asarray(e)), np.mean(pairs), atol=1e-5)


def test_the_mean_cosine_of_parallel_and_of_balanced_offsets() -> None:
    assert np.isclose(mean_cosine(jnp.array([[1.0, 1.0], [2.0, 2.0], [0.5, 0.5]])), 1)
    assert np.isclose(mean_cosine(jnp.array([[1.0, 0.0], [-3.0, 0.0]])), -1)


def made(kinds: int = 4) -> tuple[jax.Array, np.ndarray]:
    """Words that are a kind plus, for each second word, one common direction."""
    kind = 3 * np.eye(kinds, kinds + 1)
    plural = np.eye(kinds + 1)[-1]
    pairs = np.arange(2 * kinds).reshape(kinds, 2)
    return jnp.asarray(np.stack([kind, kind + plural], axis=1).reshape(-1, kinds + 1)), pairs


def test_where_offsets_are_equal_all_analogies_are_right() -> None:
    vectors, pairs = made()
    assert np.isclose(mean_cosine(offsets(vectors, pairs)), 1)
    assert int(analogy(unit_rows(vectors), 0, 1, 2)) == 3
    usual, all_words, nearest = score_analogies(vectors, pairs)
    assert (usual, all_words, nearest) == (1, 1, 1)


@given(st.integers(0, 1000))
def test_the_scores_are_those_of_single_analogies(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = unit_rows(jnp.asarray(rng.normal(size=(9, 3)), jnp.float32))
    pairs = rng.permutation(9)[:6].reshape(3, 2)
    usual, all_words, _ = score_analogies(vectors, pairs)
    asked = [(*one, *two) for one in pairs.tolist() for two in pairs.tolist() if one != two]
    right = [int(analogy(vectors, a, b, c)) == e for a, b, c, e in asked]
    every = [int(analogy(vectors, a, b, c, leave_out=False)) == e for a, b, c, e in asked]
    assert np.isclose(usual, np.mean(right))
    assert np.isclose(all_words, np.mean(every))


def test_the_plane_of_a_relation_is_orthonormal_and_begins_with_its_mean_offset() -> None:
    vectors, pairs = made()
    plane = relation_plane(vectors, pairs)
    assert np.allclose(plane @ plane.T, np.eye(2), atol=1e-5)
    assert np.allclose(plane[0], [0, 0, 0, 0, 1], atol=1e-5)


@given(st.data())
def test_a_text_file_comes_back(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    names = data.draw(NAMES)
    matrix = data.draw(matrices(len(names)))
    path = tmp_path_factory.mktemp("glove") / "vectors.txt"
    lines = [f"{name} {' '.join(map(repr, row))}" for name, row in zip(names, matrix, strict=True)]
    path.write_bytes(data.draw(st.sampled_from(["\n", "\r\n"])).join(lines).encode())
    words, vectors = load_glove(path)
    assert words == tuple(names)
    assert np.array_equal(vectors, np.array(matrix, np.float32))
    assert load_glove(path, limit=1).words == tuple(names[:1])


def test_text_files_with_quirks(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text("3 2\nking 1 2\n. . . 3 4\nking 5 6\n")
    words, vectors = load_glove(path)
    assert words == ("king", ". . .")
    assert vectors.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no vector"),
        (b"king 1 2\nqueen 1\n", "line 2: 1 numbers after the word"),
        (b"king 1 2\n\n", "line 2: 0 numbers"),
        (b"king 1 2\nqueen 1 two\n", "line 2: after 'queen', could not convert"),
        (b"king 1 nan\n", "line 1: after 'king', a number is no finite float32"),
        (b"king 1 1e39\n", "no finite float32"),
        (b"king 1 2\n\xff\xfe 1 2\n", "line 2: not UTF-8"),
        (b"king\n", "line 1: no numbers after 'king'"),
        (b"PK\x03\x04zip", "is compressed"),
        (b"\x1f\x8bgzip", "is compressed"),
    ],
)
def test_a_wrong_text_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_glove(path)
    with pytest.raises(FileNotFoundError):
        load_glove(tmp_path / "other.txt")


def written(path: Path, header: Any, data: bytes, words: list[str]) -> Path:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + data)
    path.with_suffix(".txt").write_text("\n".join(words), encoding="utf-8")
    return path


def entry(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": jnp.bfloat16}


@given(st.data())
def test_a_matrix_comes_back(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    names = data.draw(NAMES)
    kind, dtype = data.draw(st.sampled_from(list(KINDS.items())))
    with np.errstate(over="ignore"):
        matrix = np.array(data.draw(matrices(len(names))), dtype)
    header = {
        "__metadata__": {"format": "pt"},
        "bias": entry("I64", [1], 0, 8),
        "table": entry(kind, list(matrix.shape), 8, 8 + matrix.nbytes),
    }
    folder = tmp_path_factory.mktemp("tensors")
    path = written(folder / "m.safetensors", header, bytes(8) + matrix.tobytes(), names)
    for loaded in (load_safetensors(path), load_safetensors(path, tensor="table")):
        assert loaded.words == tuple(names)
        assert loaded.vectors.dtype == dtype
        assert loaded.vectors.tobytes() == matrix.tobytes()
    assert load_safetensors(path, limit=1).vectors.shape == (1, 3)


DATA = np.arange(4, dtype="<f4").tobytes()
GOOD = entry("F32", [2, 2], 0, 16)


@pytest.mark.parametrize(
    ("header", "data", "message"),
    [
        (b"{", DATA, "not a safetensors file, .*JSON"),
        (b"\xff\xff", DATA, "not a safetensors file"),
        ([1], DATA, "not a safetensors file"),
        ({"m": 1}, DATA, "not a safetensors file"),
        ({"m": GOOD | {"shape": [2, -2]}}, DATA, "damaged"),
        ({"m": GOOD | {"shape": [2, True]}}, DATA, "damaged"),
        ({"m": GOOD}, DATA[:-1], "cut off"),
        ({"m": entry("F32", [2, 2], 0, 12)}, DATA, "damaged or cut off"),
        ({"m": entry("I64", [1, 2], 0, 16)}, DATA, "type I64; one of F64, F32, F16, BF16"),
        ({"m": entry("F32", [0, 2], 0, 0)}, b"", "a row for each word"),
        ({"m": entry("F32", [1, 4], 0, 16)}, DATA, "2 words, and the matrix .* has 1 rows"),
    ],
)
def test_a_wrong_tensor_file_is_refused(
    tmp_path: Path, header: Any, data: bytes, message: str
) -> None:
    path = written(tmp_path / "m.safetensors", header, data, ["king", "queen"])
    with pytest.raises(ValueError, match=message):
        load_safetensors(path)


def test_a_matrix_that_is_not_there_or_not_alone_is_named(tmp_path: Path) -> None:
    header = {"a": GOOD, "b": entry("F32", [2, 2], 16, 32), "flat": entry("F32", [4], 32, 48)}
    path = written(tmp_path / "m.safetensors", header, 3 * DATA, ["king", "queen"])
    with pytest.raises(LookupError, match=r"no tensor 'c'.*'a' \[2, 2\], 'b' \[2, 2\]"):
        load_safetensors(path, tensor="c")
    with pytest.raises(LookupError, match="say which matrix"):
        load_safetensors(path)
    with pytest.raises(ValueError, match=r"the shape \[4\]"):
        load_safetensors(path, tensor="flat")


@given(st.binary(max_size=60))
def test_any_bytes_give_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises((ValueError, LookupError), match=r"m\.safetensors"):
        load_safetensors(path)


def test_without_the_package_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ModuleNotFoundError, match="pip install safetensors"):
        load_safetensors("m.safetensors")


def test_a_long_reading_shows_the_time_left_and_leaves_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("king 1 2\n" * 4)
    now = iter(range(100))
    monkeypatch.setattr("tqdm.std.time", lambda: next(now))
    load_glove(path)
    *shown, wiped = capsys.readouterr().err.strip("\r").split("\r")
    assert re.match(r"glove\.txt: .*/36.0 \[.*<", shown[0])
    assert wiped.strip() == ""


def test_reading_can_be_interrupted_and_the_file_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text("king 1 2\nqueen 3 4\n")

    def pressed(self: Any, done: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(vectors.tqdm, "update", pressed)
    with pytest.raises(KeyboardInterrupt):
        load_glove(path)
    path.unlink()
