"""An actor's recent look-ups, read from the audit log. Numbers are compared by their index; none is stored in
clear.
"""

from __future__ import annotations

from sqlalchemy import func, or_, select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.konfigurasjon.audit.misuse import LOOK_UPS
from fiks.konfigurasjon.person.service import fnr_index
from fiks.registeroppslag.rules import DAY, HOUR, neighbouring_numbers

SERVICE = "REGISTER"
PERSON_LOOK_UP = "PERSONOPPSLAG"
"""Audit code: a person was looked up in Folkeregisteret, here or for a letter, and the answer was shown."""


def look_ups_within_an_hour(actor: Aktor) -> int:
    """Return the actor's look-ups in the last hour: those made here, and those of persons for a letter, which
    show the same.
    """
    mine = select(func.count()).where(
        Audit.handling.in_(LOOK_UPS),
        Audit.tid > clock.database_now() - HOUR,
        Audit.aktor == actor.ref,
        or_(Audit.tjeneste == SERVICE, Audit.handling == PERSON_LOOK_UP),
    )
    return session().execute(mine).scalar_one()


def is_neighbour_of_recent(fnr: str, actor: Aktor) -> bool:
    """Return whether the actor looked up a neighbouring number in the last day, here, for a letter or for an
    SMS.
    """
    near = [fnr_index(number) for number in neighbouring_numbers(fnr)]
    seen = select(Audit.id).where(
        Audit.gjelder.in_(near),
        Audit.aktor == actor.ref,
        Audit.handling.in_(LOOK_UPS),
        Audit.tid > clock.database_now() - DAY,
    )
    return session().execute(select(seen.exists())).scalar_one()
