"""Taking a service into use: sign its agreements, `initialise` (creates its ressurs), then `configure`.

Until then every use case of the service that begins something answers 403 TJENESTE_IKKE_AKTIV
(konfigurasjon.md 17.13).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.models import Tjeneste, Tjenesteaktivering
from fiks.konfigurasjon.avtale.service import is_signed, require_available
from fiks.konfigurasjon.models import Konto, Ressurs
from fiks.konfigurasjon.organisasjon.service import add_ressurs, lock_organisasjon_row
from fiks.konfigurasjon.rules import P, Ressurstype

SVARUT, SVARINN, VARSLING = "SVARUT", "SVARINN", "VARSLING"
RESSURS_NAMES = {SVARUT: "SvarUt", SVARINN: "SvarInn", VARSLING: "Varsling"}
"""Names given to the services' ressurser; a service that is not listed is named by its code."""


def is_active(organisasjon_id: UUID, tjeneste_kode: str) -> bool:
    """Return whether the service is open and the organisation has taken it into use. A new agreement version
    that awaits a signature stops nothing.
    """
    active = (
        select(Tjenesteaktivering.ressurs_id)
        .join(Tjeneste, Tjeneste.kode == Tjenesteaktivering.tjeneste_kode)
        .where(
            Tjenesteaktivering.organisasjon_id == organisasjon_id,
            Tjenesteaktivering.tjeneste_kode == tjeneste_kode,
            Tjenesteaktivering.konfigurert.is_not(None),
            Tjeneste.aktivert,
        )
    )
    return session().execute(active).first() is not None


def require_active(organisasjon_id: UUID, tjeneste_kode: str) -> None:
    """Raise IkkeTilgang("TJENESTE_IKKE_AKTIV") unless the organisation has taken the service into use.

    Call it where something begins. Work that has begun continues whatever happens later.
    """
    if not is_active(organisasjon_id, tjeneste_kode):
        raise IkkeTilgang("TJENESTE_IKKE_AKTIV")


def require_sending(konto_id: UUID) -> None:
    """Allow sending from a konto only when SvarUt is in use there and the konto is active.

    Raises IkkeTilgang("TJENESTE_IKKE_AKTIV"), Konflikt("KONTO_IKKE_AKTIV"), IkkeFunnet for an unknown konto.
    """
    row = session().execute(select(Konto.organisasjon_id, Konto.aktivert).where(Konto.id == konto_id)).first()
    if row is None:
        raise IkkeFunnet("FINNES_IKKE")
    require_active(row.organisasjon_id, SVARUT)
    if not row.aktivert:
        raise Konflikt("KONTO_IKKE_AKTIV")


def initialise(organisasjon_id: UUID, tjeneste_kode: str, *, actor: Aktor) -> UUID:
    """Create the service's ressurs below the organisation and return its id; needs ADMIN on the organisation.

    Errors: TJENESTE_UKJENT (404), TJENESTE_IKKE_TILGJENGELIG (403), AVTALE_MANGLER (409: hovedavtale or
    tjenestevedlegg is not signed in the version in force), TJENESTE_INITIALISERT_FRA_FOR (409).
    """
    queries.require(actor, P.ADMIN, organisasjon_id)
    with transaction() as tx:
        organisation = lock_organisasjon_row(organisasjon_id)
        tjeneste = require_available(organisation, tjeneste_kode)
        if not (is_signed(organisasjon_id, None) and is_signed(organisasjon_id, tjeneste_kode)):
            raise Konflikt("AVTALE_MANGLER")
        if tx.get(Tjenesteaktivering, (organisasjon_id, tjeneste_kode)) is not None:
            raise Konflikt("TJENESTE_INITIALISERT_FRA_FOR")
        top = tx.get_one(Ressurs, organisasjon_id)
        navn = RESSURS_NAMES.get(tjeneste_kode, tjeneste_kode)
        node = add_ressurs(top, tjeneste.ressurs_type, navn, organisasjon_id)
        tx.add(
            Tjenesteaktivering(
                organisasjon_id=organisasjon_id,
                tjeneste_kode=tjeneste_kode,
                ressurs_id=node.id,
                initialisert_av=actor.person_id,
            )
        )
        _record("TJENESTE_INITIALISERT", organisasjon_id, tjeneste_kode, node.id, actor)
        return node.id


def configure(organisasjon_id: UUID, tjeneste_kode: str, *, actor: Aktor) -> None:
    """Declare the service set up and ready for use; needs ADMIN on the service. Idempotent.

    Errors: FINNES_IKKE (404: not initialised), KONTO_MANGLER_I_TJENESTEN (409: SvarUt needs an active konto).
    """
    ressurs_id = service_ressurs(organisasjon_id, tjeneste_kode, actor)
    with transaction() as tx:
        lock_organisasjon_row(organisasjon_id)
        row = tx.get_one(Tjenesteaktivering, (organisasjon_id, tjeneste_kode))
        if row.konfigurert is not None:
            return
        if tjeneste_kode == SVARUT and not _has_konto(organisasjon_id):
            raise Konflikt("KONTO_MANGLER_I_TJENESTEN")
        row.konfigurert, row.konfigurert_av = func.now(), actor.person_id
        _record("TJENESTE_KONFIGURERT", organisasjon_id, tjeneste_kode, ressurs_id, actor)


def service_ressurs(
    organisasjon_id: UUID, tjeneste_kode: str, actor: Aktor, privilegium: P = P.ADMIN
) -> UUID:
    """Return the ressurs of an initialised service; the actor needs `privilegium` on it.

    When the service is not initialised, an administrator of the organisation gets TJENESTE_IKKE_INITIALISERT
    (409) and anybody else FINNES_IKKE.
    """
    found = (
        session()
        .execute(
            select(Tjenesteaktivering.ressurs_id).where(
                Tjenesteaktivering.organisasjon_id == organisasjon_id,
                Tjenesteaktivering.tjeneste_kode == tjeneste_kode,
            )
        )
        .scalar_one_or_none()
    )
    if found is None:
        queries.require(actor, P.ADMIN, organisasjon_id)
        raise Konflikt("TJENESTE_IKKE_INITIALISERT")
    queries.require(actor, privilegium, found)
    return found


def _has_konto(organisasjon_id: UUID) -> bool:
    active = (
        select(Konto.id)
        .join(Ressurs, Ressurs.id == Konto.id)
        .where(
            Konto.organisasjon_id == organisasjon_id,
            Konto.aktivert,
            Ressurs.type == Ressurstype.SVARUT_KONTO,
            Ressurs.slettet.is_(None),
        )
    )
    return session().execute(active.limit(1)).first() is not None


def _record(handling: str, organisasjon_id: UUID, tjeneste_kode: str, ressurs_id: UUID, actor: Aktor) -> None:
    audit.record(
        actor,
        handling,
        "tjeneste",
        tjeneste_kode,
        organisasjon_id=organisasjon_id,
        tjeneste=tjeneste_kode,
        ressurs_id=ressurs_id,
    )
