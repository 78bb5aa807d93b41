"""Which kontoer a person holds a right on, closed ones too: what was sent from a konto is still its log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, bindparam, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.decision import HOLDER, below_held, holder_of, is_open, of_person
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
    return _kontoer(privileges, holder, actor.organisasjon_id)


def kontoer_of_holder(*privileges: P) -> Select[UUID]:
    """The same of the person `HOLDER` in the organisation `:organisasjon`, for a statement that is made once."""
    return _kontoer(privileges, of_person(HOLDER), bindparam("organisasjon", type_=Uuid()))


def _kontoer(
    privileges: Iterable[P], holder: ColumnElement[bool], organisasjon_id: UUID | BindParameter[UUID]
) -> Select[UUID]:
    enough = frozenset(one for privilege in privileges for one in satisfying(privilege))
    return (
        select(Konto.id)
        .join(Ressurs, Ressurs.id == Konto.id)
        .where(
            Konto.organisasjon_id == organisasjon_id,
            is_open(Ressurs),
            below_held(Ressurs, holder, enough),
        )
    )
