"""Use cases of SvarUt kontoer: create below the service, rename, close and reopen; by its administrators."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import guarded_update, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.avtale.activation import SVARUT, service_ressurs
from fiks.konfigurasjon.duplicate_submit import was_just_made
from fiks.konfigurasjon.field_rules import check, short_name_fault
from fiks.konfigurasjon.konto.rules import Kontoopplysninger
from fiks.konfigurasjon.models import Konto, Ressurs
from fiks.konfigurasjon.organisasjon.service import add_ressurs
from fiks.konfigurasjon.rules import P, Ressurstype
from fiks.konfigurasjon.stale_form import require_not_stale

KONTO_CREATED = "KONTO_OPPRETTET"


def create_konto(
    organisasjon_id: UUID, *, visningsnavn: str, avsender: str, actor: Aktor, **valg: object
) -> UUID:
    """Create a SvarUt konto below the organisation's service; needs ADMIN there. Idempotent for the same
    form.

    `valg`: other columns of the konto, except the bank account, which is guarded. Errors: those of
    `Kontoopplysninger` (422), TJENESTE_IKKE_INITIALISERT, KONTO_AVSENDER_FINNES (409).
    """
    if "kontonummer" in valg:
        raise ValueError("kontonummer is set by konto_guards.set_bankkonto alone")
    service_id = service_ressurs(organisasjon_id, SVARUT, actor)
    check(Kontoopplysninger(visningsnavn, avsender))
    with transaction() as tx:
        service = tx.get_one(Ressurs, service_id, with_for_update={"key_share": True})
        before = tx.scalars(select(Konto).where(Konto.avsender == avsender)).first()
        if before is not None:
            if not valg and _is_resubmission(before, organisasjon_id, visningsnavn, actor):
                return before.id
            raise Konflikt("KONTO_AVSENDER_FINNES", felt="avsender")
        node = add_ressurs(service, Ressurstype.SVARUT_KONTO, visningsnavn, organisasjon_id)
        konto = Konto(
            id=node.id, organisasjon_id=organisasjon_id, visningsnavn=visningsnavn, avsender=avsender, **valg
        )
        tx.add(konto)
        try:
            tx.flush()
        except IntegrityError as error:
            # Somebody took the name between the look and the insert: the unique column decides.
            raise Konflikt("KONTO_AVSENDER_FINNES", felt="avsender") from error
        _record(KONTO_CREATED, organisasjon_id, node.id, actor)
        return node.id


def _is_resubmission(row: Konto, organisasjon_id: UUID, visningsnavn: str, actor: Aktor) -> bool:
    """Return whether this is the form that created the konto, sent again."""
    same = (row.organisasjon_id, row.visningsnavn) == (organisasjon_id, visningsnavn)
    return same and was_just_made(row.id, KONTO_CREATED, actor=actor)


def rename_konto(konto_id: UUID, visningsnavn: str, *, vist: str | None = None, actor: Aktor) -> None:
    """Rename a konto and its ressurs; needs ADMIN on it.

    `vist` is the form mark of what the page showed (`stale_form`), None for callers without a page. Errors:
    KORTNAVN_UGYLDIG (422), OPPLYSNINGER_ENDRET (409: somebody else has changed it since).
    """
    queries.require(actor, P.ADMIN, konto_id)
    if fault := short_name_fault(visningsnavn):
        raise UgyldigInndata(str(fault), felt="visningsnavn")
    with transaction() as tx:
        konto = tx.get(Konto, konto_id, with_for_update=True, populate_existing=True)
        if konto is None:
            raise IkkeFunnet("FINNES_IKKE")
        require_not_stale(vist, {"visningsnavn": konto.visningsnavn}, {"visningsnavn": visningsnavn})
        if konto.visningsnavn == visningsnavn:
            return
        konto.visningsnavn = visningsnavn
        tx.get_one(Ressurs, konto_id).navn = visningsnavn
        _record("KONTO_ENDRET", konto.organisasjon_id, konto_id, actor)


def deactivate_konto(konto_id: UUID, *, actor: Aktor) -> None:
    """Close a konto: nothing new can be sent from it; released mailings still go out. Needs ADMIN on it.
    Idempotent.
    """
    _set_active(konto_id, before=True, handling="KONTO_DEAKTIVERT", actor=actor)


def activate_konto(konto_id: UUID, *, actor: Aktor) -> None:
    """Reopen a konto; needs ADMIN on it. Idempotent."""
    _set_active(konto_id, before=False, handling="KONTO_AKTIVERT", actor=actor)


def _set_active(konto_id: UUID, *, before: bool, handling: str, actor: Aktor) -> None:
    queries.require(actor, P.ADMIN, konto_id)
    with transaction():
        moved = guarded_update(
            Konto,
            where={"id": konto_id, "aktivert": before},
            values={"aktivert": not before},
            old=("organisasjon_id",),
        )
        if moved is not None:
            _record(handling, moved.organisasjon_id, konto_id, actor)


def _record(handling: str, organisasjon_id: UUID, konto_id: UUID, actor: Aktor) -> None:
    audit.record(
        actor,
        handling,
        "konto",
        konto_id,
        organisasjon_id=organisasjon_id,
        tjeneste=SVARUT,
        ressurs_id=konto_id,
    )
