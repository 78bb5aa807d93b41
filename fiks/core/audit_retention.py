"""How long the audit log is kept: what is over is deleted by the owner's function, the only thing that deletes there.

The function (`slett_gammel_revisjon`, in the migrations) takes no age: it deletes what both the row's seal and its own
floor let go, so the app can ask often but never for more. The seals stay, so the chain verifies as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import SVEIPER
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.jobs import TURN_SECONDS, in_portions

PORTION = 10_000


@dataclass(frozen=True, slots=True)
class Omfang:
    """How much there is of the log now: rows, and the time of the first and the last; None when it is empty."""

    antall: int
    forste: datetime | None
    siste: datetime | None


def extent() -> Omfang:
    """Count the rows that are kept, sealed or not."""
    row = session().execute(select(func.count(Audit.id), func.min(Audit.tid), func.max(Audit.tid))).one()
    return Omfang(*row)


def delete_old(portion: int = PORTION, seconds: float = TURN_SECONDS) -> int:
    """Delete rows whose time is over, `portion` at a time, while there is time; return how many.

    Each portion is itself audited.
    """
    return in_portions(lambda: _delete_portion(portion), seconds)


def _delete_portion(portion: int) -> int:
    with transaction() as tx:
        deleted: int = tx.execute(select(func.slett_gammel_revisjon(portion))).scalar_one()
        if deleted:
            audit.record(SVEIPER, "DATA_SLETTET", "revisjonslogg", "alle", antall=deleted)
        return deleted
