"""Innsynslogg: a person's own view of who has looked at their data. The organisation is shown, never the
employee.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.konfigurasjon.models import Organisasjon, Person

PAGE = 50


@dataclass(frozen=True, slots=True)
class Innsynsrad:
    """One view of the person's data. `organisasjon` is empty when the house itself looked."""

    id: int
    tid: datetime
    organisasjon: str
    tjeneste: str
    handling: str
    hjemmel: str


def views_of_own_data(*, actor: Aktor, before: int | None = None, limit: int = PAGE) -> list[Innsynsrad]:
    """Return the views of the actor's own data by others, newest first, keyset paged by id.

    Source: retningslinjer om innsynslogg (konfigurasjon.md 9.3): organisation, service, time and legal basis.
    """
    if actor.person_id is None:
        return []
    own = select(Person.fnr_indeks).where(Person.id == actor.person_id).scalar_subquery()
    query = (
        select(Audit.id, Audit.tid, Organisasjon.navn, Audit.tjeneste, Audit.handling, Audit.hjemmel)
        .outerjoin(Organisasjon, Organisasjon.id == Audit.organisasjon_id)
        .where(Audit.gjelder == own, Audit.aktor != str(actor.person_id))
        .order_by(Audit.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Audit.id < before)
    return [
        Innsynsrad(row[0], row[1], *(value or "" for value in row[2:])) for row in session().execute(query)
    ]
