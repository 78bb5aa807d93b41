"""Reminders to the addresses of a mottakersystem that letters wait and are not fetched (svarut.md 4.1).

At most three times a day, once in each third of the day in Oslo: the e-mail's key names day and third, so it
cannot be written twice. Acknowledged and refused letters are not counted. A closed system may fetch its
waiting letters (ADR 0017), but not without a certificate: it is warned when that expires.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, Row, func, select, update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import mask_numbers
from fiks.epost import Mal, write
from fiks.svarinn.expiry import warn_expiring_of
from fiks.svarinn.models import Mottakersystem
from fiks.svarut.models import SvarinnMottak

log = logging.getLogger(__name__)
PATIENCE = timedelta(hours=2)
EVERY_HOURS = 8


def warn_waiting() -> int:
    """Mark letters that have waited for two hours and remind their systems' addresses.

    Also warn closed systems with waiting letters of an expiring certificate. Returns how many e-mails and
    certificate warnings.
    """
    now = clock.now()
    _mark(now)
    late = sum(_tell(system_id, now) for system_id in _late_systems(now))
    return late + warn_expiring_of(_closed_with_letters())


def _mark(now: datetime) -> int:
    with transaction() as tx:
        marked = tx.execute(
            update(SvarinnMottak)
            .where(
                SvarinnMottak.lukket.is_(None),
                SvarinnMottak.klar <= now - PATIENCE,
                SvarinnMottak.advarsel.is_(None),
            )
            .values(advarsel=now)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(marked, CursorResult)
        return marked.rowcount


def _late_systems(now: datetime) -> list[UUID]:
    late = (
        select(SvarinnMottak.mottakersystem_id)
        .where(SvarinnMottak.lukket.is_(None), SvarinnMottak.klar <= now - PATIENCE)
        .group_by(SvarinnMottak.mottakersystem_id)
        .order_by(func.min(SvarinnMottak.klar))
    )
    return list(session().scalars(late))


def _closed_with_letters() -> list[UUID]:
    waits = select(SvarinnMottak.forsendelse_id).where(
        SvarinnMottak.mottakersystem_id == Mottakersystem.id, SvarinnMottak.lukket.is_(None)
    )
    found = select(Mottakersystem.id).where(Mottakersystem.aktiv.is_(False), waits.exists())
    return list(session().scalars(found))


def _tell(system_id: UUID, now: datetime) -> int:
    with transaction():
        late = _waits(system_id, now)
        if late is None:
            return 0
        written = write(
            Mal.SVARINN_ADVARSEL,
            late.eposter,
            {
                "system": mask_numbers(late.navn),
                "antall": late.antall,
                "eldste": late.eldste.astimezone(OSLO).date(),
                "lenke": f"{current().portal_base_url}/mottak?system={system_id}",
            },
            nokkel=f"svarinn-advarsel:{system_id}:{warning_period(now)}",
        )
    if written:
        log.info("waiting_letters_told", extra={"mottakersystem": str(system_id), "antall": late.antall})
    return written


def warning_period(now: datetime) -> str:
    """The reminder period: the day in Oslo and which third of it."""
    local = now.astimezone(OSLO)
    return f"{local.date().isoformat()}:{local.hour // EVERY_HOURS}"


def _waits(system_id: UUID, now: datetime) -> Row[str, list[str], int, datetime] | None:
    """How many letters of the system are late, and since when, as seen in this transaction."""
    found = (
        select(
            Mottakersystem.navn,
            Mottakersystem.eposter,
            func.count().label("antall"),
            func.min(SvarinnMottak.klar).label("eldste"),
        )
        .join(SvarinnMottak, SvarinnMottak.mottakersystem_id == Mottakersystem.id)
        .where(
            Mottakersystem.id == system_id,
            SvarinnMottak.lukket.is_(None),
            SvarinnMottak.klar <= now - PATIENCE,
        )
        .group_by(Mottakersystem.id)
    )
    return session().execute(found).first()
