"""Estimate of a mailing's paper letters and their cost by konteringskode, from its channel forecast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.address import Portosone
from fiks.print import EKSEMPELPRISER, Konvolutt, Prisliste, estimate, page_plan
from fiks.print.prices import Portotrinn
from fiks.svarut.rules import Kanal
from fiks.utsending import access
from fiks.utsending.cost.price_list import PLAIN
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.models import Arbeidsdel, Opplasting, Pris, Utsending, Utsendingsrad
from fiks.utsending.rules import MADE_ELSEWHERE, SENDABLE_NAMES, Art, Delart, Delstatus

DEFAULT_PAGES = 2
MAX_CODES = 100


@dataclass(frozen=True, slots=True)
class Kontering:
    """Paper letters of one konteringskode: letters, sheets, øre."""

    kode: str | None
    brev: int
    ark: int
    produksjon_ore: int
    porto_ore: int

    @property
    def sum_ore(self) -> int:
        return self.produksjon_ore + self.porto_ore

    def with_more(self, other: Kontering) -> Kontering:
        """The sum of both, under this one's kode."""
        return Kontering(
            self.kode,
            self.brev + other.brev,
            self.ark + other.ark,
            self.produksjon_ore + other.produksjon_ore,
            self.porto_ore + other.porto_ore,
        )


@dataclass(frozen=True, slots=True)
class Kostnad:
    """The estimate. `sider`: pages used where none are known; `antatt`: that number is an assumption.

    `egne_priser` False: the prices are the example prices. `prisaar`: the year of the prices.
    """

    konteringer: tuple[Kontering, ...]
    """As many as SHOWN_CODES, those with the most letters; `andre` are the rest together, `andre_koder` how many."""
    andre: Kontering | None
    andre_koder: int
    sider: int
    antatt: bool
    egne_priser: bool
    prisaar: int

    @property
    def alle(self) -> tuple[Kontering, ...]:
        return self.konteringer if self.andre is None else (*self.konteringer, self.andre)

    @property
    def brev(self) -> int:
        return sum(k.brev for k in self.alle)

    @property
    def ark(self) -> int:
        return sum(k.ark for k in self.alle)

    @property
    def sum_ore(self) -> int:
        return sum(k.sum_ore for k in self.alle)


def estimate_cost(utsending_id: UUID, *, actor: Aktor) -> Kostnad:
    """Sheets and expected cost of the rows whose first channel is paper. Needs any right on the konto."""
    row = access.find_visible(utsending_id, actor)
    prices, own = price_list(row.organisasjon_id, row.brevdato.year)
    pages, assumed = pages_of(row)
    parts, known = _paper_letters(row, pages)
    found: dict[str | None, Kontering] = {}
    for part in parts:
        code = part.konteringskode or row.konteringskode
        one = estimate(
            part.sider,
            tosidig=row.tosidig,
            farger=row.farger,
            giroark=part.giroark,
            sone=Portosone(part.portosone or Portosone.NORGE),
            prisliste=prices,
        )
        n = part.antall
        letters = Kontering(code, n, one.ark * n, one.produksjon_ore * n, one.porto_ore * n)
        found[code] = found[code].with_more(letters) if code in found else letters
    most = sorted(found.values(), key=lambda k: -k.brev)
    shown, others = most[:MAX_CODES], most[MAX_CODES:]
    shown.sort(key=lambda k: (k.kode is None, k.kode or ""))
    rest = reduce(Kontering.with_more, others) if others else None
    return Kostnad(tuple(shown), rest, len(others), pages, assumed and not known, own, prices.ar)


@dataclass(frozen=True, slots=True)
class Papirbrev:
    """Equal paper letters: `sider` as printed, with blank backs; `giroark` giro sheets; `antall` of them."""

    konteringskode: str | None
    portosone: str | None
    sider: int
    giroark: int
    antall: int


def _paper_letters(row: Utsending, pages: int) -> tuple[list[Papirbrev], bool]:
    """(the letters whose first channel is paper, whether every page count is known)."""
    if row.art in MADE_ELSEWHERE:
        return _letters_of_finished_documents(row), True
    drawn = row.art == Art.FLETTEBREV
    columns = (Utsendingsrad.konteringskode, Utsendingsrad.portosone, Utsendingsrad.sider)
    counted = session().execute(select(*columns, func.count()).where(*_on_paper(row.id)).group_by(*columns))
    letters, known = [], drawn
    for code, zone, sider, antall in counted:
        letters.append(Papirbrev(code, zone, sider if drawn and sider else pages, 0, antall))
        known = known and bool(sider)
    return letters, known


