"""Encryption at rest: a rotating ring of master keys, a data key per document, streams, and the blind index.

Everything is AES-256-GCM. A value sealed by the ring says which key sealed it:

    version 0x01 | length of id | id | 12 random bytes | ciphertext and tag

A stream is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): 7 random bytes, then chunks of 256 KiB, each
sealed under the nonce "7 bytes | chunk number, 4 bytes | 1 if last", so that no chunk can be changed, moved,
lost or added.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from prometheus_client import Counter

from fiks.core.errors import FiksError, Utilgjengelig

Chunk = bytes | bytearray | memoryview

KEY_BYTES = 32
CHUNK = 256 * 1024
TAG = 16
_PREFIX, _NONCE = 7, 12
_VERSION = b"\x01"
DATA_KEY_AAD = "nokkel"
# Shorter than any key, so that a key in the wrong place is not taken for an id and printed.
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class DokumentOdelagt(FiksError):
    """A stored document or its data key was changed or cut short, or belongs to another key."""

    status: ClassVar[int] = 500


class VerdiOdelagt(FiksError):
    """An encrypted column value was changed, or was encrypted for another column."""

    status: ClassVar[int] = 500


class NokkelUkjent(Utilgjengelig):
    """The master key of a value is not in the ring (`params["nokkel_id"]` names it), or a message is
    encrypted to none of our pairs.

    The value itself is intact: a process that has the key can open it.
    """

    status: ClassVar[int] = 500


UNKNOWN_KEYS = Counter(
    "fiks_unknown_keys_total",
    "Times that this process lacked the master key of something, or was found to have another key than the house's",
)


class KeyRing:
    """The master keys, newest first: the first one seals, any of them opens. Its repr shows ids only."""

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        """Take (id, 32 bytes) pairs. ValueError, naming the id only, for a key of another length or a repeated id."""
        if not keys:
            raise ValueError("the key ring is empty")
        self._ciphers: dict[str, AESGCM] = {}
        for key_id, key in keys:
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError("a master key needs an id of letters, digits, dot, dash: at most 32")
            if key_id in self._ciphers:
                raise ValueError(f"master key {key_id}: the id is repeated")
            if len(key) != KEY_BYTES:
                raise ValueError(f"master key {key_id}: not {KEY_BYTES} bytes")
            self._ciphers[key_id] = AESGCM(key)
        self.check_values = {key_id: check_value(key) for key_id, key in keys}
        """By which each key is known again (`check_value`)."""
        self.newest = keys[0][0]
        self.prefix = _VERSION + bytes([len(self.newest)]) + self.newest.encode()
        """What everything sealed under the newest key begins with."""

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._ciphers)})"

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a document's data key under the newest master key."""
        return self.seal(data_key, DATA_KEY_AAD)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key; DokumentOdelagt if it was changed, NokkelUkjent if its master key is not in the
        ring.
        """
        try:
            return self.open(wrapped, DATA_KEY_AAD)
        except InvalidTag:
            raise DokumentOdelagt("NOKKEL_ODELAGT") from None

    def rewrap(self, wrapped: bytes) -> bytes:
        """Return a data key encrypted under the newest master key; unchanged when it already is."""
        data_key = self.unwrap(wrapped)
        return wrapped if _key_id_of(wrapped) == self.newest else self.wrap(data_key)

    def reseal(self, sealed: bytes, aad: str) -> bytes:
        """As `rewrap`, for a value sealed for `aad`; InvalidTag or NokkelUkjent as `open`."""
        plaintext = self.open(sealed, aad)
        return sealed if _key_id_of(sealed) == self.newest else self.seal(plaintext, aad)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the master keys, newest first."""
        return tuple(self._ciphers)

    def seal(self, plaintext: bytes, aad: str) -> bytes:
        """Encrypt under the newest key, bound to `aad`. Callers use `wrap` and `encrypt_value`."""
        head = self.prefix
        nonce = os.urandom(_NONCE)
        return head + nonce + self._ciphers[self.newest].encrypt(nonce, plaintext, head + aad.encode())

    def open(self, sealed: bytes, aad: str) -> bytes:
        """Decrypt a value that `seal` made for the same `aad`; InvalidTag or NokkelUkjent otherwise."""
        key_id = _key_id_of(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            UNKNOWN_KEYS.inc()
            raise NokkelUkjent("NOKKEL_UKJENT", nokkel_id=key_id)
        start = 2 + sealed[1]
        nonce, body = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        return cipher.decrypt(nonce, body, sealed[:start] + aad.encode())


def _key_id_of(sealed: bytes) -> str:
    """Return the id of the master key that sealed these bytes; InvalidTag if they were not sealed by a ring."""
    if len(sealed) < 2 or sealed[:1] != _VERSION or len(sealed) < 2 + sealed[1] + _NONCE + TAG:
        raise InvalidTag
    try:
        return bytes(sealed[2 : 2 + sealed[1]]).decode()
    except UnicodeDecodeError:
        raise InvalidTag from None


def encrypt_value(ring: KeyRing, plaintext: bytes, aad: str) -> bytes:
    """Encrypt one column value. `aad` is "table.column": a value moved to another column does not open."""
    return ring.seal(plaintext, aad)


def decrypt_value(ring: KeyRing, sealed: bytes, aad: str) -> bytes:
    """Decrypt one column value; VerdiOdelagt if it was changed or belongs to another column, NokkelUkjent as
    `unwrap`.
    """
    try:
        return ring.open(sealed, aad)
    except InvalidTag:
        raise VerdiOdelagt("VERDI_ODELAGT", kolonne=aad) from None


def new_data_key() -> bytes:
    """Return a new random data key, 32 bytes, for one document."""
    return os.urandom(KEY_BYTES)


def encrypt_stream(chunks: Iterable[Chunk], key: bytes) -> Iterator[bytes]:
    """Encrypt a stream under a data key used for nothing else; memory stays at two chunks of 256 KiB.

    `chunks` may have any size. The result is 7 bytes longer than the content, plus 16 per chunk.
    """
    cipher, prefix = AESGCM(key), os.urandom(_PREFIX)
    yield prefix
    for nonce, block in _blocks_with_nonce(prefix, chunks, CHUNK):
        yield cipher.encrypt(nonce, block, None)


def decrypt_stream(chunks: Iterable[Chunk], key: bytes) -> Iterator[bytes]:
    """Decrypt the result of `encrypt_stream`; `chunks` may be cut anywhere.

    Raises DokumentOdelagt at the first damaged chunk. A missing end is only found at the end: what was
    yielded before is genuine, but the document is complete only when the iterator is exhausted.
    """
    cipher, source = AESGCM(key), iter(chunks)
    prefix = bytearray()
    for chunk in source:
        prefix += chunk
        if len(prefix) >= _PREFIX:
            break
    rest = _first_then(bytes(prefix[_PREFIX:]), source)
    nonce_start = bytes(prefix[:_PREFIX])
    if len(nonce_start) < _PREFIX:
        raise DokumentOdelagt("DOKUMENT_ODELAGT")
    for nonce, block in _blocks_with_nonce(nonce_start, rest, CHUNK + TAG):
        try:
            yield cipher.decrypt(nonce, block, None)
        except InvalidTag:
            raise DokumentOdelagt("DOKUMENT_ODELAGT") from None


def _first_then(first: Chunk, rest: Iterator[Chunk]) -> Iterator[Chunk]:
    yield first
    yield from rest


def _blocks_with_nonce(
    prefix: bytes, chunks: Iterable[Chunk], size: int
) -> Iterator[tuple[bytes, bytearray]]:
    """Cut a stream into blocks of `size` bytes, each with its nonce; only the last may be shorter, or empty."""
    held, number = bytearray(), 0
    for chunk in chunks:
        view = memoryview(chunk)
        for start in range(0, len(view), size):
            held += view[start : start + size]
            if len(held) > size:
                yield prefix + struct.pack(">IB", number, 0), held[:size]
                del held[:size]
                number += 1
    yield prefix + struct.pack(">IB", number, 1), held


def blind_index(index_key: bytes, purpose: str, value: str) -> bytes:
    """Return the keyed index (HMAC-SHA-256, 32 bytes) by which an encrypted value can be searched.

    `purpose` ("fnr", "orgnr") keeps the indexes of different columns apart.
    """
    return keyed_hash(index_key, f"{purpose}\0{value}".encode())


def check_value(key: bytes) -> str:
    """Return the key's check value, hexadecimal: a keyed hash of a constant, which reveals nothing about a
    random key.
    """
    mac = HMAC(key, SHA256())
    mac.update(b"kontrollverdi")
    return mac.finalize()[:16].hex()


def keyed_hash(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA-256, 32 bytes. The part that depends on the key alone is computed once per key."""
    mac = _keyed(key).copy()
    mac.update(message)
    return mac.finalize()


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> HMAC:
    return HMAC(key, SHA256())
