"""Names for the ids in the audit log: who acted, who gained or lost something, and where.

The log stores ids, which never change. Names are looked up when the log is read, only for ids that occur in
the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, or_, select

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.konfigurasjon.models import Gruppe, Integrasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.rules import Innehavertype
from fiks.konfigurasjon.tilgang.holders import affiliated_persons

HOLDER_DETAILS = tuple(str(kind).lower() for kind in Innehavertype)
"""Audit details that hold the id of a grant's holder (`tilgang.rows.audit_grant`)."""
ID_DETAILS = (*HOLDER_DETAILS, "ressurs")
"""Audit details that hold any id with a name."""


@dataclass(frozen=True, slots=True)
class Navn:
    """The name of a person, group, integrasjon or ressurs; "" for a person whose name is unknown.

    `fnr_maskert` distinguishes persons of the organisation who share a name. It is empty for everything else,
    so that the birth date of a receiver or an operator is not revealed.
    """

    navn: str
    fnr_maskert: str = ""


def parse_id(value: object) -> UUID | None:
    """Parse a text as a UUID; None if it is not a UUID."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def concerns(sought: UUID) -> ColumnElement[bool]:
    """SQL: the audit row is an act by this id (person, integrasjon, konto, mottakersystem) or about it.

    Use it only as an additional filter: the search walks the organisation's own rows, newest first, by their
    index.
    """
    ref = str(sought)
    return or_(
        Audit.aktor.in_([ref, *(f"{kind}:{ref}" for kind in ("integrasjon", "konto", "mottakersystem"))]),
        Audit.integrasjon_id == sought,
        Audit.ressurs_id == sought,
        *(Audit.detaljer[name].astext == ref for name in HOLDER_DETAILS),
    )


def names_of(organisasjon_id: UUID, ids: Iterable[UUID]) -> Mapping[UUID, Navn]:
    """Return names for those of the ids that an organisation's log may reveal: persons, the organisation's
    own groups, integrasjoner and ressurser, and global integrasjoner.
    """
    asked = set(ids)
    if not asked:
        return {}
    ours = Integrasjon.organisasjon_id == organisasjon_id
    number = case((_is_affiliated(organisasjon_id), Person.fnr_maskert), else_="")
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


def _is_affiliated(organisasjon_id: UUID) -> ColumnElement[bool]:
    """SQL: the person holds or has held a grant in the organisation, or is affiliated without one
    (`affiliated_persons`).
    """
    held = (
        select(Tilgang.id)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(Tilgang.person_id == Person.id, Ressurs.organisasjon_id == organisasjon_id)
        .correlate(Person)
    )
    return or_(held.exists(), Person.id.in_(affiliated_persons(organisasjon_id)))


def name_of_person(person_id: UUID) -> str:
    """Return the person's name; "" while it is unknown."""
    return session().scalar(select(Person.navn).where(Person.id == person_id)) or ""
