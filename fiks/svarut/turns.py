"""Taking letters in turn by a time in their row: a lease and no owner, so what is done must bear being done twice.

Whoever held a letter for longer than its lease may find that somebody else has taken it, and then changes nothing of
the other's turn: each turn is known by its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, update

from fiks.core.db import transaction
from fiks.svarut.models import Forsendelse

LEASE = timedelta(minutes=10)
"""For how long a letter that was taken is left alone; longer than it takes to open or put together any document."""
WAIT = timedelta(minutes=1)
MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class Tur:
    """A letter that was taken, and the number of this try."""

    forsendelse_id: UUID
    forsok: int


def take(first: Select[UUID]) -> Tur | None:
    """Take the letter that `first` selects and locks, for LEASE; None when there is none."""
    with transaction() as tx:
        taken = tx.execute(
            update(Forsendelse)
            .where(Forsendelse.id == first.scalar_subquery())
            .values(kontroll_neste=func.now() + LEASE, kontroll_forsok=Forsendelse.kontroll_forsok + 1)
            .returning(Forsendelse.id, Forsendelse.kontroll_forsok)
            .execution_options(synchronize_session=False)
        ).first()
    return None if taken is None else Tur(*taken)


def keep(tur: Tur) -> bool:
    """Hold the letter for LEASE from now; False when somebody else has taken it meanwhile."""
    return _change(tur, LEASE, tur.forsok)


def let_wait(tur: Tur, wait: timedelta = WAIT) -> None:
    """The try failed: the letter may be taken again after `wait`."""
    _change(tur, wait, tur.forsok)


def put_back(tur: Tur, wait: timedelta = WAIT) -> None:
    """It was not the letter's fault, and no try: it may be taken again after `wait`."""
    _change(tur, wait, tur.forsok - 1)


def _change(tur: Tur, wait: timedelta, forsok: int) -> bool:
    with transaction() as tx:
        mine = update(Forsendelse).where(
            Forsendelse.id == tur.forsendelse_id, Forsendelse.kontroll_forsok == tur.forsok
        )
        changed = tx.execute(
            mine.values(kontroll_neste=func.now() + wait, kontroll_forsok=forsok)
            .returning(Forsendelse.id)
            .execution_options(synchronize_session=False)
        )
        return changed.first() is not None
