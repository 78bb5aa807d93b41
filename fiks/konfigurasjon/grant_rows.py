"""The steps that write a tilgang, for the use cases that have locked the organisation and checked the right to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from fiks.core import audit
from fiks.core.actor import Aktor, system
from fiks.core.clock import database_now
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.grant_lock import require_fresh
from fiks.konfigurasjon.grant_matrix import holder_in
from fiks.konfigurasjon.grant_models import Gruppe, Gruppemedlem, Tilgang
from fiks.konfigurasjon.integration_models import Integrasjon
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.persons import person_of
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

COLUMN = {
    Innehavertype.PERSON: Tilgang.person_id,
    Innehavertype.INTEGRASJON: Tilgang.integrasjon_id,
    Innehavertype.GRUPPE: Tilgang.gruppe_id,
}


def insert_grant(
    node: Ressurs,
    innehaver: Innehaver,
    privilegium: P,
    *,
    periode: Periode = ALWAYS,
    begrunnelse: str | None = None,
    actor: Aktor,
) -> UUID:
    """The step of `grant` after the organisation is locked and the right to grant there is checked."""
    if node.slettet is not None:
        raise IkkeFunnet("FINNES_IKKE")
    if privilegium in POWERFUL:
        require_fresh(actor)
    _check_holder(node, innehaver, privilegium)
    reason = _checked_reason(begrunnelse)
    now = database_now()
    if periode.til is not None and (periode.til <= now or periode.til <= (periode.fra or now)):
        raise UgyldigInndata("PERIODE_UGYLDIG", felt="gyldig_til")
    same = select(Tilgang).where(
        COLUMN[innehaver.type] == innehaver.id,
        Tilgang.privilegium == str(privilegium),
        Tilgang.ressurs_id == node.id,
        Tilgang.avsluttet.is_(None),
    )
    old = session().scalars(same.execution_options(populate_existing=True)).one_or_none()
    if old is not None and (old.gyldig_til is None or old.gyldig_til > now):
        raise Konflikt("TILGANG_FINNES", privilegium=str(privilegium))
    if old is not None:
        close_grant(old, node)
        session().flush()
    row = Tilgang(
        **{COLUMN[innehaver.type].key: innehaver.id},
        privilegium=str(privilegium),
        ressurs_id=node.id,
        gyldig_fra=periode.fra or now,
        gyldig_til=periode.til,
        gitt_av=actor.person_id,
        begrunnelse=reason,
    )
    session().add(row)
    session().flush()
    audit_grant(actor, "PRIVILEGIUM_GITT", row, node, til_seg_selv=is_self(innehaver, actor=actor))
    return row.id


def _check_holder(node: Ressurs, innehaver: Innehaver, privilegium: P) -> None:
    """The privilege belongs to the ressurs' type, this kind may have it, and the holder is there to hold it."""
    found = definition(privilegium, node.type)
    if found is None:
        raise UgyldigInndata("PRIVILEGIUM_PASSER_IKKE", felt="privilegium")
    if not can_hold(innehaver.type, found):
        raise UgyldigInndata("INNEHAVER_PASSER_IKKE", felt="innehaver")
    if innehaver.type is Innehavertype.PERSON:
        person_of(innehaver.id)
        return
    if innehaver.type is Innehavertype.GRUPPE:
        group = session().get(Gruppe, innehaver.id)
        known = group is not None and group.organisasjon_id == node.organisasjon_id and not group.slettet
    else:
        machine = session().get(Integrasjon, innehaver.id)
        known = (
            machine is not None
            and machine.organisasjon_id in (node.organisasjon_id, None)
            and not machine.slettet
        )
    if not known:
        raise IkkeFunnet("FINNES_IKKE")


def _checked_reason(text: str | None) -> str | None:
    reason = (text or "").strip() or None
    if reason and (len(reason) > REASON_LENGTH or has_personal_number(reason)):
        raise UgyldigInndata("BEGRUNNELSE_UGYLDIG", felt="begrunnelse")
    return reason


def is_self(innehaver: Innehaver, *, actor: Aktor) -> bool:
    """Whether the actor gives it to themselves, also by way of a group they are in."""
    if innehaver.type is Innehavertype.PERSON:
        return actor.person_id is not None and actor.person_id == innehaver.id
    if innehaver.type is Innehavertype.INTEGRASJON or actor.person_id is None:
        return False
    member = exists().where(Gruppemedlem.gruppe_id == innehaver.id, Gruppemedlem.person_id == actor.person_id)
    return bool(session().execute(select(member)).scalar_one())


def audit_grant(actor: Aktor, handling: str, row: Tilgang, node: Ressurs, **detaljer: Any) -> None:
    """Audit what happened to a grant: whom it is about, what, where, and when it holds. Never a number."""
    holder = holder_in(row)
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
    """The step that ends a grant now; one whose time was over already is only written down as such."""
    now = database_now()
    if row.gyldig_til is not None and row.gyldig_til <= now:
        close_grant(row, node)
        return
    row.avsluttet, row.avsluttet_av, row.avsluttet_grunn = now, actor.person_id, grunn
    audit_grant(actor, "TILGANG_FJERNET", row, node, grunn=str(grunn))


def close_grant(row: Tilgang, node: Ressurs) -> None:
    """The step that writes down that a grant ended when its time was over."""
    row.avsluttet, row.avsluttet_grunn = row.gyldig_til, Tilgangsgrunn.UTLOPT
    audit_grant(system("sveiper"), "TILGANG_UTLOPT", row, node)
