"""Effects of a channel's receipt on its letter, in the present transaction, each once.

Every effect is a guarded move, so a repeated or late receipt changes nothing. A receipt that contradicts our
record changes only what is certain, and operations are alerted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update

from fiks.core.actor import ARBEIDER
from fiks.core.db import session
from fiks.core.telemetry import trace
from fiks.svarut.history import remark
from fiks.svarut.lifecycle.fallback import continue_after_refusal, hold_letter
from fiks.svarut.lifecycle.print_order import cancel_print, is_with_another_house, settle_without_paper
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.receipts import reconciliation
from fiks.svarut.rules import GOES_ON, OPEN, UNREAD_ALTINN, Kanal, Leveringsstatus, Status
from fiks.svarut.transitions import (
    UNCLAIMED,
    Apen,
    lock_open_leveringer,
    move_forsendelse,
    move_levering,
    stop_locked_levering,
)

log = logging.getLogger(__name__)
CLOSED = (Status.MANUELT_HANDTERT, Status.SLETTET)


class Kvittering(Protocol):
    """A receipt of any feed: our reference, what happened and when."""

    @property
    def referanse(self) -> str: ...
    @property
    def art(self) -> str: ...
    @property
    def tidspunkt(self) -> datetime: ...
    @property
    def melding(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Treff:
    """The levering that a receipt belongs to, with its letter, status and request."""

    levering_id: UUID
    forsendelse_id: UUID
    status: str = Leveringsstatus.OVERLEVERT
    request_id: str | None = None

    def followed(self) -> AbstractContextManager[None]:
        """Context manager: log lines inside carry the letter's id and the id of its request."""
        return trace.continue_trace(self.request_id, forsendelse=str(self.forsendelse_id))


@dataclass(frozen=True, slots=True)
class Tidlig:
    """An early receipt that was kept, in the shape the effects read."""

    referanse: str
    art: str
    tidspunkt: datetime
    detaljer: dict[str, object]
    melding: str | None = None


def apply_effect(kanal: Kanal, hit: Treff, receipt: Kvittering) -> None:
    """Apply the receipt by the table `EFFECTS`; a receipt without an entry is logged."""
    effect = EFFECTS.get((kanal, receipt.art))
    if effect is None:
        log.warning("receipt_without_effect", extra={"kilde": str(kanal), "art": receipt.art})
        return
    effect(hit, receipt)


def print_facts(receipt: Kvittering) -> dict[str, object]:
    """Sheets, weight, postage and cost of a print receipt, fresh or kept."""
    if isinstance(receipt, Tidlig):
        return receipt.detaljer
    names = {"ark": "ark", "vekt": "vekt_gram", "porto_ore": "porto_ore", "produksjon_ore": "produksjon_ore"}
    return {name: getattr(receipt, field, None) for name, field in names.items()}


def _delivered_sdp(hit: Treff, receipt: Kvittering) -> None:
    """The mailbox delivered the letter: LEVERT_SDP. A next levering, opened after an earlier failure report,
    is stopped.
    """
    open_one = _lock_open_levering(hit)
    if move_forsendelse(
        hit.forsendelse_id,
        fra=(Status.SENDT_SDP,),
        til=Status.LEVERT_SDP,
        kode="LEVERT_SDP",
        aktor=ARBEIDER.ref,
    ):
        stop_locked_levering(open_one, kode="LEVERT_SDP", aktor=ARBEIDER.ref)
    elif _counts_as_unsent(hit.forsendelse_id):
        report_delivery_after_giving_up(Kanal.DPI, hit, receipt)


def _lock_open_levering(hit: Treff) -> Apen | None:
    """The letter's open levering, locked. No other can be opened meanwhile: that needs the lock we hold."""
    opened = select(Levering.id).where(
        Levering.forsendelse_id == hit.forsendelse_id, Levering.status.in_([str(s) for s in OPEN])
    )
    if session().execute(opened).first() is None:
        return None
    return lock_open_leveringer([hit.forsendelse_id]).get(hit.forsendelse_id)


def _delivered_altinn(hit: Treff, receipt: Kvittering) -> None:
    """Altinn delivered the letter: LEVERT_ALTINN.

    A letter never sent on paper whose lesefrist has passed ends now as SENDT_DIGITALT: it only lacked this
    confirmation. A next levering, opened after an earlier failure report, is stopped, and the letter waits
    for its lesefrist as any other.
    """
    open_one = _lock_open_levering(hit)
    delivered = move_forsendelse(
        hit.forsendelse_id,
        fra=(Status.SENDT_ALTINN,),
        til=Status.LEVERT_ALTINN,
        kode="LEVERT_ALTINN",
        aktor=ARBEIDER.ref,
    )
    if not delivered and _counts_as_unsent(hit.forsendelse_id):
        report_delivery_after_giving_up(Kanal.ALTINN, hit, receipt)
    if not delivered:
        return
    if not _is_overdue(hit.forsendelse_id):
        if open_one is not None and open_one.status in UNCLAIMED:
            stop_locked_levering(open_one, kode="LEVERT_ALTINN", aktor=ARBEIDER.ref)
    elif not _has_later_hand_over(hit):
        move_forsendelse(
            hit.forsendelse_id,
            fra=(Status.LEVERT_ALTINN,),
            til=Status.SENDT_DIGITALT,
            kode="SENDT_DIGITALT",
            aktor=ARBEIDER.ref,
        )


