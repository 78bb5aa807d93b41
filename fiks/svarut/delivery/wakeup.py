"""Wake-up: leveringer that wait for a time or for a paused channel or register, and how the sweeper makes
them ready.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, select, union_all

from fiks.core.actor import SVEIPER
from fiks.core.db import ring, session, transaction
from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.delivery.outcomes import postpone
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import PAUSED_PREFIX, REGISTERS_UNAVAILABLE, Bane, Kanal, Leveringsstatus, paused_code
from fiks.svarut.transitions import Claim, move_leveringer

PORTION = 500
MOST_READY = 1_000
"""How many that waited for one channel may be ready in a lane. More are woken when half of them are gone."""
REGISTER_RETRY = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
"""How long a levering waits for something paused before it is tried anyway.

356 mailings may have 5 000 waiting each: 1.8 million in at least 4.8 hours are 103 a second, and
`wake_waiting` wakes 250.
"""
PAUSABLE: tuple[Kanal | Registernavn, ...] = (*Kanal, *Registernavn)
IS_WAITING = Levering.status == Leveringsstatus.VENTER
IS_WAITING_FOR_OPENING = IS_WAITING & Levering.feilkode.startswith(PAUSED_PREFIX, autoescape=True)


def wait_for_opening(claim: Claim, navn: Kanal | Registernavn) -> None:
    """Wait until the paused channel or register opens (`wake_when_open`), without using up a try.

    Waiting leveringer are not polled: that would take time from letters that need not wait.
    """
    latest = LONGEST_PAUSE * random.uniform(0.8, 1.2)
    postpone(claim, ProvIgjen(paused_code(navn), after=latest.total_seconds()), counts=False)


def wait_for_registers(claim: Claim, error: KanalFeil) -> None:
    """A register gave no answer: wait a minute, or as long as it asked, without using up a try."""
    asked = error.after if isinstance(error, ProvIgjen) else None
    after = asked or REGISTER_RETRY.total_seconds() * random.uniform(0.8, 1.2)
    postpone(claim, ProvIgjen(REGISTERS_UNAVAILABLE, after=after), counts=False)


def wake_waiting(limit: int = PORTION) -> int:
    """Make due VENTER leveringer ready, oldest first; return how many."""
    return _wake(_oldest(Levering.neste_forsok <= func.now(), limit))


def wake_when_open(limit: int = MOST_READY) -> int:
    """Make leveringer ready whose paused channel or register is open again; return how many.

    Up to `limit` are ready for each cause and lane, the mailings in turn. While still paused, a single one is
    made ready as the probe, when a probe is due and none is on its way.
    """
    waits = union_all(
        *(
            select(literal(navn)).where(exists().where(IS_WAITING, Levering.feilkode == paused_code(navn)))
            for navn in PAUSABLE
        )
    )
    waited_for = {str(navn) for navn in session().scalars(waits)}
    return sum(_wake(_first_of(navn, limit)) for navn in PAUSABLE if navn in waited_for)


def _first_of(navn: Kanal | Registernavn, limit: int) -> Select[UUID] | None:
    """Select those waiting for this channel or register that may be tried now; None when there are none."""
    state, these = circuit_breaker.state(navn), Levering.feilkode == paused_code(navn)
    if state is circuit_breaker.State.PROBED:
        under_way = Levering.status.in_([Leveringsstatus.KLAR, Leveringsstatus.SENDER])
        probe = session().scalar(select(Levering.id).where(these, under_way).limit(1))
        return None if probe else _oldest(these, 1)
    room = _room(these, limit) if state is circuit_breaker.State.OPEN else {}
    return _in_turn(these, room) if room else None


def _room(these: ColumnElement[bool], limit: int) -> Mapping[str, int]:
    """How many more may become ready, by lane, for lanes that need more.

    More than will soon be claimed would block everything made ready later. Finding whose turn it is costs the
    same for one as for many.
    """
    ready = select(Levering.bane, func.count()).where(Levering.status == Leveringsstatus.KLAR, these)
    taken = {row[0]: row[1] for row in session().execute(ready.group_by(Levering.bane))}
    return {str(bane): limit - taken.get(bane, 0) for bane in Bane if taken.get(bane, 0) <= limit // 2}


def _oldest(these: ColumnElement[bool], limit: int) -> Select[UUID]:
    return select(Levering.id).where(IS_WAITING, these).order_by(Levering.neste_forsok).limit(limit)


def _in_turn(these: ColumnElement[bool], room: Mapping[str, int]) -> Select[UUID]:
    """Select as many of each lane as there is room for: the longest waiting one of each mailing, then the
    next of each.

    Letters without a mailing take turns by konto.
    """
    konto = select(Forsendelse.konto_id).where(Forsendelse.id == Levering.forsendelse_id).scalar_subquery()
    whose = func.coalesce(Levering.utsending_id, konto)
    turn = func.row_number().over(partition_by=(whose, Levering.bane), order_by=Levering.neste_forsok)
    waiting = (
        select(Levering.id, Levering.bane, Levering.neste_forsok, turn.label("turn"))
        .where(IS_WAITING, these, Levering.bane.in_(room))
        .subquery()
    )
    first = (waiting.c.turn, waiting.c.neste_forsok)
    place = func.row_number().over(partition_by=waiting.c.bane, order_by=first)
    placed = (
        select(waiting.c.id, waiting.c.bane, place.label("place"))
        .where(waiting.c.turn <= max(room.values()))
        .subquery()
    )
    return select(placed.c.id).where(placed.c.place <= case(dict(room), value=placed.c.bane))


def _wake(these: Select[UUID] | None) -> int:
    if these is None:
        return 0
    with transaction() as tx:
        due = tx.scalars(these).all()
        if not due:
            return 0
        woken = move_leveringer(
            Levering.id.in_(due),
            fra=[Leveringsstatus.VENTER],
            til=Leveringsstatus.KLAR,
            kode="PROVER_IGJEN",
            aktor=SVEIPER.ref,
            limit=len(due),
            neste_forsok=func.least(Levering.neste_forsok, func.now()),
        )
        for bane in _lanes(due):
            ring(bane)
        return len(woken)


def _lanes(ids: Sequence[UUID]) -> Sequence[str]:
    return session().scalars(select(Levering.bane).where(Levering.id.in_(ids)).distinct()).all()
