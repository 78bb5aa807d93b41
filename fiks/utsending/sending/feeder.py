"""Feeder, a job of the sweeper: turns the rows of released mailings into forsendelser, in portions.

A release changes one row; the feeder makes at most 1 000 letters of a mailing at a time. So the claimable set
stays small, lanes are shared fairly, a paused channel collects few portions and a stop is exact. Idempotent:
each row has at most one letter.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import LateralFromClause

from fiks.core import clock
from fiks.core.actor import SVEIPER
from fiks.core.db import session, transaction, uuid_array
from fiks.core.errors import FiksError, Konflikt
from fiks.svarut.delivery.wakeup import IS_WAITING_FOR_OPENING
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.mottak.bulk_writer import accept_letters
from fiks.svarut.rules import FINAL, OPEN, Bane, Leveringsstatus, Status
from fiks.svarut.sender.actions import stop_unsent
from fiks.utsending import transitions
from fiks.utsending.approval.service import CONTENT_CHANGED, compute_digest
from fiks.utsending.jobs.round_robin import RoundRobin
from fiks.utsending.letters.documents import documents_of
from fiks.utsending.letters.inputs import letter_inputs
from fiks.utsending.letters.letter_data import letter_of
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import FEED_PORTION, SENDABLE_NAMES, Utsendingstatus
from fiks.utsending.transitions import move

log = logging.getLogger(__name__)
U = Utsendingstatus
FEED_SECONDS = 5.0
PAUSED_PORTIONS = 5
"""Portions of a mailing that may wait for a paused channel while its other letters go on (ADR 0028)."""
CANNOT_BE_FED = (FiksError, IntegrityError)
"""Errors of making one mailing's letters that say nothing of other mailings."""
AT_ONCE = 200
"""How many mailings one run checks for completion."""
UNFINISHED = [str(status) for status in Status if status not in FINAL]
_feeding, _finishing = RoundRobin[tuple[datetime, UUID]](), RoundRobin[UUID]()


def feed_all() -> int:
    """Start mailings whose angrefrist is over, and feed one portion of each; return letters made.

    It stops when FEED_SECONDS are used, as the sweeper has other jobs; the next run continues with the
    mailing whose turn it is.
    """
    waiting = _waiting()
    made, end = 0, time.monotonic() + FEED_SECONDS
    for key in _feeding.of(sorted(waiting)):
        utsending_id = key[1]
        try:
            if waiting[key] != U.FRIGITT or _start_mailing(utsending_id):
                made += feed(utsending_id)
        except CANNOT_BE_FED as error:
            skip_mailing(utsending_id, error)
        if time.monotonic() >= end:
            break
    return made


def skip_mailing(utsending_id: UUID, error: Exception) -> None:
    """Log a mailing that cannot be fed, and go on: it must not hold back the others."""
    kode = error.kode if isinstance(error, FiksError) else type(error).__name__
    log.error("mailing_not_fed", extra={"utsending": str(utsending_id), "kode": kode})
    session().rollback()


def mailings_to_feed() -> list[UUID]:
    """Mailings past angrefrist that have rows without a letter, the longest released first."""
    return [key[1] for key in sorted(_waiting())]


def _waiting() -> dict[tuple[datetime, UUID], str]:
    """Their statuses, by (release time, id)."""
    which = select(func.coalesce(Utsending.frigis_tid, Utsending.opprettet), Utsending.id, Utsending.status)
    due = which.where(Utsending.status == U.FRIGITT, Utsending.frigis_tid <= clock.now())
    begun = which.join(first_without_letter(), true()).where(Utsending.status == U.SENDES)
    waiting = {(row[0], row[1]): row[2] for query in (due, begun) for row in session().execute(query)}
    session().rollback()
    return waiting


def first_without_letter() -> LateralFromClause:
    """SQL lateral: one row without a letter of each mailing that has any; one index lookup per mailing."""
    return select(Utsendingsrad.radnr).where(*without_letter(Utsending.id)).limit(1).lateral("uten_brev")


def _start_mailing(utsending_id: UUID) -> bool:
    """FRIGITT -> SENDES if the content is still what was approved; otherwise stop the mailing.

    The release that starts a mailing may be newer or older than the one it was approved in
    (`approval.service.LATER_FACTS`).
    """
    with transaction() as tx:
        approved = tx.execute(
            select(Utsending.innhold_digest)
            .where(Utsending.id == utsending_id, Utsending.status == U.FRIGITT)
            .with_for_update(skip_locked=True)
        ).first()
        if approved is None:
            return False
        if compute_digest(utsending_id) != approved.innhold_digest:
            _stop_for_changed_content(utsending_id)
            return False
        return move(utsending_id, fra=(U.FRIGITT,), til=U.SENDES, actor=SVEIPER) is not None


def _stop_for_changed_content(utsending_id: UUID) -> None:
    """Stop a mailing whose content is not what was approved, in the present transaction."""
    CONTENT_CHANGED.inc()
    log.error("approved_content_changed", extra={"utsending": str(utsending_id)})
    move(
        utsending_id,
        fra=(U.FRIGITT, U.SENDES),
        til=U.STOPPET,
        actor=SVEIPER,
        detaljer={"grunn": "INNHOLD_ENDRET"},
        stoppet=clock.now(),
    )
    stop_unsent(utsending_id, actor=SVEIPER)


