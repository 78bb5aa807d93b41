"""Attachments of a skjema: PDFs, inspected in a child process before they are stored.

Only PDFs reach every receiver: a letter may end on paper (svarut.md 1.4), where nothing else can be printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete

from fiks.core import audit, clock
from fiks.core.actor import Aktor
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.deferred_deletes import delete_on_failure
from fiks.core.environment import current
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.input_checks.size_limit import enforce_size_limit
from fiks.core.storage.store import Lagret
from fiks.edialog import access, queries, rules
from fiks.edialog.models import EdialogFil
from fiks.edialog.rules import EDITABLE, MAX_FILE_BYTES, MAX_FILES
from fiks.edialog.service import reopen_failed
from fiks.pdf import Pdfleser
from fiks.svarut.mottak.inspection import FAULTS


def add_file(
    skjema_id: UUID, filnavn: str, chunks: Iterable[bytes], leser: Pdfleser, *, actor: Aktor
) -> UUID:
    """Attach a PDF to the skjema and return its id; an unusable file is not stored, and a repeated one is
    stored once.

    Errors: EDIALOG_FOR_MANGE_FILER, EDIALOG_FILER_FOR_STORE, EDIALOG_IKKE_PDF, FIL_TOM and the PDF
    inspection's faults (422), EDIALOG_ER_SENDT (409), BarnFeil.
    """
    row = access.require(skjema_id, actor)
    if row.status not in EDITABLE:
        raise Konflikt("EDIALOG_ER_SENDT")
    left = _room(queries.files(skjema_id))
    session().rollback()
    too_large = UgyldigInndata("EDIALOG_FILER_FOR_STORE", felt="fil", grense_mb=MAX_FILE_BYTES >> 20)
    stored = current().store.put_document(enforce_size_limit(chunks, left, too_large), current().keys)
    with delete_on_failure(lambda: [stored.objekt]):
        _require_pdf(stored, leser)
        return _keep(skjema_id, filnavn, stored, actor)


def _room(there: Sequence[EdialogFil]) -> int:
    """Return how many bytes may still be attached beside these files."""
    if len(there) >= MAX_FILES:
        raise UgyldigInndata("EDIALOG_FOR_MANGE_FILER", felt="fil", grense=MAX_FILES)
    return MAX_FILE_BYTES - sum(one.storrelse for one in there)


def _require_pdf(stored: Lagret, leser: Pdfleser) -> None:
    if stored.storrelse == 0:
        raise UgyldigInndata("FIL_TOM", felt="fil")
    content = current().store.read_document(stored.objekt, stored.nokkel, current().keys)
    found = leser.inspect(content, stored.storrelse, giro_sider=(), tosidig=False)
    fault = next((FAULTS[one.kode] for one in found.funn if one.kode in FAULTS), None)
    if fault is not None:
        raise UgyldigInndata("EDIALOG_IKKE_PDF" if fault == "PDF_UGYLDIG" else fault, felt="fil")


def _keep(skjema_id: UUID, filnavn: str, stored: Lagret, actor: Aktor) -> UUID:
    with transaction() as tx:
        skjema = access.hold_editable(skjema_id, actor)
        there = queries.files(skjema_id)
        if known := next((one for one in there if one.sha256 == stored.sha256), None):
            delete_after_commit([stored.objekt])
            return known.id
        if _room(there) < stored.storrelse:
            raise UgyldigInndata("EDIALOG_FILER_FOR_STORE", felt="fil", grense_mb=MAX_FILE_BYTES >> 20)
        row = EdialogFil(
            skjema_id=skjema_id,
            nr=1 + max((one.nr for one in there), default=0),
            filnavn=rules.file_name(filnavn, [one.filnavn for one in there]),
            storrelse=stored.storrelse,
            sha256=stored.sha256,
            objekt=stored.objekt,
            nokkel=stored.nokkel,
        )
        tx.add(row)
        skjema.endret = clock.now()
        reopen_failed(skjema, actor)
        audit.record(actor, "EDIALOG_FIL_LASTET_OPP", "edialog_skjema", skjema_id, sha256=stored.sha256.hex())
        return row.id


def remove_file(skjema_id: UUID, fil_id: UUID, *, actor: Aktor) -> None:
    """Delete a file of a draft; one that is already gone is fine. Error: EDIALOG_ER_SENDT (409)."""
    with transaction() as tx:
        skjema = access.hold_editable(skjema_id, actor)
        mine = delete(EdialogFil).where(EdialogFil.id == fil_id, EdialogFil.skjema_id == skjema_id)
        gone = tx.scalars(mine.returning(EdialogFil.objekt)).all()
        if not gone:
            return
        delete_after_commit(gone)
        skjema.endret = clock.now()
        reopen_failed(skjema, actor)
        audit.record(actor, "EDIALOG_FIL_FJERNET", "edialog_skjema", skjema_id)
