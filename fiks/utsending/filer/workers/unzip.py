"""Worker: unpacks a zip. All its files are added in one transaction, or none."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import ARBEIDER
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.deferred_deletes import delete_now, delete_on_failure
from fiks.core.environment import current
from fiks.utsending.filer.check_jobs import order_checks
from fiks.utsending.filer.errors import FilFeil
from fiks.utsending.filer.linking import mark_links_stale, relink_if_stale
from fiks.utsending.filer.storage import Nyfil, add_or_replace_files
from fiks.utsending.filer.workers.zip_reader import open_zip
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.models import Opplasting, Utsending

log = logging.getLogger(__name__)


def unpack_part(part: Del) -> None:
    """Do one PAKK_UT piece. A faulty zip is stored with its error for display, and no file of it is kept."""
    waiting = (
        session()
        .execute(
            select(Opplasting.id, Opplasting.objekt, Opplasting.nokkel).where(
                Opplasting.utsending_id == part.utsending_id,
                Opplasting.art == "ZIP",
                Opplasting.status == "MOTTATT",
            )
        )
        .first()
    )
    session().rollback()
    if waiting is None:
        with transaction():
            queue.finish_piece(part)
        return
    assert waiting.objekt is not None and waiting.nokkel is not None
    stored: list[Nyfil] = []
    try:
        with delete_on_failure(lambda: [fil.lagret.objekt for fil in stored]):
            _store(waiting.objekt, waiting.nokkel, stored)
            kept = _keep(part, waiting.id, stored)
    except FilFeil as error:
        _refuse(part, waiting.id, error)
    else:
        if not kept:
            delete_now(fil.lagret.objekt for fil in stored)


def _store(objekt: str, nokkel: bytes, stored: list[Nyfil]) -> None:
    """Put the zip's files into the object store, batch by batch, and append each to `stored`."""
    env = current()
    with open_zip(env.store.read_document(objekt, nokkel, env.keys)) as batches:
        for batch in batches:
            pieces = env.store.put_segment([fil.innhold for fil in batch], env.keys)
            stored += [Nyfil(fil.navn, piece) for fil, piece in zip(batch, pieces, strict=True)]


def _keep(part: Del, upload_id: UUID, stored: list[Nyfil]) -> bool:
    """Add the files to the mailing; return False if the piece is no longer ours."""
    with transaction() as tx:
        upload = _take(part, upload_id)
        if upload is None:
            return False
        numbers = add_or_replace_files(part.utsending_id, stored, part.bestilt_av)
        delete_after_commit([upload.objekt] if upload.objekt else [])
        tx.delete(upload)
        order_checks(part.utsending_id, numbers, part.bestilt_av)
        if numbers:
            mark_links_stale(part.utsending_id)
        relink_if_stale(part.utsending_id, part.bestilt_av)
        queue.finish_piece(part)
        queue.ring_lane(part.art)
        audit.record(ARBEIDER, "ZIP_PAKKET_UT", "utsending", part.utsending_id, antall=len(stored))
    log.info("zip_unpacked", extra={"antall": len(stored), "utsending": str(part.utsending_id)})
    return True


def _take(part: Del, upload_id: UUID) -> Opplasting | None:
    """Lock mailing, upload and piece in the order uploads do; return the zip if the piece is still ours."""
    tx = session()
    mailing = select(Utsending.id).where(Utsending.id == part.utsending_id).with_for_update()
    if tx.execute(mailing).first() is None:
        return None
    upload = tx.scalars(
        select(Opplasting)
        .where(Opplasting.id == upload_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    return upload if upload is not None and queue.is_still_claimed(part) else None


def _refuse(part: Del, upload_id: UUID, error: FilFeil) -> None:
    with transaction():
        upload = _take(part, upload_id)
        if upload is None:
            return
        delete_after_commit([upload.objekt] if upload.objekt else [])
        upload.status, upload.feilkode, upload.objekt, upload.nokkel = "FEILET", error.kode, None, None
        upload.feilparams = {k: v for k, v in error.params.items() if isinstance(v, int | str)}
        queue.finish_piece(part)
    log.info("zip_refused", extra={"kode": error.kode, "utsending": str(part.utsending_id)})