def _on_paper(utsending_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """SQL: the sendable rows whose first channel is paper."""
    return (
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.status.in_(SENDABLE_NAMES),
        Utsendingsrad.kanal == Kanal.PRINT,
    )


def _letters_of_finished_documents(row: Utsending) -> list[Papirbrev]:
    """The letters by page counts: a cover sheet, then the row's own documents."""
    files = (
        select(
            Radfil.radnr,
            func.jsonb_agg(
                aggregate_order_by(func.jsonb_build_array(Brevfil.sider, Brevfil.giroark), Radfil.nr)
            ).label("filer"),
        )
        .join(Brevfil, Brevfil.id == Radfil.brevfil_id)
        .where(Radfil.utsending_id == row.id)
        .group_by(Radfil.radnr)
        .subquery()
    )
    columns = (Utsendingsrad.konteringskode, Utsendingsrad.portosone, files.c.filer)
    counted = session().execute(
        select(*columns, func.count())
        .join(files, files.c.radnr == Utsendingsrad.radnr)
        .where(*_on_paper(row.id))
        .group_by(*columns)
    )
    letters = []
    for code, zone, filer, antall in counted:
        plan = page_plan([(1, ()), *((sider or 1, giro) for sider, giro in filer)], tosidig=row.tosidig)
        letters.append(Papirbrev(code, zone, plan.sider, len(plan.giroark), antall))
    return letters


def pages_of(row: Utsending) -> tuple[int, bool]:
    """(pages of one letter on paper, whether that is assumed), from the document or the newest preview."""
    if row.art == Art.SAMME_DOKUMENT:
        document = (
            session()
            .execute(
                select(Opplasting.sider).where(
                    Opplasting.utsending_id == row.id, Opplasting.art == "DOKUMENT"
                )
            )
            .scalar_one_or_none()
        )
        return page_plan([(1, ()), (document or 1, ())], tosidig=row.tosidig).sider, document is None
    newest = (
        session()
        .execute(
            select(Arbeidsdel.resultat)
            .where(
                Arbeidsdel.utsending_id == row.id,
                Arbeidsdel.art == Delart.FORHANDSVISNING,
                Arbeidsdel.status == Delstatus.FERDIG,
            )
            .order_by(Arbeidsdel.id.desc())
            .limit(1)
        )
        .scalar_one_or_none()
    )
    seen = sum(piece.get("slag") == "brevside" for piece in newest or [])
    return seen or DEFAULT_PAGES, True


def price_list(organisasjon_id: UUID, aar: int) -> tuple[Prisliste, bool]:
    """(the organisation's prices of the newest year up to `aar`, True), or (example prices, False).

    `slag` of a row: a field of Prisliste (ark_ore …), KONVOLUTT_C5, or PORTO_NORGE_20 (zone, most grams).
    """
    year = (
        session()
        .execute(
            select(Pris.aar)
            .where(Pris.organisasjon_id == organisasjon_id, Pris.aar <= aar)
            .order_by(Pris.aar.desc())
            .limit(1)
        )
        .scalar_one_or_none()
    )
    if year is None:
        return EKSEMPELPRISER, False
    rows = session().execute(
        select(Pris.slag, Pris.ore)
        .where(Pris.organisasjon_id == organisasjon_id, Pris.aar == year)
        .limit(200)
    )
    return own_prices(year, ((row[0], row[1]) for row in rows)), True


def own_prices(aar: int, rows: Iterable[tuple[str, int]]) -> Prisliste:
    """The example prices with these replaced; a zone with its own steps has only those. Pure."""
    prices = dict(rows)
    plain = {name: prices.get(name, getattr(EKSEMPELPRISER, name)) for name in PLAIN}
    envelopes = {
        kind: prices.get(f"KONVOLUTT_{kind}", EKSEMPELPRISER.konvolutt_ore[kind]) for kind in Konvolutt
    }
    postage = {}
    for zone in Portosone:
        prefix = f"PORTO_{zone}_"
        steps = sorted((int(k.removeprefix(prefix)), v) for k, v in prices.items() if k.startswith(prefix))
        postage[zone] = tuple(Portotrinn(*step) for step in steps) or EKSEMPELPRISER.porto[zone]
    return replace(EKSEMPELPRISER, ar=aar, konvolutt_ore=envelopes, porto=postage, **plain)
