"""Wire protocol between parent and child: length-prefixed JSON followed by the byte strings. No pickle, so
reading runs no code.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

from fiks.core.errors import FiksError

HEAD = struct.Struct(">QI")
SIZE = struct.Struct(">Q")
MAX_JSON = 64 * 1024 * 1024
MAX_BLOB = 1024 * 1024 * 1024
MAX_BLOBS = 10_000
FOLDER_PREFIX = "fiks-barn-"
"""Prefix of the name of the temporary folder that each child has."""

_KEY = "$bytes"

Read = Callable[[int], bytes]


class WireError(Exception):
    """The other side sent an invalid message."""


def encode(value: Any) -> Iterator[bytes]:
    """Yield the pieces of one message. `value`: None, bool, int, float, str, bytes, and lists and dicts of
    these.
    """
    blobs: list[bytes] = []
    text = json.dumps(_extract_blobs(value, blobs), ensure_ascii=True).encode()
    yield HEAD.pack(len(text), len(blobs)) + text
    for blob in blobs:
        yield SIZE.pack(len(blob))
        yield blob


def decode(read: Read) -> Any:
    """Read one message with `read(n)`, which must return exactly n bytes. WireError if it is invalid."""
    length, count = HEAD.unpack(read(HEAD.size))
    if length > MAX_JSON or count > MAX_BLOBS:
        raise WireError("too large")
    text = read(length)
    blobs = []
    for _ in range(count):
        (size,) = SIZE.unpack(read(SIZE.size))
        if size > MAX_BLOB:
            raise WireError("too large")
        blobs.append(read(size))
    try:
        return _insert_blobs(json.loads(text), blobs)
    except (ValueError, LookupError, TypeError) as error:
        raise WireError("not a message") from error


def error_from_wire(told: Any, other: type[FiksError]) -> FiksError:
    """Rebuild the error a child reported: {"feil": class name, and the result of the class's `to_wire`};
    `other` for unknown names.
    """
    return _kinds().get(told["feil"], other).from_wire(told)


def _kinds() -> dict[str, type[FiksError]]:
    """Return every error class of the house by name. A child's report can raise one of these and nothing
    else.
    """
    found, waiting = dict[str, type[FiksError]](), [FiksError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.__name__, kind)
        waiting += kind.__subclasses__()
    return found


def _extract_blobs(item: Any, blobs: list[bytes]) -> Any:
    """Return the item with each byte string moved to `blobs` and replaced by its index.

    Not a function inside `encode`: a recursive closure is a reference cycle, which would keep the bytes until
    the collector runs.
    """
    if isinstance(item, bytes | bytearray | memoryview):
        blobs.append(bytes(item))
        return {_KEY: len(blobs) - 1}
    if isinstance(item, dict):
        return {str(key): _extract_blobs(inner, blobs) for key, inner in item.items()}
    if isinstance(item, list | tuple):
        return [_extract_blobs(inner, blobs) for inner in item]
    return item


def _insert_blobs(item: Any, blobs: list[bytes]) -> Any:
    """Return the item with its byte strings put back; not nested in `decode`, for the reason given at its
    counterpart.
    """
    if isinstance(item, dict):
        if set(item) == {_KEY}:
            return blobs[item[_KEY]]
        return {key: _insert_blobs(inner, blobs) for key, inner in item.items()}
    return [_insert_blobs(inner, blobs) for inner in item] if isinstance(item, list) else item
