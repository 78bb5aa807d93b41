"""Letters that wait: for a time, or for a channel or register that is paused; and how the sweeper wakes them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, literal, select, union_all

from fiks.core.db import ring, session, transaction
from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.registeroppslag.rules import Registernavn
from fiks.svarut import circuit
from fiks.svarut.models import Levering
from fiks.svarut.outcomes import postpone
from fiks.svarut.rules import REGISTERS_AWAY, Kanal, Leveringsstatus, paused_code
from fiks.svarut.transitions import Claim, move_leveringer

AKTOR = "system:sveiper"
PORTION = 500
REGISTERS_AGAIN = timedelta(minutes=1)
PAUSED_AT_MOST = timedelta(hours=1)
"""How long a letter waits for what is paused before it is tried whatever is said of it."""
PAUSABLE: tuple[Kanal | Registernavn, ...] = (*Kanal, *Registernavn)
WAITS = Levering.status == Leveringsstatus.VENTER


def wait_for_opening(claim: Claim, navn: Kanal | Registernavn) -> None:
    """The channel or register is paused: wait until it is open (`wake_at_opening`), and use up no try meanwhile.

    Whoever waits is not tried again and again, which would take the time of letters that need not wait.
    """
    latest = PAUSED_AT_MOST * random.uniform(0.8, 1.2)
    postpone(claim, ProvIgjen(paused_code(navn), after=latest.total_seconds()), counts=False)


def wait_for_registers(claim: Claim, error: KanalFeil) -> None:
    """A register did not say who the receiver is: wait a minute, or as long as it asks us to, and use up no try."""
    asked = error.after if isinstance(error, ProvIgjen) else None
    after = asked or REGISTERS_AGAIN.total_seconds() * random.uniform(0.8, 1.2)
    postpone(claim, ProvIgjen(REGISTERS_AWAY, after=after), counts=False)


def wake_waiting(limit: int = PORTION) -> int:
    """VENTER rows whose time has come are ready again, those that came first first; return how many."""
    return _wake(Levering.neste_forsok <= func.now(), limit)


def wake_at_opening(limit: int = PORTION) -> int:
    """Rows that wait for a channel or register that was paused are ready again when it is open, `limit` for each.

    While it is paused one of them is its probe, when a probe is due and none is on its way. Returns how many woke.
    """
    waits = union_all(
        *(
            select(literal(navn)).where(exists().where(WAITS, Levering.feilkode == paused_code(navn)))
            for navn in PAUSABLE
        )
    )
    waited_for = {str(navn) for navn in session().scalars(waits)}
    return sum(
        _wake(Levering.feilkode == paused_code(navn), _room(navn, limit))
        for navn in PAUSABLE
        if navn in waited_for
    )


def _room(navn: Kanal | Registernavn, limit: int) -> int:
    """How many of those that wait for it may be tried now."""
    state = circuit.state(navn)
    if state is circuit.State.OPEN:
        return limit
    if state is circuit.State.PAUSED:
        return 0
    probe = select(Levering.id).where(
        Levering.feilkode == paused_code(navn),
        Levering.status.in_([Leveringsstatus.KLAR, Leveringsstatus.SENDER]),
    )
    return 0 if session().scalar(probe.limit(1)) else 1


def _wake(these: ColumnElement[bool], limit: int) -> int:
    if not limit:
        return 0
    with transaction() as tx:
        first = select(Levering.id).where(WAITS, these).order_by(Levering.neste_forsok).limit(limit)
        due = tx.scalars(first).all()
        if not due:
            return 0
        woken = move_leveringer(
            Levering.id.in_(due),
            fra=[Leveringsstatus.VENTER],
            til=Leveringsstatus.KLAR,
            kode="PROVER_IGJEN",
            aktor=AKTOR,
            limit=limit,
            neste_forsok=func.least(Levering.neste_forsok, func.now()),
        )
        for bane in _lanes(due):
            ring(bane)
        return len(woken)


def _lanes(ids: Sequence[UUID]) -> Sequence[str]:
    return session().scalars(select(Levering.bane).where(Levering.id.in_(ids)).distinct()).all()
