"""Viewing the first pages of a big PDF, on which it is set up: restricted, and always audited.

They are other people's letters. The set-up page redraws its picture at every click, and a trial reads all
pages, so a second view of a page by the same person within an hour is not recorded again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet
from fiks.konfigurasjon.rules import P
from fiks.pdf.cut import Tegn
from fiks.utsending import access
from fiks.utsending.access_log import record_view
from fiks.utsending.file_models import Brevfil
from fiks.utsending.models import Opplasting, Utsendingsrad
from fiks.utsending.samlet.queries import uploaded_file

LOOKED_AT = "SAMLET_SIDE_VIST"
VIEW_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bilde:
    """A page with a stored picture; width and height in mm."""

    side: int
    bredde: float
    hoyde: float


def pictures(utsending_id: UUID, *, actor: Aktor) -> tuple[Bilde, ...]:
    """Return the first pages that the actor may view, else none. This is no viewing, so nothing is audited."""
    row, held = access.require_with_rights(utsending_id, actor, P.SENDE)
    upload = uploaded_file(row.id)
    if upload is None or not (_is_open(upload, actor) or P.SE_SPERRET in held.everything()):
        return ()
    return tuple(Bilde(p["side"], p["bredde"], p["hoyde"]) for p in upload.form.get("bilder", []))


def page_picture(utsending_id: UUID, side: int, *, actor: Aktor) -> bytes:
    """Return the picture (PNG) of one of the first pages; audited."""
    piece = _audited_page(utsending_id, side, actor)
    return _read_part(piece["objekt"], piece)


def page_characters(utsending_id: UUID, side: int, *, actor: Aktor) -> list[Tegn]:
    """Return the characters of one of the first pages; audited."""
    piece = _audited_page(utsending_id, side, actor)
    values: list[list[Any]] = json.loads(_read_part(piece["objekt"], piece["tekst"]))
    return [Tegn(*one) for one in values]


def _is_open(upload: Opplasting, actor: Aktor) -> bool:
    """Return whether the first pages need no SE_SPERRET: for their uploader, or when none is a protected
    person's.
    """
    if upload.opprettet_av == actor.person_id:
        return True
    last = max((page["side"] for page in upload.form.get("bilder", [])), default=0)
    shown = (
        Brevfil.utsending_id == upload.utsending_id,
        Brevfil.fra_side <= last,
        Utsendingsrad.utsending_id == Brevfil.utsending_id,
        Utsendingsrad.radnr == Brevfil.nr,
    )
    read, hidden = (
        session()
        .execute(select(exists().where(*shown), exists().where(*shown, Utsendingsrad.skjermet)))
        .one()
    )
    return bool(read) and not hidden


def _audited_page(utsending_id: UUID, side: int, actor: Aktor) -> dict[str, Any]:
    """Write the audit entry and return where the page is stored."""
    row, held = access.require_with_rights(utsending_id, actor, P.SENDE)
    upload = uploaded_file(row.id)
    if upload is None or not (_is_open(upload, actor) or held.use(P.SE_SPERRET)):
        raise IkkeFunnet("FINNES_IKKE")
    found = next((piece for piece in upload.form.get("bilder", []) if piece["side"] == side), None)
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    piece, fil = dict(found), str(upload.id)
    with transaction():
        _record_page_view(utsending_id, fil, side, actor)
    return piece


def _record_page_view(utsending_id: UUID, fil: str, side: int, actor: Aktor) -> None:
    """Record the viewing on the page's letter, or on the mailing while the letter is unknown."""
    letter = session().scalar(
        select(Utsendingsrad)
        .join(
            Brevfil,
            (Brevfil.utsending_id == Utsendingsrad.utsending_id) & (Brevfil.nr == Utsendingsrad.radnr),
        )
        .where(
            Brevfil.utsending_id == utsending_id,
            Brevfil.nr <= side,  # each has a page at least, and the number has an index
            Brevfil.fra_side <= side,
            Brevfil.til_side >= side,
        )
    )
    about = str(utsending_id) if letter is None else f"{utsending_id}/{letter.radnr}"
    if _is_recorded_lately(about, fil, side, actor):
        return
    if letter is not None:
        record_view(actor, LOOKED_AT, letter, side=side, fil=fil)
    else:
        audit.record(actor, LOOKED_AT, "utsending", about, tjeneste="SVARUT", side=side, fil=fil)


def _is_recorded_lately(about: str, fil: str, side: int, actor: Aktor) -> bool:
    lately = select(Audit.id).where(
        Audit.objekt_id == about,
        Audit.handling == LOOKED_AT,
        Audit.aktor == actor.ref,
        Audit.tid > func.now() - VIEW_WINDOW,
        Audit.detaljer["side"].as_integer() == side,
        Audit.detaljer["fil"].as_string() == fil,
    )
    return session().execute(select(lately.exists())).scalar_one()


def _read_part(objekt: str, piece: dict[str, Any]) -> bytes:
    env = current()
    return env.store.read_segment_part(
        objekt, piece["fra"], piece["lengde"], bytes.fromhex(piece["nokkel"]), env.keys
    )