def _is_overdue(forsendelse_id: UUID) -> bool:
    overdue = select(Forsendelse.lesefrist_utlopt.is_not(None)).where(Forsendelse.id == forsendelse_id)
    return session().execute(overdue).scalar_one()


def _counts_as_unsent(forsendelse_id: UUID) -> bool:
    """Whether the letter has ended and our record says that nobody has it."""
    last = func.coalesce(Forsendelse.status_for_sletting, Forsendelse.status)
    unsent = or_(
        last == Status.IKKE_LEVERT,
        and_(Forsendelse.status.in_([str(s) for s in CLOSED]), Forsendelse.overlevert.is_(None)),
    )
    found = select(Forsendelse.id).where(Forsendelse.id == forsendelse_id, unsent)
    return session().execute(found).first() is not None


DELIVERED = {Kanal.DPI: "LEVERT_SDP", Kanal.ALTINN: "LEVERT_ALTINN"}
FOUND_BY_RESTORE = "GJENOPPRETTET"
"""Error code of a levering that was AVVIST because everything about it was known before a backup was restored
(`operations.restore`).
"""


def report_delivery_after_giving_up(kanal: Kanal, hit: Treff, receipt: Kvittering) -> None:
    """The channel has a letter that we recorded as never sent: log it in the history, count it as sent, alert
    operations.

    An ended letter stays ended. Sending it again would double it, so a next levering that has not been called
    waits for a person.
    """
    if receipt.art not in ("LEVERT", "LEST") or kanal not in DELIVERED:
        return
    open_one = _lock_open_levering(hit)
    letter = session().get_one(Forsendelse, hit.forsendelse_id, populate_existing=True, with_for_update=True)
    refused = select(Levering.feilkode).where(Levering.id == hit.levering_id)
    known = session().execute(refused).scalar_one() == FOUND_BY_RESTORE
    if known or _is_logged(hit, DELIVERED[kanal]):
        return
    if letter.status in CLOSED and letter.overlevert is None:
        session().execute(
            update(Forsendelse)
            .where(Forsendelse.id == letter.id)
            .values(kanal=kanal, overlevert=receipt.tidspunkt)
        )
    if letter.status != Status.SLETTET:
        remark(hit.forsendelse_id, DELIVERED[kanal], aktor=ARBEIDER.ref)
    if open_one is not None and open_one.status in (Leveringsstatus.KLAR, Leveringsstatus.VENTER):
        move_levering(
            open_one.levering_id,
            fra=open_one.status,
            til=Leveringsstatus.TIL_BEHANDLING,
            kode=DELIVERED[kanal],
            aktor=ARBEIDER.ref,
            feilkode=DELIVERED[kanal],
        )
    reconciliation.note_discrepancy(kanal, str(hit.levering_id), reconciliation.UNKNOWN_HERE)
    log.error("given_up_letter_is_there", extra={"kanal": str(kanal), "levering": str(hit.levering_id)})


def _is_logged(hit: Treff, kode: str) -> bool:
    """Whether the letter's history already has an event with this code."""
    told = select(Hendelse.lopenr).where(Hendelse.forsendelse_id == hit.forsendelse_id, Hendelse.kode == kode)
    return session().execute(told).first() is not None


def _opened_in_altinn(hit: Treff, receipt: Kvittering) -> None:
    """Remark, once, that the letter was opened in Altinn."""
    if not _is_logged(hit, "APNET_I_ALTINN"):
        remark(hit.forsendelse_id, "APNET_I_ALTINN", aktor=ARBEIDER.ref)


def _printed(hit: Treff, receipt: Kvittering) -> None:
    """The letter was printed: PRINTET. A renewed order, made after a reported failure, is stopped."""
    open_one = lock_open_leveringer([hit.forsendelse_id]).get(hit.forsendelse_id)
    moved = move_forsendelse(
        hit.forsendelse_id, fra=(Status.SENDT_PRINT,), til=Status.PRINTET, kode="PRINTET", aktor=ARBEIDER.ref
    )
    if moved:
        stop_locked_levering(open_one, kode="PRINTET", aktor=ARBEIDER.ref)
        cancel_print(hit.forsendelse_id, kode="PRINTET", aktor=ARBEIDER.ref)
    if moved or _was_printed_though_closed(hit, receipt):
        remark(hit.forsendelse_id, "PRINTKVITTERING", aktor=ARBEIDER.ref, **print_facts(receipt))


def _was_printed_though_closed(hit: Treff, receipt: Kvittering) -> bool:
    """Count a closed letter, recorded as not on paper, as sent on paper after all; return whether it was such
    a one.
    """
    printed = (
        update(Forsendelse)
        .where(
            Forsendelse.id == hit.forsendelse_id,
            Forsendelse.status.in_([str(s) for s in CLOSED]),
            Forsendelse.kanal.is_distinct_from(str(Kanal.PRINT)),
        )
        .values(kanal=Kanal.PRINT, overlevert=receipt.tidspunkt)
        .returning(Forsendelse.id)
    )
    found = session().execute(printed).first() is not None
    if found:
        log.error("closed_letter_was_printed")
    return found


