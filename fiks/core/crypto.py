"""Encryption: a rotating key ring that wraps one data key per document, sealed column values, blind indexes.

Everything is AES-256-GCM from `cryptography`. Documents are streamed in the STREAM construction: each chunk's nonce is
seven random bytes, a counter and a last-chunk flag, so a cut, swapped or repeated chunk is detected.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fiks.core.errors import FiksError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
CHUNK_BYTES = 256 * 1024
PREFIX_BYTES = 7


class DokumentOdelagt(FiksError):
    """The ciphertext is not what was stored, or the key is not its key."""

    status = 500


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Master keys by id, newest first: the first wraps, all unwrap. repr shows ids only."""

    keys: tuple[tuple[str, bytes], ...]

    @classmethod
    def from_text(cls, text: str) -> KeyRing:
        """Read "id:base64,id2:base64"; ValueError names the id at fault, never the key."""
        pairs = []
        for part in text.split(","):
            name, _, encoded = part.strip().partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise ValueError(f"master key {name!r} is not base64") from error
            pairs.append((name, key))
        return cls.from_pairs(pairs)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, bytes]]) -> KeyRing:
        """Make a ring of (id, 32 bytes) pairs; ValueError for a wrong length, an empty or repeated id."""
        keys = tuple(pairs)
        for name, key in keys:
            if not name or len(name.encode()) > 255 or len(key) != KEY_BYTES:
                raise ValueError(f"master key {name!r} must have an id and be exactly {KEY_BYTES} bytes")
        if not keys or len({name for name, _ in keys}) != len(keys):
            raise ValueError("master keys need at least one key and different ids")
        return cls(keys)

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(name for name, _ in self.keys)})"

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        """Encrypt under the newest key; the key's id travels in front."""
        name, key = self.keys[0]
        nonce = os.urandom(NONCE_BYTES)
        head = bytes([len(name.encode())]) + name.encode()
        return head + nonce + AESGCM(key).encrypt(nonce, plaintext, head + aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """Decrypt what `seal` made with any key of the ring; DokumentOdelagt otherwise."""
        length = sealed[0] if sealed else 0
        head, rest = sealed[: length + 1], sealed[length + 1 :]
        key = dict(self.keys).get(head[1:].decode("utf-8", "replace"))
        if key is None or len(rest) < NONCE_BYTES + TAG_BYTES:
            raise DokumentOdelagt("NOKKEL_UKJENT")
        try:
            return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head + aad)
        except InvalidTag as error:
            raise DokumentOdelagt("DOKUMENT_ODELAGT") from error

    def wrap(self, data_key: bytes) -> bytes:
        """Wrap a data key under the newest master key."""
        return self.seal(data_key, b"data_key")

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the data key in clear."""
        return self.open(wrapped, b"data_key")

    def rewrap(self, wrapped: bytes) -> bytes:
        """Move a data key to the newest master key (key rotation)."""
        return self.wrap(self.unwrap(wrapped))


def new_data_key() -> bytes:
    """A fresh 256-bit data key."""
    return AESGCM.generate_key(KEY_BYTES * 8)


def encrypt_value(ring: KeyRing, plaintext: bytes, aad: str) -> bytes:
    """Seal a column value; `aad` is "table.column", so a value cannot be moved to another column."""
    return ring.seal(plaintext, aad.encode())


def decrypt_value(ring: KeyRing, sealed: bytes, aad: str) -> bytes:
    """Open a column value sealed with the same `aad`."""
    return ring.open(sealed, aad.encode())


def blind_index(index_key: bytes, purpose: str, value: str) -> bytes:
    """A keyed hash for equality search on a value that is stored encrypted (32 bytes)."""
    return hmac.new(index_key, f"{purpose}|{value}".encode(), hashlib.sha256).digest()


def _nonce(prefix: bytes, counter: int, last: bool) -> bytes:
    return prefix + counter.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _rechunk(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of exactly `size`, the last one shorter (or empty input: nothing)."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)


def encrypt_stream(chunks: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """Encrypt a stream of any chunking; memory is two chunks of 256 KiB whatever its length."""
    cipher, prefix = AESGCM(key), os.urandom(PREFIX_BYTES)
    yield prefix
    counter, held = 0, b""
    for piece in _rechunk(chunks, CHUNK_BYTES):
        if held:
            yield cipher.encrypt(_nonce(prefix, counter, False), held, None)
            counter += 1
        held = piece
    yield cipher.encrypt(_nonce(prefix, counter, True), held, None)


def decrypt_stream(chunks: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """Decrypt what `encrypt_stream` made; DokumentOdelagt if anything was changed, cut or moved."""
    cipher = AESGCM(key)
    source = iter(chunks)
    head = b""
    while len(head) < PREFIX_BYTES:
        block = next(source, None)
        if block is None:
            raise DokumentOdelagt("DOKUMENT_ODELAGT")
        head += bytes(block)
    prefix, first = head[:PREFIX_BYTES], head[PREFIX_BYTES:]
    counter, held = 0, None
    for piece in _rechunk(_chain(first, source), CHUNK_BYTES + TAG_BYTES):
        if held is not None:
            yield _open(cipher, _nonce(prefix, counter, False), held)
            counter += 1
        held = piece
    if held is None:
        raise DokumentOdelagt("DOKUMENT_ODELAGT")
    yield _open(cipher, _nonce(prefix, counter, True), held)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    for block in rest:
        yield bytes(block)


def _open(cipher: AESGCM, nonce: bytes, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, None)
    except (InvalidTag, ValueError) as error:
        raise DokumentOdelagt("DOKUMENT_ODELAGT") from error
