"""Hand-overs whose outcome nobody knows are looked up by our own reference, until it is known (reliability.md 4.4).

One that is found is sent. One that is not is sent too if its channel has told of it, for a search may lag; else it is
ready again when it is older than the quarantine and enough look-ups, a gap apart, were empty.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from fiks.core import clock, trace
from fiks.core.actor import SVEIPER
from fiks.core.attempts import LOOKUPS_BEFORE_RETRY, UNKNOWN_AT_MOST, lookup_gap, retry_delay
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, KanalFeil
from fiks.svarut import origin, receipts
from fiks.svarut.channel_models import Leveringsforsok
from fiks.svarut.delivery import Verden
from fiks.svarut.models import Levering
from fiks.svarut.outcomes import after_lost_owner
from fiks.svarut.rules import FOLLOWING, Kanal, Kanalvalg, Leveringsstatus
from fiks.svarut.sent import AFTER_SEND, record_status_after_send
from fiks.svarut.stopping import stop_ready
from fiks.svarut.transitions import move_levering

log = logging.getLogger(__name__)
PORTION = 500


def resolve_unclear(world: Verden, limit: int = PORTION) -> int:
    """Look unknown outcomes up by our own reference, at most `limit` a channel; return how many were settled.

    A channel that does not answer is asked once a sweep, and each time for another: the one asked for goes to the end
    of the channel's line. What breaks in another way is logged and goes there too, and is raised when all others have
    been looked up.
    """
    waiting = select(Levering.kanal).where(_to_be_looked_up()).distinct()
    channels = [Kanal(kanal) for kanal in session().scalars(waiting) if kanal is not None]
    session().rollback()
    broken = list[Exception]()
    settled = sum(_resolve_channel(world, kanal, limit, broken) for kanal in channels)
    if broken:
        raise broken[-1]
    return settled


def _resolve_channel(world: Verden, kanal: Kanal, limit: int, broken: list[Exception]) -> int:
    """Look up what is due in one channel; return how many were settled. What nobody had thought of is in `broken`."""
    due = (
        session()
        .execute(
            select(Levering.id, Levering.forsendelse_id, Levering.forsok)
            .where(_to_be_looked_up(), Levering.kanal == kanal)
            .order_by(func.coalesce(Levering.sist_oppslag, Levering.uavklart_siden))
            .limit(limit)
        )
        .all()
    )
    requests = origin.requests_of([row.forsendelse_id for row in due])
    session().rollback()
    settled = 0
    for row in due:
        with trace.following(requests.get(row.forsendelse_id), forsendelse=str(row.forsendelse_id)):
            try:
                found = _resolve_one(world, kanal, row)
            except Exception as error:
                log.exception("lookup_broken", extra={"kanal": kanal})
                session().rollback()
                _let_rest(row.id, row.forsok)
                broken.append(error)
                continue
        if found is None:
            break
        settled += found
    return settled


def _resolve_one(world: Verden, kanal: Kanal, row: Row[UUID, UUID, int]) -> bool | None:
    """Look one up; return whether it was settled, None when the channel did not answer."""
    try:
        ref = world.port(kanal).lookup(str(row.id))
    except KanalFeil as error:
        log.warning("lookup_failed", extra={"kanal": kanal, "kode": error.kode})
        _let_rest(row.id, row.forsok)
        return False if isinstance(error, Avvist) else None
    if ref is not None:
        return adopt(row.id, row.forsendelse_id, kanal, ref, row.forsok)
    return _count_empty(row.id, row.forsok)


def _let_rest(levering_id: UUID, forsok: int) -> None:
    """Nothing is known of it after this look-up, and the others come first."""
    with transaction() as tx:
        tx.execute(
            update(Levering)
            .where(Levering.id == levering_id, Levering.forsok == forsok, _to_be_looked_up())
            .values(sist_oppslag=func.now())
        )


def adopt(levering_id: UUID, forsendelse_id: UUID, kanal: Kanal, ref: str, forsok: int) -> bool:
    """The channel has the hand-over, under its own `ref`: it counts as sent. False when it is not UAVKLART any more."""
    with transaction() as tx:
        at = clock.now()
        moved = move_levering(
            levering_id,
            fra=Leveringsstatus.UAVKLART,
            til=Leveringsstatus.OVERLEVERT,
            kode="FUNNET_VED_OPPSLAG",
            aktor=SVEIPER.ref,
            leverandor_ref=ref,
        )
        if not moved:
            return False
        tx.execute(
            update(Leveringsforsok)
            .where(Leveringsforsok.levering_id == levering_id, Leveringsforsok.nr == forsok)
            .values(avsluttet=func.clock_timestamp(), utfall="FUNNET")
        )
        assert kanal in AFTER_SEND
        regel = tx.execute(select(Levering.kanalregel).where(Levering.id == levering_id)).scalar_one()
        valg = Kanalvalg(kanal, regel or FOLLOWING, "FUNNET_VED_OPPSLAG")
        record_status_after_send(tx_forsendelse=forsendelse_id, valg=valg, at=at)
        receipts.apply_early(levering_id, forsendelse_id)
    return True


def _to_be_looked_up() -> ColumnElement[bool]:
    """An unknown outcome that was not looked up a moment ago."""
    gap = lookup_gap(current().karantene_sekunder)
    return and_(
        Levering.status == Leveringsstatus.UAVKLART,
        or_(Levering.sist_oppslag.is_(None), Levering.sist_oppslag <= func.now() - gap),
    )


def _count_empty(levering_id: UUID, forsok: int) -> bool:
    """Count one empty look-up, of this attempt, unless another worker counted one a moment ago; whether it is settled.

    One that the channel has told of is found all the same. One that was asked to stop is stopped when it would be ready
    to be sent again; one whose every call ends so is a person's when its tries are used up and it is a day old.
    """
    quarantine = timedelta(seconds=current().karantene_sekunder)
    with transaction() as tx:
        row = tx.execute(
            update(Levering)
            .where(Levering.id == levering_id, Levering.forsok == forsok, _to_be_looked_up())
            .values(tomme_oppslag=Levering.tomme_oppslag + 1, sist_oppslag=func.now())
            .returning(
                Levering.tomme_oppslag,
                Levering.bane,
                Levering.tapte_eiere,
                Levering.stopp_onsket,
                Levering.forsendelse_id,
                (Levering.forsok - Levering.frie_forsok).label("talte_forsok"),
                (Levering.uavklart_siden <= func.now() - quarantine).label("karantene_over"),
                (Levering.opprettet <= func.now() - UNKNOWN_AT_MOST).label("gammel"),
            )
        ).first()
        if row is not None and receipts.adopt_answered(levering_id, forsok):
            return True
        if row is None or row.tomme_oppslag < LOOKUPS_BEFORE_RETRY or not row.karantene_over:
            return False
        ring(row.bane)
        used_up = row.gammel and retry_delay(row.talte_forsok) is None
        til = Leveringsstatus.TIL_BEHANDLING if used_up else after_lost_owner(False, row.tapte_eiere)
        moved = move_levering(
            levering_id,
            fra=Leveringsstatus.UAVKLART,
            til=Leveringsstatus.KLAR if row.stopp_onsket else til,
            kode="IKKE_FUNNET_VED_OPPSLAG",
            aktor=SVEIPER.ref,
            neste_forsok=func.now(),
        )
        if row.stopp_onsket:
            stop_ready(levering_id, row.forsendelse_id, SVEIPER.ref)
        return moved
