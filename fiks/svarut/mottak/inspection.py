"""Inspection of received letters: registers are asked, and documents and cover sheet are tried in a child
process.

A letter then becomes AKSEPTERT with its first levering, or AVVIST with the reason. It is leased by a time in
its row, without an owner: inspecting twice is harmless, and the result is recorded only while it is MOTTATT.
A failure that is not the letter's (register or store unavailable, key missing) postpones it without counting
the try.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from prometheus_client import Counter, Gauge
from sqlalchemy import ColumnElement, Select, Subquery, func, select, update

from fiks.core import clock
from fiks.core.actor import MOTTAK
from fiks.core.crypto.cms_reader import CmsFeil
from fiks.core.db import ring, session, transaction
from fiks.core.errors import FiksError, KanalFeil, Utilgjengelig
from fiks.pdf import PdfKode, Pdfkontroll, Pdfleser
from fiks.registeroppslag.port import Registerport
from fiks.registeroppslag.rules import Enhetstatus
from fiks.svarut import history, lease
from fiks.svarut.history import remark
from fiks.svarut.lease import MAX_TRIES, Tur
from fiks.svarut.letters import Brev, Dokumentref, load_letters, stream_checked
from fiks.svarut.lifecycle import failure_notices
from fiks.svarut.lifecycle.read_status import note_external_reading
from fiks.svarut.models import Dokument, Forsendelse
from fiks.svarut.rules import Bane, Mottakertype, Opphav, Status
from fiks.svarut.transitions import move_forsendelse, open_levering

log = logging.getLogger(__name__)
MASS_THRESHOLD = 50
"""A konto with more letters waiting than this sends in masses, and its letters go by the mass lane."""
FAILED = Counter("fiks_intake_failed_total", "Letters that nobody could look at (FEILET_UNDER_MOTTAK)")

OLDEST = Gauge("fiks_intake_oldest_seconds", "For how long the oldest letter has waited to be looked at")
ALARM_SECONDS = 600
"""Seconds a letter may wait for inspection before operations are alerted."""
UNFIT_FOR_PAPER = frozenset({"PDF_FOR_MANGE_SIDER", "PDF_FOR_KOMPLISERT"})
"""Faults of a document that matter on paper only: as a file it can be opened."""

Forsideprove = Callable[[Brev], str | None]
"""Tries a letter's cover sheet, by receiver and sender: the fault code when it can never be drawn, else None.

