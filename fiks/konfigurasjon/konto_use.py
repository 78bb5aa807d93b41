"""That a right on many kontoer was used, as when their log is shown. A list of what one may choose is no use."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import any_, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.decision import Rettigheter, holder_of
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.models import Ressurs
from fiks.konfigurasjon.rules import P, satisfying
from fiks.konfigurasjon.usage import stale


def note_use(*privileges: P, kontoer: Collection[UUID], actor: Aktor) -> None:
    """Note as used what lets `actor` do this on each of the kontoer: the same grants as a decision about each, by one
    query. It decides nothing.
    """
    holder = holder_of(actor)
    if holder is None or not kontoer:
        return
    enough = frozenset(str(one) for privilege in privileges for one in satisfying(privilege))
    rows = session().execute(
        select(Ressurs.id, Tilgang.id, Tilgang.privilegium, stale())
        .join(Tilgang, Tilgang.ressurs_id == any_(Ressurs.sti))
        .where(Ressurs.id.in_(kontoer), holder, Tilgang.privilegium.in_(enough))
    )
    held: dict[UUID, dict[str, tuple[UUID, bool]]] = {}
    for konto_id, tilgang_id, navn, unused in rows:
        held.setdefault(konto_id, {}).setdefault(navn, (tilgang_id, unused))
    for grants in held.values():
        Rettigheter(grants).use(*privileges)
