"""Reads of print: an order's file, status and history, and the disagreements with the print houses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.queries import may
from fiks.konfigurasjon.rules import P
from fiks.print.handover.contents import OrdreOdelagt, read_file
from fiks.print.models import Avvik, Ordre, Ordrehendelse


@dataclass(frozen=True, slots=True, repr=False)
class Trykkfil:
    """The PDF of an order: its size in bytes, and the clear chunks."""

    storrelse: int
    chunks: Iterator[bytes]


def print_file(ordre_id: UUID) -> Trykkfil:
    """Return the file an order is printed from; IkkeFunnet DOKUMENT_BORTE when it is gone or damaged."""
    row = session().get_one(Ordre, ordre_id, populate_existing=True)
    if row.objekt is None:
        raise IkkeFunnet("DOKUMENT_BORTE")
    session().expunge(row)
    return Trykkfil(row.pdf_bytes, _read(row))


def _read(row: Ordre) -> Iterator[bytes]:
    try:
        yield from read_file(row)
    except OrdreOdelagt as broken:
        raise IkkeFunnet(broken.kode) from broken


@dataclass(frozen=True, slots=True)
class Ordrefakta:
    """An order's present state; money in øre, weight in grams, None while unknown."""

    referanse: UUID
    leverandor: str
    organisasjon_id: UUID
    ressurs_id: UUID
    klasse: str
    konteringskode: str | None
    status: str
    sider: int
    ark: int | None
    vekt_gram: int | None
    porto_ore: int | None
    produksjon_ore: int | None
    opprettet: datetime
    overlevert: datetime | None
    postlagt: datetime | None
    retur: datetime | None
    feilkode: str | None


def order(leverandor: str, ordre_id: UUID, *, actor: Aktor) -> Ordrefakta:
    """Return the order with this reference at this house; needs SVARUT.LESE on its konto. IkkeFunnet whatever
    is missing.
    """
    row = session().get(Ordre, ordre_id, populate_existing=True)
    if row is None or row.leverandor != leverandor or not may(actor, P.LESE, row.ressurs_id):
        raise IkkeFunnet("FINNES_IKKE")
    return Ordrefakta(
        row.id,
        row.leverandor,
        row.organisasjon_id,
        row.ressurs_id,
        row.klasse,
        row.konteringskode,
        row.status,
        row.sider,
        row.ark,
        row.vekt_gram,
        row.porto_ore,
        row.produksjon_ore,
        row.opprettet,
        row.overlevert,
        row.postlagt,
        row.retur,
        row.feilkode,
    )


def history(referanse: UUID) -> list[Ordrehendelse]:
    """Return an order's history, first to last."""
    rows = select(Ordrehendelse).where(Ordrehendelse.ordre_id == referanse).order_by(Ordrehendelse.lopenr)
    return list(session().scalars(rows.execution_options(populate_existing=True)))


@dataclass(frozen=True, slots=True)
class Uenighet:
    """A reference on which a house's books and ours disagree."""

    leverandor: str
    referanse: str
    art: str
    funnet: datetime


def disagreements(limit: int = 500) -> list[Uenighet]:
    """Return the disagreements a person must look into, oldest first."""
    rows = session().scalars(select(Avvik).order_by(Avvik.funnet, Avvik.referanse).limit(limit))
    return [Uenighet(row.leverandor, row.referanse, row.art, row.funnet) for row in rows]
