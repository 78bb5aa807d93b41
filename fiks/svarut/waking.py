"""The sweeper's part for letters that wait: for a time to come, or for a channel that is paused."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from fiks.core.db import ring, session, transaction
from fiks.svarut import circuit
from fiks.svarut.models import Levering
from fiks.svarut.rules import Kanal, Leveringsstatus, paused_code
from fiks.svarut.transitions import move_leveringer

AKTOR = "system:sveiper"
PORTION = 500
WAITS = Levering.status == Leveringsstatus.VENTER


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
