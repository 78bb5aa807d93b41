"""SFTP client of a print house: packages of orders are delivered as whole files, receipts come back as
numbered files.

A package is `ordre/<name>.zip`: `manifest.json` and its letters, `0001.pdf` and up or (encrypted to the print
house) `0001.pdf.p7m`. It is uploaded under another name and renamed when complete, so a file with the final
name is always a complete package, and no name is used for two. The print house notes in `mottatt.jsonl` each
order it has taken over, with its package, before it removes the file; it refuses a reference it has had
before, ignores names that end in `.tmp`, and writes receipts to `kvitteringer/<number>.jsonl`, each file once
and with rising numbers (10 comes after 9). It should rename these too when complete; if it writes one in
place, the unfinished line is left for the next read.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import struct
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from errno import ENOENT
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import BadZipFile, ZipFile

import paramiko
from prometheus_client import Counter

from config.settings import SftpAddress
from fiks.core.crypto import cms_writer
from fiks.core.errors import Avvist, ProvIgjen, Uavklart
from fiks.core.telemetry.counters import start_at_zero
from fiks.print import rules
from fiks.print.handover.package_file import PACKAGE_NOT_MADE, Package, make_package, read_piece, rewind
from fiks.print.handover.sftp import BREAKS, Door, Pool, Session, is_answer
from fiks.print.rules import Overtatt, Printkvittering, Printpakke

log = logging.getLogger(__name__)

UNREADABLE = start_at_zero(
    Counter(
        "fiks_print_unreadable_lines_total", "Lines from the print house that could not be read", ["fil"]
    ),
    ("liste", "kvittering"),
)

ORDERS, RECEIPTS, TAKEN_OVER = "ordre", "kvitteringer", "mottatt.jsonl"
LINE_FIELDS = ("pakke", "referanse")
"""Fields that identify the order in a line of `mottatt.jsonl`."""
_RECEIPT_FILE = ".jsonl"
_NUMBERED = re.compile(r"([0-9]{1,30})\.jsonl")
TIMEOUT_SECONDS = 30.0
LONGEST_SECONDS = 600.0
MANY_FILES, LISTED_EVERY = 5_000, 60.0
"""With more receipt files than this and none new, the folder is listed again only after so many seconds."""
_CHUNK = 64 * 1024
_READ_AHEAD = 64
# A file shorter than a zip's end is read from before its beginning, which paramiko cannot pack.
_UNREADABLE_PACKAGE = (BadZipFile, KeyError, TypeError, ValueError, RecursionError, struct.error)


class PrintClient:
    """Client of one print house. Safe to share between threads; each thread keeps its own open session."""

    def __init__(
        self,
        url: str,
        *,
        key: Path | None = None,
        certificate: bytes | None = None,
        timeout: float = TIMEOUT_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        """`url`: see `SftpAddress.parse`. `key`: the private key to log in with when the address has no
        password.

        `certificate`: PEM that letters are encrypted to, unless their package has another; without any they
        go in clear. `timeout`: seconds one answer may take. `longest`: seconds from the start of a call,
        building its package included, after which the rename is no longer attempted; keep it well below the
        quarantine. Raises ValueError for a bad address or certificate, and when there is neither password nor
        key.
        """
        self._address = SftpAddress.parse(url)
        self._certificate = cms_writer.load_certificate(certificate) if certificate else None
        self._longest = longest
        self._listed = False
        self._strange: set[str] = set()
        self._read_to: tuple[str | None, float] = None, 0.0
        self._pool = Pool(Door(self._address, paramiko.PKey.from_path(key) if key else None), timeout)

    def __repr__(self) -> str:
        return f"PrintClient({self._address.host}:{self._address.port})"

    def send(self, pakke: Printpakke) -> str:
        """Hand one package over and return the print house's reference: the name of the package's file.

        A package that is already there counts as handed over. Raises Avvist (can never be printed, or may not
        be sent in clear), ProvIgjen (nothing with the final name was left), Uavklart (connection broken
        around the rename: use `lookup`), and whatever reading the files raises, before any call.
        """
        refusal = rules.package_refusal(pakke)
        if refusal:
            raise Avvist(refusal)
        deadline = time.monotonic() + self._longest
        with make_package(pakke, self._certificate) as package:
            if _is_late(deadline):
                raise ProvIgjen(PACKAGE_NOT_MADE, "too slow", throttled=True)
            return self._pool.run(lambda session: self._deliver(session, pakke.navn, package, deadline))

    def lookup(self, navn: str) -> str | None:
        """Return the print house's reference if it has the package, waiting or taken over, else None. Raises
        ProvIgjen.
        """
        return self.lookup_many([navn]).get(navn)

    def lookup_many(self, navn: Collection[str]) -> dict[str, str]:
        """Look up several packages in one reading of the print house's list; absent ones are not in the
        result.

        The folder is read before the list, because a package leaves the folder only after it is on the list.
        Raises ProvIgjen, also when the folder, or a list this client has read before, is missing: then nobody
        can say what is there.
        """
        wanted = set(navn)
        return self._pool.run(lambda session: self._find(session.sftp, wanted))

    def taken_over(self, use: Callable[[Sequence[Overtatt]], None], portion: int = 1_000) -> None:
        """Pass every order the print house has taken over to `use`, in portions. Raises ProvIgjen."""
        self._pool.run(lambda session: self._each_taken_over(session.sftp, use, portion))

    def waiting(self) -> list[str]:
        """Return the packages in the print house's folder that it has not taken over yet. Raises ProvIgjen."""
        return self._pool.run(
            lambda session: [
                name.removesuffix(".zip")
                for name in session.sftp.listdir(self._path(ORDERS))
                if name.endswith(".zip")
            ]
        )

    def orders_in(self, navn: str) -> list[str]:
        """Return the references in a waiting package; empty once it is taken over, when they are on the list.

        Raises ProvIgjen, also for a package that cannot be read.
        """
        return self._pool.run(lambda session: self._orders_in(session.sftp, navn))

    def receipts(self, after: str | None, limit: int) -> tuple[list[Printkvittering], str | None]:
        """Read at most `limit` receipts after the cursor `after` (None: from the first); return them and the
        next cursor.

        The same cursor always gives the same receipts; store it in the transaction that uses them. An
        unreadable line is logged, counted and skipped; the unfinished last line of the last file is skipped
        only when a newer file exists. New receipts may be seen a minute late (MANY_FILES). Raises ProvIgjen.
        """
        return self._pool.run(lambda session: self._read_receipts(session.sftp, after, limit))

    def greet(self) -> None:
        """Log in and do nothing else, to test the connection. Raises ProvIgjen."""
        self._pool.run(lambda session: None)

    def close(self) -> None:
        """Close this thread's session."""
        self._pool.drop()

    def _deliver(self, session: Session, navn: str, package: Package, deadline: float) -> str:
        """Upload under a temporary name, check the size, rename. Harmless to repeat until the rename."""
        sftp, name = session.sftp, f"{navn}.zip"
        final = self._path(ORDERS, name)
        temporary = self._path(ORDERS, f"{navn}.{secrets.token_hex(4)}.tmp")
        size = rewind(package)
        try:
            with sftp.open(temporary, "wb") as remote:
                _upload(remote, package, size, deadline)
                session.fsync(remote)
            if sftp.stat(temporary).st_size != size:
                raise OSError("the uploaded file is shorter than the package")
            _require_in_time(deadline)
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
        found = {navn: f"{navn}.zip" for navn in wanted if _exists(sftp, self._path(ORDERS, f"{navn}.zip"))}
        if found.keys() == wanted:
            return found
        names = frozenset(navn.encode() for navn in wanted - found.keys())
        for line in self._noted(sftp, names):
            navn = line.get("pakke")
            if navn in wanted:
                found[navn] = f"{navn}.zip"
        return found

    def _orders_in(self, sftp: paramiko.SFTPClient, navn: str) -> list[str]:
        path = self._path(ORDERS, f"{navn}.zip")
        try:
            with sftp.open(path, "rb") as remote, ZipFile(remote) as archive:
                told: Any = json.loads(archive.read(rules.MANIFEST))
                return [str(UUID(one["referanse"])) for one in told["ordrer"]]
        except _UNREADABLE_PACKAGE as error:
            raise ProvIgjen("PRINTHUS_PAKKE_ULESELIG", navn) from error
        except OSError as error:
            if error.errno == ENOENT:
                return []
            raise

    def _each_taken_over(
        self, sftp: paramiko.SFTPClient, use: Callable[[Sequence[Overtatt]], None], portion: int
    ) -> None:
        lines = self._noted(sftp)
        while some := list(islice(lines, portion)):
            use([Overtatt(line["referanse"], line.get("pakke")) for line in some if "referanse" in line])

    def _noted(
        self, sftp: paramiko.SFTPClient, names: frozenset[bytes] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the parsed lines of the list; with `names`, only lines that may contain one of them."""
        for number, line in enumerate(self._taken_over(sftp), 1):
            if names is not None and not _may_name(line, names):
                continue
            try:
                told = json.loads(line)
            except (ValueError, RecursionError):
                told = None
            if isinstance(told, dict) and all(_is_text(told.get(name, "")) for name in LINE_FIELDS):
                yield told
            else:
                _unreadable(TAKEN_OVER, number)

    def _taken_over(self, sftp: paramiko.SFTPClient) -> Iterator[bytes]:
        """Yield whole lines of the print house's list; nothing when there is no list yet.

        Raises ProvIgjen when a list seen before or the folder is missing: it may lie on a disk that is not
        mounted now.
        """
        path = self._path(TAKEN_OVER)
        if not _exists(sftp, self._path(ORDERS)):
            raise ProvIgjen("PRINTHUS_MAPPE_BORTE")
        if not _exists(sftp, path):
            if self._listed:
                raise ProvIgjen("PRINTHUS_LISTE_BORTE")
            return
        rest = b""
        with sftp.open(path, "rb") as remote:
            self._listed = True
            remote.prefetch(max_concurrent_requests=_READ_AHEAD)
            while block := remote.read(_CHUNK):
                *lines, rest = (rest + block).split(b"\n")
                yield from lines

    def _read_receipts(
        self, sftp: paramiko.SFTPClient, after: str | None, limit: int
    ) -> tuple[list[Printkvittering], str | None]:
        """The cursor is `<file>:<lines read>`."""
        if after == self._read_to[0] and time.monotonic() < self._read_to[1]:
            return [], after
        first, _, read = (after or "").partition(":")
        found: list[Printkvittering] = []
        cursor = after
        names = sftp.listdir(self._path(RECEIPTS))
        in_order = self._numbered(names, first)
        for name in in_order:
            skip = int(read or 0) if name == first else 0
            with sftp.open(self._path(RECEIPTS, name), "rb") as remote:
                content = remote.read()
            lines = content.splitlines()
            if name == in_order[-1] and _is_unfinished(content):
                del lines[-1]
            for number, line in enumerate(lines[skip:], skip + 1):
                if len(found) == limit:
                    return found, cursor
                found.extend(_receipt(line, name, number))
                cursor = f"{name}:{number}"
        if len(names) > MANY_FILES:
            self._read_to = cursor, time.monotonic() + LISTED_EVERY
        return found, cursor

    def _numbered(self, names: Sequence[str], first: str) -> list[str]:
        """Return the receipt files from `first` on, in numeric order (10 after 9). Files without a number are
        logged.
        """
        known = {name: int(number[1]) for name in names if (number := _NUMBERED.fullmatch(name))}
        for name in {name for name in names if name.endswith(_RECEIPT_FILE)} - known.keys() - self._strange:
            self._strange.add(name)
            _unreadable(name, 0)
        begun = _NUMBERED.fullmatch(first)
        least = (int(begun[1]), first) if begun else (0, "")
        in_order = sorted((number, name) for name, number in known.items())
        return [name for number, name in in_order if (number, name) >= least]

    def _path(self, *parts: str) -> str:
        return "/".join((self._address.folder, *parts))


def _upload(remote: paramiko.SFTPFile, package: Package, size: int, deadline: float) -> None:
    """Write with many packets in flight; the last write waits until every packet has been acknowledged."""
    while chunk := read_piece(package):
        _require_in_time(deadline)
        remote.set_pipelined(package.tell() < size)
        remote.write(chunk)


def _require_in_time(deadline: float) -> None:
    """Abort a call so slow that its quarantine might end before the call does."""
    if _is_late(deadline):
        raise ProvIgjen("PRINTHUS_FOR_TREG")


def _is_late(deadline: float) -> bool:
    return time.monotonic() > deadline


def _exists(sftp: paramiko.SFTPClient, path: str) -> bool:
    try:
        sftp.stat(path)
    except OSError as error:
        if error.errno == ENOENT:
            return False
        raise
    return True


def _remove(session: Session, path: str) -> None:
    """Delete a temporary file, ignoring failures: a leftover is never an order."""
    if session.alive():
        with suppress(*BREAKS):
            session.sftp.remove(path)


def _may_name(line: bytes, names: frozenset[bytes]) -> bool:
    """Return whether a line may contain one of these names, in a third of the time JSON parsing takes.

    A JSON string stands unchanged between two quotes when nothing is escaped and the encoding is UTF-8 (no
    NUL).
    """
    return b"\\" in line or b"\0" in line or not names.isdisjoint(line.split(b'"'))


def _is_text(told: object) -> bool:
    """Return whether the value is a text that can be stored."""
    return isinstance(told, str) and told.isprintable()


def _is_unfinished(content: bytes) -> bool:
    """Return whether the last line lacks its line end and is not valid JSON: the print house may still be
    writing it.
    """
    if not content or content.endswith((b"\n", b"\r")):
        return False
    try:
        json.loads(content.splitlines()[-1])
    except (ValueError, RecursionError):
        return True
    return False


def _receipt(line: bytes, name: str, number: int) -> list[Printkvittering]:
    try:
        data: Any = json.loads(line)
        return [rules.parse_receipt(data)]
    except (ValueError, RecursionError):
        _unreadable(name, number)
        return []


def _unreadable(name: str, number: int) -> None:
    UNREADABLE.labels("liste" if name == TAKEN_OVER else "kvittering").inc()
    log.error("print_line_unreadable", extra={"fil": name, "linje": number})
