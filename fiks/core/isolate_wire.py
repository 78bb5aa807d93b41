"""How parent and child talk: length-prefixed JSON with the byte strings behind it. No pickle, so nothing
runs on read."""

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
"""Start of the name of the temporary folder a child has to itself."""

_KEY = "$bytes"

Read = Callable[[int], bytes]


class WireError(Exception):
    """The other side sent something that is no message."""


def encode(value: Any) -> Iterator[bytes]:
    """Yield the pieces of one message. `value`: None, bool, int, float, str, bytes, and lists and dicts of
    them."""
    blobs: list[bytes] = []
    text = json.dumps(_plain(value, blobs), ensure_ascii=True).encode()
    yield HEAD.pack(len(text), len(blobs)) + text
    for blob in blobs:
        yield SIZE.pack(len(blob))
        yield blob


def decode(read: Read) -> Any:
    """Read one message with `read(n)`, which must return exactly n bytes. WireError if it is none."""
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
        return _whole(json.loads(text), blobs)
    except (ValueError, LookupError, TypeError) as error:
        raise WireError("not a message") from error


def error_from_wire(told: Any, other: type[FiksError]) -> FiksError:
    """The error that a child told of: {"feil": its kind, and what the kind's `to_wire` says}; `other` if it is none."""
    return _kinds().get(told["feil"], other).from_wire(told)


def _kinds() -> dict[str, type[FiksError]]:
    """Every error of the house by name: what a child says can be raised is one of these and nothing else."""
    found, waiting = dict[str, type[FiksError]](), [FiksError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.__name__, kind)
        waiting += kind.__subclasses__()
    return found


def _plain(item: Any, blobs: list[bytes]) -> Any:
    """The item with each byte string put in `blobs` and named by its place.

    No function inside `encode`: one that calls itself is a cycle, which would keep the bytes until the collector comes.
    """
    if isinstance(item, bytes | bytearray | memoryview):
        blobs.append(bytes(item))
        return {_KEY: len(blobs) - 1}
    if isinstance(item, dict):
        return {str(key): _plain(inner, blobs) for key, inner in item.items()}
    if isinstance(item, list | tuple):
        return [_plain(inner, blobs) for inner in item]
    return item


def _whole(item: Any, blobs: list[bytes]) -> Any:
    """The item with its byte strings in place; as for `_plain`, no function of `decode`."""
    if isinstance(item, dict):
        if set(item) == {_KEY}:
            return blobs[item[_KEY]]
        return {key: _whole(inner, blobs) for key, inner in item.items()}
    return [_whole(inner, blobs) for inner in item] if isinstance(item, list) else item