Also None when that cannot be determined now.
"""


def no_cover_trial(brev: Brev) -> str | None:
    """No trial of the cover sheet: printing is the first to draw it."""
    return None


@dataclass(frozen=True, slots=True)
class Funnet:
    """The result of an inspection: pages by document number, and the fault code with details, if any.

    `bare_papir`: the fault matters on paper only; the letter is delivered digitally or not at all.
    """

    sider: Mapping[int, int] = field(default_factory=dict)
    feil: str | None = None
    detaljer: Mapping[str, object] = field(default_factory=dict)
    bare_papir: bool = False


def is_waiting() -> bool:
    """Whether any letter is due for inspection."""
    return bool(session().execute(select(select(Forsendelse.id).where(*_due()).exists())).scalar_one())


def measure() -> int:
    """Measure, report and return how many seconds the oldest letter has waited for inspection."""
    since = func.extract("epoch", func.now() - func.min(Forsendelse.opprettet - clock.offset()))
    waited = session().execute(select(since).where(Forsendelse.status == Status.MOTTATT)).scalar_one()
    seconds = int(waited or 0)
    OLDEST.set(seconds)
    if seconds >= ALARM_SECONDS:
        log.warning("intake_waits", extra={"sekunder": seconds})
    return seconds


def inspect_letter(register: Registerport, leser: Pdfleser, forside: Forsideprove = no_cover_trial) -> int:
    """Inspect the next letter, if any, and record the result; return how many (0 or 1)."""
    tur = claim()
    if tur is None:
        return 0
    with history.trace_letter(tur.forsendelse_id):
        _inspect(tur, register, leser, forside)
    return 1


def _inspect(tur: Tur, register: Registerport, leser: Pdfleser, forside: Forsideprove) -> None:
    letter_id = tur.forsendelse_id
    if tur.forsok > MAX_TRIES:
        fail_intake(letter_id)
        return
    try:
        brev = load_letters([letter_id])[letter_id]
        session().rollback()
        found = inspect_content(brev, register, leser, forside, tur)
    except (KanalFeil, Utilgjengelig) as error:
        log.warning("control_waits", extra={"forsendelse": str(letter_id), "kode": error.kode})
        lease.release(tur)
    except FiksError as error:
        log.warning("control_broken", extra={"forsendelse": str(letter_id), "kode": error.kode})
        _try_again(tur)
    else:
        if found is not None:
            record_findings(brev, found)
            log.info("letter_controlled", extra={"feil": found.feil})


def claim() -> Tur | None:
    """Lease the oldest due letter of a randomly chosen konto.

    By chance, so that a konto that sends a hundred thousand letters keeps no other waiting.
    """
    chosen = select(_kontoer_waiting().c.konto_id).order_by(func.random()).limit(1).scalar_subquery()
    oldest = (
        select(Forsendelse.id)
        .where(Forsendelse.konto_id == chosen, *_due())
        .order_by(Forsendelse.kontroll_neste, Forsendelse.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return lease.acquire(oldest)


def _due() -> tuple[ColumnElement[bool], ...]:
    return Forsendelse.status == Status.MOTTATT, Forsendelse.kontroll_neste <= func.now()


def _kontoer_waiting() -> Subquery:
    """All kontoer with a due letter, by one index step each (DISTINCT would read all the letters)."""
    first: Select[UUID] = select(Forsendelse.konto_id).where(*_due()).order_by(Forsendelse.konto_id).limit(1)
    kontoer = select(first.scalar_subquery().label("konto_id")).cte("kontoer", recursive=True)
    following = first.where(Forsendelse.konto_id > kontoer.c.konto_id).correlate(kontoer).scalar_subquery()
    walked = kontoer.union_all(select(following).where(kontoer.c.konto_id.is_not(None)))
    return select(walked.c.konto_id).where(walked.c.konto_id.is_not(None)).subquery()


def inspect_content(
    brev: Brev, register: Registerport, leser: Pdfleser, forside: Forsideprove, tur: Tur
) -> Funnet | None:
    """Ask the registers, try the cover sheet and open printable documents; None when another worker has taken
    over.

    KanalFeil, Utilgjengelig; FiksError when a document cannot be opened for a reason other than the file.
    """
    unknown = _unknown_receiver(brev, register)
    if unknown is not None:
        return Funnet(feil=unknown)
    pages: dict[int, int] = {}
    unfit = Funnet()
    if brev.can_be_printed and (fault := forside(brev)) is not None:
        unfit = Funnet(feil=fault, bare_papir=brev.opphav in failure_notices.OPPHAV)
        if not unfit.bare_papir:
            return unfit
    for document in brev.dokumenter if brev.can_be_printed else ():
        if not document.is_printed:
            continue
        if not lease.renew(tur):
            return None
        found = _open(document, leser, brev.tosidig)
        if found.feil in UNFIT_FOR_PAPER and brev.opphav in failure_notices.OPPHAV:
            unfit = replace(found, bare_papir=True)
        elif found.feil is not None:
            return found
        pages |= found.sider
    return replace(unfit, sider=pages)


def _unknown_receiver(brev: Brev, register: Registerport) -> str | None:
    """The fault code when a register rejects the receiver (svarut.md 1.2 and 1.3)."""
    number = brev.mottaker.digital_id
    if brev.strengt_digital and brev.mottakertype is Mottakertype.PERSON:
        contact = register.kontakt([number]).get(number)
        if contact is None or not contact.registrert or contact.reservert:
            return "RESERVERT_ELLER_UKJENT"
    if brev.opphav is Opphav.V3 and brev.mottakertype is Mottakertype.ORGANISASJON:
        unit = register.virksomheter([number]).get(number)
        if unit is None or unit.status is Enhetstatus.IKKE_FUNNET:
            return "ORGANISASJON_UKJENT"
    return None


def _open(document: Dokumentref, leser: Pdfleser, tosidig: bool) -> Funnet:
    where = {"dokument": document.nr}
    try:
        kontroll = leser.inspect(
            stream_checked(document), document.storrelse, giro_sider=document.giroark, tosidig=tosidig
        )
    except CmsFeil:
        return Funnet(feil="KAN_IKKE_DEKRYPTERES", detaljer=where)
    fault = fault_of(kontroll, document)
    if fault is not None:
        return Funnet(feil=fault, detaljer=where)
    assert kontroll.sider is not None
    return Funnet({document.nr: kontroll.sider})


def record_findings(brev: Brev, found: Funnet) -> bool:
    """Record the result unless another worker has; return whether we did."""
    if found.feil is not None and not found.bare_papir:
        with transaction():
            return move_forsendelse(
                brev.id,
                fra=(Status.MOTTATT,),
                til=Status.AVVIST,
                kode=found.feil,
                aktor=MOTTAK.ref,
                detaljer=found.detaljer,
            )
    with transaction() as tx:
        mine = select(Forsendelse.id).where(Forsendelse.id == brev.id, Forsendelse.status == Status.MOTTATT)
        if tx.execute(mine.with_for_update()).first() is None:
            return False
        bane = _lane(brev.konto_id)
        for nr, pages in found.sider.items():
            document = update(Dokument).where(Dokument.forsendelse_id == brev.id, Dokument.nr == nr)
            tx.execute(document.values(sider=pages).execution_options(synchronize_session=False))
        if found.bare_papir:
            _keep_off_paper(brev.id, found)
        remark(brev.id, "FORSENDELSESFIL_GENERERT", aktor=MOTTAK.ref)
        move_forsendelse(
            brev.id, fra=(Status.MOTTATT,), til=Status.AKSEPTERT, kode="AKSEPTERT", aktor=MOTTAK.ref
        )
        opened = open_levering(
            brev.id, utsending_id=None, bane=bane, kanal=None, aktor=MOTTAK.ref, kode="KLAR"
        )
        note_external_reading(brev.id, opened)
        ring(bane)
    return True


def _keep_off_paper(letter_id: UUID, found: Funnet) -> None:
    """Send the letter as one without postal address. Its sender is the house, which cannot send it in another
    form.
    """
    letter = update(Forsendelse).where(Forsendelse.id == letter_id)
    session().execute(letter.values(uten_adresse=True).execution_options(synchronize_session=False))
    remark(letter_id, "KAN_IKKE_SKRIVES_UT", aktor=MOTTAK.ref, grunn=found.feil, **found.detaljer)


def _lane(konto_id: UUID) -> Bane:
    """The lane of the letter's first levering: masse when the konto has many letters waiting, else enkelt."""
    waiting = select(Forsendelse.id).where(
        Forsendelse.konto_id == konto_id, Forsendelse.status == Status.MOTTATT
    )
    some = waiting.limit(MASS_THRESHOLD + 1).subquery()
    count = session().execute(select(func.count()).select_from(some)).scalar_one()
    return Bane.MASSE if count > MASS_THRESHOLD else Bane.ENKELT


