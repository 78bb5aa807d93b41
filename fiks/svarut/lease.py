"""Lease queue: a letter is taken by moving its next-attempt time. There is no owner, so the work must be
idempotent.

Each try has a number. A worker that outlives its lease finds that the number has changed, and leaves the new
holder's lease alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, update

from fiks.core.db import transaction
from fiks.svarut.models import Forsendelse

LEASE = timedelta(minutes=10)
"""How long a taken letter is reserved; longer than it takes to open or merge any document."""
WAIT = timedelta(minutes=1)
MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class Tur:
    """A leased letter and the number of this try."""

    forsendelse_id: UUID
    forsok: int


def acquire(first: Select[UUID]) -> Tur | None:
    """Lease the letter that `first` selects and locks, for LEASE; None when there is none."""
    with transaction() as tx:
        taken = tx.execute(
            update(Forsendelse)
            .where(Forsendelse.id == first.scalar_subquery())
            .values(kontroll_neste=func.now() + LEASE, kontroll_forsok=Forsendelse.kontroll_forsok + 1)
            .returning(Forsendelse.id, Forsendelse.kontroll_forsok)
            .execution_options(synchronize_session=False)
        ).first()
    return None if taken is None else Tur(*taken)


def renew(tur: Tur) -> bool:
    """Extend the lease to LEASE from now; False when another worker has taken the letter meanwhile."""
    return _change(tur, LEASE, tur.forsok)


def retry_later(tur: Tur, wait: timedelta = WAIT) -> None:
    """The try failed: release the letter for another try after `wait`."""
    _change(tur, wait, tur.forsok)


def release(tur: Tur, wait: timedelta = WAIT) -> None:
    """Release the letter without counting the try, for a failure that was not the letter's; again after
    `wait`.
    """
    _change(tur, wait, tur.forsok - 1)


def _change(tur: Tur, wait: timedelta, forsok: int) -> bool:
    """Set the next-attempt time and the number of tries, if the lease is still ours; return whether it was."""
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
