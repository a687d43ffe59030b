"""Messages between parent and child: a short JSON text and the raw bytes of arrays.

A message is two lengths (of the text and of the bytes, big-endian, 4 and 8 bytes), the text, the
bytes.  The text says what is to be done; values in it are trees of tagged pairs, and an array is
its dtype, its shape and its place among the bytes.  Nothing in a message names code, so reading
one, whoever wrote it, makes numbers and text and nothing else.
"""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Callable
from socket import socket
from typing import Any

import jax
import numpy as np

TEXT_LIMIT = 1 << 20  # of the text, in bytes
DEPTH_LIMIT = 12  # of tuples in tuples
LENGTH = struct.Struct(">IQ")
DTYPES = {
    np.dtype(name).str: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
KEYS = {name: name for name in ("threefry2x32", "rbg", "unsafe_rbg")}

Convert = Callable[[Any], Any]


class WireError(Exception):
    """A value that cannot be sent, or a message that cannot be understood."""


class Closed(WireError):
    """The other side is gone."""


def pack(value: Any, buffers: list[bytes], as_array: Convert = np.asarray, depth: int = 0) -> Any:
    """A value as JSON, its arrays appended to `buffers`.

    Args:
        value: Numbers, text, None, arrays, and tuples, lists and dicts of them.
        buffers: Where the bytes of arrays go.
        as_array: Makes a NumPy array of what is none of the others.
        depth: How many tuples it stands in.

    Raises:
        WireError: it is something else.
    """
    if depth > DEPTH_LIMIT:
        raise WireError(f"more than {DEPTH_LIMIT} tuples or lists inside each other")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return {"i": str(value)} if value.bit_length() < 4096 else _refuse(value)
    if kind is float:
        return value if math.isfinite(value) else {"f": str(value)}
    if kind in (tuple, list) or isinstance(value, tuple | list):
        parts = [pack(part, buffers, as_array, depth + 1) for part in value]
        return {"t" if isinstance(value, tuple) else "l": parts}
    if isinstance(value, dict):
        pairs = [
            [pack(key, buffers, as_array, depth + 1), pack(part, buffers, as_array, depth + 1)]
            for key, part in value.items()
        ]
        return {"d": pairs}
    if jax.dtypes.issubdtype(getattr(value, "dtype", None), jax.dtypes.prng_key):
        implementation = str(jax.random.key_impl(value))
        words = pack(np.asarray(jax.random.key_data(value)), buffers)
        return {"k": [implementation, words]}
    array = np.asarray(as_array(value))
    if array.dtype.str not in DTYPES:
        _refuse(value)
    buffers.append(np.ascontiguousarray(array).tobytes())
    return {"a": [array.dtype.str, list(array.shape)]}


def _refuse(value: Any) -> Any:
    raise WireError(f"a {type(value).__name__} is neither numbers nor text")


def unpack(tree: Any, data: memoryview) -> Any:
    """The value that `pack` wrote.

    Raises:
        WireError: nothing that `pack` writes reads so.
    """
    place = 0

    def build(node: Any, depth: int) -> Any:
        nonlocal place
        if depth > DEPTH_LIMIT + 1:
            raise WireError("tuples in tuples, too deep")
        if node is None or isinstance(node, bool | str | float):
            return node
        if not isinstance(node, dict) or len(node) != 1:
            raise WireError("no value")
        ((tag, body),) = node.items()
        if tag == "i" and isinstance(body, str) and len(body) < 1300:
            return int(body)
        if tag == "f" and body in ("nan", "inf", "-inf"):
            return float(body)
        if tag in ("t", "l") and isinstance(body, list):
            parts = [build(part, depth + 1) for part in body]
            return tuple(parts) if tag == "t" else parts
        if tag == "d" and isinstance(body, list):
            return {build(key, depth + 1): build(part, depth + 1) for key, part in body}
        if tag == "k":
            implementation, words = body
            return jax.random.wrap_key_data(build(words, depth + 1), impl=KEYS[str(implementation)])
        if tag == "a":
            dtype_name, shape = body
            dtype = DTYPES[dtype_name]
            if len(shape) > 16 or not all(type(n) is int and 0 <= n < 1 << 40 for n in shape):
                raise WireError("no shape")
            size = math.prod(shape)
            if size * dtype.itemsize > len(data) - place:
                raise WireError("an array longer than its bytes")
            array = np.frombuffer(data, dtype, size, place).reshape(shape)
            place += size * dtype.itemsize
            return array
        raise WireError("no value")

    try:
        return build(tree, 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"no value: {type(error).__name__}") from None


def send(
    wire: socket, head: dict[str, Any], value: Any = None, as_array: Convert = np.asarray
) -> None:
    """Send one message: `head`, which is JSON, with `value` packed into it.

    Raises:
        WireError: the value cannot be sent.
        Closed: nobody is there to read it.
    """
    buffers: list[bytes] = []
    text = json.dumps({**head, "value": pack(value, buffers, as_array)}).encode()
    if len(text) > TEXT_LIMIT:
        raise WireError(f"more than {TEXT_LIMIT >> 20} MB outside of arrays")
    data = b"".join(buffers)
    try:
        wire.sendall(LENGTH.pack(len(text), len(data)) + text + data)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed(str(error)) from None


def receive(wire: socket, limit: int, deadline: float | None = None) -> tuple[dict[str, Any], Any]:
    """The next message: its head, and its value.

    Args:
        wire: Where it comes from.
        limit: The most bytes that its arrays may have.
        deadline: On `time.monotonic`'s clock, when to give up.

    Raises:
        WireError: it is not a message, or is larger than allowed.
        Closed: the other side is gone.
        TimeoutError: it did not come, or not all of it.
    """
    head_size, data_size = LENGTH.unpack(_exactly(wire, LENGTH.size, deadline))
    if head_size > TEXT_LIMIT or data_size > limit:
        raise WireError(f"a message of {head_size + data_size} bytes is too large")
    text, data = _exactly(wire, head_size, deadline), _exactly(wire, data_size, deadline)
    try:
        head = json.loads(bytes(text).decode())
    except (ValueError, RecursionError):
        raise WireError("a message that is not JSON") from None
    if not isinstance(head, dict):
        raise WireError("a message without a head")
    return head, unpack(head.pop("value", None), data)


def _exactly(wire: socket, size: int, deadline: float | None) -> memoryview:
    data = memoryview(bytearray(size))
    have = 0
    while have < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("no message in time")
            wire.settimeout(left)
        try:
            count = wire.recv_into(data[have:])
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed(str(error)) from None
        if not count:
            raise Closed("the other side is gone")
        have += count
    return data
