"""SMS-kontoer: created under the service by its administrator, changed, closed and opened again."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.activation import VARSLING, service_ressurs
from fiks.konfigurasjon.field_rules import short_name_fault
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.organisasjon.service import add_ressurs
from fiks.konfigurasjon.rules import P, Ressurstype
from fiks.konfigurasjon.stale_form import require_not_stale
from fiks.sms.models import Smskonto

_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9 ]{0,9}[A-Za-z0-9])?", re.ASCII)


def check_konto(visningsnavn: str, avsender: str) -> None:
    """Raise UgyldigInndata KORTNAVN_UGYLDIG or SMS_AVSENDER_UGYLDIG.

    `avsender` is the name telephones show: at most eleven of A-Z, 0-9 and blanks, at least one letter.
    """
    if fault := short_name_fault(visningsnavn):
        raise UgyldigInndata(str(fault), felt="visningsnavn")
    if _SENDER.fullmatch(avsender) is None:
        raise UgyldigInndata("SMS_AVSENDER_UGYLDIG", felt="avsender")


def create_smskonto(
    organisasjon_id: UUID, *, visningsnavn: str, avsender: str, konto_id: UUID | None = None, actor: Aktor
) -> UUID:
    """Create a konto under the organisation's Varsling; needs ADMIN there; return its id.

    `konto_id` comes from the form: submitting the same form twice creates one konto; with changed content it
    creates another. Errors: those of `check_konto`, TJENESTE_IKKE_INITIALISERT (409).
    """
    service_id = service_ressurs(organisasjon_id, VARSLING, actor)
    check_konto(visningsnavn, avsender)
    with transaction() as tx:
        service = tx.get_one(Ressurs, service_id, with_for_update={"key_share": True})
        before = tx.get(Smskonto, konto_id) if konto_id else None
        said = (organisasjon_id, visningsnavn, avsender)
        if before is not None and (before.organisasjon_id, before.visningsnavn, before.avsender) == said:
            return before.id
        own = None if konto_id and tx.get(Ressurs, konto_id) else konto_id
        node = add_ressurs(service, Ressurstype.SMS_KONTO, visningsnavn, organisasjon_id, own)
        tx.add(
            Smskonto(
                id=node.id, organisasjon_id=organisasjon_id, visningsnavn=visningsnavn, avsender=avsender
            )
        )
        _record("SMS_KONTO_OPPRETTET", organisasjon_id, node.id, actor)
        return node.id


def change_smskonto(
    konto_id: UUID, *, visningsnavn: str, avsender: str, vist: str | None = None, actor: Aktor
) -> None:
    """Change a konto's name and sender; needs ADMIN on it.

    `vist` is the version mark of what the page showed of `facts_of`, None for callers without a page. Errors:
    those of `check_konto`, OPPLYSNINGER_ENDRET (409: somebody else has changed it since).
    """
    queries.require(actor, P.ADMIN, konto_id)
    check_konto(visningsnavn, avsender)
    said: dict[str, object] = {"visningsnavn": visningsnavn, "avsender": avsender}
    with transaction() as tx:
        konto = _lock_konto(konto_id)
        require_not_stale(vist, facts_of(konto), said)
        if facts_of(konto) == said:
            return
        konto.visningsnavn, konto.avsender = visningsnavn, avsender
        tx.get_one(Ressurs, konto_id).navn = visningsnavn
        _record("SMS_KONTO_ENDRET", konto.organisasjon_id, konto_id, actor)


def set_active(konto_id: UUID, *, aktivert: bool, actor: Aktor) -> None:
    """Open or close a konto for sending; needs ADMIN on it. Repeating it changes nothing."""
    queries.require(actor, P.ADMIN, konto_id)
    with transaction():
        konto = _lock_konto(konto_id)
        if konto.aktivert != aktivert:
            konto.aktivert = aktivert
            _record("SMS_KONTO_ENDRET", konto.organisasjon_id, konto_id, actor)


def facts_of(konto: Smskonto) -> dict[str, object]:
    """Return the konto's editable facts."""
    return {"visningsnavn": konto.visningsnavn, "avsender": konto.avsender}


def _lock_konto(konto_id: UUID) -> Smskonto:
    """Return the konto, locked until the transaction ends, so that concurrent changes come one after the
    other.
    """
    konto = session().get(Smskonto, konto_id, with_for_update=True, populate_existing=True)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    return konto


def konto_for_admin(konto_id: UUID, *, actor: Aktor) -> Smskonto:
    """Return one konto; needs ADMIN on it. IkkeFunnet for an unknown id."""
    queries.require(actor, P.ADMIN, konto_id)
    konto = session().get(Smskonto, konto_id, populate_existing=True)
    if konto is None:
        raise IkkeFunnet("FINNES_IKKE")
    return konto


def closed_by_konto(organisasjon_id: UUID) -> dict[UUID, bool]:
    """Return each SMS-konto of the organisation and whether it is closed; at most 200. The caller checks
    access.
    """
    found = select(Smskonto.id, Smskonto.aktivert).where(Smskonto.organisasjon_id == organisasjon_id)
    return {row.id: not row.aktivert for row in session().execute(found.order_by(Smskonto.id).limit(200))}


def kontoer_of(organisasjon_id: UUID, *, actor: Aktor) -> list[Smskonto]:
    """Return the organisation's SMS-kontoer that the actor may send from, by name; at most 200."""
    found = session().scalars(
        select(Smskonto)
        .where(Smskonto.organisasjon_id == organisasjon_id)
        .order_by(Smskonto.visningsnavn, Smskonto.id)
        .limit(200)
    )
    return [konto for konto in found if queries.may(actor, P.SMS_SENDE, konto.id)]


def _record(handling: str, organisasjon_id: UUID, konto_id: UUID, actor: Aktor) -> None:
    audit.record(
        actor,
        handling,
        "smskonto",
        konto_id,
        organisasjon_id=organisasjon_id,
        tjeneste=VARSLING,
        ressurs_id=konto_id,
    )
