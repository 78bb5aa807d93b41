"""What was found of a mailing's list as a whole when it was read (`liste.whole`), beside the date of its letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, cast, select
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.utsending import access
from fiks.utsending.liste.whole import Whole
from fiks.utsending.models import Opplasting

KEY = "hele_listen"
"""Where it stands in the form of an uploaded list."""


@dataclass(frozen=True, slots=True)
class Ulike:
    """A column that has `antall` values, though it has one in most lists; `rader` are two rows that differ."""

    felt: str
    antall: int
    rader: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Forfall:
    """The first due date of the list, which is before the date of the letters."""

    felt: str
    dato: date
    rad: int


@dataclass(frozen=True, slots=True)
class Helliste:
    """What there is to see about the list as a whole. It stops nothing."""

    ulike: tuple[Ulike, ...] = ()
    forfall: Forfall | None = None


def with_whole(whole: Whole) -> ColumnElement[dict[str, Any]]:
    """An upload's form, and what was seen of its rows."""
    form: ColumnElement[dict[str, Any]] = Opplasting.form.op("||")(cast({KEY: whole.told()}, JSONB))
    return form


def whole_list(utsending_id: UUID, *, actor: Aktor) -> Helliste:
    """What there is to see about the mailing's list, by the date its letters have now.

    Of rows that were typed, or taken over from a stopped mailing, nothing is told: there is no list to look in.
    """
    row = access.visible(utsending_id, actor)
    found = _found(utsending_id)
    ulike = (Ulike(one["felt"], one["antall"], tuple(one["rader"])) for one in found.get("ulike", []))
    return Helliste(tuple(ulike), _too_early(found.get("forfall"), row.brevdato))


def _found(utsending_id: UUID) -> Mapping[str, Any]:
    uploaded = select(Opplasting.form).where(
        Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE"
    )
    found: Mapping[str, Any] = (session().execute(uploaded).scalar_one_or_none() or {}).get(KEY, {})
    return found


def _too_early(first: Mapping[str, Any] | None, brevdato: date) -> Forfall | None:
    if first is None or (day := date.fromisoformat(first["dato"])) >= brevdato:
        return None
    return Forfall(first["felt"], day, first["rad"])
