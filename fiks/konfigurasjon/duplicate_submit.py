"""Double submit: detects that a form which creates something was sent twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session

RESUBMIT_WINDOW = timedelta(minutes=10)
"""After this the same form means a new object, and the answer is that it exists already."""


def was_just_made(objekt_id: UUID, handling: str, *, actor: Aktor) -> bool:
    """Return whether the acting person created the object, by this audited act, in the last ten minutes."""
    if actor.person_id is None:
        return False
    done = select(Audit.id).where(
        Audit.objekt_id == str(objekt_id),
        Audit.handling == handling,
        Audit.aktor == actor.ref,
        Audit.tid > func.now() - RESUBMIT_WINDOW,
    )
    return session().execute(done.limit(1)).first() is not None
