"""Which kontoer a person holds a right on, closed ones too: what was sent from a konto is still its log."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.decision import below_held, holder_of, is_open
from fiks.konfigurasjon.models import Konto, Ressurs
from fiks.konfigurasjon.rules import P, norwegian_order, satisfying


@dataclass(frozen=True, slots=True)
class Kontonavn:
    """A konto in a list to choose from."""

    id: UUID
    visningsnavn: str


def kontoer_held(*privileges: P, actor: Aktor, limit: int = 500) -> list[Kontonavn]:
    """The kontoer of the chosen organisation on which `actor` holds one of `privileges`, by name.

    Empty for whoever has chosen no organisation.
    """
    held = kontoer_on(*privileges, actor=actor)
    if held is None:
        return []
    rows = session().execute(held.add_columns(Konto.visningsnavn).order_by(Konto.id).limit(limit))
    return sorted((Kontonavn(*row) for row in rows), key=lambda konto: norwegian_order(konto.visningsnavn))


def kontoer_on(*privileges: P, actor: Aktor) -> Select[UUID] | None:
    """A select of the ids of those kontoer, with `Konto` to ask more of; None for who has chosen no organisation."""
    holder = holder_of(actor)
    if holder is None or actor.organisasjon_id is None:
        return None
    enough = frozenset(one for privilege in privileges for one in satisfying(privilege))
    return (
        select(Konto.id)
        .join(Ressurs, Ressurs.id == Konto.id)
        .where(
            Konto.organisasjon_id == actor.organisasjon_id,
            is_open(Ressurs),
            below_held(Ressurs, holder, enough),
        )
    )
