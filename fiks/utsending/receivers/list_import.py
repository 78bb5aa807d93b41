"""Worker that reads the uploads: the list becomes controlled rows (PDFs are read in `pdf_import`).

A child process reads the list; portions of a thousand rows are controlled against the registers and committed
with the progress. After a crash the list is read again from the beginning.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, func, select, update

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.registeroppslag.port import Registerport
from fiks.svarinn.queries import organisations_with_system
from fiks.utsending.filer.linking import Knytter, knytter
from fiks.utsending.filer.matching import FIELD
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.jobs.stored_upload import decrypted_upload
from fiks.utsending.jobs.upload_lock import lock_piece, lock_upload
from fiks.utsending.liste.child.process import open_controlled, open_list
from fiks.utsending.liste.control.pipeline import complete_rows
from fiks.utsending.liste.control.whole_list import WholeListCheck
from fiks.utsending.liste.findings import MAPPABLE, Filkode, ListeFeil
from fiks.utsending.liste.rules.controlled_row import Kontrollert
from fiks.utsending.liste.source.reader import Listeform
from fiks.utsending.models import Kolonnekobling, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.receivers import typed
from fiks.utsending.receivers.list_summary import form_with_findings
from fiks.utsending.receivers.pdf_import import read_document
from fiks.utsending.rows import portions, storage
from fiks.utsending.rules import Art, list_digest
from fiks.utsending.samlet.workers import first_look as big_file
from fiks.utsending.samlet.workers import read_rows as letter_rows

log = logging.getLogger(__name__)
READABLE = ("LISTE", "DOKUMENT", "SAMLET", "TILLEGGSLISTE")
ASKS_REGISTERS = "LISTE"
"""The upload whose reading asks the registers. It is read last, so a silent register delays no document."""


def read_upload(part: Del, register: Registerport, patience: float = 0.0) -> None:
    """Do a LES piece: read every upload of the mailing that is not read yet. Raises KanalFeil of registers.

    A silent register is asked again for `patience` seconds. Rows without a file are controlled again when the
    piece says so or there is nothing to read.
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
    unread = [
        (row.id, row.art) for row in uploads if row.status in ("MOTTATT", "LESES") and row.art in READABLE
    ]
    waiting = sorted(unread, key=lambda one: one[1] == ASKS_REGISTERS)
    for upload_id, art in waiting:
        if art == "LISTE":
            _read_list(part, upload_id, register, patience)
        elif art == "SAMLET":
            big_file.look_through(part, upload_id)
        elif art == "TILLEGGSLISTE":
            big_file.look_through_extra(part, upload_id)
        else:
            read_document(part, upload_id)
    of_big_file = letter_rows.read_letters(part, register, patience)
    control = part.fra == queue.CONTROL or not waiting
    if control and not of_big_file and not any(row.art == "LISTE" for row in uploads):
        typed.control_again(part, register, patience)
    with transaction():
        queue.finish_piece(part)


def _read_list(part: Del, upload_id: UUID, register: Registerport, patience: float) -> None:
    upload = session().execute(select(Opplasting).where(Opplasting.id == upload_id)).scalar_one_or_none()
    if upload is None:
        return
    objekt, nokkel, filnavn, kobling = upload.objekt, upload.nokkel, upload.filnavn, dict(upload.kobling)
    session().rollback()
    assert objekt is not None and nokkel is not None
    if not _mark_as_reading(part, upload_id):
        return
    try:
        with decrypted_upload(objekt, nokkel) as path:
            form, remembered = _form(part, path, filnavn, kobling)
            if not _save_form(part, upload_id, form):
                return
            lacking = [*form.mangler, *_missing_file_column(part.utsending_id, form)]
            if lacking:
                raise ListeFeil(Filkode.KOLONNE_MANGLER, felter=lacking)
            with open_controlled(path, filnavn, remembered) as rader:
                _store_rows(part, upload_id, rader, register, patience)
    except ListeFeil as error:
        _refuse(part, upload_id, error)


def _mark_as_reading(part: Del, upload_id: UUID) -> bool:
    """Mark the list as being read and delete rows of a lost reading; False if the piece is no longer ours."""
    with transaction() as tx:
        if not lock_upload(part, upload_id):
            return False
        tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(status="LESES", lest_til=0))
        tx.execute(delete(Utsendingsrad).where(Utsendingsrad.utsending_id == part.utsending_id))
        return True


