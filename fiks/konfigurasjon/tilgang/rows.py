"""Steps that write a tilgang, for use cases that have locked the organisation and checked the right to grant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from fiks.core import audit
from fiks.core.actor import SVEIPER, Aktor
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.models import Gruppe, Gruppemedlem, Integrasjon, Person, Ressurs, Tilgang
from fiks.konfigurasjon.rules import (
    ALWAYS,
    POWERFUL,
    REASON_LENGTH,
    Innehaver,
    Innehavertype,
    P,
    Periode,
    Tilgangsgrunn,
    can_hold,
    definition,
    has_personal_number,
)
from fiks.konfigurasjon.tilgang.conditions import holder_of_grant
from fiks.konfigurasjon.tilgang.lock import require_fresh_login

NO_END = "uten sluttdato"
"""Audit text in place of an end date."""
HOLDER_COLUMNS = {
    Innehavertype.PERSON: Tilgang.person_id,
    Innehavertype.INTEGRASJON: Tilgang.integrasjon_id,
    Innehavertype.GRUPPE: Tilgang.gruppe_id,
}


@dataclass(frozen=True, slots=True)
class NyTilgang:
    """A grant to write: holder, privilege, ressurs, period and reason."""

    node: Ressurs
    innehaver: Innehaver
    privilegium: P
    periode: Periode = ALWAYS
    begrunnelse: str | None = None

    @property
    def key(self) -> tuple[Innehaver, str, UUID]:
        """Return the unique key: at most one such grant exists at a time."""
        return self.innehaver, str(self.privilegium), self.node.id


def insert_grant(
    node: Ressurs,
    innehaver: Innehaver,
    privilegium: P,
    *,
    periode: Periode = ALWAYS,
    begrunnelse: str | None = None,
    actor: Aktor,
) -> UUID:
    """Insert one grant, after the caller has locked the organisation and checked the right to grant there."""
    new = NyTilgang(node, innehaver, privilegium, periode, begrunnelse)
    [tilgang_id] = insert_grants([new], actor=actor)
    return tilgang_id


def insert_grants(new: Sequence[NyTilgang], *, actor: Aktor) -> list[UUID]:
    """As `insert_grant` for many grants with different keys, in as many statements as one takes; returns the
    ids in order.
    """
    if any(one.node.slettet is not None for one in new):
        raise IkkeFunnet("FINNES_IKKE")
    if any(one.privilegium in POWERFUL for one in new):
        require_fresh_login(actor)
    _check_holders(new)
    now = database_now()
    rows = [_row(one, now, actor) for one in new]
    _close_expired_equals(new, now)
    session().add_all(rows)
    session().flush()
    for one, row in zip(new, rows, strict=True):
        til_seg_selv = is_granted_to_self(one.innehaver, actor=actor)
        audit_grant(
            actor, "PRIVILEGIUM_GITT", row, one.node, til_seg_selv=til_seg_selv, **_future_start(row, now)
        )
    return [row.id for row in rows]


def _row(one: NyTilgang, now: datetime, actor: Aktor) -> Tilgang:
    reason, periode = _checked_reason(one.begrunnelse), one.periode
    if periode.til is not None and (periode.til <= now or periode.til <= (periode.fra or now)):
        raise UgyldigInndata("PERIODE_UGYLDIG", felt="gyldig_til")
    return Tilgang(
        **{HOLDER_COLUMNS[one.innehaver.type].key: one.innehaver.id},
        privilegium=str(one.privilegium),
        ressurs_id=one.node.id,
        gyldig_fra=periode.fra or now,
        gyldig_til=periode.til,
        gitt_av=actor.person_id,
        begrunnelse=reason,
    )


def _close_expired_equals(new: Sequence[NyTilgang], now: datetime) -> None:
    """Close equal grants whose period has ended; raises TILGANG_FINNES (409) for an equal grant that is still
    valid.
    """
    holders, wanted = {one.innehaver for one in new}, {one.key: one.node for one in new}
    of_them = [
        column.in_([holder.id for holder in holders if holder.type is kind])
        for kind, column in HOLDER_COLUMNS.items()
    ]
    same = select(Tilgang).where(
        or_(*of_them), Tilgang.ressurs_id.in_({one.node.id for one in new}), Tilgang.avsluttet.is_(None)
    )
    for old in session().scalars(same.execution_options(populate_existing=True)).all():
        node = wanted.get((holder_of_grant(old), old.privilegium, old.ressurs_id))
        if node is None:
            continue
        if old.gyldig_til is None or old.gyldig_til > now:
            raise Konflikt("TILGANG_FINNES", privilegium=old.privilegium)
        close_grant(old, node)
    session().flush()


def _check_holders(new: Sequence[NyTilgang]) -> None:
    """Check that each privilege fits the ressurs' type, that the kind of holder may have it, and that the
    holder exists.
    """
    for one in new:
        found = definition(one.privilegium, one.node.type)
        if found is None:
            raise UgyldigInndata("PRIVILEGIUM_PASSER_IKKE", felt="privilegium")
        if not can_hold(one.innehaver.type, found):
            raise UgyldigInndata("INNEHAVER_PASSER_IKKE", felt="innehaver")
    persons = {one.innehaver.id for one in new if one.innehaver.type is Innehavertype.PERSON}
    there = select(func.count()).select_from(Person).where(Person.id.in_(persons))
    if persons and session().scalar(there) != len(persons):
        raise IkkeFunnet("FINNES_IKKE")
    for one in new:
        if one.innehaver.type is not Innehavertype.PERSON and not _holder_exists(one.innehaver, one.node):
            raise IkkeFunnet("FINNES_IKKE")


def _holder_exists(innehaver: Innehaver, node: Ressurs) -> bool:
    """Return whether the group or machine is the organisation's, or a global machine, and not deleted."""
    if innehaver.type is Innehavertype.GRUPPE:
        group = session().get(Gruppe, innehaver.id)
        return group is not None and group.organisasjon_id == node.organisasjon_id and not group.slettet
    machine = session().get(Integrasjon, innehaver.id)
    return (
        machine is not None
        and machine.organisasjon_id in (node.organisasjon_id, None)
        and not machine.slettet
    )


