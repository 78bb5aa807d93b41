"""The object store: documents, encrypted one by one before they leave us, in a folder, in S3 or in memory.

An object becomes visible only when it is complete. Its name is a date and a random uuid: it reveals nothing
and is written once. A store must not be used before its process forks (the engine's threads do not survive a
fork).
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore

from fiks.core.crypto.encryption import (
    Chunk,
    DokumentOdelagt,
    KeyRing,
    decrypt_stream,
    encrypt_stream,
    new_data_key,
)
from fiks.core.errors import IkkeFunnet, Utilgjengelig
from fiks.core.storage.folder import Mappe
from fiks.core.storage.s3 import open_s3
from fiks.core.storage.segment import Dokument, Hode, Segmentdel, open_key, seal_segment

PART = 8 * 1024 * 1024
_UPLOADS_AT_ONCE = 2
_HEADS = 32
_NOTES = "drift"
_DAY = re.compile(r"\d{4}/\d\d/\d\d")
_NAME = re.compile(r"\d{4}/\d\d/\d\d/[0-9a-f]{32}")


class LagerUtilgjengelig(Utilgjengelig):
    """The object store does not answer or refuses us; the document itself is intact."""


@dataclass(frozen=True, slots=True)
class Lagret:
    """A stored document: object name, size and SHA-256 of the clear bytes, and its wrapped data key."""

    objekt: str
    storrelse: int
    sha256: bytes
    nokkel: bytes


@dataclass(frozen=True, slots=True)
class Objekt:
    """An object as the store lists it: its name, and when it was written by the store's clock (UTC)."""

    navn: str
    endret: datetime


