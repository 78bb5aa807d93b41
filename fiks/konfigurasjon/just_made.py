"""Whether what a form would make is what the same person has made with it a moment ago: the form was sent twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session

JUST_NOW = timedelta(minutes=10)
"""After this, who sends the same form means to make another, and is told that it is there."""


def was_just_made(objekt_id: UUID, handling: str, *, actor: Aktor) -> bool:
    """Whether the acting person has made it, by this act of the audit, in the last ten minutes."""
    if actor.person_id is None:
        return False
    done = select(Audit.id).where(
        Audit.objekt_id == str(objekt_id),
        Audit.handling == handling,
        Audit.aktor == actor.ref,
        Audit.tid > func.now() - JUST_NOW,
    )
    return session().execute(done.limit(1)).first() is not None