def _form(
    part: Del, path: Path, filnavn: str, kobling: dict[str, str | None]
) -> tuple[Listeform, dict[str, str | None] | None]:
    """(the list's form, the mapping used): the mapping chosen by hand, else the konto's for these headers."""
    mapping = kobling or None
    with open_list(path, filnavn, mapping) as liste:
        form = liste.form
    if mapping is None:
        mapping = _remembered_mapping(part.utsending_id, form)
        if mapping is not None:
            with open_list(path, filnavn, mapping) as liste:
                form = liste.form
    return form, mapping


def _missing_file_column(utsending_id: UUID, form: Listeform) -> list[str]:
    """The field that names each row's files, if rows must have files and no column is mapped to it."""
    with transaction() as tx:
        art = tx.execute(select(Utsending.art).where(Utsending.id == utsending_id)).scalar_one()
    needed = art == Art.ETT_DOKUMENT_PER_RAD and FIELD not in form.kobling.values()
    return [FIELD] if needed else []


def header_digest(overskrifter: tuple[str, ...]) -> bytes:
    """Digest of the headers under which a column mapping is remembered."""
    return hashlib.sha256("\x1f".join(overskrifter).encode()).digest()


def _remembered_mapping(utsending_id: UUID, form: Listeform) -> dict[str, str | None] | None:
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


def _save_form(part: Del, upload_id: UUID, form: Listeform) -> bool:
    """Store the list's form; False if the piece is no longer ours, as another list may have come."""
    with transaction() as tx:
        if not lock_upload(part, upload_id):
            return False
        described = asdict(form) | {"overskrift": header_digest(form.overskrifter).hex()}
        tx.execute(
            update(Opplasting)
            .where(Opplasting.id == upload_id)
            .values(form=described, kolonner=list(form.overskrifter), kobling=form.kobling)
        )
        return True


def _store_rows(
    part: Del, upload_id: UUID, rader: Iterator[Kontrollert], register: Registerport, patience: float
) -> None:
    konto, kun_digital = portions.control_options(part.utsending_id)
    ties = knytter(part.utsending_id)
    hashes, whole = bytearray(), WholeListCheck()
    count = 0
    for portion in complete_rows(rader, register, kun_digital, patience, systems=organisations_with_system):
        with transaction() as tx:
            if not lock_upload(part, upload_id):
                return
            tied = ties.check(portion.rader) if ties else portion.rader
            made = portions.stored_portion(part.utsending_id, tied, portion, konto, kun_digital)
            stored = storage.copy_in(tx, made)
            if ties:
                ties.write_links(row["radnr"] for row in stored)
            count += len(stored)
            hashes += b"".join(row["rad_hash"] for row in stored)
            tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(lest_til=count))
        whole.see(tied)
    _complete(part, upload_id, (count, list_digest([bytes(hashes)])), ties, whole)


def _complete(
    part: Del, upload_id: UUID, counted: tuple[int, bytes], ties: Knytter | None, whole: WholeListCheck
) -> None:
    """Mark the list LEST if the stored rows are those that were read (`counted`: number and digest)."""
    count, digest = counted
    with transaction() as tx:
        if not lock_upload(part, upload_id):
            return
        stored = tx.execute(
            select(func.count()).where(Utsendingsrad.utsending_id == part.utsending_id)
        ).scalar_one()
        if stored != count:
            raise ListeFeil(Filkode.FIL_UGYLDIG)
        if count == 0:
            raise ListeFeil(Filkode.INGEN_RADER)
        if ties:
            ties.finish()
        read = {"status": "LEST", "antall": count, "form": form_with_findings(whole)}
        tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(**read))
        tx.execute(
            update(Utsending)
            .where(Utsending.id == part.utsending_id)
            .values(antall_rader=count, liste_digest=digest)
        )


def _refuse(part: Del, upload_id: UUID, error: ListeFeil) -> None:
    """Store the reason and delete the file's content, unless only its columns must be mapped by hand."""
    keep = error.kode in MAPPABLE
    doomed = None
    with transaction() as tx:
        if not lock_upload(part, upload_id):
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


def fail_reading(part: Del, feilkode: str) -> None:
    """A register is unavailable: mark its upload FEILET and end the piece, in one transaction.

    The upload is kept and can be read again. Doing only one of the two would show a reading that nobody does,
    or mark a new upload failed. Uploads that ask no register are untouched.
    """
    with transaction() as tx:
        if not lock_piece(part):
            return
        tx.execute(
            update(Opplasting)
            .where(
                Opplasting.utsending_id == part.utsending_id,
                Opplasting.art == ASKS_REGISTERS,
                Opplasting.status.in_(["MOTTATT", "LESES"]),
            )
            .values(status="FEILET", feilkode=feilkode)
        )
        queue.fail_piece(part, feilkode)
