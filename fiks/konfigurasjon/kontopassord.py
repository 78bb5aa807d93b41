"""The service password of a konto: made by its administrator, and how a fagsystem proves itself by it (svarut.md 3.1).

REST v1 and SOAP log in with the name of the avsender and this password. It is shown once and stored as a keyed hash. An
unknown name and a wrong password take the same work and are told apart only in the log and the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Row, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.activation import SVARUT
from fiks.konfigurasjon.decision import is_open
from fiks.konfigurasjon.grant_lock import require_fresh, require_person
from fiks.konfigurasjon.konto_models import Kontopassord
from fiks.konfigurasjon.machine_passwords import (
    Formal,
    Passord,
    hash_of,
    mark_used,
    matches,
    used_lately,
)
from fiks.konfigurasjon.models import Konto, Ressurs
from fiks.konfigurasjon.rules import P


class Avslag(StrEnum):
    """Why a konto was not let in. The first two are never told apart to the caller."""

    UKJENT = "UKJENT"
    FEIL_PASSORD = "FEIL_PASSORD"
    ORGANISASJON_INAKTIV = "ORGANISASJON_INAKTIV"


@dataclass(frozen=True, slots=True)
class Kontofakta:
    """The konto whose name was given."""

    id: UUID
    visningsnavn: str
    organisasjon_id: UUID


@dataclass(frozen=True, slots=True)
class Svar:
    """Either `avslag` is None and the konto is let in, or it says why not. `konto` is None when it is unknown."""

    konto: Kontofakta | None
    avslag: Avslag | None


def password_made(konto_id: UUID, *, actor: Aktor) -> datetime | None:
    """When the konto's password was made, None when it has none; needs ADMIN on the konto."""
    queries.require(actor, P.ADMIN, konto_id)
    made = select(Kontopassord.laget).where(Kontopassord.konto_id == konto_id)
    return session().execute(made).scalar_one_or_none()


def new_password(konto_id: UUID, *, replaces: datetime | None, actor: Aktor) -> Passord:
    """Make a new service password, to be shown once; the old one stops at once. Needs ADMIN on the konto.

    `replaces` is `password_made` as the person saw it on the page. If there is a newer one meanwhile (also by the same
    form sent twice), Konflikt("PASSORD_ENDRET"). Errors also NY_INNLOGGING, KUN_FOR_PERSON.
    """
    require_person(actor)
    queries.require(actor, P.ADMIN, konto_id)
    require_fresh(actor)
    passord = Passord(str(uuid4()))
    with transaction() as tx:
        konto = tx.get(Konto, konto_id, with_for_update=True)
        if konto is None:
            raise IkkeFunnet("FINNES_IKKE")
        row = tx.get(Kontopassord, konto_id, populate_existing=True)
        if (row.laget if row else None) != replaces:
            raise Konflikt("PASSORD_ENDRET")
        now = database_now()
        row = row or Kontopassord(konto_id=konto_id)
        row.passord_hash, row.laget = hash_of(passord.verdi, Formal.KONTO), now
        row.laget_av, row.sist_brukt = actor.person_id, None
        tx.add(row)
        audit.record(
            actor,
            "KONTO_PASSORD_GENERERT",
            "konto",
            konto_id,
            organisasjon_id=konto.organisasjon_id,
            tjeneste=SVARUT,
            ressurs_id=konto_id,
        )
    return passord


def check_konto(avsender: str, passord: str) -> Svar:
    """Check that there is a konto of this name, with this password, in a living organisation. Sets its last use daily.

    Whether the konto is open and the service in use is asked by the use cases that begin something.
    """
    row = _find(avsender)
    right = matches(hash_of(passord, Formal.KONTO), row.passord_hash if row is not None else None)
    if row is None:
        return Svar(None, Avslag.UKJENT)
    konto = Kontofakta(row.id, row.visningsnavn, row.organisasjon_id)
    if not right:
        return Svar(konto, Avslag.FEIL_PASSORD)
    if row.nedlagt:
        return Svar(konto, Avslag.ORGANISASJON_INAKTIV)
    if not row.nylig_brukt:
        mark_used(Kontopassord.sist_brukt, Kontopassord.konto_id == row.id)
    return Svar(konto, None)


def _find(avsender: str) -> Row[*tuple[object, ...]] | None:
    return (
        session()
        .execute(
            select(
                Konto.id,
                Konto.visningsnavn,
                Konto.organisasjon_id,
                Kontopassord.passord_hash,
                used_lately(Kontopassord.sist_brukt).label("nylig_brukt"),
                (~is_open(Ressurs)).label("nedlagt"),
            )
            .outerjoin(Kontopassord, Kontopassord.konto_id == Konto.id)
            .join(Ressurs, Ressurs.id == Konto.id)
            .where(Konto.avsender == avsender)
        )
        .first()
    )


def record_refusals(svar: Svar, *, antall: int, error_id: str, actor: Aktor) -> None:
    """Audit that a konto was refused: `antall` refusals of this name from one address, seen by one process.

    `actor` is the door itself. A name that no konto has is not written down: it may be anything, also an fnr.
    """
    with transaction():
        audit.record(
            actor,
            "KONTO_AUTENTISERING_FEILET",
            "konto",
            svar.konto.id if svar.konto else "ukjent",
            organisasjon_id=svar.konto.organisasjon_id if svar.konto else None,
            tjeneste=SVARUT,
            ressurs_id=svar.konto.id if svar.konto else None,
            utfall=audit.Utfall.AVVIST,
            grunn=str(svar.avslag),
            antall=antall,
            error_id=error_id,
        )
