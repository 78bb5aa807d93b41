"""Crash recovery by the sweeper: ring lanes with ready work, and take back what dead owners held.

Everything is "state and age at least x", never a window, so a sweeper that slept for an hour skips nothing.
Two sweepers at once are harmless.
"""

from __future__ import annotations

from sqlalchemy import func, select

from fiks.core.actor import SVEIPER
from fiks.core.db import session, transaction
from fiks.core.queue.owner_lock import take_if_dead
from fiks.svarut.delivery.outcomes import give_back
from fiks.svarut.models import Levering
from fiks.svarut.mottak import inspection
from fiks.svarut.mottak.letter_writer import INTAKE_LANE
from fiks.svarut.retention import combined_pdf
from fiks.svarut.rules import Leveringsstatus
from fiks.svarut.transitions import Claim


def ready_lanes() -> list[str]:
    """Lanes with ready leveringer, and the intake lane when letters or originals wait: their doorbells are to
    be rung.
    """
    rows = session().scalars(
        select(Levering.bane)
        .distinct()
        .where(Levering.status == Leveringsstatus.KLAR, Levering.neste_forsok <= func.now())
    )
    return [*rows, *([INTAKE_LANE] if inspection.is_waiting() or combined_pdf.is_waiting() else [])]


def recover_orphans() -> int:
    """Take back what dead owners held: leveringer without a call are ready again, the others have an unknown
    outcome.
    """
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
