"""Findings about the list as a whole, compared with the letters' date and the konto's account.

The reading collects them (`liste.control.whole_list`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, cast, select
from sqlalchemy.dialects.postgresql import JSONB

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.utsending import access
from fiks.utsending.liste.columns import value_names
from fiks.utsending.liste.control.whole_list import WholeListCheck
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.sealed_values import row_values

KEY = "hele_listen"
"""Key of the findings in the form of an uploaded list."""


@dataclass(frozen=True, slots=True)
class Ulike:
    """A column with `antall` different values that most lists have one of; `rader`: two rows that differ."""

    felt: str
    antall: int
    rader: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Forfall:
    """The list's first due date; `forrige`: it is of the stopped mailing's list that this one was made from."""

    felt: str
    dato: date
    rad: int
    forrige: bool = False


@dataclass(frozen=True, slots=True)
class Kontoavvik:
    """A row whose account number, printed in its letter, is not the konto's."""

    rad: int
    listens: str
    kontoens: str


@dataclass(frozen=True, slots=True)
class Dobbelt:
    """Two columns that may be the same: `brukt` is used, `annen` first differs in row `rad`. Names as in the
    list.
    """

    brukt: str
    annen: str
    rad: int


@dataclass(frozen=True, slots=True)
class Helliste:
    """Findings about the list as a whole; none of them stops the mailing.

    `forste`: the first due date. `forfall`: the same when it is before the letters' date.
    """

    ulike: tuple[Ulike, ...] = ()
    forste: Forfall | None = None
    forfall: Forfall | None = None
    konto: Kontoavvik | None = None
    dobbelt: tuple[Dobbelt, ...] = ()


def form_with_findings(whole: WholeListCheck) -> ColumnElement[dict[str, Any]]:
    """SQL: an upload's form with the findings of its rows added."""
    form: ColumnElement[dict[str, Any]] = Opplasting.form.op("||")(cast({KEY: whole.told()}, JSONB))
    return form


def list_findings(utsending_id: UUID, *, actor: Aktor) -> Helliste:
    """The findings about the mailing's list, by the present date of its letters.

    None for typed rows. Rows copied from a stopped mailing have only the first due date of its list: the
    other differences may be in rows that were sent.
    """
    row = access.find_visible(utsending_id, actor)
    form = _form_of(utsending_id)
    if form is None:
        forste = _first_due_of_stopped(row.forrige_id)
        return Helliste(forste=forste, forfall=_before_letters(forste, row.brevdato))
    told = _findings_in(form)
    forste = _first_due(told)
    ulike = (Ulike(one["felt"], one["antall"], tuple(one["rader"])) for one in told.get("ulike", []))
    konto = _other_account(row, told.get("kontonummer", []))
    dobbelt = _duplicate_columns(form, told.get("dobbelt", []))
    return Helliste(tuple(ulike), forste, _before_letters(forste, row.brevdato), konto, dobbelt)


def first_due(utsending_id: UUID, *, actor: Aktor) -> Forfall | None:
    """The first due date of the mailing's list, as in `list_findings`."""
    row = access.find_visible(utsending_id, actor)
    form = _form_of(utsending_id)
    return _first_due_of_stopped(row.forrige_id) if form is None else _first_due(_findings_in(form))


def _form_of(utsending_id: UUID) -> Mapping[str, Any] | None:
    """The form of the mailing's uploaded list; None when there is none."""
    uploaded = select(Opplasting.form).where(
        Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE"
    )
    form: Mapping[str, Any] | None = session().execute(uploaded).scalar_one_or_none()
    return form


def _findings_in(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """The findings stored in the list's form; older readings stored fewer."""
    told: Mapping[str, Any] = form.get(KEY, {})
    return told


def _duplicate_columns(form: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> tuple[Dobbelt, ...]:
    """The duplicate columns, by their headers."""
    if not found:
        return ()
    headers = form["overskrifter"]
    called = dict(zip(value_names(headers, form["kobling"]), headers, strict=True))
    return tuple(Dobbelt(called[one["felt"]], called[one["kolonne"]], one["rad"]) for one in found)


def _first_due_of_stopped(utsending_id: UUID | None) -> Forfall | None:
    """The first due date of the list the rows were copied from, followed back through earlier mailings."""
    while utsending_id is not None:
        form = _form_of(utsending_id)
        if form is not None:
            return _first_due(_findings_in(form), forrige=True)
        earlier = select(Utsending.forrige_id).where(Utsending.id == utsending_id)
        utsending_id = session().execute(earlier).scalar_one_or_none()
    return None


def _first_due(told: Mapping[str, Any], *, forrige: bool = False) -> Forfall | None:
    first = told.get("forfall")
    return first and Forfall(first["felt"], date.fromisoformat(first["dato"]), first["rad"], forrige)


def _before_letters(first: Forfall | None, brevdato: date) -> Forfall | None:
    return first if first is not None and first.dato < brevdato else None


def _other_account(row: Utsending, rader: Sequence[int]) -> Kontoavvik | None:
    """The first of these rows whose account number is not the konto's; None if the konto has none, or the
    values are deleted.
    """
    own = konfigurasjon.konto(row.konto_id).kontonummer if rader else None
    if own is None:
        return None
    listed = select(Utsendingsrad).where(Utsendingsrad.utsending_id == row.id, Utsendingsrad.radnr.in_(rader))
    for one in session().scalars(listed.order_by(Utsendingsrad.radnr)):
        account = row_values(one).get("kontonummer")
        if account and account != own:
            return Kontoavvik(one.radnr, account, own)
    return None
