"""The letters of a big PDF one by one: values read, the page beside them, and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.rules import P
from fiks.pdf import Sidetegner
from fiks.utsending import access
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer import viewing
from fiks.utsending.filer.queries import in_group
from fiks.utsending.filer.rules import Funngruppe
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rows.queries import Radvisning, view_row
from fiks.utsending.samlet.analysis.setup import from_wire

PAGE = 20
DPI = 96
AIR_MM = 8.0
"""Letters per list page; resolution and margin (mm) of the picture of the part that was read."""

_drawer = Sidetegner()


@dataclass(frozen=True, slots=True, repr=False)
class Brevvisning:
    """A letter in the list. `rad`: None until read. `skjult`: its page is not shown to this viewer."""

    nr: int
    fra_side: int
    til_side: int
    status: str
    funn: tuple[dict[str, Any], ...]
    rad: Radvisning | None
    skjult: bool


def letters(
    utsending_id: UUID,
    *,
    actor: Aktor,
    bare_funn: bool = False,
    gruppe: Funngruppe | None = None,
    nr: int | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> list[Brevvisning]:
    """Return letters after number `after`; `bare_funn`: only with findings; `gruppe`: only with this finding."""
    _, held = access.require_with_rights(utsending_id, actor, P.SENDE)
    query = _joined(utsending_id).where(Brevfil.nr > after)
    if bare_funn:
        query = query.where(_has_findings())
    if gruppe is not None:
        query = query.where(in_group(gruppe))
    if nr is not None:
        query = query.where(Brevfil.nr == nr)
    found = session().execute(
        query.order_by(Brevfil.nr).limit(limit).execution_options(populate_existing=True)
    )
    letters = [(letter, row, _is_hidden(letter, row, actor)) for letter, row in found]
    may_see = any(hidden for _, _, hidden in letters) and held.use(P.SE_SPERRET)
    return [_view_letter(letter, row, hidden, may_see) for letter, row, hidden in letters]


def _joined(utsending_id: UUID) -> Any:
    return (
        select(Brevfil, Utsendingsrad)
        .outerjoin(
            Utsendingsrad,
            (Utsendingsrad.utsending_id == Brevfil.utsending_id) & (Utsendingsrad.radnr == Brevfil.nr),
        )
        .where(Brevfil.utsending_id == utsending_id)
    )


def _has_findings() -> ColumnElement[bool]:
    return or_(func.jsonb_array_length(Utsendingsrad.funn) > 0, func.jsonb_array_length(Brevfil.funn) > 0)


def _is_hidden(letter: Brevfil, row: Utsendingsrad | None, actor: Aktor) -> bool:
    """Return whether viewing needs SE_SPERRET: a protected person's, or an unread letter uploaded by another."""
    return letter.opprettet_av != actor.person_id if row is None else row.skjermet


def _view_letter(letter: Brevfil, row: Utsendingsrad | None, hidden: bool, may_see: bool) -> Brevvisning:
    return Brevvisning(
        letter.nr,
        letter.fra_side or 0,
        letter.til_side or 0,
        letter.status,
        tuple(letter.funn),
        view_row(row, may_see) if row is not None else None,
        hidden and not may_see,
    )


@dataclass(frozen=True, slots=True)
class Brevtall:
    """Number of letters, and of letters with findings."""

    alle: int
    med_funn: int


def letter_counts(utsending_id: UUID, *, actor: Aktor) -> Brevtall:
    """Return the numbers for the filter above the list."""
    access.require(utsending_id, actor, P.SENDE)
    counted = (
        select(func.count(), func.count().filter(_has_findings()))
        .select_from(Brevfil)
        .outerjoin(
            Utsendingsrad,
            (Utsendingsrad.utsending_id == Brevfil.utsending_id) & (Utsendingsrad.radnr == Brevfil.nr),
        )
        .where(Brevfil.utsending_id == utsending_id)
    )
    return Brevtall(*session().execute(counted).one())


def letter_strip(utsending_id: UUID, nr: int, *, actor: Aktor) -> bytes:
    """Return the part of letter `nr`'s page that was read, as PNG; audited as viewing. Errors: PdfFeil,
    BarnFeil.

    IkkeFunnet if the letter cannot be sent, IkkeTilgang for a protected person's.
    """
    pdf = viewing.file_pdf(utsending_id, nr, actor=actor)
    oppsett = from_wire(
        session().execute(select(Utsending.oppsett).where(Utsending.id == utsending_id)).scalar_one()
    )
    if oppsett is None or not oppsett.read:
        raise IkkeFunnet("FINNES_IKKE")
    side = oppsett.read[0].side
    areas = [omrade for omrade in oppsett.read if omrade.side == side]
    top = min(omrade.y for omrade in areas) - AIR_MM
    bottom = max(omrade.y + omrade.hoyde for omrade in areas) + AIR_MM
    return _drawer.strip_png(pdf, side, DPI, top, bottom)
