"""Use cases of tilganger: give, remove, change the end, save a matrix, close expired grants.

The rule of delegation (konfigurasjon.md 3.3): a person with ADMIN on the ressurs or above gives privileges of
the ressurs' type to a kind of holder that may have them. Each change is audited with actor, holder, privilege
and ressurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core.actor import Aktor
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.models import Ressurs, Tilgang
from fiks.konfigurasjon.person.service import NyPerson, person_of
from fiks.konfigurasjon.rules import ALWAYS, POWERFUL, Innehaver, Innehavertype, P, Periode, Tilgangsgrunn
from fiks.konfigurasjon.stale_form import require_not_stale
from fiks.konfigurasjon.tilgang.conditions import has_not_ended, holder_of_grant
from fiks.konfigurasjon.tilgang.holders import require_matching_name
from fiks.konfigurasjon.tilgang.lock import (
    grant_change_on,
    lock_organisasjon,
    require_administrator,
    require_fresh_login,
)
from fiks.konfigurasjon.tilgang.matrix import grants_digest
from fiks.konfigurasjon.tilgang.rows import audit_changed_end, close_grant, end_grant, insert_grant

__all__ = [
    "change_end",
    "close_expired",
    "end_as_form_value",
    "grant",
    "grant_privilegium",
    "is_already_saved",
    "lock_organisasjon",
    "revoke",
    "save_matrix",
]


def grant_privilegium(
    person_id: UUID,
    privilegium: P,
    ressurs_id: UUID,
    *,
    actor: Aktor,
    gyldig_fra: datetime | None = None,
    gyldig_til: datetime | None = None,
    begrunnelse: str | None = None,
) -> UUID:
    """Grant one privilege to a person; see `grant`."""
    [tilgang_id] = grant(
        ressurs_id,
        innehaver=Innehaver(Innehavertype.PERSON, person_id),
        privilegier=[privilegium],
        periode=Periode(gyldig_fra, gyldig_til),
        begrunnelse=begrunnelse,
        actor=actor,
    )
    return tilgang_id


def grant(
    ressurs_id: UUID,
    *,
    innehaver: Innehaver | NyPerson,
    privilegier: Sequence[P],
    periode: Periode = ALWAYS,
    begrunnelse: str | None = None,
    actor: Aktor,
) -> list[UUID]:
    """Give the holder these privileges on the ressurs, all or none; return the grants' ids.

    An equal grant whose period has ended is replaced. ADMIN needs a login less than five minutes old. Errors:
    PRIVILEGIUM_PASSER_IKKE, INNEHAVER_PASSER_IKKE, PERIODE_UGYLDIG, BEGRUNNELSE_UGYLDIG (422), TILGANG_FINNES
    (409), and those of `person_of` and `require_matching_name` for a holder named by number.
    """
    with grant_change_on(ressurs_id) as (_, node):
        require_administrator(actor, ressurs_id)
        holder = innehaver
        if isinstance(holder, NyPerson):
            if node.organisasjon_id is not None:
                require_matching_name(node.organisasjon_id, holder, actor=actor)
            holder = Innehaver(Innehavertype.PERSON, person_of(holder))
        return [
            insert_grant(node, holder, p, periode=periode, begrunnelse=begrunnelse, actor=actor)
            for p in dict.fromkeys(privilegier)
        ]


def _ressurs_of(tilgang_id: UUID) -> UUID:
    """Return the id of the grant's ressurs."""
    found = session().execute(select(Tilgang.ressurs_id).where(Tilgang.id == tilgang_id)).scalar_one_or_none()
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return found


def _active_grant(tilgang_id: UUID) -> Tilgang:
    row = session().get_one(Tilgang, tilgang_id, populate_existing=True)
    if row.avsluttet is not None or (row.gyldig_til is not None and row.gyldig_til <= database_now()):
        raise Konflikt("TILGANG_ER_AVSLUTTET")
    return row


def revoke(tilgang_id: UUID, *, actor: Aktor) -> None:
    """Remove a grant; the holder loses it at their next request.

    Only on the ressurs where it was given: an inherited grant cannot be removed lower down. Errors:
    TILGANG_ER_AVSLUTTET, SISTE_ADMINISTRATOR (409).
    """
    with grant_change_on(_ressurs_of(tilgang_id)) as (_, node):
        require_administrator(actor, node.id)
        end_grant(_active_grant(tilgang_id), node, Tilgangsgrunn.FJERNET, actor=actor)


def end_as_form_value(gyldig_til: datetime | None) -> dict[str, object]:
    """Return a grant's end as its form field has it: the last day in Oslo it is valid, dd.mm.åååå; None
    without an end.
    """
    last = gyldig_til and (gyldig_til - timedelta(microseconds=1)).astimezone(OSLO)
    return {"til": f"{last:%d.%m.%Y}" if last else None}


