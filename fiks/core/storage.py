"""The object store: a local folder or S3, through one library, with every document encrypted before it gets there.

A document has its own data key; the wrapped key is kept in the document's row, so deleting the row's key destroys the
document at once. Object names are random and never come from user input; an object is visible only when complete.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import obstore
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.store import LocalStore, MemoryStore, S3Store

from fiks.core.crypto import NONCE_BYTES, DokumentOdelagt, KeyRing, decrypt_stream, encrypt_stream, new_data_key
from fiks.core.errors import IkkeFunnet

PART_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Lagret:
    """A stored document: object name, clear size in bytes, SHA-256 of the clear bytes, wrapped data key."""

    objekt: str
    storrelse: int
    sha256: bytes
    nokkel: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Segmentdel:
    """One document inside a segment: bytes `fra` to `fra + lengde` of the object, encrypted under its own key."""

    objekt: str
    fra: int
    lengde: int
    storrelse: int
    sha256: bytes
    nokkel: bytes


class Store:
    """What the house keeps documents in. Made by `open_store`."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def put_document(self, chunks: Iterable[bytes], ring: KeyRing) -> Lagret:
        """Encrypt a stream under a new data key and store it; memory stays flat. What `chunks` raises passes through
        and leaves no object."""
        objekt, key = _name("d"), new_data_key()
        digest, size = hashlib.sha256(), 0

        def measured() -> Iterator[bytes]:
            nonlocal size
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                yield chunk

        failure: list[BaseException] = []

        def sealed() -> Iterator[bytes]:
            try:
                yield from encrypt_stream(measured(), key)
            except BaseException as error:
                failure.append(error)
                raise

        try:
            obstore.put(self._backend, objekt, sealed(), use_multipart=True, chunk_size=PART_BYTES, max_concurrency=2)
        except BaseException:
            if failure:
                raise failure[0] from None
            raise
        return Lagret(objekt, size, digest.digest(), ring.wrap(key))

    def read_document(self, objekt: str, nokkel: bytes, ring: KeyRing) -> Iterator[bytes]:
        """The clear bytes of a document in chunks; IkkeFunnet("DOKUMENT_BORTE"), DokumentOdelagt."""
        try:
            result = obstore.get(self._backend, objekt)
        except FileNotFoundError as error:
            raise IkkeFunnet("DOKUMENT_BORTE") from error
        blocks = (bytes(block) for block in result.stream(min_chunk_size=512 * 1024))
        yield from decrypt_stream(blocks, ring.unwrap(nokkel))

    def put_segment(self, documents: Sequence[bytes], ring: KeyRing) -> list[Segmentdel]:
        """Store many small documents as one object, each under its own data key; one write whatever their number."""
        objekt, position = _name("s"), 0
        parts, body = [], []
        for document in documents:
            key, nonce = new_data_key(), os.urandom(NONCE_BYTES)
            sealed = nonce + AESGCM(key).encrypt(nonce, document, None)
            digest = hashlib.sha256(document).digest()
            parts.append(Segmentdel(objekt, position, len(sealed), len(document), digest, ring.wrap(key)))
            body.append(sealed)
            position += len(sealed)
        obstore.put(self._backend, objekt, b"".join(body))
        return parts

    def read_segment_part(self, objekt: str, fra: int, lengde: int, nokkel: bytes, ring: KeyRing) -> bytes:
        """The clear bytes of one document of a segment; IkkeFunnet("DOKUMENT_BORTE"), DokumentOdelagt."""
        try:
            sealed = bytes(obstore.get_range(self._backend, objekt, start=fra, length=lengde))
        except FileNotFoundError as error:
            raise IkkeFunnet("DOKUMENT_BORTE") from error
        try:
            return AESGCM(ring.unwrap(nokkel)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except Exception as error:
            raise DokumentOdelagt("DOKUMENT_ODELAGT") from error

    def delete(self, objekt: str) -> None:
        """Delete an object; one that is gone already is no error."""
        try:
            obstore.delete(self._backend, objekt)
        except FileNotFoundError:
            return


def _name(kind: str) -> str:
    return f"{kind}/{datetime.now(UTC):%Y/%m/%d}/{uuid4()}"


def open_store(url: str) -> Store:
    """Open `file:///folder`, `s3://bucket/prefix?endpoint=…&region=…` (keys from AWS_*) or `memory://`."""
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return Store(MemoryStore())
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        return Store(LocalStore(folder, mkdir=True))
    if parts.scheme == "s3":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        options: dict[str, Any] = {}
        if "endpoint" in query:
            options["endpoint"] = query["endpoint"]
            options["client_options"] = {"allow_http": query["endpoint"].startswith("http://")}
        if "region" in query:
            options["region"] = query["region"]
        return Store(S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **options))
    raise ValueError("OBJECT_STORE_URL must begin with file://, s3:// or memory://")
