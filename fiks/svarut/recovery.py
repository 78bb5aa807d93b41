"""The sweeper's part of hand-overs: lanes that have ready ones are rung, and what dead owners held is taken back.

Everything is "state and age at least x", never a window, so a sweeper that slept for an hour skips nothing. Two
sweepers at once are harmless.
"""

from __future__ import annotations

from sqlalchemy import func, select

from fiks.core.actor import SVEIPER
from fiks.core.db import session, transaction
from fiks.core.locks import take_if_dead
from fiks.svarut import control, forsendelsesfil
from fiks.svarut.models import Levering
from fiks.svarut.mottak.written import LANE
from fiks.svarut.outcomes import give_back
from fiks.svarut.rules import Leveringsstatus
from fiks.svarut.transitions import Claim


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
        give_back([Claim(row.id, row.forsendelse_id, owner, row.forsok) for row in held], SVEIPER.ref)
        return len(held)
