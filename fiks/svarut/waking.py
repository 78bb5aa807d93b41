"""Letters that wait: for a time to come, a register, or a channel that is paused; and how the sweeper wakes them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from fiks.core.db import ring, session, transaction
from fiks.core.errors import KanalFeil, ProvIgjen
from fiks.svarut import circuit
from fiks.svarut.models import Levering
from fiks.svarut.outcomes import postpone
from fiks.svarut.rules import REGISTERS_AWAY, Kanal, Leveringsstatus, paused_code
from fiks.svarut.transitions import Claim, move_leveringer

AKTOR = "system:sveiper"
PORTION = 500
REGISTERS_AGAIN = timedelta(minutes=1)
PAUSED_AT_MOST = timedelta(hours=1)
"""How long a letter waits for a paused channel before it is tried whatever is said of the channel."""
WAITS = Levering.status == Leveringsstatus.VENTER


def wait_for_channel(claim: Claim, kanal: Kanal) -> None:
    """The channel is paused: wait until it is open (`waking`), and use up no try meanwhile.

    Whoever waits is not tried again and again, which would take the time of letters for other channels.
    """
    latest = PAUSED_AT_MOST * random.uniform(0.8, 1.2)
    postpone(claim, ProvIgjen(paused_code(kanal), after=latest.total_seconds()), counts=False)


def wait_for_registers(claim: Claim, error: KanalFeil) -> None:
    """A register did not say who the receiver is: wait a minute, or as long as it asks us to, and use up no try."""
    asked = error.after if isinstance(error, ProvIgjen) else None
    after = asked or REGISTERS_AGAIN.total_seconds() * random.uniform(0.8, 1.2)
    postpone(claim, ProvIgjen(REGISTERS_AWAY, after=after), counts=False)


def wake_waiting(limit: int = PORTION) -> int:
    """VENTER rows whose time has come are ready again, those that came first first; return how many."""
    return _wake(Levering.neste_forsok <= func.now(), limit)


def wake_for_channels(limit: int = PORTION) -> int:
    """Rows that wait for a channel that was paused are ready again when it is open, at most `limit` a channel.

    While it is paused one of them is its probe, when a probe is due and none is on its way. Returns how many woke.
    """
    return sum(_wake(Levering.feilkode == paused_code(kanal), _room(kanal, limit)) for kanal in Kanal)


def _room(kanal: Kanal, limit: int) -> int:
    """How many of those that wait for the channel may be tried now."""
    state = circuit.state(kanal)
    if state is circuit.State.OPEN:
        return limit
    if state is circuit.State.PAUSED:
        return 0
    probe = select(Levering.id).where(
        Levering.feilkode == paused_code(kanal),
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