class _Measured:
    """Passes chunks through, and has their total size and digest afterwards."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._chunks = chunks
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[Chunk]:
        for chunk in self._chunks:
            self._sha256.update(chunk)
            self.size += memoryview(chunk).nbytes
            yield chunk

    @property
    def sha256(self) -> bytes:
        return self._sha256.digest()


class Store:
    """Documents in one object store. All sizes in bytes; every read verifies its data (DokumentOdelagt).

    Raises IkkeFunnet DOKUMENT_BORTE when the object is gone, LagerUtilgjengelig when the store fails. An
    object counts as gone only if the store is really there: where the bucket or the mounted folder is
    missing, or completely empty, nothing is known about the object.
    """

    def __init__(self, engine: ObjectStore, folder: Path | None = None) -> None:
        """`folder` is the local store's own folder; its files are forced to disk before `put_…` returns."""
        self._engine = engine
        self._folder = Mappe(folder) if folder is not None else None
        self._process: int | None = None
        self._asked_first: Callable[[], None] | None = None
        self._head = lru_cache(_HEADS)(self._read_head)
        """What letters begin with: those of one plan are sent one after the other, and each is read by itself."""

    def ask_first(self, require_ours: Callable[[], None]) -> None:
        """Call `require_ours` before anything is stored; until it returns without raising, nothing is stored."""
        self._asked_first = require_ours

    def put_document(self, chunks: Iterable[Chunk], ring: KeyRing) -> Lagret:
        """Store one document of any size under its own data key; memory stays flat.

        `chunks` are read in this thread; an exception from them stores nothing and passes through.
        """
        objekt, key, clear = _new_name(), new_data_key(), _Measured(chunks)
        self._put(objekt, encrypt_stream(clear, key))
        return Lagret(objekt, clear.size, clear.sha256, ring.wrap(key))

    def read_document(self, objekt: str, nokkel: bytes, ring: KeyRing) -> Iterator[bytes]:
        """Return the clear bytes in chunks of 256 KiB; a missing object or key is found before the first
        chunk.

        The object is read in bounded parts, so a slow reader holds no connection to the store.
        """
        key = ring.unwrap(nokkel)
        parts = self._parts(objekt)
        return decrypt_stream(chain([next(parts)], parts), key)

    def put_segment(self, documents: Sequence[Dokument], ring: KeyRing) -> list[Segmentdel]:
        """Store many small documents in one object (see `segment`), each under its own data key; results in
        the order given.
        """
        if not documents:
            return []
        objekt = _new_name()
        deler: list[Segmentdel] = []
        self._put(objekt, seal_segment(objekt, documents, ring, deler))
        return deler

    def read_segment_part(self, objekt: str, fra: int, lengde: int, nokkel: bytes, ring: KeyRing) -> bytes:
        """Return the clear bytes of one document of a segment."""
        key, head = open_key(nokkel, ring)
        rest = self._part(objekt, fra, lengde, key)
        return self._head(objekt, head) + rest if head else rest

    def delete(self, objekt: str) -> None:
        """Delete an object; one that is already gone is fine."""
        with self._using(), suppress(FileNotFoundError):
            obstore.delete(self._engine, objekt)

    def delete_all(self, objekter: Sequence[str]) -> None:
        """Delete many objects, as `delete`."""
        try:
            with self._using():
                obstore.delete(self._engine, list(objekter))
        except FileNotFoundError:
            # One was gone already, and says nothing of the others.
            for objekt in objekter:
                self.delete(objekt)

    def answers(self) -> bool:
        """Return whether the store is there and can be listed. Raises LagerUtilgjengelig."""
        if not self._is_mounted():
            return False
        with self._using(), self._in_place():
            obstore.list_with_delimiter(self._engine, prefix=_NOTES)
        return True

    def write_note(self, name: str, words: str) -> None:
        """Store an unencrypted line beside the documents, for facts the house must know when its database is
        restored.
        """
        with self._using(), self._in_place():
            obstore.put(self._engine, f"{_NOTES}/{name}", words.encode(), use_multipart=False)
            self._recognise()

    def read_note(self, name: str) -> str | None:
        """Return the line, None when there is none. Raises LagerUtilgjengelig."""
        with self._using():
            try:
                words = bytes(obstore.get(self._engine, f"{_NOTES}/{name}").bytes()).decode()
            except FileNotFoundError:
                self._look_around()
                return None
            self._recognise()
            return words

    def days(self) -> list[str]:
        """Return the days (UTC, "2026/11/25") that have objects, oldest first."""
        folders = [""]
        for _ in range(3):
            folders = [inner for folder in folders for inner in self._folders(folder)]
        return sorted(day for day in folders if _DAY.fullmatch(day))

    def made_on(self, day: str) -> Iterator[Objekt]:
        """Yield the complete objects of one of the `days`; files that are not our objects are left out."""
        with self._using():
            for page in obstore.list(self._engine, prefix=day):
                for found in page:
                    if _NAME.fullmatch(found["path"]):
                        yield Objekt(found["path"], found["last_modified"])

    def cut_off_on(self, day: str) -> Iterator[Objekt]:
        """Yield the remains of interrupted uploads in the folder of one of the `days`, with the time of their
        last write.

        In a bucket, the bucket's own lifecycle rule clears such parts away.
        """
        if self._folder is not None:
            for name, written in self._folder.cut_off_in(day):
                yield Objekt(name, written)

    def delete_cut_off(self, names: Iterable[str]) -> None:
        """Delete remains found by `cut_off_on`."""
        if self._folder is not None:
            self._folder.remove(names)

    def _folders(self, folder: str) -> Sequence[str]:
        with self._using():
            return obstore.list_with_delimiter(self._engine, prefix=folder or None)["common_prefixes"]

    def _put(self, objekt: str, sealed: Iterator[bytes]) -> None:
        """Upload an object in parts and make it visible when complete; in one request when it fits in one
        part.
        """
        if self._asked_first is not None:
            self._asked_first()
            self._asked_first = None
        head = bytearray()
        for chunk in sealed:
            head += chunk
            if len(head) >= PART:
                break
        with self._using(), self._in_place():
            if len(head) < PART:
                obstore.put(self._engine, objekt, bytes(head), use_multipart=False)
            else:
                stream = chain([bytes(head)], sealed)
                obstore.put(self._engine, objekt, stream, chunk_size=PART, max_concurrency=_UPLOADS_AT_ONCE)
            self._recognise()
        if self._folder is not None:
            self._folder.force_to_disk(objekt)

    def _read_head(self, objekt: str, head: Hode) -> bytes:
        return self._part(objekt, head.fra, head.lengde, head.key)

    def _part(self, objekt: str, fra: int, lengde: int, key: bytes) -> bytes:
        with self._reading(objekt, fra + lengde):
            sealed = obstore.get_range(self._engine, objekt, start=fra, length=lengde)
        if len(sealed) != lengde:
            raise DokumentOdelagt("DOKUMENT_ODELAGT")
        return b"".join(decrypt_stream([memoryview(sealed)], key))

    def _parts(self, objekt: str) -> Iterator[memoryview]:
        with self._reading(objekt, 1):
            first = obstore.get(self._engine, objekt, options={"range": (0, PART)})
            size = first.meta["size"]
            data = memoryview(first.bytes())
        yield data
        for start in range(PART, size, PART):
            end = min(start + PART, size)
            with self._reading(objekt, end):
                data = memoryview(obstore.get_range(self._engine, objekt, start=start, end=end))
            yield data

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """Inside, a missing file means that the place itself is missing, a bucket or a folder:
        LagerUtilgjengelig.
        """
        if not self._is_mounted():
            raise LagerUtilgjengelig("LAGER_UTILGJENGELIG")
        try:
            yield
        except FileNotFoundError as error:
            raise LagerUtilgjengelig("LAGER_UTILGJENGELIG") from error

    def _is_mounted(self) -> bool:
        return self._folder is None or self._folder.is_there()

    def _recognise(self) -> None:
        if self._folder is not None:
            self._folder.recognise()

    @contextmanager
    def _reading(self, objekt: str, end: int) -> Iterator[None]:
        """Translate errors of reading an object up to `end`; an object shorter than that is DokumentOdelagt."""
        with self._using():
            try:
                try:
                    yield
                    self._recognise()
                except BaseError:
                    if obstore.head(self._engine, objekt)["size"] < end:
                        raise DokumentOdelagt("DOKUMENT_ODELAGT") from None
                    raise
            except FileNotFoundError:
                if self._look_around():
                    raise IkkeFunnet("DOKUMENT_BORTE") from None
                raise LagerUtilgjengelig("LAGER_UTILGJENGELIG") from None

    def _look_around(self) -> bool:
        """Return whether the store holds anything at all. Raises LagerUtilgjengelig when the place itself is
        missing.
        """
        if isinstance(self._engine, MemoryStore):
            return True
        with self._in_place():
            found = obstore.list_with_delimiter(self._engine)
        return bool(found["common_prefixes"] or found["objects"])

    @contextmanager
    def _using(self) -> Iterator[None]:
        """Translate the engine's errors into the house's. After a fork it raises instead of hanging."""
        if self._process not in (None, os.getpid()):
            raise RuntimeError("the object store was used before this process was forked")
        self._process = os.getpid()
        try:
            yield
        except BaseError as error:
            raise LagerUtilgjengelig("LAGER_UTILGJENGELIG") from error


def open_store(url: str) -> Store:
    """Open the store of OBJECT_STORE_URL; ValueError (without the URL) for one that cannot be used.

    `file:///folder` (made if missing), `memory:///` (gone with the process), or
    `s3://bucket/prefix?endpoint=&region=` with credentials from the AWS_* environment.
    """
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return Store(MemoryStore())
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and len(parts.path) > 1:
        folder = Path(unquote(parts.path))
        return Store(LocalStore(folder, mkdir=True), folder)
    if parts.scheme == "s3" and parts.netloc:
        return Store(open_s3(parts.netloc, parts.path.strip("/"), parse_qs(parts.query)))
    raise ValueError("an object store is file:///folder, s3://bucket or memory:///")


def _new_name() -> str:
    """Return a new unique object name; its date (UTC) helps those who manage the disks."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime())}/{uuid4().hex}"
