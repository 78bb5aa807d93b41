"""Stale-form check (optimistic lock) of a draft's pages: form versions (ADR 0039).

Each page carries a digest of every part that its forms act on, computed before the page's own content is
read. The use case compares them while it holds the mailing: a colleague, another tab or a worker may have
changed the part since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.utsending.file_models import Brevfil
from fiks.utsending.letters.documents import is_unused
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import FACTS, Radstatus


class Vist(StrEnum):
    """The parts of a draft that a form can act on."""

    FAKTA = "FAKTA"
    LISTE = "LISTE"
    KOBLING = "KOBLING"
    RADER = "RADER"
    VALG = "VALG"
    MAL = "MAL"
    DOKUMENT = "DOKUMENT"
    SAMLET = "SAMLET"
    TILLEGGSLISTE = "TILLEGGSLISTE"
    OPPSETT = "OPPSETT"
    FILER = "FILER"
    FILKONTROLL = "FILKONTROLL"
    UBRUKTE = "UBRUKTE"
    RAD = "RAD"
    FIL = "FIL"


class VistEndret(Konflikt):
    """409: a part that the form acts on has changed since its page was shown. `endret` names the parts.

    Nothing has been done.
    """

    def __init__(self, endret: tuple[Vist, ...]) -> None:
        super().__init__("VIST_ENDRET", hva=", ".join(endret))
        self.endret = endret


LETTER_CONTENT = (
    Vist.FAKTA,
    Vist.LISTE,
    Vist.RADER,
    Vist.VALG,
    Vist.MAL,
    Vist.DOKUMENT,
    Vist.SAMLET,
    Vist.TILLEGGSLISTE,
    Vist.OPPSETT,
    Vist.FILER,
    Vist.FILKONTROLL,
)
"""Every part that decides what the letters say."""
DRAFT_CONTENT = tuple(one for one in LETTER_CONTENT if one is not Vist.FILKONTROLL)
"""Every part that people have put into a draft."""
NOTEWORTHY = [str(status) for status in Radstatus if status is not Radstatus.OK]
"""Statuses of rows that a person has something to see or choose about."""


def form_version(utsending_id: UUID, *what: Vist) -> str:
    """The form version of these parts now, for a page's forms to send back.

    Read it before the rest of the page.
    """
    return " ".join(_mark(one, READERS[one](utsending_id)) for one in what)


def row_versions(utsending_id: UUID, limit: int) -> dict[int, str]:
    """Form version of each of the first rows, by row number.

    Row numbers are reused for other receivers, so the number alone is not enough.
    """
    found = session().execute(
        select(Utsendingsrad.radnr, Utsendingsrad.rad_hash)
        .where(Utsendingsrad.utsending_id == utsending_id)
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    return {radnr: _mark(Vist.RAD, [radnr, rad_hash.hex()]) for radnr, rad_hash in found}


def file_version(utsending_id: UUID, nr: int) -> str:
    """Form version of one file, since file numbers are reused; empty when no file has this number."""
    found = session().scalar(
        select(Brevfil.sha256).where(Brevfil.utsending_id == utsending_id, Brevfil.nr == nr)
    )
    return "" if found is None else _mark(Vist.FIL, [nr, found.hex()])


def compare_versions(vist: str, now: str) -> tuple[Vist, ...]:
    """The parts of `now` that differ from what the page showed (`vist`); both are form versions. Pure."""
    was = frozenset(vist.split())
    return tuple(Vist(part.partition(":")[0]) for part in now.split() if part not in was)


def changes_since(utsending_id: UUID, vist: str | None, *what: Vist) -> tuple[Vist, ...]:
    """The parts that have changed since the page was shown; none when `vist` is None (no page was shown).

    The caller holds the mailing, and asks before it changes anything itself.
    """
    return () if vist is None else compare_versions(vist, form_version(utsending_id, *what))


def refuse_stale(endret: tuple[Vist, ...]) -> None:
    """Raise VistEndret when any part has changed.

    A form that has nothing left to do was sent twice and need not be refused.
    """
    if endret:
        raise VistEndret(endret)


def require_current(utsending_id: UUID, vist: str | None, *what: Vist) -> None:
    """Raise VistEndret when one of these parts has changed since the page. The caller holds the mailing."""
    refuse_stale(changes_since(utsending_id, vist, *what))


def _mark(what: Vist, content: object) -> str:
    text = json.dumps(content, default=str, sort_keys=True)
    return f"{what}:{hashlib.sha256(text.encode()).hexdigest()}"


def _columns(*columns: InstrumentedAttribute[Any]) -> Callable[[UUID], object]:
    """Make a reader of these columns of the mailing."""

    def read(utsending_id: UUID) -> object:
        return list(session().execute(select(*columns).where(Utsending.id == utsending_id)).one())

    return read


def _upload(art: str, column: InstrumentedAttribute[Any]) -> Callable[[UUID], object]:
    """Make a reader of one column of the upload of this kind; it reads None when there is none."""

    def read(utsending_id: UUID) -> object:
        chosen = select(column).where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
        return session().execute(chosen).scalar_one_or_none()

    return read


def _rows(utsending_id: UUID) -> object:
    """The list digest, the number of rows, and a digest of the findings of all rows that are not OK."""
    of_this = Utsendingsrad.utsending_id == utsending_id
    counted = select(func.count()).select_from(Utsendingsrad).where(of_this).scalar_subquery()
    found: ColumnElement[str] = func.concat_ws(
        " ", Utsendingsrad.radnr, Utsendingsrad.status, cast(Utsendingsrad.funn, Text())
    )
    marked = (
        select(_digest(found, Utsendingsrad.radnr))
        .where(of_this, Utsendingsrad.status.in_(NOTEWORTHY))
        .scalar_subquery()
    )
    mailing = select(Utsending.antall_rader, Utsending.liste_digest, counted, marked)
    antall, liste, stored, digest = session().execute(mailing.where(Utsending.id == utsending_id)).one()
    return [antall, liste.hex() if liste else None, stored, digest]


def _files(utsending_id: UUID) -> object:
    """A digest of each file's number, content and name: what only people change."""
    found: ColumnElement[str] = func.concat_ws(
        " ", Brevfil.nr, func.encode(Brevfil.sha256, "hex"), func.encode(Brevfil.navn_indeks, "hex")
    )
    return session().scalar(select(_digest(found, Brevfil.nr)).where(Brevfil.utsending_id == utsending_id))