def _try_again(tur: Tur) -> None:
    if tur.forsok >= MAX_TRIES:
        fail_intake(tur.forsendelse_id)
    else:
        lease.retry_later(tur)


def fail_intake(letter_id: UUID) -> None:
    """Give the inspection up: FEILET_UNDER_MOTTAK, visible to the sender, and operations are alerted."""
    with transaction():
        failed = move_forsendelse(
            letter_id,
            fra=(Status.MOTTATT,),
            til=Status.FEILET_UNDER_MOTTAK,
            kode="KONTROLL_MISLYKTES",
            aktor=MOTTAK.ref,
        )
    if failed:
        FAILED.inc()
        log.error("control_failed", extra={"forsendelse": str(letter_id)})


FAULTS: dict[PdfKode, str] = {
    PdfKode.PDF_PASSORD: "PDF_PASSORD",
    PdfKode.PDF_UGYLDIG: "PDF_UGYLDIG",
    PdfKode.PDF_FOR_MANGE_SIDER: "PDF_FOR_MANGE_SIDER",
    PdfKode.PDF_FOR_KOMPLISERT: "PDF_FOR_KOMPLISERT",
    PdfKode.PDF_GIRO_SIDE: "GIROARK_UTENFOR",
    PdfKode.PDF_GIRO_BAKSIDE: "GIROARK_BAKSIDE",
}
"""The findings that refuse a printable letter. Margins, sizes and fonts are the sender's own affair."""


def fault_of(kontroll: Pdfkontroll, document: Dokumentref) -> str | None:
    """The code of the first finding that refuses the letter, or None.

    An encrypted document that is no PDF is reported as not decryptable: a forger must not learn that the
    padding was right.
    """
    fault = next((FAULTS[found.kode] for found in kontroll.funn if found.kode in FAULTS), None)
    return "KAN_IKKE_DEKRYPTERES" if fault == "PDF_UGYLDIG" and document.kryptert else fault
