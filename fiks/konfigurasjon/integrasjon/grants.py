"""Grants of integrasjoner: given and removed by persons, by the rule of delegation (konfigurasjon.md 3.3).

The organisation's row is locked first, so that two administrators never undo each other's work unknowingly: a
form carries the digest of the grants it showed, and is refused when they have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon.queries import tilganger_digest
from fiks.konfigurasjon.models import ForespurtPrivilegium, Integrasjon, Ressurs, Tilgang
from fiks.konfigurasjon.rules import Innehaver, Innehavertype, P, Tilgangsgrunn, for_machines
from fiks.konfigurasjon.tilgang.conditions import has_not_ended
from fiks.konfigurasjon.tilgang.lock import lock_organisasjon, require_person
from fiks.konfigurasjon.tilgang.queries import administers_any_ressurs
from fiks.konfigurasjon.tilgang.rows import end_grant, insert_grant


@dataclass(frozen=True, slots=True)
class Tilgangsvalg:
    """One privilege on one ressurs."""

    privilegium: P
    ressurs_id: UUID


def approve_integrasjon(
    integrasjon_id: UUID,
    organisasjon_id: UUID,
    *,
    valg: Sequence[Tilgangsvalg],
    shown: bytes,
    actor: Aktor,
) -> int:
    """Give a local integrasjon these privileges; return how many it did not have before.

    `shown` is the digest of the tilganger on the page: TILGANGER_ENDRET (409) if they have changed, unless
    the integrasjon already has all of these. Needs ADMIN on each ressurs. Errors also
    PRIVILEGIUM_PASSER_IKKE, INGEN_VALGT, BARE_FORESPURTE (422: a global integrasjon gets only what it
    requests).
    """
    with transaction():
        row = _lock_integrasjon(integrasjon_id, organisasjon_id, actor)
        if row.organisasjon_id is None:
            raise UgyldigInndata("BARE_FORESPURTE", felt="valg")
        return _grant_lacking(row, organisasjon_id, valg, shown, actor)


def approve_global_integrasjon(
    integrasjon_id: UUID,
    organisasjon_id: UUID,
    *,
    ressurser: Sequence[UUID],
    shown: bytes,
    actor: Aktor,
) -> int:
    """Give a global integrasjon exactly the privileges it requests on these ressurser; return how many
    grants.

    Errors as `approve_integrasjon`.
    """
    with transaction() as tx:
        row = _lock_integrasjon(integrasjon_id, organisasjon_id, actor)
        if row.organisasjon_id is not None:
            raise IkkeFunnet("FINNES_IKKE")
        asked = tx.execute(
            select(ForespurtPrivilegium.ressurs_type, ForespurtPrivilegium.privilegium).where(
                ForespurtPrivilegium.integrasjon_id == row.id
            )
        ).all()
        types = {
            ressurs.id: ressurs.type
            for ressurs in tx.scalars(select(Ressurs).where(Ressurs.id.in_(list(ressurser))))
        }
        valg = [
            Tilgangsvalg(P(privilegium), ressurs_id)
            for ressurs_id in dict.fromkeys(ressurser)
            for ressurs_type, privilegium in asked
            if types.get(ressurs_id, ressurs_type) == ressurs_type
        ]
        return _grant_lacking(row, organisasjon_id, valg, shown, actor)


def withdraw_tilgang(tilgang_id: UUID, *, actor: Aktor) -> None:
    """Remove one tilgang from an integrasjon; its next call there is refused. Needs ADMIN on the ressurs."""
    require_person(actor)
    with transaction() as tx:
        found = tx.execute(
            select(Tilgang.ressurs_id, Ressurs.organisasjon_id)
            .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
            .where(Tilgang.id == tilgang_id, Tilgang.integrasjon_id.is_not(None))
        ).first()
        if found is None or found[1] is None:
            raise IkkeFunnet("FINNES_IKKE")
        queries.require(actor, P.ADMIN, found[0])
        lock_organisasjon(found[1])
        _end_grants([tilgang_id], actor)


def is_withdrawn(tilgang_id: UUID, integrasjon_id: UUID, organisasjon_id: UUID, *, actor: Aktor) -> bool:
    """Return whether this was a tilgang of the integrasjon in the organisation and has ended, to answer a
    form sent twice.

    Needs ADMIN on its ressurs.
    """
    its = select(Tilgang.ressurs_id, has_not_ended()).join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
    mine = (Tilgang.integrasjon_id == integrasjon_id, Ressurs.organisasjon_id == organisasjon_id)
    row = session().execute(its.where(Tilgang.id == tilgang_id, *mine)).first()
    if row is None:
        return False
    queries.require(actor, P.ADMIN, row[0])
    return not row[1]


def withdraw_integrasjon(
    integrasjon_id: UUID, organisasjon_id: UUID, *, shown: bytes | None = None, actor: Aktor
) -> int:
    """Remove every tilgang the integrasjon has in this organisation; return how many. Needs ADMIN on each
    ressurs.

    `shown` is `tilganger_digest` of the page, None for callers without a page: TILGANGER_ENDRET (409) when
    other tilganger would be removed than the page said.
    """
    require_person(actor)
    with transaction() as tx:
        lock_organisasjon(organisasjon_id)
        held = tx.execute(
            select(Tilgang.id, Tilgang.ressurs_id)
            .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
            .where(
                Tilgang.integrasjon_id == integrasjon_id,
                Tilgang.avsluttet.is_(None),
                Ressurs.organisasjon_id == organisasjon_id,
            )
        ).all()
        queries.require_each(actor, P.ADMIN, {row[1] for row in held} or {organisasjon_id})
        if held and shown is not None and shown != tilganger_digest(integrasjon_id, organisasjon_id):
            raise Konflikt("TILGANGER_ENDRET")
        _end_grants([row[0] for row in held], actor)
        return len(held)


def _lock_integrasjon(integrasjon_id: UUID, organisasjon_id: UUID, actor: Aktor) -> Integrasjon:
    """Lock the organisation and share-lock the integrasjon while it is given access; IkkeFunnet if it is
    deleted or not offered here.
    """
    require_person(actor)
    lock_organisasjon(organisasjon_id)
    row = session().get(Integrasjon, integrasjon_id, with_for_update={"read": True}, populate_existing=True)
    if row is None or row.slettet is not None or row.organisasjon_id not in (None, organisasjon_id):
        raise IkkeFunnet("FINNES_IKKE")
    if not administers_any_ressurs(organisasjon_id, actor=actor):
        raise IkkeFunnet("FINNES_IKKE")
    return row


def _grant_lacking(
    row: Integrasjon, organisasjon_id: UUID, valg: Iterable[Tilgangsvalg], shown: bytes, actor: Aktor
) -> int:
    """Grant what the integrasjon lacks, if the page's digest still matches; return how many."""
    wanted = {one: _checked_ressurs(one, organisasjon_id, actor) for one in valg}
    if not wanted:
        raise UgyldigInndata("INGEN_VALGT", felt="valg")
    lacking = {one: node for one, node in wanted.items() if not _holds(row, one)}
    if lacking and tilganger_digest(row.id, organisasjon_id) != shown:
        raise Konflikt("TILGANGER_ENDRET")
    for one, node in lacking.items():
        insert_grant(node, Innehaver(Innehavertype.INTEGRASJON, row.id), one.privilegium, actor=actor)
    return len(lacking)


