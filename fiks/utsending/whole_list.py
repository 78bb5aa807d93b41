"""What was found of a mailing's list as a whole when it was read (`liste.whole`), beside the date of its letters and
the account of its konto."""

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
from fiks.utsending.liste.whole import Whole
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.values import row_values

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
    """The first due date of the list; `forrige`: of the list of the stopped mailing that this one was made of."""

    felt: str
    dato: date
    rad: int
    forrige: bool = False


@dataclass(frozen=True, slots=True)
class Kontoavvik:
    """A row whose account, which its letter prints, is another than the konto's."""

    rad: int
    listens: str
    kontoens: str


@dataclass(frozen=True, slots=True)
class Dobbelt:
    """A column, `annen`, that may be the same as the one that is used, `brukt`, and first is not in row `rad`: by the
    names they have in the list."""

    brukt: str
    annen: str
    rad: int


@dataclass(frozen=True, slots=True)
class Helliste:
    """What there is to see about the list as a whole. It stops nothing.

    `forste` is the first due date there is, and `forfall` the same when it is before the date of the letters.
    """

    ulike: tuple[Ulike, ...] = ()
    forste: Forfall | None = None
    forfall: Forfall | None = None
    konto: Kontoavvik | None = None
    dobbelt: tuple[Dobbelt, ...] = ()


def with_whole(whole: Whole) -> ColumnElement[dict[str, Any]]:
    """An upload's form, and what was seen of its rows."""
    form: ColumnElement[dict[str, Any]] = Opplasting.form.op("||")(cast({KEY: whole.told()}, JSONB))
    return form


def whole_list(utsending_id: UUID, *, actor: Aktor) -> Helliste:
    """What there is to see about the mailing's list, by the date its letters have now.

    Of rows that were typed nothing is told: there is no list to look in. Of rows that were taken over from a stopped
    mailing only the first due date of its list is: what differed there may be in rows that were sent.
    """
    row = access.visible(utsending_id, actor)
    form = _form_of(utsending_id)
    if form is None:
        forste = _first_due_of_stopped(row.forrige_id)
        return Helliste(forste=forste, forfall=_too_early(forste, row.brevdato))
    told = _told_in(form)
    forste = _first_due(told)
    ulike = (Ulike(one["felt"], one["antall"], tuple(one["rader"])) for one in told.get("ulike", []))
    konto = _other_account(row, told.get("kontonummer", []))
    dobbelt = _double(form, told.get("dobbelt", []))
    return Helliste(tuple(ulike), forste, _too_early(forste, row.brevdato), konto, dobbelt)


def first_due(utsending_id: UUID, *, actor: Aktor) -> Forfall | None:
    """The first due date there is in the mailing's list, as in `whole_list`, when nothing else is asked for."""
    row = access.visible(utsending_id, actor)
    form = _form_of(utsending_id)
    return _first_due_of_stopped(row.forrige_id) if form is None else _first_due(_told_in(form))


def _form_of(utsending_id: UUID) -> Mapping[str, Any] | None:
    """The form of the list that was uploaded to the mailing; None when none was."""
    uploaded = select(Opplasting.form).where(
        Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE"
    )
    form: Mapping[str, Any] | None = session().execute(uploaded).scalar_one_or_none()
    return form


def _told_in(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was seen of the rows of the list with this form: some of it only, where it was read some time ago."""
    told: Mapping[str, Any] = form.get(KEY, {})
    return told


def _double(form: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> tuple[Dobbelt, ...]:
    """The columns that were found, by their headers."""
    if not found:
        return ()
    headers = form["overskrifter"]
    called = dict(zip(value_names(headers, form["kobling"]), headers, strict=True))
    return tuple(Dobbelt(called[one["felt"]], called[one["kolonne"]], one["rad"]) for one in found)


def _first_due_of_stopped(utsending_id: UUID | None) -> Forfall | None:
    """The first due date of the list that rows were taken over from, which may be that of a mailing before."""
    while utsending_id is not None:
        form = _form_of(utsending_id)
        if form is not None:
            return _first_due(_told_in(form), forrige=True)
        earlier = select(Utsending.forrige_id).where(Utsending.id == utsending_id)
        utsending_id = session().execute(earlier).scalar_one_or_none()
    return None


def _first_due(told: Mapping[str, Any], *, forrige: bool = False) -> Forfall | None:
    first = told.get("forfall")
    return first and Forfall(first["felt"], date.fromisoformat(first["dato"]), first["rad"], forrige)


def _too_early(first: Forfall | None, brevdato: date) -> Forfall | None:
    return first if first is not None and first.dato < brevdato else None


def _other_account(row: Utsending, rader: Sequence[int]) -> Kontoavvik | None:
    """The first of these rows with another account than the konto's, where it has one; none when they are deleted."""
    own = konfigurasjon.konto(row.konto_id).kontonummer if rader else None
    if own is None:
        return None
    listed = select(Utsendingsrad).where(Utsendingsrad.utsending_id == row.id, Utsendingsrad.radnr.in_(rader))
    for one in session().scalars(listed.order_by(Utsendingsrad.radnr)):
        account = row_values(one).get("kontonummer")
        if account and account != own:
            return Kontoavvik(one.radnr, account, own)
    return None
