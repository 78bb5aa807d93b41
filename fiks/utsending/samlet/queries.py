"""Reads for the pages about a big PDF: progress of the work, and set-ups offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.file_models import Brevoppsett
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Opplasting, Utsendingsrad
from fiks.utsending.rules import Art, Delart, Delstatus
from fiks.utsending.samlet.analysis.setup import Kuttmate, Oppsett, from_wire
from fiks.utsending.samlet.letter_rows import count_by_status


@dataclass(frozen=True, slots=True)
class Tilstand:
    """Progress of a big PDF's letters.

    `brev`: letters found, `kuttet`: cut, `feilet`: cannot be sent. `sett`: pages searched for letter
    starts. `kontrollert`: letters whose receivers are controlled. `feilkode`: why the work ended.
    `tapt`: work is left but no worker is on it.
    """

    kuttes: bool
    leses: bool
    brev: int
    kuttet: int
    feilet: int
    sett: int
    kontrollert: int
    feilkode: str | None
    feilparams: dict[str, Any]
    tapt: bool


def state(utsending_id: UUID, *, actor: Aktor) -> Tilstand:
    """Return the progress of the work. Work that ends during the query is reported as still running."""
    access.find_visible(utsending_id, actor)
    before = _work_under_way(utsending_id)
    letters = count_by_status(utsending_id)
    cutting, reading = map(any, zip(before, _work_under_way(utsending_id), strict=True))
    pieces = _failed_parts(utsending_id)
    kode, params = _failure_of(pieces) if not (cutting or reading) else (None, {})
    waiting = letters.get("MOTTATT", 0) > 0 and not cutting
    return Tilstand(
        kuttes=cutting,
        leses=reading,
        brev=sum(letters.values()),
        kuttet=letters.get("LEST", 0) + letters.get("FEILET", 0),
        feilet=letters.get("FEILET", 0),
        sett=_count_searched_pages(utsending_id) if cutting and not letters else 0,
        kontrollert=_count_controlled(utsending_id) if reading else 0,
        feilkode=kode,
        feilparams=params,
        tapt=kode is None and waiting,
    )


def is_busy(utsending_id: UUID, *, actor: Aktor) -> bool:
    """Return whether the file is being inspected, cut or read now."""
    access.find_visible(utsending_id, actor)
    return any(_work_under_way(utsending_id))


def _work_under_way(utsending_id: UUID) -> tuple[bool, bool]:
    """Return (is being cut, file or letters are being read)."""
    return queue.is_busy(utsending_id, Delart.KUTT), queue.is_busy(utsending_id, Delart.LES)


def _failed_parts(utsending_id: UUID) -> Sequence[Arbeidsdel]:
    chosen = select(Arbeidsdel).where(
        Arbeidsdel.utsending_id == utsending_id,
        Arbeidsdel.art.in_([str(Delart.KUTT), str(Delart.LES)]),
        Arbeidsdel.status == Delstatus.FEILET,
    )
    return session().scalars(chosen.order_by(Arbeidsdel.id.desc()).limit(1)).all()


def _failure_of(pieces: Sequence[Arbeidsdel]) -> tuple[str | None, dict[str, Any]]:
    if not pieces:
        return None, {}
    told: dict[str, Any] = next((piece for piece in pieces[0].resultat if piece.get("slag") == "feil"), {})
    return pieces[0].feilkode, {name: value for name, value in told.items() if name not in ("slag", "felt")}


def _count_controlled(utsending_id: UUID) -> int:
    stored = select(func.count()).where(Utsendingsrad.utsending_id == utsending_id)
    return session().scalar(stored) or 0


def _count_searched_pages(utsending_id: UUID) -> int:
    notes = session().scalar(
        select(Arbeidsdel.resultat)
        .where(
            Arbeidsdel.utsending_id == utsending_id, Arbeidsdel.art == Delart.KUTT, Arbeidsdel.fra.is_(None)
        )
        .order_by(Arbeidsdel.id.desc())
        .limit(1)
    )
    return next((int(note["lest"]) for note in notes or () if note.get("slag") == "forstesider"), 0)


class Kilde(StrEnum):
    """Source of an offered set-up: the mailing's own, the konto's last one, or suggested from the first
    pages.
    """

    EGET = "EGET"
    HUSKET = "HUSKET"
    FORSLAG = "FORSLAG"


def offered_setups(utsending_id: UUID, *, actor: Aktor) -> dict[Kilde, Oppsett]:
    """Return set-ups to start from, likeliest first; one that does not fit the page count comes last."""
    row = access.require(utsending_id, actor, P.SENDE)
    upload = uploaded_file(utsending_id)
    remembered = session().scalar(
        select(Brevoppsett.oppsett).where(
            Brevoppsett.konto_id == row.konto_id, Brevoppsett.art == Art.EN_STOR_PDF
        )
    )
    wires = {
        Kilde.EGET: row.oppsett,
        Kilde.HUSKET: remembered,
        Kilde.FORSLAG: upload.form.get("forslag") if upload is not None else None,
    }
    found = {
        kilde: oppsett for kilde, wire in wires.items() if (oppsett := from_wire(wire or {})) is not None
    }
    total = upload.sider if upload is not None else None
    return dict(sorted(found.items(), key=lambda item: not _fits(item[1], total or 0)))


def _fits(oppsett: Oppsett, total: int) -> bool:
    return oppsett.kutt is not Kuttmate.SIDER or (bool(oppsett.sider) and total % (oppsett.sider or 1) == 0)


def uploaded_file(utsending_id: UUID) -> Opplasting | None:
    """Return the mailing's big PDF, or None."""
    chosen = select(Opplasting).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "SAMLET")
    return session().scalars(chosen.execution_options(populate_existing=True)).one_or_none()