def change_end(
    tilgang_id: UUID, *, gyldig_til: datetime | None, vist: str | None = None, actor: Aktor
) -> None:
    """Change a grant's end to `gyldig_til` (None: no end). Extending ADMIN counts as giving it, and needs a
    fresh login.

    Nobody may extend their own grant: EGEN_SLUTTDATO (403). This applies to a person's own grants; one that
    comes through a group is the group's. `vist` is the form mark of the end the page showed (`stale_form`),
    None for callers without a page. Errors also PERIODE_UGYLDIG (422), TILGANG_ER_AVSLUTTET,
    OPPLYSNINGER_ENDRET (409: somebody else has changed it since).
    """
    with grant_change_on(_ressurs_of(tilgang_id)) as (_, node):
        require_administrator(actor, node.id)
        row = _active_grant(tilgang_id)
        require_not_stale(vist, end_as_form_value(row.gyldig_til), end_as_form_value(gyldig_til))
        longer = row.gyldig_til is not None and (gyldig_til is None or gyldig_til > row.gyldig_til)
        if longer and row.person_id is not None and row.person_id == actor.person_id:
            raise IkkeTilgang("EGEN_SLUTTDATO", felt="til")
        if row.privilegium in POWERFUL and longer:
            require_fresh_login(actor)
        if gyldig_til is not None and gyldig_til <= max(database_now(), row.gyldig_fra):
            raise UgyldigInndata("PERIODE_UGYLDIG", felt="til")
        before, row.gyldig_til = row.gyldig_til, gyldig_til
        audit_changed_end(actor, row, node, before)


@dataclass(frozen=True, slots=True)
class Endringer:
    """Changes to a matrix: privileges to give, and direct grants to remove."""

    gi: Sequence[tuple[Innehaver, P]] = ()
    fjern: Sequence[UUID] = ()


def save_matrix(ressurs_id: UUID, *, vist: str, endringer: Endringer, actor: Aktor) -> None:
    """Change the direct grants of a ressurs as the page says, all or nothing. Idempotent for the same actor.

    `vist` is the digest of the grants the page showed. Konflikt("TILGANGER_ENDRET") when somebody else has
    changed them since; the page must then be shown again.
    """
    with grant_change_on(ressurs_id) as (_, node):
        require_administrator(actor, ressurs_id)
        if is_already_saved(ressurs_id, endringer, actor=actor):
            return
        if grants_digest(ressurs_id) != vist:
            raise Konflikt("TILGANGER_ENDRET")
        for tilgang_id in endringer.fjern:
            if _ressurs_of(tilgang_id) != ressurs_id:
                raise IkkeFunnet("FINNES_IKKE")
            end_grant(_active_grant(tilgang_id), node, Tilgangsgrunn.FJERNET, actor=actor)
        session().flush()
        for innehaver, privilegium in endringer.gi:
            insert_grant(node, innehaver, privilegium, actor=actor)


def is_already_saved(ressurs_id: UUID, endringer: Endringer, *, actor: Aktor) -> bool:
    """Return whether the actor has already made all of these changes and they still stand: the same form sent
    twice.
    """
    given = session().scalars(
        select(Tilgang).where(
            Tilgang.ressurs_id == ressurs_id, has_not_ended(), _is_by_actor(Tilgang.gitt_av, actor)
        )
    )
    held = {(holder_of_grant(row), row.privilegium) for row in given}
    ended = session().scalars(
        select(Tilgang.id).where(
            Tilgang.id.in_(endringer.fjern),
            Tilgang.ressurs_id == ressurs_id,
            Tilgang.avsluttet_grunn == str(Tilgangsgrunn.FJERNET),
            _is_by_actor(Tilgang.avsluttet_av, actor),
        )
    )
    given_all = all((holder, str(p)) in held for holder, p in endringer.gi)
    return given_all and set(endringer.fjern) <= set(ended)


def _is_by_actor(column: InstrumentedAttribute[UUID | None], actor: Aktor) -> ColumnElement[bool]:
    return column.is_not_distinct_from(actor.person_id)


def close_expired(limit: int = 1_000) -> int:
    """Close grants whose period has ended; return how many. Authorisation has not counted them since they
    ended.
    """
    over = (
        select(Tilgang, Ressurs)
        .join(Ressurs, Ressurs.id == Tilgang.ressurs_id)
        .where(Tilgang.avsluttet.is_(None), Tilgang.gyldig_til <= func.now())
        .order_by(Tilgang.gyldig_til)
        .limit(limit)
        .with_for_update(of=Tilgang, skip_locked=True)
    )
    with transaction() as tx:
        rows = tx.execute(over.execution_options(populate_existing=True)).all()
        for row, node in rows:
            close_grant(row, node)
        return len(rows)
