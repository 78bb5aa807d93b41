"""Uploading a mailing's files: one by one, many at a time, or as a zip; and removing them.

Files of one upload succeed or fail each on its own. A zip is unpacked by a worker, completely or not at all.
Every change makes the list be linked to the files anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.crypto.encryption import Chunk
from fiks.core.db import session, transaction
from fiks.core.deferred_deletes import delete_on_failure
from fiks.core.environment import current
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.input_checks.magic_bytes import HEADER, begins_as_pdf
from fiks.core.input_checks.size_limit import enforce_size_limit
from fiks.core.storage.store import Lagret
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.editing.stale_form import (
    Vist,
    changes_since,
    compare_versions,
    file_version,
    refuse_stale,
)
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer import giro
from fiks.utsending.filer.check_jobs import order_checks, reorder_checks
from fiks.utsending.filer.errors import MAX_FILE_BYTES, MAX_ZIP_BYTES, MIB, Filavslag, FilFeil
from fiks.utsending.filer.linking import mark_links_stale, relink_if_stale, require_linked
from fiks.utsending.filer.matching import base_name, display_name, name_fault
from fiks.utsending.filer.requirements import reopen_with_files, require_one_document_per_row
from fiks.utsending.filer.storage import Nyfil, add_or_replace_files, delete_files, name_index
from fiks.utsending.jobs import queue
from fiks.utsending.letters.documents import is_unused
from fiks.utsending.models import Opplasting
from fiks.utsending.rules import Delart

ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
REMOVED_TOGETHER = {"alle": Vist.FILER, "ubrukte": Vist.UBRUKTE}
"""Groups of files that can be removed together, and what the page must have shown."""

Opplastet = tuple[str, Iterable[bytes]]
"""An uploaded file: its name, and its content in chunks."""


@dataclass(frozen=True, slots=True)
class Avvist:
    """A refused file: its name masked for display, and the error."""

    navn: str
    feil: FilFeil


@dataclass(frozen=True, slots=True)
class Mottatt:
    """Result of one upload: how many files are new or changed, how many unchanged, and the refused ones."""

    nye: int
    uendret: int
    avvist: tuple[Avvist, ...]


def add_files(
    utsending_id: UUID, filer: Iterable[Opplastet], *, actor: Aktor, flere: bool = False
) -> Mottatt:
    """Store finished PDFs and order their checks; a file replaces one of the same name.

    `flere`: more uploads follow, so linking waits for the last one. A single file's fault is returned in the
    result; a fault of all together raises `FilFeil` FILER_FOR_MANGE or FILER_FOR_STORE, and none is stored.
    Other errors: KAN_IKKE_ENDRES, FEIL_MATE (409).
    """
    require_one_document_per_row(access.require(utsending_id, actor, P.SENDE))
    session().rollback()
    stored: list[Nyfil] = []
    refused: list[Avvist] = []
    with delete_on_failure(lambda: [fil.lagret.objekt for fil in stored]):
        seen: set[str] = set()
        for path, chunks in filer:
            try:
                stored.append(_store(path, chunks, seen))
            except FilFeil as error:
                refused.append(Avvist(display_name(path), error))
        numbers = _write(utsending_id, stored, flere, actor)
    return Mottatt(len(numbers), len(stored) - len(numbers), tuple(refused))


def _store(path: str, chunks: Iterable[bytes], seen: set[str]) -> Nyfil:
    if fault := name_fault(path):
        raise FilFeil(fault)
    name = base_name(path)
    if name in seen:
        raise FilFeil(Filavslag.FILNAVN_DOBBELT)
    env = current()
    stored: Lagret = env.store.put_document(_checked_pdf(chunks), env.keys)
    seen.add(name)
    return Nyfil(name, stored)


def _checked_pdf(chunks: Iterable[bytes]) -> Iterator[Chunk]:
    """Yield the content, raising as soon as it proves to be no PDF or too large; then nothing is stored."""
    source = iter(chunks)
    head = b""
    while len(head) < HEADER and (chunk := next(source, b"")):
        head += chunk
    if not head:
        raise FilFeil(Filavslag.FIL_TOM)
    if not begins_as_pdf(head):
        raise FilFeil(Filavslag.FILTYPE_IKKE_PDF)
    too_large = FilFeil(Filavslag.FIL_FOR_STOR, maks_mb=MAX_FILE_BYTES // MIB)
    yield from enforce_size_limit(chain([head], source), MAX_FILE_BYTES, too_large)


def _write(utsending_id: UUID, stored: Sequence[Nyfil], flere: bool, actor: Aktor) -> list[int]:
    with transaction():
        reopen_with_files(utsending_id, actor=actor)
        giro.begin_giro(utsending_id)
        numbers = add_or_replace_files(utsending_id, stored, actor.person_id)
        order_checks(utsending_id, numbers, actor.person_id)
        if numbers:
            mark_links_stale(utsending_id)
        if not flere:
            relink_if_stale(utsending_id, actor.person_id)
        if numbers:
            audit.record(actor, "FILER_LASTET_OPP", "utsending", utsending_id, antall=len(numbers))
    return numbers


def add_zip(utsending_id: UUID, filnavn: str, chunks: Iterable[bytes], *, actor: Aktor) -> None:
    """Store a zip of PDFs and order its unpacking.

    Errors: FIL_TOM, FIL_FOR_STOR, ZIP_UGYLDIG (`FilFeil`), ZIP_LESES, KAN_IKKE_ENDRES, FEIL_MATE (409).
    """
    require_one_document_per_row(access.require(utsending_id, actor, P.SENDE))
    session().rollback()
    env = current()
    stored = env.store.put_document(_checked_zip(chunks), env.keys)
    with delete_on_failure(lambda: [stored.objekt]), transaction() as tx:
        reopen_with_files(utsending_id, actor=actor)
        _forget_zip(utsending_id)
        giro.begin_giro(utsending_id)
        tx.add(
            Opplasting(
                utsending_id=utsending_id,
                art="ZIP",
                filnavn=display_name(filnavn),
                storrelse=stored.storrelse,
                sha256=stored.sha256,
                objekt=stored.objekt,
                nokkel=stored.nokkel,
                opprettet_av=actor.person_id,
            )
        )
        tx.flush()
        queue.order(utsending_id, Delart.PAKK_UT, bestilt_av=actor.person_id)
        audit.record(actor, "ZIP_LASTET_OPP", "utsending", utsending_id, sha256=stored.sha256.hex())


def _checked_zip(chunks: Iterable[bytes]) -> Iterator[Chunk]:
    source = iter(chunks)
    head = next(source, b"")
    if not head:
        raise FilFeil(Filavslag.FIL_TOM)
    if not head.startswith(ZIP_MARKS):
        raise FilFeil(Filavslag.ZIP_UGYLDIG)
    too_large = FilFeil(Filavslag.FIL_FOR_STOR, maks_mb=MAX_ZIP_BYTES // MIB)
    yield from enforce_size_limit(chain([head], source), MAX_ZIP_BYTES, too_large)


def _forget_zip(utsending_id: UUID) -> None:
    """Delete a refused zip to make room for the next; raise ZIP_LESES if one waits to be unpacked."""
    tx = session()
    before = tx.scalars(
        select(Opplasting)
        .where(Opplasting.utsending_id == utsending_id, Opplasting.art == "ZIP")
        .with_for_update()
    ).one_or_none()
    if before is None:
        return
    if before.status != "FEILET":
        raise Konflikt("ZIP_LESES")
    tx.delete(before)
    tx.flush()


@dataclass(frozen=True, slots=True, repr=False)
class Lokalfil:
    """A file on a person's own computer, before upload. No repr: its name may hold a personal number."""

    navn: str
    storrelse: int
    sha256: bytes


