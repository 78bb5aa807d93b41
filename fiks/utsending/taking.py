"""What a worker writes of an upload it has been reading, if it still may, and the locks that keep it so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import discard, session, transaction
from fiks.pdf import Alvorlighet, PdfKode, Pdfkontroll
from fiks.pdf.findings import to_wire
from fiks.utsending import work
from fiks.utsending.models import Opplasting, Utsending
from fiks.utsending.objects import unused_objects
from fiks.utsending.work import Del


def take(part: Del, upload_id: UUID) -> bool:
    """Whether the reading is still ours to write for; locks mailing, upload and piece in the order `upload` does.

    So a new upload of the list meanwhile waits for this transaction, and neither is the other's deadlock.
    """
    upload = select(Opplasting.id).where(Opplasting.id == upload_id).with_for_update()
    there = _hold(part) and session().execute(upload).first() is not None
    return there and work.still_ours(part)


def take_rows(part: Del) -> bool:
    """As `take`, where what is written belongs to no upload that the piece has read."""
    return _hold(part) and work.still_ours(part)


def _hold(part: Del) -> bool:
    mailing = select(Utsending.id).where(Utsending.id == part.utsending_id).with_for_update(key_share=True)
    return session().execute(mailing).first() is not None


def record_pdf(part: Del, upload_id: UUID, found: Pdfkontroll, form: dict[str, Any]) -> bool:
    """Write what was found in an uploaded PDF; let go of its content when it cannot be sent, but for `is_too_much`.

    False when the upload was replaced or the draft discarded while the PDF was looked into.
    """
    with transaction() as tx:
        if not take(part, upload_id):
            return False
        upload = tx.get_one(Opplasting, upload_id, with_for_update=True)
        upload.sider, upload.funn, upload.form = found.sider, to_wire(found)["funn"], form
        if found.kan_sendes:
            upload.status = "LEST"
            return True
        upload.status = "FEILET"
        upload.feilkode = next(f.kode for f in found.funn if f.alvorlighet is Alvorlighet.FEIL)
        if not is_too_much(found):
            gone, upload.objekt, upload.nokkel = upload.objekt, None, None
            tx.flush()
            discard(unused_objects([gone], of=part.utsending_id))
        return True


def is_too_much(found: Pdfkontroll) -> bool:
    """Whether no child could look into it. It is refused, but may be in order and we too busy: its content is kept, and
    it is looked into again with the rest when somebody asks for that.
    """
    return any(f.kode is PdfKode.PDF_FOR_KOMPLISERT for f in found.funn)
