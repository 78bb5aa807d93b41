"""Cleanup job of the sweeper: deletes the content of mailings whose retention time is over.

An unreleased mailing is deleted whole (`expiry`). An ended one loses its lists, previews and row data
`lagringsdager` of its konto after its end; hashes stay as proof, letters live on as forsendelser. Keys and
rows go first, in one transaction; the objects, unreadable by then, follow.
"""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, cast, delete, func, or_, select, text, update

from fiks.core import audit, clock
from fiks.core.actor import OPPRYDDING
from fiks.core.db import delete_after_commit, session, transaction
from fiks.core.queue.planned_jobs import TURN_SECONDS, until_time_is_up
from fiks.konfigurasjon.models import Konto
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import FINAL, OPEN
from fiks.utsending.deletion.discard import delete_mailing, objects_of_mailing
from fiks.utsending.deletion.expiry import UNRELEASED, deletion_time
from fiks.utsending.file_models import Brevfil
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import Delstatus, Utsendingstatus
from fiks.utsending.stored_objects import unused_objects
from fiks.utsending.transitions import write_history

log = logging.getLogger(__name__)
U = Utsendingstatus
ENDED = (U.FULLFORT, U.STOPPET)


def clean_all(limit: int = 50, seconds: float = TURN_SECONDS) -> int:
    """Clean up to `limit` mailings whose retention time is over, within `seconds`; return how many.

    Idempotent. Mailings are taken in random order, so one that fails or takes a whole run delays no others
    for long. The first error is raised after the others have had their turn.
    """
    due = list(session().scalars(_due().limit(limit)))
    session().rollback()
    cleaned, broken = 0, list[Exception]()
    for utsending_id in until_time_is_up(due, seconds):
        try:
            cleaned += _clean_mailing(utsending_id)
        except Exception as error:
            log.exception("mailing_not_cleaned", extra={"utsending": str(utsending_id)})
            session().rollback()
            broken.append(error)
    if broken:
        raise broken[0]
    return cleaned


def _due() -> Select[UUID, str]:
    """The mailings whose retention time is over and that have no unsettled letter, in random order."""
    keep = Konto.lagringsdager * text("interval '1 day'")
    now = clock.now()
    ended = func.coalesce(Utsending.fullfort, Utsending.stoppet)
    unsettled = select(Forsendelse.id).where(
        Forsendelse.utsending_id == Utsending.id, Forsendelse.status.not_in([str(s) for s in FINAL])
    )
    handing = select(Levering.id).where(
        Levering.utsending_id == Utsending.id, Levering.status.in_([str(s) for s in OPEN])
    )
    over: ColumnElement[bool] = or_(
        Utsending.status.in_([str(s) for s in UNRELEASED]) & (deletion_time() <= now),
        Utsending.status.in_([str(s) for s in ENDED])
        & (ended + keep <= now)
        & ~unsettled.correlate(Utsending).exists()
        & ~handing.correlate(Utsending).exists(),
    )
    return (
        select(Utsending.id, Utsending.status)
        .join(Konto, Konto.id == Utsending.konto_id)
        .where(Utsending.innhold_slettet.is_(None), over)
        .order_by(func.random())
    )


def _clean_mailing(utsending_id: UUID) -> bool:
    """Clean one mailing, unless it is locked or no longer due."""
    with transaction() as tx:
        row = tx.execute(
            _due().where(Utsending.id == utsending_id).with_for_update(of=Utsending, skip_locked=True)
        ).first()
        if row is None:
            return False
        held = objects_of_mailing(utsending_id)
        if row.status in UNRELEASED:
            delete_mailing(utsending_id, actor=OPPRYDDING)
        else:
            _delete_content(utsending_id, row)
        objects = unused_objects(held, of=utsending_id)
        delete_after_commit(objects)
    log.info("mailing_cleaned", extra={"utsending": str(utsending_id), "objekter": len(objects)})
    return True


def _delete_content(utsending_id: UUID, row: Row[UUID, str]) -> None:
    """Delete the content of an ended mailing and keep its rows and hashes."""
    tx = session()
    tx.execute(
        update(Utsendingsrad)
        .where(Utsendingsrad.utsending_id == utsending_id)
        .values(data_kryptert=None, reparasjon_kryptert=None, objekt=None, fra=None, lengde=None, nokkel=None)
        .execution_options(synchronize_session=False)
    )
    tx.execute(
        update(Opplasting)
        .where(Opplasting.utsending_id == utsending_id)
        .values(objekt=None, nokkel=None, form=Opplasting.form.op("-")(cast("bilder", Text())))
        .execution_options(synchronize_session=False)
    )
    tx.execute(
        update(Brevfil)
        .where(Brevfil.utsending_id == utsending_id)
        .values(
            navn_kryptert=None,
            vist_navn="",
            objekt=None,
            fra=None,
            lengde=None,
            nokkel=None,
            form=Brevfil.form.op("-")(cast("bilder", Text())),
        )
        .execution_options(synchronize_session=False)
    )
    tx.execute(
        delete(Arbeidsdel).where(Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.status != Delstatus.TATT)
    )
    organisasjon_id = tx.execute(
        update(Utsending)
        .where(Utsending.id == utsending_id)
        .values(innhold_slettet=clock.now())
        .returning(Utsending.organisasjon_id)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    write_history(
        utsending_id, fra=row.status, til=row.status, actor=OPPRYDDING, detaljer={"innhold_slettet": True}
    )
    audit.record(OPPRYDDING, "INNHOLD_SLETTET", "utsending", utsending_id, organisasjon_id=organisasjon_id)
