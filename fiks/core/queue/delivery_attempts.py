"""Shared by all hand-overs to outside systems, a letter to a channel and a package to a print house: columns,
retries, lost owners.

Each room has its own statuses; three of them have the same names in both (reliability.md 4.4, 4.7).
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Integer, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from fiks.core.db import session
from fiks.core.queue.retry_policy import MAX_LOST_OWNERS, retry_delay

READY, UNKNOWN, NEEDS_PERSON = "KLAR", "UAVKLART", "TIL_BEHANDLING"
ONE_MINUTE = timedelta(minutes=1)
UNCOUNTED_WAIT = ONE_MINUTE
"""Wait after an attempt that does not count, when the other side asked for none."""
UNKNOWN_OUTCOME_COLUMNS: dict[str, object] = {
    "uavklart_siden": func.now(),
    "tomme_oppslag": 0,
    "sist_oppslag": None,
}
"""Column values for a hand-over whose outcome is unknown from now on."""

S = TypeVar("S", bound=StrEnum)


class Handover:
    """Columns of a row that is claimed, tried and, when the outcome is unknown, looked up.

    `eier` is the number of the claiming owner. `forsok` numbers the claims and never falls;
    `frie_forsok` of them do not count, since the row was not to blame or they were forgiven.
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


def status_after_lost_owner(statuses: type[S], *, call_began: bool, lost: int) -> S:
    """Return the status of a claim whose owner is gone: unknown if its call may have left the house, else
    ready again.

    `lost`: owners lost so far. A row that loses too many may be what kills them, and waits for a person.
    """
    if call_began:
        return statuses(UNKNOWN)
    return statuses(NEEDS_PERSON if lost >= MAX_LOST_OWNERS else READY)


def retry_columns(
    rows: type[Handover], one: UUID, attempt: int, *, counts: bool, asked: float | None
) -> dict[str, object] | None:
    """Return the column values for waiting after failed attempt number `attempt`; None when that was the
    last.

    An attempt that does not count is free, and waits `asked` seconds if the other side asked for a wait.
    """
    if not counts:
        wait = UNCOUNTED_WAIT if not asked else timedelta(seconds=asked)
        return uncounted_retry_columns(rows, wait)
    free = session().execute(select(rows.frie_forsok).where(rows.id == one)).scalar_one()
    delay = retry_delay(attempt - free)
    return None if delay is None else {"neste_forsok": func.now() + delay * random.uniform(0.8, 1.2)}


def uncounted_retry_columns(rows: type[Handover], wait: timedelta = ONE_MINUTE) -> dict[str, object]:
    """Return the column values for a retry after `wait` when the last claim does not count as an attempt."""
    return {"frie_forsok": rows.frie_forsok + 1, "neste_forsok": func.now() + wait}
