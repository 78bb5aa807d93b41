"""The root plane: KS' operators create organisations and publish agreements, and have no access to anybody's
data.

Organisations do not lie below ROOT, so nothing held there gives access to them (konfigurasjon.md 1.2).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.authorization import valid_now
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.person import logout
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.person.service import person_with_exact_name
from fiks.konfigurasjon.rules import ROOT_ID, Innehaver, Innehavertype, P, Tilgangsgrunn
from fiks.konfigurasjon.tilgang.lock import grant_change_on
from fiks.konfigurasjon.tilgang.rows import end_grant, insert_grant

LEAST_REASON = 5


def require_root(actor: Aktor) -> None:
    """Require the house itself or a person with ROT.ADMINISTRER; raises IkkeTilgang("KUN_ROT")."""
    if not queries.may(actor, P.ROT_ADMINISTRER, ROOT_ID):
        raise IkkeTilgang("KUN_ROT")


def require_root_and_reason(actor: Aktor, grunn: str) -> str:
    """As `require_root`, for an act that needs a reason: returns it for the audit log, with personal numbers
    masked.

    Raises UgyldigInndata GRUNN_MANGLER for fewer than five characters.
    """
    require_root(actor)
    if len(grunn.strip()) < LEAST_REASON:
        raise UgyldigInndata("GRUNN_MANGLER", felt="grunn")
    return mask_numbers(grunn.strip())


def is_operator(person_id: UUID) -> bool:
    """Return whether the person is an operator of the platform now."""
    return queries.is_authorised(person_id, P.ROT_ADMINISTRER, ROOT_ID)


def is_operator_grant() -> ColumnElement[bool]:
    """SQL condition on `tilgang`: the grant makes its person an operator of the platform now."""
    return (
        (Tilgang.ressurs_id == ROOT_ID)
        & (Tilgang.privilegium == str(P.ROT_ADMINISTRER))
        & Tilgang.person_id.is_not(None)
        & valid_now()
    )


def make_operator(data: Personopplysninger, *, actor: Aktor) -> UUID:
    """Make a person an operator of the platform (ROT.ADMINISTRER). Only the house may, by command on the
    machine.

    Idempotent. Returns the person's id. Errors: FNR_UGYLDIG, those of `Personopplysninger`,
    PERSON_KJENT_UNDER_ANNET_NAVN (422).
    """
    _require_house(actor)
    with grant_change_on(ROOT_ID) as (_, node):
        person_id = person_with_exact_name(data).id
        if _operator_grant_of(person_id) is None:
            insert_grant(node, Innehaver(Innehavertype.PERSON, person_id), P.ROT_ADMINISTRER, actor=actor)
        return person_id


def remove_operator(person_id: UUID, *, actor: Aktor) -> bool:
    """Remove an operator and end all their sessions at once; return whether they were one.

    Only the house may, as `make_operator`. Idempotent. Error: SISTE_OPERATOR (409).
    """
    _require_house(actor)
    with grant_change_on(ROOT_ID) as (_, node):
        held = _operator_grant_of(person_id)
        if held is None:
            return False
        others = select(Tilgang.id).where(is_operator_grant(), Tilgang.person_id != person_id)
        if not session().scalar(select(others.exists())):
            raise Konflikt("SISTE_OPERATOR")
        end_grant(held, node, Tilgangsgrunn.FJERNET, actor=actor)
        logout.end_sessions_of(person_id, logout.Sesjonsslutt.AVSLUTTET_AV_DRIFT, actor=actor)
        return True


def _require_house(actor: Aktor) -> None:
    if not actor.is_house:
        raise IkkeTilgang("KUN_ROT")


def _operator_grant_of(person_id: UUID) -> Tilgang | None:
    found = select(Tilgang).where(is_operator_grant(), Tilgang.person_id == person_id)
    return session().scalars(found.execution_options(populate_existing=True)).one_or_none()