def _checked_reason(text: str | None) -> str | None:
    reason = (text or "").strip() or None
    if reason and (len(reason) > REASON_LENGTH or has_personal_number(reason)):
        raise UgyldigInndata("BEGRUNNELSE_UGYLDIG", felt="begrunnelse")
    return reason


def is_granted_to_self(innehaver: Innehaver, *, actor: Aktor) -> bool:
    """Return whether the actor gives the grant to themselves, also through a group they are in."""
    if innehaver.type is Innehavertype.PERSON:
        return actor.person_id is not None and actor.person_id == innehaver.id
    if innehaver.type is Innehavertype.INTEGRASJON or actor.person_id is None:
        return False
    member = exists().where(Gruppemedlem.gruppe_id == innehaver.id, Gruppemedlem.person_id == actor.person_id)
    return bool(session().execute(select(member)).scalar_one())


def _future_start(row: Tilgang, now: datetime) -> dict[str, str]:
    """Audit detail with the start of a grant that has not begun; empty otherwise, since the act's own time
    says it.
    """
    return {"fra": row.gyldig_fra.isoformat()} if row.gyldig_fra > now else {}


def audit_changed_end(actor: Aktor, row: Tilgang, node: Ressurs, before: datetime | None) -> None:
    """Audit that a grant's end was changed from `before` (None: no end) to what `row` has, and whether it is
    the actor's own.
    """
    detaljer: dict[str, Any] = {"til_for": before.isoformat() if before is not None else NO_END}
    detaljer["til_seg_selv"] = is_granted_to_self(holder_of_grant(row), actor=actor)
    if row.gyldig_til is None:
        detaljer["til"] = NO_END
    audit_grant(actor, "TILGANG_ENDRET", row, node, **detaljer)


def audit_grant(actor: Aktor, handling: str, row: Tilgang, node: Ressurs, **detaljer: Any) -> None:
    """Audit an act on a grant: holder, privilege, ressurs and period. Never a personal number."""
    holder = holder_of_grant(row)
    detaljer[holder.type.lower()] = str(holder.id)
    if row.gyldig_til is not None:
        detaljer["til"] = row.gyldig_til.isoformat()
    audit.record(
        actor,
        handling,
        "tilgang",
        row.id,
        organisasjon_id=node.organisasjon_id,
        ressurs_id=node.id,
        privilegium=row.privilegium,
        ressurs=str(node.id),
        **detaljer,
    )


def end_grant(row: Tilgang, node: Ressurs, grunn: Tilgangsgrunn, *, actor: Aktor) -> None:
    """End a grant now; one whose period has ended already is only closed."""
    now = database_now()
    if row.gyldig_til is not None and row.gyldig_til <= now:
        close_grant(row, node)
        return
    row.avsluttet, row.avsluttet_av, row.avsluttet_grunn = now, actor.person_id, grunn
    audit_grant(actor, "TILGANG_FJERNET", row, node, grunn=str(grunn), **_future_start(row, now))


def close_grant(row: Tilgang, node: Ressurs) -> None:
    """Close a grant whose period has ended, with that end as its time."""
    row.avsluttet, row.avsluttet_grunn = row.gyldig_til, Tilgangsgrunn.UTLOPT
    audit_grant(SVEIPER, "TILGANG_UTLOPT", row, node)
