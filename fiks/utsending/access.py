"""Which mailings an actor may see and touch: by privilege on the konto, in the chosen organisation.

Each call is one authorisation decision. A decision that lets the actor act counts as use of the grant; one
that only builds a page does not.
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


def find_visible(utsending_id: UUID, actor: Aktor) -> Utsending:
    """The mailing, if the actor holds any right on its konto; IkkeFunnet otherwise, as if it did not exist."""
    return find_visible_with_rights(utsending_id, actor)[0]


def find_visible_with_rights(utsending_id: UUID, actor: Aktor) -> tuple[Utsending, Rettigheter]:
    """As `find_visible`, and the actor's rights on the konto."""
    row, held = _find(utsending_id, actor)
    held.use(*SEE)
    return row, held


def require(utsending_id: UUID, actor: Aktor, *privileges: P) -> Utsending:
    """The mailing, if the actor holds one of `privileges`; IkkeTilgang when the actor may only see it."""
    return require_with_rights(utsending_id, actor, *privileges)[0]


def require_with_rights(utsending_id: UUID, actor: Aktor, *privileges: P) -> tuple[Utsending, Rettigheter]:
    """As `require`, and all the actor's rights on the konto."""
    row, held = _find(utsending_id, actor)
    require_right(held, *privileges)
    return row, held


def require_right(held: Rettigheter, *privileges: P) -> None:
    """IkkeTilgang("MANGLER_PRIVILEGIUM") unless one of `privileges` is held."""
    if not held.use(*privileges):
        raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(privileges[0]))


def _find(utsending_id: UUID, actor: Aktor) -> tuple[Utsending, Rettigheter]:
    """The mailing and the actor's rights on its konto. Machines find no mailings."""
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
