"""The sweeper's part of SvarUt: orphans, unknown outcomes, and letters nobody read in time.

Everything is "state and age at least x", never a window, so a sweeper that slept for an hour skips nothing. Two
sweepers at once are harmless.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from fiks.core import clock, trace
from fiks.core.attempts import LOOKUPS_BEFORE_RETRY, UNKNOWN_AT_MOST, lookup_gap, retry_delay
from fiks.core.db import ring, session, transaction
from fiks.core.environment import current
from fiks.core.errors import Avvist, KanalFeil
from fiks.core.locks import take_if_dead
from fiks.konfigurasjon.models import Konto
from fiks.svarut import control, forsendelsesfil, origin, receipts
from fiks.svarut.channel_models import Leveringsforsok
from fiks.svarut.delivery import Verden
from fiks.svarut.history import remark
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.mottak.written import LANE
from fiks.svarut.outcomes import after_lost_owner, give_back
from fiks.svarut.rules import (
    FOLLOWING,
    OPEN,
    UNREAD_ALTINN,
    Bane,
    Kanal,
    Kanalvalg,
    Leveringsstatus,
    Mottakertype,
    Status,
    goes_on_paper_after_deadline,
)
from fiks.svarut.sent import AFTER_SEND, record_status_after_send
from fiks.svarut.stopping import stop_ready
from fiks.svarut.transitions import Claim, move_forsendelse, move_levering, open_levering

log = logging.getLogger(__name__)
AKTOR = "system:sveiper"
PORTION = 500


def ready_lanes() -> list[str]:
    """Lanes that have ready rows, letters to be looked at among them, so that their bells shall ring."""
    rows = session().scalars(
        select(Levering.bane)
        .distinct()
        .where(Levering.status == Leveringsstatus.KLAR, Levering.neste_forsok <= func.now())
    )
    return [*rows, *([LANE] if control.is_waiting() or forsendelsesfil.is_waiting() else [])]


def recover_orphans() -> int:
    """Take back what dead owners held: rows whose call never began are ready again, the others are unknown."""
    owners = (
        session()
        .scalars(
            select(Levering.eier)
            .distinct()
            .where(Levering.status == Leveringsstatus.SENDER, Levering.eier.is_not(None))
        )
        .all()
    )
    return sum(_recover(owner) for owner in owners if owner is not None)


def _recover(owner: int) -> int:
    with transaction() as tx:
        if not take_if_dead(owner):
            return 0
        held = tx.execute(
            select(Levering.id, Levering.forsendelse_id, Levering.forsok).where(
                Levering.eier == owner, Levering.status == Leveringsstatus.SENDER
            )
        ).all()
        give_back([Claim(row.id, row.forsendelse_id, owner, row.forsok) for row in held], AKTOR)
        return len(held)


def resolve_unclear(world: Verden, limit: int = PORTION) -> int:
    """Look unknown outcomes up by our own reference, at most `limit` a channel; return how many were settled.

    Found: adopted as sent. Not found: adopted too if the channel has told of it, for its search may lag; else ready
    again only when older than the quarantine and after two empty look-ups at least a minute apart (reliability.md 4.4).
    A channel that does not answer is asked once a sweep, and each time
    for another: the one asked for goes to the end of the channel's line. What breaks in another way is logged and goes
    there too, and is raised when all others have been looked up.
    """
    waiting = select(Levering.kanal).where(_to_be_looked_up()).distinct()
    channels = [Kanal(kanal) for kanal in session().scalars(waiting) if kanal is not None]
    broken = list[Exception]()
    settled = receipts.settle_kept(broken)
    settled += sum(_resolve_channel(world, kanal, limit, broken) for kanal in channels)
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
            aktor=AKTOR,
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
                Levering.uavklart_siden <= func.now() - quarantine,
                Levering.bane,
                Levering.tapte_eiere,
                Levering.stopp_onsket,
                Levering.forsendelse_id,
                Levering.forsok - Levering.frie_forsok,
                Levering.opprettet <= func.now() - UNKNOWN_AT_MOST,
            )
        ).first()
        if row is not None and receipts.adopt_answered(levering_id, forsok):
            return True
        if row is None or row[0] < LOOKUPS_BEFORE_RETRY or not row[1]:
            return False
        ring(row[2])
        used_up = row[7] and retry_delay(row[6]) is None
        til = Leveringsstatus.TIL_BEHANDLING if used_up else after_lost_owner(False, row[3])
        moved = move_levering(
            levering_id,
            fra=Leveringsstatus.UAVKLART,
            til=Leveringsstatus.KLAR if row.stopp_onsket else til,
            kode="IKKE_FUNNET_VED_OPPSLAG",
            aktor=AKTOR,
            neste_forsok=func.now(),
        )
        if row.stopp_onsket:
            stop_ready(levering_id, row.forsendelse_id, AKTOR)
        return moved


def expire_lesefrist(limit: int = PORTION) -> int:
    """Unread Altinn post whose lesefrist is out goes on paper, or ends as SENDT_DIGITALT; return how many.

    What never goes on paper, and Altinn has not said that it delivered, stays SENDT_ALTINN until Altinn says so
    (`receipt_effects`): to be sent digitally is to have been there to be read.
    """
    with transaction() as tx:
        has_open = select(Levering.id).where(
            Levering.forsendelse_id == Forsendelse.id, Levering.status.in_([str(s) for s in OPEN])
        )
        due = tx.execute(
            select(
                Forsendelse.id,
                Forsendelse.utsending_id,
                Forsendelse.mottakertype,
                Forsendelse.status,
                or_(Forsendelse.kun_digital, Forsendelse.uten_adresse).label("kun_digital"),
                Konto.ettersending_virksomheter.label("ettersending"),
            )
            .join(Konto, Konto.id == Forsendelse.konto_id)
            .where(
                Forsendelse.status.in_([str(s) for s in UNREAD_ALTINN]),
                Forsendelse.lesefrist_utlopt.is_(None),
                Forsendelse.lesefrist <= clock.now(),
                ~has_open.exists(),
            )
            .order_by(Forsendelse.lesefrist)
            .limit(limit)
            .with_for_update(of=Forsendelse, skip_locked=True)
        ).all()
        for row in due:
            paper = goes_on_paper_after_deadline(
                Mottakertype(row.mottakertype), kun_digital=row.kun_digital, ettersending=row.ettersending
            )
            _note_deadline(row.id)
            if paper:
                _send_on_paper(row.id, row.utsending_id)
            else:
                _end_unread(row.id, Status(row.status))
        return len(due)


def _note_deadline(forsendelse_id: UUID) -> None:
    session().execute(
        update(Forsendelse)
        .where(Forsendelse.id == forsendelse_id)
        .values(lesefrist_utlopt=clock.expression())
    )


def _end_unread(forsendelse_id: UUID, status: Status) -> None:
    if status is Status.SENDT_ALTINN:
        remark(forsendelse_id, "LESEFRIST_UTLOPT", aktor=AKTOR)
        return
    move_forsendelse(
        forsendelse_id, fra=(status,), til=Status.SENDT_DIGITALT, kode="LESEFRIST_UTLOPT", aktor=AKTOR
    )


def _send_on_paper(forsendelse_id: UUID, utsending_id: UUID | None) -> None:
    bane = Bane.MASSE if utsending_id else Bane.ENKELT
    open_levering(
        forsendelse_id,
        utsending_id=utsending_id,
        bane=bane,
        kanal=Kanal.PRINT,
        aktor=AKTOR,
        kode="LESEFRIST_UTLOPT",
    )
    ring(bane)
