"""Acknowledgement: a mottakersystem confirms that it has a letter, or reports that it could not take it
(svarut.md 4.2).

The row lock on the letter serialises two answers, so that exactly one moves it on. A repeated answer changes
nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, select

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.crypto import encryption
from fiks.core.crypto.encryption import NokkelUkjent, VerdiOdelagt
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.svarut import svarinn_handover
from fiks.svarut.history import remark
from fiks.svarut.letters import load_letters
from fiks.svarut.lifecycle.fallback import continue_after_refusal
from fiks.svarut.lifecycle.read_status import remark_reading
from fiks.svarut.models import Forsendelse, Hendelse, SvarinnFeil, SvarinnMottak
from fiks.svarut.rules import Kanal, Status
from fiks.svarut.svarinn.access import NOT_READY, record_act, require_receiver
from fiks.svarut.svarinn.stale_form import require_current_wait, wait_mark
from fiks.svarut.transitions import move_forsendelse

log = logging.getLogger(__name__)
LONGEST = 1_000
"""The longest report that is kept; the rest is cut off."""

MOST_REPORTS = 1_000
AGAIN_AFTER = timedelta(days=1)
"""A repeated report within this time, as from a system that tries at every poll, adds nothing to the history.
"""


def confirm(forsendelse_id: UUID, *, system_id: UUID, vist: str | None = None, actor: Aktor) -> None:
    """Confirm that the system has the letter: LEST, and it waits no longer. Idempotent.

    A letter closed by its sender meanwhile stays closed, and its history records the confirmation.
    `vist`: the mark of a person's page (`stale_form`), None for a system.
    IkkeFunnet("IKKE_KLAR_FOR_MOTTAK") for a letter that neither waits for this system nor was confirmed
    by it; VenterAnnetSted (409) for one that waits otherwise than the page showed.
    """
    require_receiver(system_id, actor)
    # An event of a person's own says that no system has the letter.
    kode = "MOTTATT_MANUELT" if actor.type is Aktortype.PERSON else "KVITTERT"
    with transaction():
        mottak, status = _hold(forsendelse_id, system_id, vist)
        if mottak.avvist is None and status in (Status.LEST, Status.MANUELT_HANDTERT):
            if status is Status.LEST or not remark_reading(forsendelse_id, kode, actor.ref):
                return
        else:
            _require_waiting(mottak, status)
            move_forsendelse(
                forsendelse_id, fra=(Status.KLAR_FOR_MOTTAK,), til=Status.LEST, kode=kode, aktor=actor.ref
            )
        record_act(actor, "BREV_KVITTERT", forsendelse_id, system_id)


def report_failure(
    forsendelse_id: UUID,
    *,
    feilmelding: str,
    permanent: bool,
    system_id: UUID,
    vist: str | None = None,
    actor: Aktor,
) -> None:
    """Report that the system could not take the letter. `permanent`: it continues to its next channel; else
    it keeps waiting.

    UgyldigInndata FEILMELDING_UGYLDIG without a text; other errors, and `vist`, as `confirm`. A repeated
    permanent report changes nothing; a temporary one that repeats the last within a day is only audited.
    """
    require_receiver(system_id, actor)
    text = shortened_report(feilmelding)
    if not text:
        raise UgyldigInndata("FEILMELDING_UGYLDIG", felt="feilmelding", grense=LONGEST)
    with transaction():
        mottak, status = _hold(forsendelse_id, system_id, vist)
        if permanent and mottak.avvist is not None:
            return
        _require_waiting(mottak, status)
        if permanent or not _is_repeated(forsendelse_id, text, actor):
            _report(forsendelse_id, "FEILET_SVARINN" if permanent else "MOTTAK_FEILET", text, actor)
        record_act(actor, "BREV_MOTTAK_FEILET", forsendelse_id, system_id, permanent=permanent)
        if permanent:
            svarinn_handover.close_wait([forsendelse_id], avvist=clock.now_sql())
            brev = load_letters([forsendelse_id])[forsendelse_id]
            continue_after_refusal(brev, Kanal.SVARINN, "FEILET_SVARINN")


def shortened_report(feilmelding: str) -> str:
    """A report as it is stored: one line, cut to length."""
    return " ".join(feilmelding.split())[:LONGEST]


def load_reports(
    forsendelse_id: UUID, *, of: Collection[int] | None = None, newest: int = MOST_REPORTS
) -> dict[int, str | None]:
    """The receivers' reports on the letter, by event number, personal numbers masked.

    The `newest` of them, oldest first, or those of the events `of`. None for a report that cannot be
    decrypted, so that it hides nothing else; that is logged.
    """
    found = select(SvarinnFeil.lopenr, SvarinnFeil.feilmelding_kryptert).where(
        SvarinnFeil.forsendelse_id == forsendelse_id
    )
    if of is not None:
        found = found.where(SvarinnFeil.lopenr.in_(of))
    rows = session().execute(found.order_by(SvarinnFeil.lopenr.desc()).limit(newest)).all()
    told: dict[int, str | None] = {}
    unopened: list[VerdiOdelagt | NokkelUkjent] = []
    for lopenr, sealed in reversed(rows):
        try:
            told[lopenr] = mask_numbers(_opened(sealed))
        except (VerdiOdelagt, NokkelUkjent) as error:
            told[lopenr] = None
            unopened.append(error)
    if unopened:
        extra = {"forsendelse": str(forsendelse_id), "antall": len(unopened), "kode": unopened[0].kode}
        log.error("reports_not_opened", extra=extra)
    return told


def report_detail(told: Mapping[int, str | None], lopenr: int) -> dict[str, str | None]:
    """The report of this event as an event detail: None when it cannot be decrypted; empty when there is
    none.
    """
    return {"feilmelding": told[lopenr]} if lopenr in told else {}


def _hold(forsendelse_id: UUID, system_id: UUID, vist: str | None) -> tuple[SvarinnMottak, Status]:
    """The letter's queue row and its status (the last before deletion), the letter locked until the
    transaction ends.
    """
    last = func.coalesce(Forsendelse.status_for_sletting, Forsendelse.status)
    letter = select(last).where(Forsendelse.id == forsendelse_id).with_for_update()
    status = session().execute(letter).scalar_one_or_none()
    mottak = session().get(SvarinnMottak, forsendelse_id, populate_existing=True)
    if status is None or mottak is None:
        raise IkkeFunnet(NOT_READY)
    require_current_wait(vist, wait_mark(mottak))
    if mottak.mottakersystem_id != system_id:
        raise IkkeFunnet(NOT_READY)
    return mottak, Status(status)


def _require_waiting(mottak: SvarinnMottak, status: Status) -> None:
    if mottak.lukket is not None or status is not Status.KLAR_FOR_MOTTAK:
        raise IkkeFunnet(NOT_READY)


def _opened(sealed: bytes) -> str:
    return encryption.decrypt_value(current().keys, sealed, svarinn_handover.REPORT_AAD).decode()


def _is_repeated(forsendelse_id: UUID, text: str, actor: Aktor) -> bool:
    """Whether the letter's last report is the same, by the same receiver, less than a day ago."""
    last = (
        select(SvarinnFeil.feilmelding_kryptert, Hendelse.aktor, Hendelse.tid)
        .join(
            Hendelse,
            and_(
                Hendelse.forsendelse_id == SvarinnFeil.forsendelse_id, Hendelse.lopenr == SvarinnFeil.lopenr
            ),
        )
        .where(SvarinnFeil.forsendelse_id == forsendelse_id)
        .order_by(SvarinnFeil.lopenr.desc())
        .limit(1)
    )
    row = session().execute(last).first()
    if row is None or row.aktor != actor.ref or row.tid <= clock.now() - AGAIN_AFTER:
        return False
    try:
        return _opened(row.feilmelding_kryptert) == text
    except (VerdiOdelagt, NokkelUkjent):  # what cannot be compared is told once more
        return False


def _report(forsendelse_id: UUID, kode: str, text: str, actor: Aktor) -> None:
    remark(forsendelse_id, kode, aktor=actor.ref)
    number = select(Forsendelse.siste_lopenr).where(Forsendelse.id == forsendelse_id)
    sealed = encryption.encrypt_value(current().keys, text.encode(), svarinn_handover.REPORT_AAD)
    session().add(
        SvarinnFeil(
            forsendelse_id=forsendelse_id,
            lopenr=session().execute(number).scalar_one(),
            feilmelding_kryptert=sealed,
        )
    )
