"""Which mailing an actor may see and touch: by privilege on its konto, and only inside the chosen organisation."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.utsending.models import Utsending

SEE = (P.LESE, P.SENDE, P.GODKJENNE, P.STOPPE)


def visible(utsending_id: UUID, actor: Aktor) -> Utsending:
    """The mailing, if the actor holds any right on its konto; IkkeFunnet otherwise, as for one that is not there."""
    row = (
        session()
        .execute(
            select(Utsending).where(Utsending.id == utsending_id).execution_options(populate_existing=True)
        )
        .scalar_one_or_none()
    )
    if row is None or (actor.organisasjon_id is not None and row.organisasjon_id != actor.organisasjon_id):
        raise IkkeFunnet("FINNES_IKKE")
    if not _holds_any(actor, SEE, row.konto_id):
        raise IkkeFunnet("FINNES_IKKE")
    return row


def _holds_any(actor: Aktor, privileges: Iterable[P], konto_id: UUID) -> bool:
    """Whether the house itself acts, or a person who holds one of `privileges` on the konto."""
    if actor.is_house:
        return True
    person_id = actor.person_id
    return person_id is not None and any(
        konfigurasjon.is_authorised(person_id, p, konto_id) for p in privileges
    )


def require(utsending_id: UUID, actor: Aktor, *privileges: P) -> Utsending:
    """The mailing, if the actor holds one of `privileges`; IkkeTilgang when it may only be seen."""
    row = visible(utsending_id, actor)
    if not _holds_any(actor, privileges, row.konto_id):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(privileges[0]))
    return row


def rights(konto_id: UUID, actor: Aktor) -> frozenset[P]:
    """What the actor may do on the konto now, so that a page offers only what will be allowed."""
    if actor.person_id is None:
        return frozenset()
    person_id = actor.person_id
    return frozenset(p for p in (*SEE, P.SE_SPERRET) if konfigurasjon.is_authorised(person_id, p, konto_id))


def may_see_restricted(konto_id: UUID, actor: Aktor) -> bool:
    """Whether the actor holds the privilege that opens the restricted lane of this konto."""
    return actor.person_id is not None and konfigurasjon.is_authorised(
        actor.person_id, P.SE_SPERRET, konto_id
    )
