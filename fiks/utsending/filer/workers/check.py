"""Worker: checks a range of a mailing's PDFs as single uploads are checked.

PDFs are opened in a long-lived child; a file that kills two children in a row is refused as too complicated.
A lost worker only means that the range is checked again. No content is discarded for what may be our own
fault: a damaged or lost file is refused with its place kept, and while a key or the object store is
unavailable nothing is recorded.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import delete_after_commit, guarded_update, session, transaction
from fiks.core.errors import FiksError
from fiks.core.isolate import BarnFeil, retry_in_new_child
from fiks.pdf import Alvorlighet, PdfFunn, PdfKode, Pdfkontroll
from fiks.pdf.findings import to_wire
from fiks.utsending.file_models import Brevfil
from fiks.utsending.filer.giro import giro_of
from fiks.utsending.filer.rules import Girovalg, groups_of
from fiks.utsending.filer.storage import NO_CONTENT, content_of
from fiks.utsending.jobs import queue
from fiks.utsending.jobs.queue import Del
from fiks.utsending.jobs.upload_lock import could_not_be_checked
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Delart
from fiks.utsending.stored_objects import unused_objects

log = logging.getLogger(__name__)
SERVER_ERRORS = 500
"""From this status on an error is our own, and transient."""
DAMAGED_CODE = "DOKUMENT_ODELAGT"
"""Exception to that: this error is permanent and concerns one file."""


class Kontrollor(Protocol):
    """PDF checker; implemented by `fiks.print.pdf.Pdfkontrollor`."""

    def check(self, data: bytes, *, tosidig: bool) -> Pdfkontroll: ...

    def giro(self, data: bytes, giro_sider: Sequence[int], *, tosidig: bool) -> Pdfkontroll: ...


@dataclass(frozen=True, slots=True)
class Sett:
    """Result of checking one file. `tapt`: error code if its content is not what was uploaded; then nothing
    was checked.
    """

    id: UUID
    sha256: bytes
    objekt: str
    kontroll: Pdfkontroll
    giroark: tuple[int, ...] = ()
    tapt: str | None = None

    @property
    def kan_sendes(self) -> bool:
        """Whether the file may be part of a letter."""
        return self.tapt is None and self.kontroll.kan_sendes

    @property
    def is_let_go(self) -> bool:
        """Whether the file's content is deleted."""
        return self.tapt is None and not self.kontroll.kan_sendes and not could_not_be_checked(self.kontroll)


def check_part(part: Del, kontrollor: Kontrollor) -> None:
    """Do one FIL piece: check every unchecked file of its range. Memory: one file at a time."""
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
    seen = [_inspect_file(fil, valg, tosidig, kontrollor) for fil in files]
    _record(part, seen)


def _inspect_file(fil: Brevfil, valg: Girovalg, tosidig: bool, kontrollor: Kontrollor) -> Sett:
    assert fil.objekt is not None
    try:
        data = content_of(fil)
    except FiksError as error:  # replaced a moment ago, damaged, or lost for good
        if error.status >= SERVER_ERRORS and error.kode != DAMAGED_CODE:
            raise
        log.warning("file_not_readable", extra={"kode": error.kode, "utsending": str(fil.utsending_id)})
        return Sett(fil.id, fil.sha256, fil.objekt, Pdfkontroll(None, None), tapt=error.kode)
    try:
        found, pages = retry_in_new_child(lambda: _check_content(data, valg, tosidig, kontrollor))
    except BarnFeil as error:
        log.warning("file_check_failed", extra={"kode": error.kode})
        found, pages = Pdfkontroll(None, None, (PdfFunn(PdfKode.PDF_FOR_KOMPLISERT, Alvorlighet.FEIL),)), ()
    return Sett(fil.id, fil.sha256, fil.objekt, found, pages)


def _check_content(
    data: bytes, valg: Girovalg, tosidig: bool, kontrollor: Kontrollor
) -> tuple[Pdfkontroll, tuple[int, ...]]:
    """Check a file's content; return the result and its giro pages."""
    found = kontrollor.check(data, tosidig=tosidig)
    pages = valg.pages_of(found.sider) if found.kan_sendes and found.sider else ()
    if pages:
        funn = kontrollor.giro(data, pages, tosidig=tosidig).funn
        found = replace(found, funn=(*found.funn, *funn))
    return found, pages


def _record(part: Del, seen: Sequence[Sett]) -> None:
    """Write the results if the piece is still ours; a file replaced meanwhile is left to its own piece."""
    with transaction() as tx:
        held = select(Utsending.id).where(Utsending.id == part.utsending_id).with_for_update(key_share=True)
        if tx.execute(held).first() is None or not queue.finish_piece(part):
            return
        gone = [sett.objekt for sett in seen if _write_result(sett) and sett.is_let_go]
        delete_after_commit(unused_objects(gone, of=part.utsending_id))
        queue.ring_lane(Delart.LES)
    refused = sum(not sett.kan_sendes for sett in seen)
    if refused:
        log.info("files_refused", extra={"antall": refused, "utsending": str(part.utsending_id)})


def _write_result(sett: Sett) -> bool:
    unread = {"id": sett.id, "sha256": sett.sha256, "objekt": sett.objekt, "status": "MOTTATT"}
    values = found_columns(sett.kontroll, sett.giroark)
    if sett.tapt is not None:
        values |= {"status": "FEILET", "feilkode": sett.tapt}
    return guarded_update(Brevfil, where=unread, values=values) is not None


def found_columns(kontroll: Pdfkontroll, giroark: Sequence[int]) -> dict[str, Any]:
    """Return the column values of a checked file.

    The content of an unsendable file is not kept, unless `is_too_much`.
    """
    values: dict[str, Any] = {
        "sider": kontroll.sider,
        "funn": findings_of(kontroll),
        "giroark": list(giroark),
    }
    if kontroll.kan_sendes:
        return values | {"status": "LEST", "feilkode": None}
    kode = next(f.kode for f in kontroll.funn if f.alvorlighet is Alvorlighet.FEIL)
    place = {} if could_not_be_checked(kontroll) else NO_CONTENT
    return values | {"status": "FEILET", "feilkode": str(kode), **place}


def findings_of(kontroll: Pdfkontroll) -> list[dict[str, Any]]:
    """Return the findings as stored with a file, each with the keys of its groups (`grupper`)."""
    told = to_wire(kontroll)["funn"]
    groups = [[group.nokkel for group in found] for _, found in groups_of(kontroll)]
    return [finding | {"grupper": keys} for finding, keys in zip(told, groups, strict=True)]
