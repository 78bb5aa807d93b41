"""What the ids in the audit log are called: who acted, who got or lost something, and where.

The log itself keeps ids, which never change. A name is looked up when the log is read, and only of what the rows name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, or_, select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.konfigurasjon.grant_holders import belonging
from fiks.konfigurasjon.grant_models import Gruppe, Tilgang
from fiks.konfigurasjon.integration_models import Integrasjon
from fiks.konfigurasjon.models import Person, Ressurs
from fiks.konfigurasjon.rules import Innehavertype

HOLDERS = tuple(str(kind).lower() for kind in Innehavertype)
"""The details that hold the id of who has a grant (`grant_rows.audit_grant`)."""
NAMED = (*HOLDERS, "ressurs")
"""The details that hold an id."""


@dataclass(frozen=True, slots=True)
class Navn:
    """What a thing is called, "" for a person whose name nobody has told us; `fnr_maskert` tells persons of the
    organisation apart who have one name, and is empty for all else: not when a receiver or an operator was born.
    """

    navn: str
    fnr_maskert: str = ""


def id_in(value: object) -> UUID | None:
    """The id that this text is; None when it is none."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def concerns(sought: UUID) -> ColumnElement[bool]:
    """Whether an audit row is the act of whom the id belongs to, or about whom or what it belongs to.

    A filter on rows that are found otherwise: the search walks the organisation's own, newest first, by their index.
    """
    ref = str(sought)
    return or_(
        Audit.aktor.in_([ref, *(f"{kind}:{ref}" for kind in ("integrasjon", "konto", "mottakersystem"))]),
        Audit.integrasjon_id == sought,
        Audit.ressurs_id == sought,
        *(Audit.detaljer[name].astext == ref for name in HOLDERS),
    )


def names_of(organisasjon_id: UUID, ids: Iterable[UUID]) -> Mapping[UUID, Navn]:
    """The names of those of the ids that an organisation's log may tell of: persons, and groups, integrasjoner and
    ressurser that are its own or everybody's.
    """
    asked = set(ids)
    if not asked:
        return {}
    ours = Integrasjon.organisasjon_id == organisasjon_id
    number = case((_is_of(organisasjon_id), Person.fnr_maskert), else_="")
    persons = select(Person.id, Person.navn, number).where(Person.id.in_(asked))
    found = {row[0]: Navn(row[1], row[2]) for row in session().execute(persons)}
    for query in (
        select(Gruppe.id, Gruppe.navn).where(Gruppe.organisasjon_id == organisasjon_id, Gruppe.id.in_(asked)),
        select(Integrasjon.id, Integrasjon.navn).where(
            or_(ours, Integrasjon.organisasjon_id.is_(None)), Integrasjon.id.in_(asked)
        ),
        select(Ressurs.id, Ressurs.navn).where(
            Ressurs.organisasjon_id == organisasjon_id, Ressurs.id.in_(asked)
        ),
    ):
        found |= {row[0]: Navn(row[1]) for row in session().execute(query)}
    return found


def _is_of(organisasjon_id: UUID) -> ColumnElement[bool]:
    """Whether a person holds or has held something in the organisation, or is of it without (`belonging`)."""
    held = (
        select(Tilgang.id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(Tilgang.person_id == Person.id, Ressurs.organisasjon_id == organisasjon_id)
        .correlate(Person)
    )
    return or_(held.exists(), Person.id.in_(belonging(organisasjon_id)))


def name_of_person(person_id: UUID) -> str:
    """What the person is called; empty until somebody has told us."""
    return session().scalar(select(Person.navn).where(Person.id == person_id)) or ""