def missing_files(utsending_id: UUID, filer: Sequence[Lokalfil], *, actor: Aktor) -> list[int]:
    """Return the positions in `filer` of files not yet here with the same name, size and content, free of
    errors.
    """
    require_one_document_per_row(access.require(utsending_id, actor, P.SENDE))
    here = {
        (row.navn_indeks, row.storrelse, row.sha256)
        for row in session().execute(
            select(Brevfil.navn_indeks, Brevfil.storrelse, Brevfil.sha256).where(
                Brevfil.utsending_id == utsending_id, Brevfil.status != "FEILET"
            )
        )
    }
    return [
        place
        for place, fil in enumerate(filer)
        if (name_index(base_name(fil.navn)), fil.storrelse, fil.sha256) not in here
    ]


def remove_files(utsending_id: UUID, hvilke: str, *, actor: Aktor, vist: str | None = None) -> int:
    """Remove files: `hvilke` is "alle", "ubrukte" (no row names them) or one file's number. Returns how many.

    The page showed FILER, UBRUKTE, or the one file (`vist`, see `stale_form`). Errors: VALG_UGYLDIG (422),
    KAN_IKKE_ENDRES, FEIL_MATE, VistEndret; FILER_IKKE_KOBLET while it is not known what is unused (409).
    """
    access.require(utsending_id, actor, P.SENDE)
    chosen = select(Brevfil.id).where(Brevfil.utsending_id == utsending_id)
    if hvilke == "ubrukte":
        chosen = chosen.where(is_unused())
    elif hvilke.isascii() and hvilke.isdigit() and len(hvilke) < 9:
        chosen = chosen.where(Brevfil.nr == int(hvilke))
    elif hvilke != "alle":
        raise UgyldigInndata("VALG_UGYLDIG", felt="hvilke")
    with transaction() as tx:
        reopen_with_files(utsending_id, actor=actor)
        if hvilke == "ubrukte":
            require_linked(utsending_id)
        endret = _changes_since_shown(utsending_id, hvilke, vist)
        gone = delete_files(utsending_id, tx.scalars(chosen).all())
        if gone:
            refuse_stale(endret)
        if gone and hvilke != "ubrukte":  # that a file no row names is gone changes nothing for any row
            mark_links_stale(utsending_id)
        relink_if_stale(utsending_id, actor.person_id)
        audit.record(actor, "FILER_FJERNET", "utsending", utsending_id, antall=gone)
    return gone


