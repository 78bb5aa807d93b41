"""The worker's reading of an upload: the list into controlled rows, or the PDF into findings.

The list is read in a child process, controlled against the registers in portions of a thousand, and each portion is
committed with the progress. A crash only means that it is read again from the beginning.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import FiksError
from fiks.core.isolate import BarnFeil
from fiks.print.pdf import Alvorlighet as Pdfalvorlighet
from fiks.print.pdf import PdfFunn, PdfKode, Pdfkontroll, check_pdf, page_png
from fiks.print.pdf.findings import to_wire
from fiks.utsending import manual, rows, work
from fiks.utsending.liste.child import open_list
from fiks.utsending.liste.control import Register, control_rows
from fiks.utsending.liste.findings import Filkode, ListeFeil, Rad
from fiks.utsending.liste.reading import Listeform
from fiks.utsending.models import Kolonnekobling, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import list_digest
from fiks.utsending.work import Del

log = logging.getLogger(__name__)
KEEP_FILE = (Filkode.KOLONNE_MANGLER, Filkode.KOLONNE_DOBBEL)
MAX_PICTURES = 20
PICTURE_DPI = 80


def read_upload(part: Del, register: Register) -> None:
    """Do one LES piece: every upload of the mailing that has not been read yet. Raises KanalFeil from registers.

    With nothing to read, rows that have no file are controlled anew.
    """
    uploads = (
        session()
        .execute(
            select(Opplasting.id, Opplasting.art, Opplasting.status).where(
                Opplasting.utsending_id == part.utsending_id
            )
        )
        .all()
    )
    session().rollback()
    waiting = [(row.id, row.art) for row in uploads if row.status in ("MOTTATT", "LESES")]
    for upload_id, art in waiting:
        if art == "LISTE":
            _read_list(part, upload_id, register)
        else:
            _read_document(part, upload_id)
    if not waiting and not any(row.art == "LISTE" for row in uploads):
        manual.control_again(part, register)
    with transaction():
        work.finish_part(part)


@contextmanager
def stored_file(objekt: str, nokkel: bytes, suffix: str) -> Iterator[Path]:
    """The clear bytes of a stored upload as a private temporary file, gone when the block ends."""
    env = current()
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        for chunk in env.store.read_document(objekt, nokkel, env.keys):
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def _read_list(part: Del, upload_id: UUID, register: Register) -> None:
    upload = session().execute(select(Opplasting).where(Opplasting.id == upload_id)).scalar_one_or_none()
    if upload is None:
        return
    objekt, nokkel, filnavn, kobling = upload.objekt, upload.nokkel, upload.filnavn, dict(upload.kobling)
    session().rollback()
    assert objekt is not None and nokkel is not None
    if not _begin(part, upload_id):
        return
    try:
        with stored_file(objekt, nokkel, Path(filnavn).suffix) as path:
            form, remembered = _form(part, path, filnavn, kobling)
            if form.mangler:
                raise ListeFeil(Filkode.KOLONNE_MANGLER, felter=list(form.mangler))
            with open_list(path, filnavn, remembered) as liste:
                _store_rows(part, upload_id, liste.rader, register)
    except ListeFeil as error:
        _refuse(part, upload_id, error)


def _begin(part: Del, upload_id: UUID) -> bool:
    """Mark the list as being read, and drop what a lost reading left; False if the piece is not ours any more."""
    with transaction() as tx:
        if not _take(part, upload_id):
            return False
        tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(status="LESES", lest_til=0))
        tx.execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == part.utsending_id))
        return True


def _form(
    part: Del, path: Path, filnavn: str, kobling: dict[str, str | None]
) -> tuple[Listeform, dict[str, str | None] | None]:
    """The list's form under the mapping chosen by hand, else the one the konto used for the same headers."""
    mapping = kobling or None
    with open_list(path, filnavn, mapping) as liste:
        form = liste.form
    if mapping is None:
        mapping = _remembered(part.utsending_id, form)
        if mapping is not None:
            with open_list(path, filnavn, mapping) as liste:
                form = liste.form
    _save_form(part, form)
    return form, mapping


def header_digest(overskrifter: tuple[str, ...]) -> bytes:
    """The digest a mapping is remembered by."""
    return hashlib.sha256("\x1f".join(overskrifter).encode()).digest()


def _remembered(utsending_id: UUID, form: Listeform) -> dict[str, str | None] | None:
    with transaction() as tx:
        stored = tx.execute(
            select(Kolonnekobling.kobling)
            .join(Utsending, Utsending.konto_id == Kolonnekobling.konto_id)
            .where(
                Utsending.id == utsending_id,
                Kolonnekobling.overskrift_digest == header_digest(form.overskrifter),
            )
        ).scalar_one_or_none()
    return dict(stored) if stored else None


def _save_form(part: Del, form: Listeform) -> None:
    with transaction() as tx:
        described = asdict(form) | {"overskrift": header_digest(form.overskrifter).hex()}
        tx.execute(
            update(Opplasting)
            .where(Opplasting.utsending_id == part.utsending_id, Opplasting.art == "LISTE")
            .values(form=described, kolonner=list(form.overskrifter), kobling=form.kobling)
        )


def _store_rows(part: Del, upload_id: UUID, rader: Iterator[Rad], register: Register) -> None:
    konto, kun_digital = manual.options(part.utsending_id)
    memo = rows.Memo(register)
    hashes = bytearray()
    count = 0
    for portion in control_rows(rader, memo, kun_digital=kun_digital):
        with transaction() as tx:
            if not _take(part, upload_id):
                return
            stored = manual.stored_portion(part.utsending_id, portion, memo, konto, kun_digital)
            rows.copy_in(tx, stored)
            count += len(stored)
            hashes += b"".join(row["rad_hash"] for row in stored)
            tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(lest_til=count))
        memo.forget()
    _complete(part, upload_id, count, list_digest([bytes(hashes)]))


