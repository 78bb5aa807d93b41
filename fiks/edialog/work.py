"""Turns sent skjemaer into letters: the message is drawn as a PDF; letter, receipt and history are one
transaction.

A skjema becomes exactly one letter, whichever process dies on the way: the letter's id is derived from the
skjema's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from prometheus_client import Counter, Gauge
from sqlalchemy import delete, func, select, update

from fiks.core import clock
from fiks.core.actor import EDIALOG
from fiks.core.crypto.encryption import VerdiOdelagt
from fiks.core.db import session, transaction
from fiks.core.deferred_deletes import delete_now
from fiks.core.environment import current
from fiks.core.errors import FiksError, KanalFeil, Utilgjengelig
from fiks.core.storage.store import Lagret
from fiks.core.telemetry import trace
from fiks.core.values.identifiers import is_fnr
from fiks.core.values.krr_contact import Kontakt, usable_contact
from fiks.edialog import queries, rules
from fiks.edialog.content import Innhold, seal
from fiks.edialog.letter import Krav, Melding, Vedlegg, letter_of, message_of, shown_name
from fiks.edialog.models import EdialogFil, EdialogSkjema
from fiks.edialog.rules import Status, Tur, Utkast
from fiks.edialog.service import LANE
from fiks.edialog.transitions import move
from fiks.epost import Mal, Sprak, write
from fiks.svarut.mottak import Innsending, faults, fingerprint, write_letter

log = logging.getLogger(__name__)
LEASE, WAIT = timedelta(minutes=10), timedelta(minutes=1)
MAX_TRIES = 5
ASK_FOR_ADDRESS = 3
"""Attempts that wait for KRR's e-mail address for the receipt; after that the letter goes without a receipt.
"""
LATE_AFTER = 600
"""Seconds a skjema may wait to be sent before operations are alerted."""
UNPRINTABLE = frozenset(
    {
        "TEGN_UGYLDIG",
        "TEGN_UTEN_SKRIFT",
        "ADRESSE_UTENFOR_VINDU",
        "AVSENDER_I_VINDUET",
        "KONTAKT_FOR_LANG",
        "FELT_TOMT",
    }
)
"""Drawing errors caused by the text itself, which every attempt would repeat."""
FAILED = Counter("fiks_edialog_failed_total", "Skjemaer that could not be sent (INNSENDING_FEILET)")
OLDEST = Gauge("fiks_edialog_oldest_seconds", "For how long the oldest skjema has waited to be sent")


class Tegner(Protocol):
    """Draws a message as PDF. Raises FiksError."""

    def draw(self, melding: Melding) -> bytes: ...


class Kontaktregister(Protocol):
    """KRR. Raises KanalFeil."""

    def kontakt(self, fnrs: Sequence[str]) -> Mapping[str, Kontakt]: ...


def ready_lanes() -> list[str]:
    """Return the lane, when a skjema is due, for the sweeper to ring."""
    due = select(EdialogSkjema.id).where(
        EdialogSkjema.status == Status.UNDER_INNSENDING, EdialogSkjema.neste_forsok <= func.now()
    )
    return [LANE] if session().execute(select(due.exists())).scalar_one() else []


def measure() -> int:
    """Export how long the oldest skjema has waited; return the seconds."""
    since = func.extract("epoch", func.now() - func.min(EdialogSkjema.innsendt - clock.offset()))
    waited = session().execute(select(since).where(EdialogSkjema.status == Status.UNDER_INNSENDING))
    seconds = int(waited.scalar_one() or 0)
    OLDEST.set(seconds)
    if seconds >= LATE_AFTER:
        log.warning("edialog_waits", extra={"sekunder": seconds})
    return seconds


def send_next(tegner: Tegner, register: Kontaktregister) -> int:
    """Make the letter of the next due skjema, if any; return how many were handled (0 or 1)."""
    krav = _claim()
    if krav is None:
        return 0
    with trace.continue_trace(krav.request_id, skjema=str(krav.skjema_id)):
        _make_letter(krav, tegner, register)
    return 1


def _make_letter(krav: Krav, tegner: Tegner, register: Kontaktregister) -> None:
    try:
        if krav.tur.forsok > MAX_TRIES:
            _fail(krav, "EDIALOG_MISLYKTES", register)
        else:
            _send(krav, tegner, register)
    except (KanalFeil, Utilgjengelig) as error:
        log.warning("edialog_put_back", extra={"kode": error.kode})
        _postpone(krav, krav.tur.forsok - int(isinstance(error, Utilgjengelig)))
    except FiksError as error:
        log.warning("edialog_broken", extra={"kode": error.kode})
        if error.kode in UNPRINTABLE:
            _fail(krav, "EDIALOG_KAN_IKKE_TEGNES", register)
        else:
            _postpone(krav, krav.tur.forsok)


def _claim() -> Krav | None:
    due = (
        select(EdialogSkjema.id)
        .where(EdialogSkjema.status == Status.UNDER_INNSENDING, EdialogSkjema.neste_forsok <= func.now())
        .order_by(EdialogSkjema.neste_forsok, EdialogSkjema.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = EdialogSkjema
    with transaction() as tx:
        taken = tx.execute(
            update(row)
            .where(row.id == due.scalar_subquery())
            .values(neste_forsok=func.now() + LEASE, forsok=row.forsok + 1)
            .returning(
                row.id,
                row.innsendt,
                row.forsok,
                row.konto_id,
                row.mottaker_id,
                row.sensitivt,
                row.svar_pa_id,
                row.spraak,
                row.innhold_kryptert,
                row.request_id,
            )
            .execution_options(synchronize_session=False)
        ).first()
        if taken is None:
            return None
        filer = tuple(_attachment(fil) for fil in queries.files(taken.id))
    return Krav(
        taken.id,
        Tur(taken.innsendt, taken.forsok),
        taken.konto_id,
        taken.mottaker_id,
        taken.sensitivt,
        taken.svar_pa_id,
        taken.spraak,
        taken.innhold_kryptert,
        filer,
        taken.request_id,
    )


def _attachment(row: EdialogFil) -> Vedlegg:
    return Vedlegg(row.filnavn, Lagret(row.objekt, row.storrelse, row.sha256, row.nokkel))


def _send(krav: Krav, tegner: Tegner, register: Kontaktregister) -> None:
    new = letter_of(krav)
    wrong = [
        one
        for one in faults(new, now=clock.now(), synthetic=current().synthetic_persons)
        if one.kode not in EXEMPT_FAULTS
    ]
    session().rollback()
    if wrong:
        log.error("edialog_refused", extra={"kode": wrong[0].kode})
        _fail(krav, "EDIALOG_MISLYKTES", register)
        return
    address = _receipt_address(krav, register)
    stored = current().store.put_document([tegner.draw(message_of(krav))], current().keys)
    if not _write(krav, new, stored, address):
        delete_now([stored.objekt])


EXEMPT_FAULTS = frozenset({"NIVA4_UTEN_KRYPTERING"})
"""Faults of senders that do not apply to the house itself: a sensitive skjema came to us over our own page.
"""


def _receipt_address(krav: Krav, register: Kontaktregister) -> str:
    """Return the receipt's e-mail address; none when KRR has been down for several attempts. Raises
    KanalFeil.
    """
    try:
        return _address(krav.innhold, register)
    except KanalFeil as error:
        if krav.tur.forsok < ASK_FOR_ADDRESS:
            raise
        log.warning("edialog_without_receipt", extra={"kode": error.kode})
        return ""


def _address(content: Innhold, register: Kontaktregister) -> str:
    """Return the address the citizen wrote, else KRR's if it may be used; empty without any. Raises
    KanalFeil.
    """
    number = content.nummer
    if content.utkast.avsender.epost:
        return content.utkast.avsender.epost
    if not is_fnr(number, current().synthetic_persons):
        return ""
    found = register.kontakt([number]).get(number)
    known = usable_contact(found, clock.now()).epost
    session().rollback()  # no transaction is open while the message is drawn and stored
    return known if rules.is_email(known) else ""


def _write(krav: Krav, new: Innsending, message: Lagret, address: str) -> bool:
    """Write letter, receipt and history together; False when another process has sent it."""
    stored = [message, *(fil.lagret for fil in krav.filer)]
    made = rules.letter_id(krav.skjema_id)
    content = krav.innhold
    with transaction() as tx:
        mine = move(
            krav.skjema_id,
            fra=(Status.UNDER_INNSENDING,),
            til=Status.INNSENDT,
            kode="INNSENDT",
            aktor=EDIALOG.ref,
            turn=krav.tur,
            forsendelse_id=made,
            innhold_kryptert=seal(
                replace(content, utkast=Utkast(content.utkast.tittel), kvittering_til=address)
            ),
        )
        if not mine:
            return False
        tx.execute(delete(EdialogFil).where(EdialogFil.skjema_id == krav.skjema_id))
        avtrykk = fingerprint(new, [one.sha256 for one in stored])
        write_letter(
            made,
            new,
            stored,
            konto_id=krav.konto_id,
            avtrykk=avtrykk,
            actor=replace(EDIALOG, request_id=krav.request_id),
            printleverandor=queries.printleverandor(krav.mottaker_id),
            sendt=krav.tur.innsendt,
        )
        _write_mail(Mal.EDIALOG_KVITTERING, krav, content, [address], referanse=str(made))
    log.info("edialog_sent", extra={"forsendelse": str(made)})
    return True


def _write_mail(mal: Mal, krav: Krav, content: Innhold, addresses: Iterable[str], **more: str) -> None:
    """Write an e-mail about this skjema, in its language and with a link to it, to the non-empty addresses."""
    page = f"{current().minside_base_url}/edialog/skjema/{krav.skjema_id}"
    values = {"mottaker": shown_name(content.mottaker), "lenke": page, **more}
    to = [address for address in addresses if address]
    nokkel = f"edialog:{mal}:{krav.skjema_id}:{krav.tur.innsendt.isoformat()}"
    write(mal, to, values, nokkel=nokkel, sprak=Sprak(krav.spraak))


def _fail(krav: Krav, kode: str, register: Kontaktregister) -> None:
    """End the skjema as failed: the citizen's text and files stay, and an e-mail goes where a receipt would
    have gone.

    When the content is damaged the citizen sees the failure in their list, and operations are alerted. Raises
    NokkelUkjent.
    """
    content = _content_or_none(krav)
    address = "" if content is None else _address_or_empty(content, register)
    with transaction():
        failed = move(
            krav.skjema_id,
            fra=(Status.UNDER_INNSENDING,),
            til=Status.INNSENDING_FEILET,
            kode=kode,
            aktor=EDIALOG.ref,
            turn=krav.tur,
            feilkode=kode,
        )
        if failed and content is not None:
            _write_mail(Mal.EDIALOG_FEILET, krav, content, [address])
    if failed:
        FAILED.inc()
        log.error("edialog_failed", extra={"kode": kode})


def _content_or_none(krav: Krav) -> Innhold | None:
    """Return the content; None when it is damaged, which only prevents the e-mail. Raises NokkelUkjent."""
    try:
        return krav.innhold
    except VerdiOdelagt as error:
        log.error("edialog_unreadable", extra={"kode": error.kode})
        return None


def _address_or_empty(content: Innhold, register: Kontaktregister) -> str:
    try:
        return _address(content, register)
    except Exception:  # whatever KRR did, a skjema that has failed must end
        log.exception("edialog_untold")
        return ""


def _postpone(krav: Krav, forsok: int) -> None:
    mine = update(EdialogSkjema).where(
        EdialogSkjema.id == krav.skjema_id,
        EdialogSkjema.status == Status.UNDER_INNSENDING,
        EdialogSkjema.innsendt == krav.tur.innsendt,
        EdialogSkjema.forsok == krav.tur.forsok,
    )
    with transaction() as tx:
        changed = mine.values(neste_forsok=func.now() + WAIT, forsok=forsok)
        tx.execute(changed.execution_options(synchronize_session=False))
