"""The worker's reading of an upload: the list into controlled rows, or the PDF into findings.

The list is read in a child process, controlled against the registers in portions of a thousand, and each portion is
committed with the progress. A crash only means that it is read again; rows that are there stay as they are.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.konfigurasjon.models import Konto
from fiks.svarinn.queries import organisations_with_system
from fiks.utsending import rows, work
from fiks.utsending.liste.child import open_list
from fiks.utsending.liste.control import Register, control_rows
from fiks.utsending.liste.findings import Filkode, ListeFeil, Rad
from fiks.utsending.liste.reading import Listeform
from fiks.utsending.models import Kolonnekobling, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import list_digest
from fiks.utsending.work import Del

log = logging.getLogger(__name__)
KEEP_FILE = (Filkode.KOLONNE_MANGLER, Filkode.OVERSKRIFT_MANGLER, Filkode.KOLONNE_DOBBEL)


def read_upload(part: Del, register: Register) -> None:
    """Do one LES piece: every upload of the mailing that has not been read yet. Raises KanalFeil from registers."""
    waiting = (
        session()
        .scalars(
            select(Opplasting.id).where(
                Opplasting.utsending_id == part.utsending_id,
                Opplasting.art == "LISTE",
                Opplasting.status.in_(["MOTTATT", "LESES"]),
            )
        )
        .all()
    )
    session().rollback()
    for upload_id in waiting:
        _read_list(part, upload_id, register)
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
    upload = session().execute(select(Opplasting).where(Opplasting.id == upload_id)).scalar_one()
    objekt, nokkel, filnavn, kobling = upload.objekt, upload.nokkel, upload.filnavn, dict(upload.kobling)
    session().rollback()
    assert objekt is not None and nokkel is not None
    with transaction() as tx:
        tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(status="LESES", lest_til=0))
    try:
        with stored_file(objekt, nokkel, Path(filnavn).suffix) as path:
            form, remembered = _form(part, path, filnavn, kobling)
            if form.mangler:
                raise ListeFeil(Filkode.KOLONNE_MANGLER, felter=list(form.mangler))
            with open_list(path, filnavn, remembered) as liste:
                _store_rows(part, upload_id, liste.rader, register)
    except ListeFeil as error:
        _refuse(part, upload_id, error)


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
    konto, kun_digital = _options(part.utsending_id)
    memo = rows.Memo(register)
    hashes: list[bytes] = []
    count = 0
    for portion in control_rows(rader, memo, kun_digital=kun_digital):
        with transaction() as tx:
            if not work.still_ours(part):
                return
            svarinn = organisations_with_system([r.orgnr for r in portion if r.orgnr])
            stored = [
                rows.stored_row(
                    part.utsending_id,
                    row,
                    rows.forecast(
                        row, memo, svarinn=svarinn, sdp_aktiv=konto.sdp_aktiv, kun_digital=kun_digital
                    ),
                )
                for row in portion
            ]
            tx.execute(insert(Utsendingsrad).on_conflict_do_nothing(), stored)
            count += len(stored)
            hashes += [row["rad_hash"] for row in stored]
            tx.execute(update(Opplasting).where(Opplasting.id == upload_id).values(lest_til=count))
        memo.forget()
    _complete(part, upload_id, count, list_digest(hashes))


def _options(utsending_id: UUID) -> tuple[Konto, bool]:
    with transaction() as tx:
        konto, kun_digital = tx.execute(
            select(Konto, Utsending.kun_digital)
            .join(Utsending, Utsending.konto_id == Konto.id)
            .where(Utsending.id == utsending_id)
        ).one()
        tx.expunge(konto)
        return konto, kun_digital


def _complete(part: Del, upload_id: UUID, count: int, digest: bytes) -> None:
    """LEST only if the rows that are stored are exactly the rows that were read."""
    with transaction() as tx:
        if not work.still_ours(part):
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
        if not work.still_ours(part):
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


def fail_upload(part: Del, feilkode: str) -> None:
    """The reading could not be done this time (a register is away): the file is kept and may be read again."""
    with transaction() as tx:
        tx.execute(
            update(Opplasting)
            .where(Opplasting.utsending_id == part.utsending_id, Opplasting.status.in_(["MOTTATT", "LESES"]))
            .values(status="FEILET", feilkode=feilkode)
        )