def _take(part: Del, upload_id: UUID) -> bool:
    """Whether the reading is still ours to write for; locks mailing, upload and piece in the order `upload` does.

    So a new upload of the list meanwhile waits for this transaction, and neither is the other's deadlock.
    """
    tx = session()
    mailing = select(Utsending.id).where(Utsending.id == part.utsending_id).with_for_update(key_share=True)
    upload = select(Opplasting.id).where(Opplasting.id == upload_id).with_for_update()
    there = all(tx.execute(locked).first() is not None for locked in (mailing, upload))
    return there and work.still_ours(part)


def _complete(part: Del, upload_id: UUID, count: int, digest: bytes) -> None:
    """LEST only if the rows that are stored are exactly the rows that were read."""
    with transaction() as tx:
        if not _take(part, upload_id):
            return
        stored = tx.execute(
            select(func.count()).where(Utsendingsrad.utsending_id == part.utsending_id)
        ).scalar_one()
        if stored != count:
            raise ListeFeil(Filkode.FIL_UGYLDIG)
        if count == 0:
            raise ListeFeil(Filkode.INGEN_RADER)
        tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(status="LEST", antall=count))
        tx.execute(
            update(Utsending)
            .where(Utsending.id == part.utsending_id)
            .values(antall_rader=count, liste_digest=digest)
        )


def _refuse(part: Del, upload_id: UUID, error: ListeFeil) -> None:
    """Say why, and keep nothing of the file (unless columns are only to be mapped by hand)."""
    keep = error.kode in KEEP_FILE
    doomed = None
    with transaction() as tx:
        if not _take(part, upload_id):
            return
        upload = tx.get_one(Opplasting, upload_id, with_for_update=True)
        upload.status, upload.feilkode = "FEILET", error.kode
        upload.feilparams = {k: v for k, v in error.params.items() if isinstance(v, int | str | list)}
        if not keep:
            doomed, upload.objekt, upload.nokkel = upload.objekt, None, None
        tx.execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == part.utsending_id))
    if doomed is not None:
        current().store.delete(doomed)
    log.info("list_refused", extra={"kode": error.kode, "utsending": str(part.utsending_id)})


def _read_document(part: Del, upload_id: UUID) -> None:
    """Check the PDF in a child process; keep what was found and pictures of the pages it was found on."""
    objekt, nokkel, tosidig = (
        session()
        .execute(
            select(Opplasting.objekt, Opplasting.nokkel, Utsending.tosidig)
            .join(Utsending, Utsending.id == Opplasting.utsending_id)
            .where(Opplasting.id == upload_id)
        )
        .one()
    )
    session().rollback()
    assert objekt is not None and nokkel is not None
    env = current()
    data = b"".join(env.store.read_document(objekt, nokkel, env.keys))
    result = _checked(data, tosidig)
    pictures = _pictures(data, result) if result.kan_sendes else []
    if not _record_document(part, upload_id, result, pictures):
        for piece in pictures[:1]:  # all lie in one object, and no upload will tell of it
            env.store.delete(piece["objekt"])
    elif not result.kan_sendes:
        env.store.delete(objekt)
        log.info("document_refused", extra={"utsending": str(part.utsending_id)})


def _record_document(part: Del, upload_id: UUID, result: Pdfkontroll, pictures: list[dict[str, Any]]) -> bool:
    """Write what was found; False when the upload was replaced or the draft discarded while the PDF was checked."""
    with transaction() as tx:
        if not _take(part, upload_id):
            return False
        upload = tx.get_one(Opplasting, upload_id, with_for_update=True)
        upload.sider, upload.funn = result.sider, to_wire(result)["funn"]
        upload.form = {"bilder": pictures}
        if result.kan_sendes:
            upload.status = "LEST"
            return True
        upload.status, upload.objekt, upload.nokkel = "FEILET", None, None
        upload.feilkode = next(f.kode for f in result.funn if f.alvorlighet is Pdfalvorlighet.FEIL)
        return True


def _checked(data: bytes, tosidig: bool) -> Pdfkontroll:
    try:
        return check_pdf(data, tosidig=tosidig)
    except BarnFeil as error:
        log.warning("document_check_failed", extra={"kode": error.kode})
        return Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Pdfalvorlighet.FEIL),))


def _pictures(data: bytes, result: Pdfkontroll) -> list[dict[str, Any]]:
    """The first page and every page with findings, with margins and what breaks them drawn over."""
    areas = [area for finding in result.funn for area in finding.omrader]
    pages = sorted({1, *(page for finding in result.funn for page in finding.sider or ())})[:MAX_PICTURES]
    try:
        drawn = [page_png(data, page, PICTURE_DPI, marger=True, omrader=areas) for page in pages]
    except FiksError as error:
        log.warning("document_pictures_failed", extra={"kode": error.kode})
        return []
    env = current()
    stored = env.store.put_segment(drawn, env.keys)
    return [
        {"side": page, "objekt": s.objekt, "fra": s.fra, "lengde": s.lengde, "nokkel": s.nokkel.hex()}
        for page, s in zip(pages, stored, strict=True)
    ]


def fail_upload(part: Del, feilkode: str) -> None:
    """The reading could not be done this time (a register is away): the file is kept and may be read again."""
    with transaction() as tx:
        tx.execute(
            update(Opplasting)
            .where(Opplasting.utsending_id == part.utsending_id, Opplasting.status.in_(["MOTTATT", "LESES"]))
            .values(status="FEILET", feilkode=feilkode)
        )
