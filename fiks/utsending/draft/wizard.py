"""State of the wizard between its pages: how far it is, what is being read, the neighbour rows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.utsending import access
from fiks.utsending.draft.confirm import is_control_incomplete, stated_and_counted_rows
from fiks.utsending.filer.requirements import hindrance
from fiks.utsending.jobs import queue
from fiks.utsending.letters.documents import missing_documents
from fiks.utsending.letters.inputs import missing_municipality_number
from fiks.utsending.models import Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import MADE_ELSEWHERE, SENDABLE, Art, Delart, Delstatus, Radstatus

_SENDABLE = [str(s) for s in SENDABLE]


@dataclass(frozen=True, slots=True)
class Jobb:
    """How far the wizard is.

    `leses`: receivers or document are being read. `lesing_tapt`: unread, and no piece reads them.
    `kontroll_avbrutt`: read, but no piece finishes their control. `mottakere`, `kontroll`, `brev`: the
    step has what it needs. `brev_mangler`: what the letters lack of their own files or of what the
    template prints.
    """

    rader: dict[Radstatus, int]
    har_liste: bool
    leses: bool
    lesing_tapt: bool
    kontroll_avbrutt: bool
    mottakere: bool
    kontroll: bool
    brev: bool
    brev_mangler: Konflikt | None = None

    @property
    def gode(self) -> int:
        """Number of rows that would be sent."""
        return sum(self.rader.get(status, 0) for status in SENDABLE)

    @property
    def darlige(self) -> int:
        """Rows with an error, or with a repair that nobody has accepted."""
        return self.rader.get(Radstatus.FEIL, 0) + self.rader.get(Radstatus.AUTO, 0)

    @property
    def antall(self) -> int:
        return sum(self.rader.values())


def wizard_progress(utsending_id: UUID, *, actor: Aktor) -> Jobb:
    """How far the mailing's wizard is.

    A reading that begins or ends during this call counts as in progress: an upload is reported lost only when
    no piece was on it both before and after.
    """
    row = access.find_visible(utsending_id, actor)
    before = queue.last_status(utsending_id, Delart.LES)
    found = session().execute(
        select(Opplasting.art, Opplasting.status).where(Opplasting.utsending_id == utsending_id)
    )
    uploads: dict[str, str] = {row[0]: row[1] for row in found}
    last = queue.last_status(utsending_id, Delart.LES)
    # Counted when it is known that the list is read: counts from before that would be of a part of it.
    told, counts = stated_and_counted_rows(utsending_id)
    unread = any(status in ("MOTTATT", "LESES") for status in uploads.values())
    busy = not {before, last}.isdisjoint((Delstatus.KLAR, Delstatus.TATT))
    bad = counts.get(Radstatus.FEIL, 0) + counts.get(Radstatus.AUTO, 0)
    receivers = (
        bool(counts) and uploads.get("LISTE", "LEST") == "LEST" and not (busy and "LISTE" not in uploads)
    )
    broken_off = receivers and not busy and is_control_incomplete(told, last, counts)
    lacks = hindrance(row) if row.art == Art.ETT_DOKUMENT_PER_RAD else missing_municipality_number(row)
    return Jobb(
        rader=counts,
        har_liste="LISTE" in uploads,
        leses=busy,
        lesing_tapt=unread and not busy,
        mottakere=receivers,
        kontroll_avbrutt=broken_off,
        kontroll=receivers and not broken_off and (not bad or row.parker_feil),
        brev=lacks is None and _has_letter(row, uploads),
        brev_mangler=lacks,
    )


def _has_letter(row: Utsending, uploads: dict[str, str]) -> bool:
    if row.art == Art.FLETTEBREV:
        return row.malversjon_id is not None
    if row.art in MADE_ELSEWHERE:
        return missing_documents(row) is None
    return uploads.get("DOKUMENT") == "LEST"


@dataclass(frozen=True, slots=True)
class Naboer:
    """Row numbers before and after a row, among the rows whose letter may be shown; None at the ends."""

    forrige: int | None
    neste: int | None


def neighbours(utsending_id: UUID, radnr: int, *, actor: Aktor) -> Naboer:
    """The sendable, unprotected rows before and after a row number."""
    access.find_visible(utsending_id, actor)
    shown = (
        Utsendingsrad.utsending_id == utsending_id,
        Utsendingsrad.status.in_(_SENDABLE),
        ~Utsendingsrad.skjermet,
    )
    before, after = (
        session()
        .execute(
            select(
                select(func.max(Utsendingsrad.radnr))
                .where(*shown, Utsendingsrad.radnr < radnr)
                .scalar_subquery(),
                select(func.min(Utsendingsrad.radnr))
                .where(*shown, Utsendingsrad.radnr > radnr)
                .scalar_subquery(),
            )
        )
        .one()
    )
    return Naboer(before, after)
