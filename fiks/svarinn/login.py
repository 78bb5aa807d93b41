"""Login of a mottakersystem: its id as user name, and its service password (svarut.md 3.1).

An unknown id and a wrong password take the same work and can be distinguished only in the log and the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon.avtale.activation import SVARINN
from fiks.konfigurasjon.integrasjon.passwords import Formal, hash_of, is_use_recorded, mark_used, matches
from fiks.konfigurasjon.konto.password import Avslag
from fiks.konfigurasjon.models import Ressurs
from fiks.svarinn.models import Mottakersystem, Mottakersystempassord

_NO_SYSTEM = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Innlogget:
    """The mottakersystem whose id was given."""

    id: UUID
    navn: str
    organisasjon_id: UUID


@dataclass(frozen=True, slots=True)
class Svar:
    """Result of a login: `avslag` is None when the system is let in, else the reason. `system` is None when
    the id is unknown.
    """

    system: Innlogget | None
    avslag: Avslag | None


def check_system(brukernavn: str, passord: str) -> Svar:
    """Check the id and password of a mottakersystem in a living organisation.

    An inactive system is let in: it may fetch waiting letters. Sets the password's last use, at most daily.
    """
    row = _find(_id_of(brukernavn))
    right = matches(hash_of(passord, Formal.MOTTAKERSYSTEM), row.passord_hash if row is not None else None)
    if row is None:
        return Svar(None, Avslag.UKJENT)
    system = Innlogget(row.id, row.navn, row.organisasjon_id)
    if not right:
        return Svar(system, Avslag.FEIL_PASSORD)
    if row.nedlagt is not None:
        return Svar(system, Avslag.ORGANISASJON_INAKTIV)
    if not row.nylig_brukt:
        mark_used(Mottakersystempassord.sist_brukt, Mottakersystempassord.mottakersystem_id == row.id)
    return Svar(system, None)


def _id_of(brukernavn: str) -> UUID:
    try:
        return UUID(brukernavn.strip())
    except ValueError:
        return _NO_SYSTEM


def _find(system_id: UUID) -> Row[*tuple[object, ...]] | None:
    node, house = aliased(Ressurs), aliased(Ressurs)
    return (
        session()
        .execute(
            select(
                Mottakersystem.id,
                Mottakersystem.navn,
                Mottakersystem.organisasjon_id,
                Mottakersystempassord.passord_hash,
                is_use_recorded(Mottakersystempassord.sist_brukt).label("nylig_brukt"),
                func.coalesce(node.slettet, house.slettet).label("nedlagt"),
            )
            .outerjoin(Mottakersystempassord, Mottakersystempassord.mottakersystem_id == Mottakersystem.id)
            .join(node, node.id == Mottakersystem.id)
            .join(house, house.id == Mottakersystem.organisasjon_id)
            .where(Mottakersystem.id == system_id)
        )
        .first()
    )


def record_refusals(svar: Svar, *, antall: int, error_id: str, actor: Aktor) -> None:
    """Audit that a mottakersystem was refused: `antall` refusals of this id from one address, seen by one process."""
    system = svar.system
    with transaction():
        audit.record(
            actor,
            "MOTTAKERSYSTEM_AUTENTISERING_FEILET",
            "mottakersystem",
            system.id if system else "ukjent",
            organisasjon_id=system.organisasjon_id if system else None,
            tjeneste=SVARINN,
            ressurs_id=system.id if system else None,
            utfall=audit.Utfall.AVVIST,
            grunn=str(svar.avslag),
            antall=antall,
            error_id=error_id,
        )
