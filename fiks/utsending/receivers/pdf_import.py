"""Worker that reads the document to all: checks the PDF and pictures the pages with findings."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.core.environment import current
from fiks.core.errors import FiksError, Utilgjengelig
from fiks.core.isolate import BarnFeil, retry_in_new_child
from fiks.pdf import Alvorlighet as Pdfalvorlighet
from fiks.pdf import PdfFunn, PdfKode, Pdfkontroll, check_pdf, page_png
from fiks.utsending.jobs.queue import Del
from fiks.utsending.jobs.upload_lock import record_pdf
from fiks.utsending.models import Opplasting, Utsending

log = logging.getLogger(__name__)
MAX_PICTURES = 20
PICTURE_DPI = 80


def read_document(part: Del, upload_id: UUID) -> None:
    """Check the PDF in a child process; store the findings and pictures of their pages."""
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
    if not record_pdf(part, upload_id, result, {"bilder": pictures}):
        for piece in pictures[:1]:  # all lie in one object, and no upload will tell of it
            env.store.delete(piece["objekt"])
    elif not result.kan_sendes:
        log.info("document_refused", extra={"utsending": str(part.utsending_id)})


def _checked(data: bytes, tosidig: bool) -> Pdfkontroll:
    try:
        return retry_in_new_child(lambda: check_pdf(data, tosidig=tosidig))
    except BarnFeil as error:
        log.warning("document_check_failed", extra={"kode": error.kode})
        return Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Pdfalvorlighet.FEIL),))


def _pictures(data: bytes, result: Pdfkontroll) -> list[dict[str, Any]]:
    """Pictures of the first page and every page with findings, with margins and violations drawn on them."""
    areas = [area for finding in result.funn for area in finding.omrader]
    pages = sorted({1, *(page for finding in result.funn for page in finding.sider or ())})[:MAX_PICTURES]
    try:
        drawn = [page_png(data, page, PICTURE_DPI, marger=True, omrader=areas) for page in pages]
    except Utilgjengelig:
        raise
    except FiksError as error:
        log.warning("document_pictures_failed", extra={"kode": error.kode})
        return []
    env = current()
    stored = env.store.put_segment(drawn, env.keys)
    return [
        {"side": page, "objekt": s.objekt, "fra": s.fra, "lengde": s.lengde, "nokkel": s.nokkel.hex()}
        for page, s in zip(pages, stored, strict=True)
    ]
