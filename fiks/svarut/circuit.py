"""The circuit breaker of a channel: when half of its last twenty calls failed, it is paused and probed each minute.

It is a row, so every process sees it, the portal can show it, and `fiks freeze` uses the same table.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core.db import session, table_of, transaction
from fiks.svarut.channel_models import Banestatus, Leveringsforsok

WINDOW, THRESHOLD = 20, 10
PROBE_EVERY = timedelta(minutes=1)
ALL = "alle"
FAILED = ("PROV_IGJEN", "UAVKLART")


class State(Enum):
    """A lane's or channel's circuit. PROBED: paused, and the next letter would be let through as a probe."""

    OPEN = auto()
    PAUSED = auto()
    PROBED = auto()


def state(navn: str) -> State:
    """How it stands with this lane or channel."""
    row = (
        session()
        .execute(select(Banestatus.stengt, Banestatus.apnes <= func.now()).where(Banestatus.navn == navn))
        .first()
    )
    if row is None or not row[0]:
        return State.OPEN
    return State.PROBED if row[1] else State.PAUSED


def is_closed(navn: str) -> bool:
    """Whether nothing may be sent on this lane or channel now; the probe of a paused channel is let through."""
    found = state(navn)
    return found is State.PAUSED or (found is State.PROBED and not _take_probe(navn))


def _take_probe(navn: str) -> bool:
    with transaction() as tx:
        taken = tx.execute(
            update(Banestatus)
            .where(Banestatus.navn == navn, Banestatus.stengt, Banestatus.apnes <= func.now())
            .values(apnes=func.now() + PROBE_EVERY)
            .returning(Banestatus.navn)
        ).first()
    return taken is not None


def frozen() -> bool:
    """Whether a person (or a restored backup) has frozen all sending."""
    return bool(
        session().execute(select(Banestatus.stengt).where(Banestatus.navn == ALL)).scalar_one_or_none()
        or False
    )


def set_frozen(frozen: bool, grunn: str | None) -> None:
    """Freeze or thaw all sending."""
    with transaction() as tx:
        row = insert(Banestatus).values(navn=ALL, stengt=frozen, grunn=grunn)
        changed = {"stengt": frozen, "grunn": grunn, "endret": func.now()}
        tx.execute(row.on_conflict_do_update(index_elements=["navn"], set_=changed))


def after_call(kanal: str, ok: bool) -> None:
    """Open or close the channel's circuit after a call, from the ledger; runs in the caller's transaction."""
    if ok:
        table = table_of(Banestatus)
        session().execute(
            update(table)
            .where(table.c.navn == kanal, table.c.stengt)
            .values(stengt=False, grunn=None, apnes=None, endret=func.now())
        )
        return
    recent = (
        select(Leveringsforsok.utfall)
        .where(Leveringsforsok.kanal == kanal, Leveringsforsok.avsluttet.is_not(None))
        .order_by(Leveringsforsok.avsluttet.desc())
        .limit(WINDOW)
        .subquery()
    )
    failures = session().execute(select(func.count()).where(recent.c.utfall.in_(FAILED))).scalar_one()
    if failures < THRESHOLD:
        return
    row = insert(Banestatus).values(
        navn=kanal, stengt=True, grunn="MANGE_FEIL", apnes=func.now() + PROBE_EVERY
    )
    changed = {"stengt": True, "grunn": "MANGE_FEIL", "apnes": func.now() + PROBE_EVERY, "endret": func.now()}
    session().execute(
        row.on_conflict_do_update(index_elements=["navn"], set_=changed, where=~Banestatus.stengt)
    )
