"""E-mails to a mottakersystem's addresses when its certificate is about to expire, or has expired.

By state, not by calendar: each stage is announced once, missed stages never, and a new certificate starts
over. A closed system may still fetch waiting letters, so the room that knows of waiting letters asks for
warnings to those systems.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnExpressionArgument, select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.values.calendar import OSLO
from fiks.core.values.identifiers import mask_numbers
from fiks.epost import Mal, write
from fiks.konfigurasjon.authorization import is_open
from fiks.konfigurasjon.models import Ressurs
from fiks.svarinn.models import Mottakersystem
from fiks.svarinn.rules import EXPIRY_WARNING_DAYS, expiry_stage

log = logging.getLogger(__name__)


def warn_expiring() -> int:
    """Warn the active systems whose certificate has reached a new stage; return how many were warned."""
    return _warn_each(Mottakersystem.aktiv)


def warn_expiring_of(systemer: Collection[UUID]) -> int:
    """As `warn_expiring`, for these systems, active or not."""
    return _warn_each(Mottakersystem.id.in_(systemer))


def _warn_each(of_systems: ColumnExpressionArgument[bool]) -> int:
    now = clock.now()
    return sum(_warn(system_id, now) for system_id in _expiring(of_systems, now))


def _expiring(of_systems: ColumnExpressionArgument[bool], now: datetime) -> list[UUID]:
    found = (
        select(Mottakersystem.id)
        .join(Ressurs, Ressurs.id == Mottakersystem.id)
        .where(
            of_systems,
            Mottakersystem.sertifikat_utloper <= now + timedelta(days=max(EXPIRY_WARNING_DAYS)),
            Mottakersystem.sertifikat_varslet.is_distinct_from(min(EXPIRY_WARNING_DAYS)),
            is_open(Ressurs),
        )
        .order_by(Mottakersystem.sertifikat_utloper, Mottakersystem.id)
    )
    return list(session().scalars(found))


def _warn(system_id: UUID, now: datetime) -> bool:
    with transaction() as tx:
        system = tx.get(Mottakersystem, system_id, with_for_update=True, populate_existing=True)
        if system is None or system.sertifikat_utloper is None:
            return False
        stage, told = expiry_stage(system.sertifikat_utloper, now), system.sertifikat_varslet
        if stage is None or (told is not None and told <= stage):
            return False
        system.sertifikat_varslet = stage
        write(
            Mal.SVARINN_SERTIFIKAT,
            system.eposter,
            {
                "system": mask_numbers(system.navn),
                "utloper": system.sertifikat_utloper.astimezone(OSLO).date(),
                "lenke": f"{current().portal_base_url}/mottakersystemer/{system_id}",
            },
            nokkel=f"svarinn-sertifikat:{system_id}:{system.sertifikat_utloper.isoformat()}:{stage}",
        )
    log.info("certificate_expiry_told", extra={"mottakersystem": str(system_id), "dager": stage})
    return True
