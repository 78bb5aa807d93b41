"""The worker's look into a mailing's files: each PDF is checked as a single upload is, a range at a time.

Files are opened in a child that lives on from one to the next; one that kills it, and a new one too, is found to be too
complicated. A lost worker means only that the range is looked into again. No file's content is thrown away for what may
be a fault of ours: a damaged or lost one is refused with its place, and where a key or the store is away nothing is
found at all.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import discard, guarded_update, session, transaction
from fiks.core.errors import FiksError
from fiks.core.isolate import BarnFeil, twice
from fiks.pdf import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll
from fiks.pdf.findings import to_wire
from fiks.utsending import work
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer.girovalg import giro_of
from fiks.utsending.filer.rules import Girovalg, groups_of
from fiks.utsending.filer.storage import PLACE_GONE, content_of
from fiks.utsending.models import Utsending
from fiks.utsending.objects import unused_objects
from fiks.utsending.rules import Delart
from fiks.utsending.taking import is_too_much
from fiks.utsending.work import Del

log = logging.getLogger(__name__)
OURS = 500
"""From this status on an error is a fault of ours, and passes."""
DAMAGED = "DOKUMENT_ODELAGT"
"""But for this one, which is of one file and for good."""


class Kontrollor(Protocol):
    """What looks into PDFs: `fiks.pdf.Pdfkontrollor`."""

    def check(self, data: bytes, *, tosidig: bool) -> Pdfkontroll: ...

    def giro(self, data: bytes, giro_sider: Sequence[int], *, tosidig: bool) -> Pdfkontroll: ...


@dataclass(frozen=True, slots=True)
class Sett:
    """What was found in one file. `tapt`: why its content is not what was taken in; then nothing was found."""

    id: UUID
    sha256: bytes
    objekt: str
    kontroll: Pdfkontroll
    giroark: tuple[int, ...] = ()
    tapt: str | None = None

    @property
    def kan_sendes(self) -> bool:
        """Whether it may be part of a letter."""
        return self.tapt is None and self.kontroll.kan_sendes

    @property
    def is_let_go(self) -> bool:
        """Whether its content is not kept."""
        return self.tapt is None and not self.kontroll.kan_sendes and not is_too_much(self.kontroll)


def check_part(part: Del, kontrollor: Kontrollor) -> None:
    """Do one FIL piece: every unread file of its range. Memory: one file at a time."""
    tosidig = (
        session().execute(select(Utsending.tosidig).where(Utsending.id == part.utsending_id)).scalar_one()
    )
    valg = giro_of(part.utsending_id)
    unread = select(Brevfil).where(
        Brevfil.utsending_id == part.utsending_id,
        Brevfil.nr.between(part.fra, part.til),
        Brevfil.status == "MOTTATT",
        Brevfil.objekt.is_not(None),
    )
    files = session().scalars(unread.order_by(Brevfil.nr).execution_options(populate_existing=True)).all()
    session().expunge_all()
    session().rollback()
    seen = [_look(fil, valg, tosidig, kontrollor) for fil in files]
    _record(part, seen)


def _look(fil: Brevfil, valg: Girovalg, tosidig: bool, kontrollor: Kontrollor) -> Sett:
    assert fil.objekt is not None
    try:
        data = content_of(fil)
    except FiksError as error:  # replaced a moment ago, damaged, or lost for good
        if error.status >= OURS and error.kode != DAMAGED:
            raise
        log.warning("file_not_readable", extra={"kode": error.kode, "utsending": str(fil.utsending_id)})
        return Sett(fil.id, fil.sha256, fil.objekt, Pdfkontroll(None, None), tapt=error.kode)
    try:
        found, pages = twice(lambda: _found_in(data, valg, tosidig, kontrollor))
    except BarnFeil as error:
        log.warning("file_check_failed", extra={"kode": error.kode})
        found, pages = Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Alvorlighet.FEIL),)), ()
    return Sett(fil.id, fil.sha256, fil.objekt, found, pages)


def _found_in(
    data: bytes, valg: Girovalg, tosidig: bool, kontrollor: Kontrollor
) -> tuple[Pdfkontroll, tuple[int, ...]]:
    """The check of a file, and which of its pages are giro pages."""
    found = kontrollor.check(data, tosidig=tosidig)
    pages = valg.pages_of(found.sider) if found.kan_sendes and found.sider else ()
    if pages:
        funn = kontrollor.giro(data, pages, tosidig=tosidig).funn
        found = replace(found, funn=(*found.funn, *funn))
    return found, pages


def _record(part: Del, seen: Sequence[Sett]) -> None:
    """Write what was found, if the piece is still ours; a file that was replaced meanwhile is left to its own piece."""
    with transaction() as tx:
        held = select(Utsending.id).where(Utsending.id == part.utsending_id).with_for_update(key_share=True)
        if tx.execute(held).first() is None or not work.finish_part(part):
            return
        gone = [sett.objekt for sett in seen if _write(sett) and sett.is_let_go]
        discard(unused_objects(gone, of=part.utsending_id))
        work.ring_lane(Delart.LES)
    refused = sum(not sett.kan_sendes for sett in seen)
    if refused:
        log.info("files_refused", extra={"antall": refused, "utsending": str(part.utsending_id)})


def _write(sett: Sett) -> bool:
    unread = {"id": sett.id, "sha256": sett.sha256, "objekt": sett.objekt, "status": "MOTTATT"}
    values = found_columns(sett.kontroll, sett.giroark)
    if sett.tapt is not None:
        values |= {"status": "FEILET", "feilkode": sett.tapt}
    return guarded_update(Brevfil, where=unread, values=values) is not None


def found_columns(kontroll: Pdfkontroll, giroark: Sequence[int]) -> dict[str, Any]:
    """What a check makes of a file's row; of one that cannot be sent only that is kept, unless `is_too_much`."""
    values: dict[str, Any] = {
        "sider": kontroll.sider,
        "funn": findings_of(kontroll),
        "giroark": list(giroark),
    }
    if kontroll.kan_sendes:
        return values | {"status": "LEST", "feilkode": None}
    kode = next(f.kode for f in kontroll.funn if f.alvorlighet is Alvorlighet.FEIL)
    place = {} if is_too_much(kontroll) else PLACE_GONE
    return values | {"status": "FEILET", "feilkode": str(kode), **place}


def findings_of(kontroll: Pdfkontroll) -> list[dict[str, Any]]:
    """The findings as a file keeps them: as the check tells them, each with the keys of its groups (`grupper`)."""
    told = to_wire(kontroll)["funn"]
    groups = [[group.nokkel for group in found] for _, found in groups_of(kontroll)]
    return [finding | {"grupper": keys} for finding, keys in zip(told, groups, strict=True)]