def _returned(hit: Treff, receipt: Kvittering) -> None:
    """The letter came back in the post: it was printed, even if that receipt was lost."""
    _printed(hit, receipt)
    remark(hit.forsendelse_id, "RETUR_PRINT", aktor=ARBEIDER.ref, grunn=receipt.melding or "")


def _failure_effect(kanal: Kanal, fra: tuple[Status, ...]) -> Callable[[Treff, Kvittering], None]:
    """The effect of a failure report: the letter continues to its next channel, if its status is one of
    `fra`.
    """

    def effect(hit: Treff, receipt: Kvittering) -> None:
        letter, status = hold_letter(hit.forsendelse_id)
        if status not in fra or _has_later_hand_over(hit):
            _note_late_failure(hit, kanal)
            return
        if kanal is Kanal.PRINT and is_with_another_house(hit.forsendelse_id):
            return  # since then; it tells if it fails too
        if letter.ends_with(kanal) and _is_logged(hit, "APNET_I_ALTINN"):
            _report_failure_after_delivery(hit, kanal, status, not _is_logged(hit, f"FEILET_{kanal}"))
            return
        remark(hit.forsendelse_id, f"FEILET_{kanal}", aktor=ARBEIDER.ref)
        continue_after_refusal(letter, kanal, f"FEILET_{kanal}")

    return effect


def _note_late_failure(hit: Treff, kanal: Kanal) -> None:
    """Record a failure of a letter that has moved on; for a closed one, settle who has it.

    When our record says that this channel delivered the letter, nobody has it.
    """
    letter = session().get_one(Forsendelse, hit.forsendelse_id, populate_existing=True)
    last = letter.status_for_sletting or letter.status
    closed = letter.status in CLOSED and last in (Status.MANUELT_HANDTERT, *GOES_ON)
    if kanal is Kanal.PRINT and not closed:
        return
    first = not _is_logged(hit, f"FEILET_{kanal}")
    if last in (Status.LEVERT_SDP, Status.SENDT_DIGITALT) and letter.kanal == kanal:
        _report_failure_after_delivery(hit, kanal, Status(letter.status), first)
    elif letter.status != Status.SLETTET and first:
        remark(hit.forsendelse_id, f"FEILET_{kanal}", aktor=ARBEIDER.ref)
    if closed and letter.kanal == kanal:
        settle_without_paper([hit.forsendelse_id], but_for=kanal)


def _report_failure_after_delivery(hit: Treff, kanal: Kanal, status: Status, first: bool) -> None:
    """The channel first reported delivery and now failure: alert operations.

    A letter that nobody opened and that never goes on paper is IKKE_LEVERT. One that was opened in Altinn, or
    lies in a mailbox, is noted as a discrepancy for a person. `first`: the first report of the failure.
    """
    if first:
        log.error("delivered_letter_failed", extra={"kanal": str(kanal), "levering": str(hit.levering_id)})
    if status is Status.SENDT_DIGITALT and not _is_logged(hit, "APNET_I_ALTINN"):
        move_forsendelse(
            hit.forsendelse_id,
            fra=(status,),
            til=Status.IKKE_LEVERT,
            kode=f"FEILET_{kanal}",
            aktor=ARBEIDER.ref,
        )
        return
    if first and status is not Status.SLETTET:
        remark(hit.forsendelse_id, f"FEILET_{kanal}", aktor=ARBEIDER.ref)
    reconciliation.note_discrepancy(kanal, str(hit.levering_id), reconciliation.UNKNOWN_THERE)


def _has_later_hand_over(hit: Treff) -> bool:
    """Whether a later levering carries the letter on; a stopped one does not."""
    made = select(Levering.opprettet).where(Levering.id == hit.levering_id).scalar_subquery()
    later = select(Levering.id).where(
        Levering.forsendelse_id == hit.forsendelse_id,
        Levering.id != hit.levering_id,
        Levering.opprettet >= made,
        Levering.status != Leveringsstatus.STOPPET,
    )
    return session().execute(later).first() is not None


EFFECTS: dict[tuple[Kanal, str], Callable[[Treff, Kvittering], None]] = {
    (Kanal.DPI, "LEVERT"): _delivered_sdp,
    (Kanal.DPI, "FEILET"): _failure_effect(Kanal.DPI, (Status.SENDT_SDP,)),
    (Kanal.ALTINN, "LEVERT"): _delivered_altinn,
    (Kanal.ALTINN, "LEST"): _opened_in_altinn,
    (Kanal.ALTINN, "FEILET"): _failure_effect(Kanal.ALTINN, UNREAD_ALTINN),
    (Kanal.PRINT, "PRINTET"): _printed,
    (Kanal.PRINT, "RETUR"): _returned,
    (Kanal.PRINT, "FEILET"): _failure_effect(Kanal.PRINT, (Status.SENDT_PRINT,)),
}
