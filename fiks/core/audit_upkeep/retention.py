"""Retention of the audit log: the owner's database function deletes expired rows; nothing else deletes there.

The function (`slett_gammel_revisjon`, in the migrations) takes no age as argument: it deletes what both the
row's seal and its own minimum allow. The app can call it often but never delete more. Seals stay, so the
chain verifies as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import SVEIPER
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.queue.planned_jobs import TURN_SECONDS, in_portions

PORTION = 10_000


@dataclass(frozen=True, slots=True)
class Omfang:
    """The present extent of the log: number of rows, and the times of the first and the last; None when it is
    empty.
    """

    antall: int
    forste: datetime | None
    siste: datetime | None


def extent() -> Omfang:
    """Count all audit rows, sealed or not."""
    row = session().execute(select(func.count(Audit.id), func.min(Audit.tid), func.max(Audit.tid))).one()
    return Omfang(*row)


def delete_old(portion: int = PORTION, seconds: float = TURN_SECONDS) -> int:
    """Delete expired rows, `portion` at a time, for at most `seconds`; return how many. Each portion is
    audited itself.
    """
    return in_portions(lambda: _delete_portion(portion), seconds)


def _delete_portion(portion: int) -> int:
    with transaction() as tx:
        deleted: int = tx.execute(select(func.slett_gammel_revisjon(portion))).scalar_one()
        if deleted:
            audit.record(SVEIPER, "DATA_SLETTET", "revisjonslogg", "alle", antall=deleted)
        return deleted