def _checked_ressurs(one: Tilgangsvalg, organisasjon_id: UUID, actor: Aktor) -> Ressurs:
    """Return the ressurs of a choice, after checking that the actor may give a machine this privilege there."""
    node = session().get(Ressurs, one.ressurs_id)
    if node is None or node.organisasjon_id != organisasjon_id:
        raise IkkeFunnet("FINNES_IKKE")
    queries.require(actor, P.ADMIN, node.id)
    if not any(d.navn == one.privilegium and d.ressurs_type == node.type for d in for_machines()):
        raise UgyldigInndata("PRIVILEGIUM_PASSER_IKKE", felt="valg")
    return node


def _holds(row: Integrasjon, one: Tilgangsvalg) -> bool:
    """Return whether the integrasjon has this grant already. An expired one does not count: the new one
    closes it.
    """
    held = select(Tilgang.id).where(
        Tilgang.integrasjon_id == row.id,
        Tilgang.privilegium == one.privilegium,
        Tilgang.ressurs_id == one.ressurs_id,
        has_not_ended(),
    )
    return session().execute(held).first() is not None


def _end_grants(tilganger: Sequence[UUID], actor: Aktor) -> None:
    living = select(Tilgang, Ressurs).join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
    these = living.where(Tilgang.id.in_(list(tilganger)), Tilgang.avsluttet.is_(None))
    for row, node in session().execute(these.with_for_update(of=Tilgang)).all():
        end_grant(row, node, Tilgangsgrunn.FJERNET, actor=actor)
