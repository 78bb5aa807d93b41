"""Unknown outcomes of leveringer are looked up with their channels (`fiks.core.queue.unknown_outcomes`).

A letter that is found counts as sent. One that is not found also counts as sent if the channel has reported
it, for a search may lag; else it is ready again when its search has ended.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import func, select, update

from fiks.core import clock
from fiks.core.actor import SVEIPER
from fiks.core.db import ring, session, transaction
from fiks.core.queue.unknown_outcomes import (
    PORTION,
    UnknownOutcome,
    count_empty_lookup,
    is_due_for_lookup,
    lookup_order,
    settle_all,
)
from fiks.core.telemetry import trace
from fiks.svarut import history
from fiks.svarut.delivery.cancellation import stop_ready_levering
from fiks.svarut.delivery.deliver import Verden
from fiks.svarut.lifecycle.handed_over_status import STATUS_AFTER_SEND, record_status_after_send
from fiks.svarut.models import Levering, Leveringsforsok
from fiks.svarut.receipts import early_receipts
from fiks.svarut.rules import NEXT_CHANNEL_RULE, Kanal, Kanalvalg, Leveringsstatus
from fiks.svarut.transitions import move_levering


@dataclass(frozen=True, slots=True)
class Brevtvil(UnknownOutcome):
    """An unknown outcome with its letter and the request it came from."""

    forsendelse_id: UUID
    request_id: str | None


def resolve_unknown_outcomes(world: Verden, limit: int = PORTION) -> int:
    """Look up unknown outcomes by our own reference, at most `limit` a channel; return how many were settled."""
    waiting = select(Levering.kanal).where(is_due_for_lookup(Levering)).distinct()
    channels = [kanal for kanal in session().scalars(waiting) if kanal is not None]
    session().rollback()
    return settle_all(Levering, channels, partial(_due, limit), partial(_look_up, world), _following)


def _due(limit: int, kanal: str) -> list[Brevtvil]:
    due = (
        select(Levering.id, Levering.forsok, Levering.forsendelse_id)
        .where(is_due_for_lookup(Levering), Levering.kanal == kanal)
        .order_by(lookup_order(Levering))
        .limit(limit)
    )
    rows = session().execute(due).all()
    requests = history.request_ids_of([row.forsendelse_id for row in rows])
    session().rollback()
    return [
        Brevtvil(row.id, row.forsok, row.forsendelse_id, requests.get(row.forsendelse_id)) for row in rows
    ]


def _following(one: Brevtvil) -> AbstractContextManager[None]:
    return trace.continue_trace(one.request_id, forsendelse=str(one.forsendelse_id), levering=str(one.id))


def _look_up(world: Verden, kanal: str, one: Brevtvil) -> bool:
    """Look one levering up; return whether it was settled."""
    channel = Kanal(kanal)
    ref = world.port(channel).lookup(str(one.id))
    if ref is not None:
        return adopt_as_sent(one.id, one.forsendelse_id, channel, ref, one.forsok)
    return _count_empty(one)


def adopt_as_sent(
    levering_id: UUID,
    forsendelse_id: UUID,
    kanal: Kanal,
    ref: str | None,
    forsok: int,
    *,
    kode: str = "FUNNET_VED_OPPSLAG",
    aktor: str = SVEIPER.ref,
) -> bool:
    """Record that the channel has the letter, under its own `ref`: it counts as sent. False when no longer
    UAVKLART.
    """
    with transaction() as tx:
        at = clock.now()
        moved = move_levering(
            levering_id,
            fra=Leveringsstatus.UAVKLART,
            til=Leveringsstatus.OVERLEVERT,
            kode=kode,
            aktor=aktor,
            leverandor_ref=ref,
        )
        if not moved:
            return False
        tx.execute(
            update(Leveringsforsok)
            .where(Leveringsforsok.levering_id == levering_id, Leveringsforsok.nr == forsok)
            .values(avsluttet=func.clock_timestamp(), utfall="FUNNET")
        )
        assert kanal in STATUS_AFTER_SEND
        regel = tx.execute(select(Levering.kanalregel).where(Levering.id == levering_id)).scalar_one()
        valg = Kanalvalg(kanal, regel or NEXT_CHANNEL_RULE, kode)
        record_status_after_send(tx_forsendelse=forsendelse_id, valg=valg, at=at)
        early_receipts.apply_early(levering_id, forsendelse_id)
    return True


def _count_empty(one: Brevtvil) -> bool:
    """Count one empty look-up of this attempt, unless another worker just did; return whether the outcome is
    settled.

    A letter that the channel has reported counts as found all the same. One that was asked to stop is stopped
    when it would become ready again. When every call ends unknown, a person must act after the last try and a
    day.
    """
    with transaction() as tx:
        searched = count_empty_lookup(Levering, one)
        if searched is None:
            return False
        if early_receipts.adopt_if_answered(one.id, one.forsok):
            return True
        if not searched.ended:
            return False
        found = select(Levering.bane, Levering.stopp_onsket).where(Levering.id == one.id)
        row = tx.execute(found).one()
        ring(row.bane)
        moved = move_levering(
            one.id,
            fra=Leveringsstatus.UAVKLART,
            til=Leveringsstatus.KLAR if row.stopp_onsket else searched.after(Leveringsstatus),
            kode="IKKE_FUNNET_VED_OPPSLAG",
            aktor=SVEIPER.ref,
            neste_forsok=func.now(),
        )
        if row.stopp_onsket:
            stop_ready_levering(one.id, one.forsendelse_id, SVEIPER.ref)
        return moved