def _changes_since_shown(utsending_id: UUID, hvilke: str, vist: str | None) -> tuple[Vist, ...]:
    if hvilke in REMOVED_TOGETHER:
        return changes_since(utsending_id, vist, REMOVED_TOGETHER[hvilke])
    return () if vist is None else compare_versions(vist, file_version(utsending_id, int(hvilke)))


def try_again(utsending_id: UUID, *, actor: Aktor) -> None:
    """Order work that was lost: unpack a waiting zip, check unchecked files, link the list again.

    Errors: KAN_IKKE_ENDRES, FEIL_MATE (409).
    """
    access.require(utsending_id, actor, P.SENDE)
    with transaction() as tx:
        reopen_with_files(utsending_id, actor=actor)
        zip_waits = select(Opplasting.id).where(
            Opplasting.utsending_id == utsending_id, Opplasting.art == "ZIP", Opplasting.status == "MOTTATT"
        )
        if tx.scalar(select(zip_waits.exists())) and not queue.is_busy(utsending_id, Delart.PAKK_UT):
            queue.order(utsending_id, Delart.PAKK_UT, bestilt_av=actor.person_id)
        if not queue.is_busy(utsending_id, Delart.FIL):
            reorder_checks(utsending_id, actor.person_id)
        mark_links_stale(utsending_id)
        relink_if_stale(utsending_id, actor.person_id)
