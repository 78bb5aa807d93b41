"""The print house by SFTP: orders go in as whole files, receipts come back as numbered files.

An order is `ordre/<referanse>.zip`: `manifest.json` and the letter, `brev.pdf` or (encrypted to the print
house) `brev.pdf.p7m`. It is written under another name and renamed when whole, so a file with the final name is
always a complete order, and a reference never has two. The print house notes in `mottatt.jsonl` what it has taken
over before it removes the file, refuses a reference it has had before, passes over names that end in `.tmp`, and
writes receipts to `kvitteringer/<number>.jsonl`, each file once and numbers rising.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from errno import ENOENT
from tempfile import SpooledTemporaryFile
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import paramiko
from prometheus_client import Counter

from fiks.core import cms
from fiks.core.errors import Avvist, ProvIgjen, Uavklart
from fiks.print import rules
from fiks.print.rules import Konvoluttgrenser, Kryptering, Printkvittering, Printordre
from fiks.print.sftp import BREAKS, Address, Pool, Session, is_answer

log = logging.getLogger(__name__)

Package = SpooledTemporaryFile[bytes]

UNREADABLE = Counter(
    "fiks_print_unreadable_lines_total", "Lines from the print house that could not be read", ["fil"]
)

ORDERS, RECEIPTS, TAKEN_OVER = "ordre", "kvitteringer", "mottatt.jsonl"
TIMEOUT_SECONDS = 30.0
LONGEST_SECONDS = 600.0
_IN_MEMORY = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_READ_AHEAD = 64


class PrintClient:
    """One print house. Safe to share between threads; each keeps a session of its own open."""

    def __init__(
        self,
        url: str,
        *,
        certificate: bytes | None = None,
        grenser: Konvoluttgrenser = rules.GRENSER,
        timeout: float = TIMEOUT_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        """`url`: see `Address.parse`. `certificate`: PEM; letters are encrypted to it, else they go in clear.

        `timeout`: seconds that one answer may take. `longest`: seconds after which a call no longer asks for the
        rename; keep it well under the quarantine. Raises ValueError on a bad address or certificate.
        """
        self._address = Address.parse(url)
        self._certificate = cms.load_certificate(certificate) if certificate else None
        self._grenser = grenser
        self._longest = longest
        self._pool = Pool(self._address, timeout)

    def __repr__(self) -> str:
        return f"PrintClient({self._address.host}:{self._address.port})"

    def send(self, ordre: Printordre) -> str:
        """Hand one order over and return the print house's reference: the name of the order's file.

        An order that is already there counts as handed over. Raises Avvist (can never be printed), ProvIgjen
        (nothing with the final name was left), Uavklart (broken around the rename: ask `lookup`).
        """
        refusal = rules.refusal(ordre)
        if refusal:
            raise Avvist(refusal)
        deadline = time.monotonic() + self._longest
        with self._pack(ordre) as package:
            return self._pool.run(lambda session: self._deliver(session, ordre.referanse, package, deadline))

    def lookup(self, referanse: str) -> str | None:
        """Return the print house's reference if it has the order, waiting or taken over. Raises ProvIgjen."""
        return self.lookup_many([referanse]).get(referanse)

    def lookup_many(self, referanser: Collection[str]) -> dict[str, str]:
        """Look up several references in one reading of the print house's list; absent ones are not there.

        The folder is read before the list: an order leaves the folder only after it is on the list. Raises
        ProvIgjen.
        """
        wanted = set(referanser)
        return self._pool.run(lambda session: self._find(session.sftp, wanted))

    def receipts(self, after: str | None, limit: int) -> tuple[list[Printkvittering], str | None]:
        """Read at most `limit` receipts after the cursor `after` (None: from the first), and the next cursor.

        The same cursor always gives the same receipts; store it in the transaction that uses them. A line that
        cannot be read is logged, counted and passed over. Raises ProvIgjen.
        """
        return self._pool.run(lambda session: self._read_receipts(session.sftp, after, limit))

    def close(self) -> None:
        """Close this thread's session."""
        self._pool.drop()

    def _pack(self, ordre: Printordre) -> Package:
        kryptering = Kryptering.INGEN if self._certificate is None else Kryptering.CMS
        digest = hashlib.sha256(ordre.pdf).hexdigest()
        manifest = rules.manifest(ordre, sha256=digest, kryptering=kryptering, grenser=self._grenser)
        chunks: Iterable[bytes | memoryview] = _chunks(ordre.pdf)
        if self._certificate is not None:
            chunks = cms.encrypt(chunks, self._certificate)
        package: Package = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (the caller closes it)
        with ZipFile(package, "w", ZIP_STORED) as archive:
            archive.writestr(ZipInfo(rules.MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=1))
            with archive.open(ZipInfo(manifest["dokument"]), "w", force_zip64=True) as document:
                for chunk in chunks:
                    document.write(chunk)
        return package

    def _deliver(self, session: Session, referanse: str, package: Package, deadline: float) -> str:
        """Upload under a name of its own, check the size, rename; harmless to repeat until the rename."""
        sftp, name = session.sftp, f"{referanse}.zip"
        final = self._path(ORDERS, name)
        temporary = self._path(ORDERS, f"{referanse}.{secrets.token_hex(4)}.tmp")
        size = package.seek(0, 2)
        package.seek(0)
        try:
            with sftp.open(temporary, "wb") as remote:
                _upload(remote, package, size, deadline)
                session.fsync(remote)
            if sftp.stat(temporary).st_size != size:
                raise OSError("the uploaded file is shorter than the order")
            _in_time(deadline)
        except (OSError, ProvIgjen):
            _remove(session, temporary)
            raise
        try:
            sftp.rename(temporary, final)
        except BREAKS as error:
            if not is_answer(session, error):
                self._pool.drop()
                raise Uavklart("PRINTHUS_BRUDD_VED_NAVNEBYTTE", type(error).__name__) from error
            there = _exists(sftp, final)
            _remove(session, temporary)
            if not there:
                raise ProvIgjen("PRINTHUS_AVSLO", str(error)[:200]) from error
        return name

    def _find(self, sftp: paramiko.SFTPClient, wanted: set[str]) -> dict[str, str]:
        found = {ref: f"{ref}.zip" for ref in wanted if _exists(sftp, self._path(ORDERS, f"{ref}.zip"))}
        if found.keys() == wanted:
            return found
        for number, line in enumerate(self._taken_over(sftp), 1):
            try:
                referanse = json.loads(line)["referanse"]
            except (ValueError, KeyError, TypeError):
                _unreadable(TAKEN_OVER, number)
                continue
            if referanse in wanted:
                found[referanse] = f"{referanse}.zip"
        return found

    def _taken_over(self, sftp: paramiko.SFTPClient) -> Iterator[bytes]:
        """Whole lines of the print house's list; nothing when there is no list yet."""
        path = self._path(TAKEN_OVER)
        if not _exists(sftp, path):
            return
        rest = b""
        with sftp.open(path, "rb") as remote:
            remote.prefetch(max_concurrent_requests=_READ_AHEAD)
            while block := remote.read(_CHUNK):
                *lines, rest = (rest + block).split(b"\n")
                yield from lines

    def _read_receipts(
        self, sftp: paramiko.SFTPClient, after: str | None, limit: int
    ) -> tuple[list[Printkvittering], str | None]:
        """The cursor is `<file>:<lines read>`."""
        first, _, read = (after or "").partition(":")
        found: list[Printkvittering] = []
        cursor = after
        for name in sorted(
            n for n in sftp.listdir(self._path(RECEIPTS)) if n.endswith(".jsonl") and n >= first
        ):
            skip = int(read or 0) if name == first else 0
            with sftp.open(self._path(RECEIPTS, name), "rb") as remote:
                lines = remote.read().splitlines()
            for number, line in enumerate(lines[skip:], skip + 1):
                if len(found) == limit:
                    return found, cursor
                found.extend(_receipt(line, name, number))
                cursor = f"{name}:{number}"
        return found, cursor

    def _path(self, *parts: str) -> str:
        return "/".join((self._address.folder, *parts))