def _file_checks(utsending_id: UUID) -> object:
    """A digest of the workers' findings for each file, and of its giro sheets."""
    found: ColumnElement[str] = func.concat_ws(" ", Brevfil.nr, Brevfil.status, cast(Brevfil.giroark, Text()))
    return session().scalar(select(_digest(found, Brevfil.nr)).where(Brevfil.utsending_id == utsending_id))


def _digest(text: ColumnElement[str], order: InstrumentedAttribute[Any]) -> ColumnElement[str | None]:
    """SQL: SHA-256 over one text per row, in order, computed in the database; NULL without rows."""
    whole = func.string_agg(text, aggregate_order_by(literal("\n"), order))
    digest: ColumnElement[str | None] = func.encode(func.sha256(func.convert_to(whole, "UTF8")), "hex")
    return digest


def _unused(utsending_id: UUID) -> object:
    files = select(Brevfil.nr, Brevfil.sha256).where(Brevfil.utsending_id == utsending_id, is_unused())
    return [[nr, sha256.hex()] for nr, sha256 in session().execute(files.order_by(Brevfil.nr))]


READERS: dict[Vist, Callable[[UUID], object]] = {
    Vist.FAKTA: _columns(*(getattr(Utsending, name) for name in FACTS)),
    Vist.LISTE: _upload("LISTE", Opplasting.id),
    Vist.KOBLING: _upload("LISTE", Opplasting.kobling),
    Vist.RADER: _rows,
    Vist.VALG: _columns(Utsending.parker_feil, Utsending.overstyrt_grunn),
    Vist.MAL: _columns(Utsending.malversjon_id),
    Vist.DOKUMENT: _upload("DOKUMENT", Opplasting.id),
    Vist.SAMLET: _upload("SAMLET", Opplasting.id),
    Vist.TILLEGGSLISTE: _upload("TILLEGGSLISTE", Opplasting.id),
    Vist.OPPSETT: _columns(Utsending.oppsett),
    Vist.FILER: _files,
    Vist.FILKONTROLL: _file_checks,
    Vist.UBRUKTE: _unused,
}
