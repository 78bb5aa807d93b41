"""Login of integrasjoner at the machine API: steps 3 to 6 of konfigurasjon.md 5.3.

An unknown id, a wrong orgnr and a wrong password take the same work, and are distinguished only in the log
and the audit.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import aliased

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon.authorization import is_open, works_for
from fiks.konfigurasjon.avtale.activation import is_active
from fiks.konfigurasjon.integrasjon.passwords import Formal, hash_of, is_use_recorded, mark_used, matches
from fiks.konfigurasjon.models import Integrasjon, Ressurs


class Avslag(StrEnum):
    """Why an integrasjon was refused. The caller can never distinguish the first three."""

    UKJENT = "UKJENT"
    FEIL_ORGNR = "FEIL_ORGNR"
    FEIL_PASSORD = "FEIL_PASSORD"
    ORGANISASJON_INAKTIV = "ORGANISASJON_INAKTIV"


@dataclass(frozen=True, slots=True)
class Maskin:
    """The calling integrasjon. `organisasjon_id` is None for a global one."""

    id: UUID
    navn: str
    organisasjon_id: UUID | None


@dataclass(frozen=True, slots=True)
class Svar:
    """Result of a login: `avslag` is None on success, else the reason. `maskin` is None when the id is
    unknown.
    """

    maskin: Maskin | None
    avslag: Avslag | None


def check_integrasjon(integrasjon_id: UUID, *, orgnr: str, passord: str) -> Svar:
    """Check that the integrasjon exists, may be called by `orgnr` with this password, and that its
    organisation is open.

    Records its last use, at most once a day.
    """
    row = _find(integrasjon_id)
    old = row.gammelt_passord_hash if row is not None and row.gammelt_gjelder else None
    present = row.passord_hash if row is not None else None
    right_password = matches(hash_of(passord, Formal.INTEGRASJON), present, old)
    if row is None:
        return Svar(None, Avslag.UKJENT)
    maskin = Maskin(row.id, row.navn, row.organisasjon_id)
    if not hmac.compare_digest(str(row.autorisert_orgnr), orgnr):
        return Svar(maskin, Avslag.FEIL_ORGNR)
    if not right_password:
        return Svar(maskin, Avslag.FEIL_PASSORD)
    if row.nedlagt:
        return Svar(maskin, Avslag.ORGANISASJON_INAKTIV)
    if not row.nylig_brukt:
        mark_used(Integrasjon.sist_brukt, Integrasjon.id == row.id)
    return Svar(maskin, None)


def _find(integrasjon_id: UUID) -> Row[*tuple[object, ...]] | None:
    house = aliased(Ressurs)
    gone = exists().where(house.id == Integrasjon.organisasjon_id, ~is_open(house))
    return (
        session()
        .execute(
            select(
                Integrasjon.id,
                Integrasjon.navn,
                Integrasjon.organisasjon_id,
                Integrasjon.autorisert_orgnr,
                Integrasjon.passord_hash,
                Integrasjon.gammelt_passord_hash,
                (Integrasjon.gammelt_gyldig_til > func.now()).label("gammelt_gjelder"),
                is_use_recorded(Integrasjon.sist_brukt).label("nylig_brukt"),
                gone.label("nedlagt"),
            ).where(Integrasjon.id == integrasjon_id, Integrasjon.slettet.is_(None))
        )
        .first()
    )


def works_for_owner_of(ressurs_id: UUID, *, integrasjon_id: UUID) -> bool:
    """Return whether the integrasjon works for the ressurs' organisation, as its owner or by an approved
    grant.
    """
    return session().execute(select(works_for(integrasjon_id, ressurs_id))).scalar_one()


def is_service_in_use(kode: str, ressurs_id: UUID) -> bool:
    """Return whether the ressurs' organisation has taken the service into use."""
    owner = session().scalar(select(Ressurs.organisasjon_id).where(Ressurs.id == ressurs_id))
    return owner is not None and is_active(owner, kode)


def record_refusals(integrasjon_id: UUID, svar: Svar, *, antall: int, error_id: str, actor: Aktor) -> None:
    """Audit refused logins: `antall` refusals of this id from one address, counted by one process.

    `actor` is the API itself. If the integrasjon is known, the row appears in its organisation's own log.
    """
    with transaction():
        audit.record(
            actor,
            "INTEGRASJON_AUTENTISERING_FEILET",
            "integrasjon",
            integrasjon_id,
            organisasjon_id=svar.maskin.organisasjon_id if svar.maskin else None,
            utfall=audit.Utfall.AVVIST,
            grunn=str(svar.avslag),
            antall=antall,
            error_id=error_id,
        )
