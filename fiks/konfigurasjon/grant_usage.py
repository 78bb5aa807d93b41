"""Last use of grants, to the day: authorisation only notes a use; it is written after the request.

So no authorisation waits for it, no read fails because of it, and a grant in constant use costs one update a
day.
"""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from fiks.core.db import session, transaction
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import USED_EVERY

log = logging.getLogger(__name__)
_NOTED = "fiks_brukte_tilganger"


def note_grant_use(tilgang_id: UUID) -> None:
    """Note in the database session that the grant was used."""
    session().info.setdefault(_NOTED, set()).add(tilgang_id)


def is_use_outdated() -> ColumnElement[bool]:
    """SQL condition on `Tilgang`: its last use was recorded more than a day ago, or never."""
    return or_(Tilgang.sist_brukt.is_(None), Tilgang.sist_brukt < func.now() - USED_EVERY)


def write_noted_uses() -> int:
    """Write the noted uses of this database session; return how many rows. A locked grant is left for next
    time.

    Call it when the request's own work is done. A database error is only logged.
    """
    noted: set[UUID] = session().info.pop(_NOTED, set())
    if not noted:
        return 0
    free = (
        select(Tilgang.id)
        .where(Tilgang.id.in_(noted), Tilgang.avsluttet.is_(None), is_use_outdated())
        .with_for_update(skip_locked=True)
    )
    used = update(Tilgang).where(Tilgang.id.in_(free)).values(sist_brukt=func.now()).returning(Tilgang.id)
    try:
        with transaction() as tx:
            return len(tx.scalars(used.execution_options(synchronize_session=False)).all())
    except SQLAlchemyError as error:
        log.warning("usage_not_written", extra={"error": type(error).__name__})
        return 0
