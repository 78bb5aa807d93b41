"""What every hand-over to somebody outside has in common, a letter's to a channel and a package's to a print house: its
columns, how a try that came to nothing waits, and what becomes of one whose owner is gone (reliability.md 4.4, 4.7).

The states are each room's own; three of them both have under the same names.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Integer, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.attempts import MAX_LOST_OWNERS, retry_delay
from fiks.core.db import session

READY, UNKNOWN, A_PERSONS = "KLAR", "UAVKLART", "TIL_BEHANDLING"
A_MINUTE = timedelta(minutes=1)
NOT_COUNTED_AFTER = A_MINUTE
"""The wait after a try that does not count, when nobody has said how long."""
UNKNOWN_FROM_NOW: dict[str, object] = {
    "uavklart_siden": func.now(),
    "tomme_oppslag": 0,
    "sist_oppslag": None,
}
"""The columns of one of which nobody knows, from now on, whether it was taken."""

S = TypeVar("S", bound=StrEnum)


class Handover:
    """The columns of a row that is claimed, tried and, when nobody knows how that went, looked up.

    `eier` is the claiming owner's number. `forsok` numbers the claims and never falls; `frie_forsok` of them were not
    its own fault, or are forgiven.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(server_default=READY)
    eier: Mapped[int | None]
    forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    frie_forsok: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    tapte_eiere: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    neste_forsok: Mapped[datetime] = mapped_column(server_default=func.now())
    kall_startet: Mapped[datetime | None]
    uavklart_siden: Mapped[datetime | None]
    tomme_oppslag: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    sist_oppslag: Mapped[datetime | None]
    leverandor_ref: Mapped[str | None]
    feilkode: Mapped[str | None]
    opprettet: Mapped[datetime] = mapped_column(server_default=func.now())


def after_lost_owner(statuses: type[S], *, call_began: bool, lost: int) -> S:
    """What becomes of a claim whose owner is gone: unknown if its call may have left the house, else ready again.

    `lost`: owners lost by now; one that loses too many may be what kills them, and waits for a person.
    """
    if call_began:
        return statuses(UNKNOWN)
    return statuses(A_PERSONS if lost >= MAX_LOST_OWNERS else READY)


def next_try(
    rows: type[Handover], one: UUID, attempt: int, *, counts: bool, asked: float | None
) -> dict[str, object] | None:
    """The columns of one that waits after its try number `attempt`, which came to nothing; None when that was the last.

    A try that does not count is free, and waits as many seconds as we were `asked` to, if we were.
    """
    if not counts:
        wait = NOT_COUNTED_AFTER if not asked else timedelta(seconds=asked)
        return free_try(rows, wait)
    free = session().execute(select(rows.frie_forsok).where(rows.id == one)).scalar_one()
    delay = retry_delay(attempt - free)
    return None if delay is None else {"neste_forsok": func.now() + delay * random.uniform(0.8, 1.2)}


def free_try(rows: type[Handover], wait: timedelta = A_MINUTE) -> dict[str, object]:
    """The columns of one that may be taken again after `wait`, and whose last claim was no try of its own."""
    return {"frie_forsok": rows.frie_forsok + 1, "neste_forsok": func.now() + wait}