def feed(utsending_id: UUID, limit: int = FEED_PORTION) -> int:
    """Make letters for the next rows without one, in one transaction; return how many.

    0 when all are made, when enough letters wait, and when the mailing is locked: it gets another turn.
    """
    with transaction() as tx:
        mailing = tx.execute(_being_sent(utsending_id).with_for_update(skip_locked=True)).scalar_one_or_none()
        if mailing is None or _has_backlog(utsending_id, limit):
            return 0
        return _make_letters(mailing, limit)


def feed_now(utsending_id: UUID, limit: int = FEED_PORTION) -> int:
    """As `feed`, but whatever the backlog, waiting for the lock; also starts a mailing past its angrefrist.

    For a caller that makes sure that nothing is sent meanwhile.
    """
    with transaction() as tx:
        tx.execute(select(Utsending.id).where(Utsending.id == utsending_id).with_for_update())
        _start_mailing(utsending_id)
        mailing = tx.execute(_being_sent(utsending_id)).scalar_one_or_none()
        return 0 if mailing is None else _make_letters(mailing, limit)


def _being_sent(utsending_id: UUID) -> Select[Utsending]:
    return select(Utsending).where(Utsending.id == utsending_id, Utsending.status == U.SENDES)


def _make_letters(mailing: Utsending, limit: int) -> int:
    """Make letters for up to `limit` rows, in the present transaction, which has locked the mailing."""
    rows = (
        session()
        .scalars(
            select(Utsendingsrad)
            .where(*without_letter(mailing.id))
            .order_by(Utsendingsrad.radnr)
            .limit(limit)
        )
        .all()
    )
    if not rows:
        return 0
    common = letter_inputs(mailing.id)
    try:
        documents = documents_of(mailing, [row.radnr for row in rows])
        letters = [letter_of(mailing, row, documents[row.radnr], common) for row in rows]
    except Konflikt:
        _stop_for_changed_content(mailing.id)
        return 0
    house = replace(SVEIPER, request_id=transitions.request_of(mailing.id, U.FRIGITT))
    ids = accept_letters(letters, bane=Bane.MASSE, actor=house)
    _link_letters(mailing.id, {row.radnr: letter for row, letter in zip(rows, ids, strict=True)})
    return len(ids)


def _has_backlog(utsending_id: UUID, limit: int) -> bool:
    """Whether a portion is ready to be claimed, or many letters wait for a paused channel or register."""
    ready = Levering.status == Leveringsstatus.KLAR
    counts = select(func.count().filter(ready), func.count().filter(IS_WAITING_FOR_OPENING))
    stands = Levering.status.in_([Leveringsstatus.KLAR, Leveringsstatus.VENTER])
    row = session().execute(counts.where(Levering.utsending_id == utsending_id, stands)).one()
    return bool(row[0] >= limit or row[1] >= PAUSED_PORTIONS * limit)


def _link_letters(utsending_id: UUID, letters: dict[int, UUID]) -> None:
    """Store each row's forsendelse id, in one statement."""
    made = (
        func.unnest(
            literal(list(letters), ARRAY(Integer())),
            uuid_array(letters.values()),
        )
        .table_valued("radnr", "id", name="made")
        .render_derived()
    )
    session().execute(
        update(Utsendingsrad)
        .where(
            Utsendingsrad.utsending_id == utsending_id,
            Utsendingsrad.radnr == made.c.radnr,
            Utsendingsrad.forsendelse_id.is_(None),
        )
        .values(forsendelse_id=made.c.id)
        .execution_options(synchronize_session=False)
    )


def finish_all() -> int:
    """SENDES -> FULLFORT for mailings with a letter for every row, every letter final, no levering open."""
    being_sent = session().scalars(select(Utsending.id).where(Utsending.status == U.SENDES)).all()
    session().rollback()
    return sum(map(_finish_mailing, islice(_finishing.of(sorted(being_sent)), AT_ONCE)))


def _finish_mailing(utsending_id: UUID) -> bool:
    without = select(Utsendingsrad.radnr).where(*without_letter(utsending_id))
    unfinished = select(Forsendelse.id).where(
        Forsendelse.utsending_id == utsending_id, Forsendelse.status.in_(UNFINISHED)
    )
    handing = select(Levering.id).where(
        Levering.utsending_id == utsending_id, Levering.status.in_([str(s) for s in OPEN])
    )
    with transaction() as tx:
        busy = tx.execute(select(without.exists() | unfinished.exists() | handing.exists())).scalar_one()
        if busy:
            return False
        return (
            move(utsending_id, fra=(U.SENDES,), til=U.FULLFORT, actor=SVEIPER, fullfort=clock.now())
            is not None
        )


_SENDABLE: BindParameter[list[str]] = bindparam(
    "sendable", SENDABLE_NAMES, expanding=True, literal_execute=True
)
"""Sendable statuses, written as literals in the SQL, so that the partial index matches."""


def without_letter(
    utsending_id: UUID | InstrumentedAttribute[UUID] | ColumnElement[Any],
) -> Sequence[ColumnElement[bool]]:
    """Conditions for the mailing's sendable rows without a forsendelse."""
    return (
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.forsendelse_id.is_(None),
        Utsendingsrad.status.in_(_SENDABLE),
    )