def _chunks(data: bytes) -> Iterator[memoryview]:
    view = memoryview(data)
    return (view[start : start + _CHUNK] for start in range(0, len(view), _CHUNK))


def _upload(remote: paramiko.SFTPFile, package: Package, size: int, deadline: float) -> None:
    """Write with many packets in flight; the last one waits until every packet's answer has been seen."""
    while chunk := package.read(_CHUNK):
        _in_time(deadline)
        remote.set_pipelined(package.tell() < size)
        remote.write(chunk)


def _in_time(deadline: float) -> None:
    """Stop a call so slow that its quarantine might end before it does."""
    if time.monotonic() > deadline:
        raise ProvIgjen("PRINTHUS_FOR_TREG")


def _exists(sftp: paramiko.SFTPClient, path: str) -> bool:
    try:
        sftp.stat(path)
    except OSError as error:
        if error.errno == ENOENT:
            return False
        raise
    return True


def _remove(session: Session, path: str) -> None:
    """Tidy a temporary file; what remains of one is never an order, so failing at it is no failure."""
    if session.alive():
        with suppress(*BREAKS):
            session.sftp.remove(path)


def _receipt(line: bytes, name: str, number: int) -> list[Printkvittering]:
    try:
        data: Any = json.loads(line)
        return [rules.receipt(data)]
    except ValueError:
        _unreadable(name, number)
        return []


def _unreadable(name: str, number: int) -> None:
    UNREADABLE.labels("liste" if name == TAKEN_OVER else "kvittering").inc()
    log.error("print_line_unreadable", extra={"fil": name, "linje": number})
