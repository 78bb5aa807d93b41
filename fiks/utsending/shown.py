"""What a page of a draft showed: its forms say it when they come back, and act on that or on nothing (ADR 0039).

A colleague, another tab or a worker may have put something else there since. A page has a digest of each thing its
forms are about, read before what it shows; the use case compares them while the mailing is held.
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
from fiks.utsending.documents import is_unused
from fiks.utsending.file_models import Brevfil
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import FACTS, Radstatus


class Vist(StrEnum):
    """What a form may be about."""

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
    """What a form is about is not what its page showed; `endret` is which of it. Nothing is done."""

    def __init__(self, endret: tuple[Vist, ...]) -> None:
        super().__init__("VIST_ENDRET", hva=", ".join(endret))
        self.endret = endret


LETTERS = (
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
"""All that letters are made of."""
PUT_IN = tuple(one for one in LETTERS if one is not Vist.FILKONTROLL)
"""All that people have put into a draft."""
MARKED = [str(status) for status in Radstatus if status is not Radstatus.OK]
"""Rows that there is something to see or to choose about."""


def shown(utsending_id: UUID, *what: Vist) -> str:
    """What a page shows of a draft now, for its forms to say; read before the rest of the page."""
    return " ".join(_told(one, READ[one](utsending_id)) for one in what)


def shown_rows(utsending_id: UUID, limit: int) -> dict[int, str]:
    """As `shown` of each of the first rows, by row number: a number is used again for another receiver."""
    found = session().execute(
        select(Utsendingsrad.radnr, Utsendingsrad.rad_hash)
        .where(Utsendingsrad.utsending_id == utsending_id)
        .order_by(Utsendingsrad.radnr)
        .limit(limit)
    )
    return {radnr: _told(Vist.RAD, [radnr, rad_hash.hex()]) for radnr, rad_hash in found}


def shown_file(utsending_id: UUID, nr: int) -> str:
    """As `shown` of one file: its number is used again for another; empty when there is none of this number."""
    found = session().scalar(
        select(Brevfil.sha256).where(Brevfil.utsending_id == utsending_id, Brevfil.nr == nr)
    )
    return "" if found is None else _told(Vist.FIL, [nr, found.hex()])


def changed(vist: str, now: str) -> tuple[Vist, ...]:
    """Which of what stands `now` is not as a page showed it (`vist`). Pure; both are as `shown` tells them."""
    was = frozenset(vist.split())
    return tuple(Vist(part.partition(":")[0]) for part in now.split() if part not in was)


def changes(utsending_id: UUID, vist: str | None, *what: Vist) -> tuple[Vist, ...]:
    """Which of this is not as the page showed it. `vist` is None for who was shown no page: then nothing is.

    The caller holds the mailing, and asks before it changes anything itself.
    """
    return () if vist is None else changed(vist, shown(utsending_id, *what))


def refuse(endret: tuple[Vist, ...]) -> None:
    """Go on only when nothing is changed. What is asked of a form that has nothing left to do need not be refused: it
    was sent twice."""
    if endret:
        raise VistEndret(endret)


def require_shown(utsending_id: UUID, vist: str | None, *what: Vist) -> None:
    """`refuse` what is not as the page showed it. The caller holds the mailing."""
    refuse(changes(utsending_id, vist, *what))


def _told(what: Vist, content: object) -> str:
    text = json.dumps(content, default=str, sort_keys=True)
    return f"{what}:{hashlib.sha256(text.encode()).hexdigest()}"


def _columns(*columns: InstrumentedAttribute[Any]) -> Callable[[UUID], object]:
    """Reads these of the mailing."""

    def read(utsending_id: UUID) -> object:
        return list(session().execute(select(*columns).where(Utsending.id == utsending_id)).one())

    return read


def _upload(art: str, column: InstrumentedAttribute[Any]) -> Callable[[UUID], object]:
    """Reads this of the upload of one kind. None when there is none."""

    def read(utsending_id: UUID) -> object:
        chosen = select(column).where(Opplasting.utsending_id == utsending_id, Opplasting.art == art)
        return session().execute(chosen).scalar_one_or_none()

    return read


def _rows(utsending_id: UUID) -> object:
    """The list's values (its digest), how many rows are there, and what was found in those that are not simply OK."""
    of_this = Utsendingsrad.utsending_id == utsending_id
    counted = select(func.count()).select_from(Utsendingsrad).where(of_this).scalar_subquery()
    found: ColumnElement[str] = func.concat_ws(
        " ", Utsendingsrad.radnr, Utsendingsrad.status, cast(Utsendingsrad.funn, Text())
    )
    marked = (
        select(_digest(found, Utsendingsrad.radnr))
        .where(of_this, Utsendingsrad.status.in_(MARKED))
        .scalar_subquery()
    )
    mailing = select(Utsending.antall_rader, Utsending.liste_digest, counted, marked)
    antall, liste, stored, digest = session().execute(mailing.where(Utsending.id == utsending_id)).one()
    return [antall, liste.hex() if liste else None, stored, digest]


def _files(utsending_id: UUID) -> object:
    """Each file's number, content and name: what nobody but a person changes."""
    found: ColumnElement[str] = func.concat_ws(
        " ", Brevfil.nr, func.encode(Brevfil.sha256, "hex"), func.encode(Brevfil.navn_indeks, "hex")
    )
    return session().scalar(select(_digest(found, Brevfil.nr)).where(Brevfil.utsending_id == utsending_id))


def _looked_into(utsending_id: UUID) -> object:
    """What a worker found of each file, and what is printed of it."""
    found: ColumnElement[str] = func.concat_ws(" ", Brevfil.nr, Brevfil.status, cast(Brevfil.giroark, Text()))
    return session().scalar(select(_digest(found, Brevfil.nr)).where(Brevfil.utsending_id == utsending_id))


def _digest(text: ColumnElement[str], order: InstrumentedAttribute[Any]) -> ColumnElement[str | None]:
    """A SHA-256 over one text of each row, in order; made where the rows are. None without rows."""
    whole = func.string_agg(text, aggregate_order_by(literal("\n"), order))
    digest: ColumnElement[str | None] = func.encode(func.sha256(func.convert_to(whole, "UTF8")), "hex")
    return digest


def _unused(utsending_id: UUID) -> object:
    files = select(Brevfil.nr, Brevfil.sha256).where(Brevfil.utsending_id == utsending_id, is_unused())
    return [[nr, sha256.hex()] for nr, sha256 in session().execute(files.order_by(Brevfil.nr))]


READ: dict[Vist, Callable[[UUID], object]] = {
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
    Vist.FILKONTROLL: _looked_into,
    Vist.UBRUKTE: _unused,
}
