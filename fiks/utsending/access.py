"""Which mailing an actor may see and touch: by privilege on its konto, and only inside the chosen organisation.

Each of these asks one decision. What is asked for a page's sake is no use of a grant; what lets one go on is.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.queries import Rettigheter
from fiks.konfigurasjon.rules import P
from fiks.utsending.models import Utsending

SEE = (P.LESE, P.SENDE, P.GODKJENNE, P.STOPPE)


def visible(utsending_id: UUID, actor: Aktor) -> Utsending:
    """The mailing, if the actor holds any right on its konto; IkkeFunnet otherwise, as for one that is not there."""
    return visible_with_rights(utsending_id, actor)[0]


def visible_with_rights(utsending_id: UUID, actor: Aktor) -> tuple[Utsending, Rettigheter]:
    """As `visible`, with what the actor may do there."""
    row, held = _found(utsending_id, actor)
    held.use(*SEE)
    return row, held


def require(utsending_id: UUID, actor: Aktor, *privileges: P) -> Utsending:
    """The mailing, if the actor holds one of `privileges`; IkkeTilgang when it may only be seen."""
    return require_with_rights(utsending_id, actor, *privileges)[0]


def require_with_rights(utsending_id: UUID, actor: Aktor, *privileges: P) -> tuple[Utsending, Rettigheter]:
    """As `require`, with what else the actor may do there."""
    row, held = _found(utsending_id, actor)
    demand(held, *privileges)
    return row, held


def demand(held: Rettigheter, *privileges: P) -> None:
    """Go on only with one of `privileges`; else IkkeTilgang("MANGLER_PRIVILEGIUM")."""
    if not held.use(*privileges):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(privileges[0]))


def _found(utsending_id: UUID, actor: Aktor) -> tuple[Utsending, Rettigheter]:
    """The mailing and what the actor holds on its konto. Mailings are people's work: a machine finds none."""
    row = (
        session()
        .execute(
            select(Utsending).where(Utsending.id == utsending_id).execution_options(populate_existing=True)
        )
        .scalar_one_or_none()
    )
    if row is None or (actor.organisasjon_id is not None and row.organisasjon_id != actor.organisasjon_id):
        raise IkkeFunnet("FINNES_IKKE")
    held = konfigurasjon.rettigheter(actor, row.konto_id)
    known = actor.is_house or actor.person_id is not None
    if not known or not held.everything() & set(SEE):
        raise IkkeFunnet("FINNES_IKKE")
    return row, held
