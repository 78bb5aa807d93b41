"""Locks that a worker takes before it writes the result of reading an upload."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import delete_after_commit, session, transaction
from fiks.pdf import Alvorlighet, PdfKode, Pdfkontroll
from fiks.pdf.findings import to_wire
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.models import Opplasting, Utsending
from fiks.utsending.stored_objects import unused_objects


def lock_upload(part: Del, upload_id: UUID) -> bool:
    """Lock mailing, upload and piece in the order that `upload` does; False if the piece is no longer ours.

    So a new upload of the list waits for this transaction, and the two never deadlock.
    """
    upload = select(Opplasting.id).where(Opplasting.id == upload_id).with_for_update()
    there = _lock_mailing_row(part) and session().execute(upload).first() is not None
    return there and queue.is_still_claimed(part)


def lock_piece(part: Del) -> bool:
    """As `lock_upload`, for results that belong to no upload: locks mailing and piece only."""
    return _lock_mailing_row(part) and queue.is_still_claimed(part)


def _lock_mailing_row(part: Del) -> bool:
    mailing = select(Utsending.id).where(Utsending.id == part.utsending_id).with_for_update(key_share=True)
    return session().execute(mailing).first() is not None


def record_pdf(part: Del, upload_id: UUID, found: Pdfkontroll, form: dict[str, Any]) -> bool:
    """Store the findings of an uploaded PDF; delete its content when it cannot be sent.

    The content is kept when the PDF could not be checked (`could_not_be_checked`). False when the upload was
    replaced or the draft discarded during the check.
    """
    with transaction() as tx:
        if not lock_upload(part, upload_id):
            return False
        upload = tx.get_one(Opplasting, upload_id, with_for_update=True)
        upload.sider, upload.funn, upload.form = found.sider, to_wire(found)["funn"], form
        if found.kan_sendes:
            upload.status = "LEST"
            return True
        upload.status = "FEILET"
        upload.feilkode = next(f.kode for f in found.funn if f.alvorlighet is Alvorlighet.FEIL)
        if not could_not_be_checked(found):
            gone, upload.objekt, upload.nokkel = upload.objekt, None, None
            tx.flush()
            delete_after_commit(unused_objects([gone], of=part.utsending_id))
        return True


def could_not_be_checked(found: Pdfkontroll) -> bool:
    """Whether the check gave up on the PDF (PDF_FOR_KOMPLISERT), so that the verdict may be wrong.

    The PDF is refused, but its content is kept, so that the check can be ordered again.
    """
    return any(f.kode is PdfKode.PDF_FOR_KOMPLISERT for f in found.funn)
