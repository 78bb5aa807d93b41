"""Segments: many small documents in one object, each under its own data key; common beginnings are stored
once (ADR 0027).

A mass letter is some 50 kB, nearly all of it fonts and tags that it shares with the other letters of its
plan. A common beginning is an encrypted piece of its own. Its place and key are encrypted together with the
data key of each document that begins with it: whoever can open one can open both, and nobody can put another
beginning before it.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fiks.core.crypto.encryption import KEY_BYTES, DokumentOdelagt, KeyRing, encrypt_stream, new_data_key

_PLACE = struct.Struct(f">QI{KEY_BYTES}s")

Dokument = bytes | tuple[bytes, bytes]
"""A document's bytes; two pieces when other documents begin the same way, so that the common beginning is
stored once.
"""


@dataclass(frozen=True, slots=True)
class Segmentdel:
    """One document in a segment: `lengde` bytes of `objekt` from `fra`, its wrapped data key, and size and
    SHA-256 of its clear bytes, the common beginning included.
    """

    objekt: str
    fra: int
    lengde: int
    storrelse: int
    sha256: bytes
    nokkel: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Hode:
    """Place of a document's common beginning in its object: `lengde` bytes from `fra`, encrypted under `key`."""

    fra: int
    lengde: int
    key: bytes


def seal_segment(
    objekt: str, documents: Sequence[Dokument], ring: KeyRing, deler: list[Segmentdel]
) -> Iterator[bytes]:
    """Yield the object's bytes; append the place of each document to `deler`, in the order given."""
    at, heads = 0, {b"": (hashlib.sha256(), b"")}
    for document in documents:
        head, rest = document if isinstance(document, tuple) else (b"", document)
        if head not in heads:
            key = new_data_key()
            sealed = b"".join(encrypt_stream([head], key))
            heads[head] = hashlib.sha256(head), _PLACE.pack(at, len(sealed), key)
            at += len(sealed)
            yield sealed
        begun, place = heads[head]
        digest = begun.copy()
        digest.update(rest)
        key = new_data_key()
        sealed = b"".join(encrypt_stream([rest], key))
        size = len(head) + len(rest)
        deler.append(Segmentdel(objekt, at, len(sealed), size, digest.digest(), ring.wrap(key + place)))
        at += len(sealed)
        yield sealed


def open_key(nokkel: bytes, ring: KeyRing) -> tuple[bytes, Hode | None]:
    """Return a document's data key, and its common beginning if it has one.

    Errors as `KeyRing.unwrap`; DokumentOdelagt for anything that is no such key.
    """
    opened = ring.unwrap(nokkel)
    if len(opened) == KEY_BYTES:
        return opened, None
    if len(opened) != KEY_BYTES + _PLACE.size:
        raise DokumentOdelagt("NOKKEL_ODELAGT")
    return opened[:KEY_BYTES], Hode(*_PLACE.unpack_from(opened, KEY_BYTES))
