"""What comes back: receipts from mailboxes, events from Altinn, receipts from the print house.

Each feed is read from a stored marker, at least once; every effect is a guarded move, so a repeated, late or unknown
receipt changes nothing and is counted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core import trace
from fiks.core.counters import from_nought
from fiks.core.db import session, table_of, transaction
from fiks.core.feeds import follow
from fiks.svarut import comparison, origin
from fiks.svarut.channel_models import TidligKvittering
from fiks.svarut.history import remark
from fiks.svarut.letters import load_letters
from fiks.svarut.models import Forsendelse, Hendelse, Levering
from fiks.svarut.paper import is_with_another_house, leave_paper, never_on_paper
from fiks.svarut.reading import DOWNLOADED, apply_early_reading
from fiks.svarut.refusal import AKTOR, continue_after_refusal
from fiks.svarut.rules import GOES_ON, UNREAD_ALTINN, Kanal, Leveringsstatus, Status
from fiks.svarut.transitions import lock_open_leveringer, move_forsendelse, stop_locked

log = logging.getLogger(__name__)
CLOSED = (Status.MANUELT_HANDTERT, Status.SLETTET)
UNKNOWN = from_nought(
    Counter("fiks_unknown_receipts_total", "Receipts whose reference is not ours", ["kilde"]), Kanal
)

# Made once: they run for every receipt.
_HAND_OVER, _EARLY, _EVENT = table_of(Levering), table_of(TidligKvittering), table_of(Hendelse)
_LOCKED = (
    select(_HAND_OVER.c.id, _HAND_OVER.c.forsendelse_id, _HAND_OVER.c.status, origin.REQUEST)
    .outerjoin(
        _EVENT,
        (_EVENT.c.forsendelse_id == _HAND_OVER.c.forsendelse_id) & (_EVENT.c.lopenr == origin.FIRST),
    )
    .where(_HAND_OVER.c.id == bindparam("hand_over"))
    .with_for_update(of=_HAND_OVER)
)
_TAKE_EARLY = (
    delete(_EARLY)
    .where(_EARLY.c.levering_id == bindparam("hand_over"))
    .returning(_EARLY.c.art, _EARLY.c.kanal, _EARLY.c.tidspunkt, _EARLY.c.detaljer)
)


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


class Feed(Protocol):
    """A feed of receipts after a marker."""

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Kvittering], str | None]: ...


@dataclass(frozen=True, slots=True)
class _Treff:
    levering_id: UUID
    forsendelse_id: UUID
    status: str = Leveringsstatus.OVERLEVERT
    request_id: str | None = None

    def followed(self) -> AbstractContextManager[None]:
        """Log lines of the block have the letter's id and its request's."""
        return trace.following(self.request_id, forsendelse=str(self.forsendelse_id))


def read_feed(kanal: Kanal, feed: Feed) -> int:
    """Read one portion of the channel's receipts and apply them; return how many were read. Raises KanalFeil."""
    return follow(kanal, feed.receipts, lambda receipt: apply(kanal, receipt))


def apply(kanal: Kanal, receipt: Kvittering) -> None:
    """Let one receipt have its effect, once."""
    told = {"kilde": str(kanal), "art": receipt.art}
    with transaction():
        hit = _lock(receipt.referanse)
        if hit is None:
            comparison.note(kanal, receipt.referanse, comparison.UNKNOWN_HERE)
        else:
            with hit.followed():
                comparison.forget(kanal, str(hit.levering_id))
                _apply_or_keep(kanal, hit, receipt)
    if hit is None:
        UNKNOWN.labels(kanal).inc()
        log.warning("unknown_receipt", extra=told)
        return
    with hit.followed():
        log.info("receipt", extra=told)


def _apply_or_keep(kanal: Kanal, hit: _Treff, receipt: Kvittering) -> None:
    """Apply a receipt to a hand-over that is recorded; keep one that came before our own record of the call.

    The row lock on the levering orders this against the recording, so an early receipt is never lost between them.
    """
    if hit.status != Leveringsstatus.OVERLEVERT:
        early = insert(TidligKvittering).values(
            levering_id=hit.levering_id,
            art=receipt.art,
            kanal=kanal,
            tidspunkt=receipt.tidspunkt,
            detaljer=_print_facts(receipt),
        )
        session().execute(early.on_conflict_do_nothing())
        return
    _effect(kanal, hit, receipt)


def _effect(kanal: Kanal, hit: _Treff, receipt: Kvittering) -> None:
    effect = EFFECTS.get((kanal, receipt.art))
    if effect is None:
        log.warning("receipt_without_effect", extra={"kilde": str(kanal), "art": receipt.art})
        return
    effect(hit, receipt)


@dataclass(frozen=True, slots=True)
class _Tidlig:
    """A kept receipt, as the effects see it."""

    referanse: str
    art: str
    tidspunkt: datetime
    detaljer: dict[str, object]
    melding: str | None = None


def apply_early(levering_id: UUID, forsendelse_id: UUID) -> None:
    """Apply what came before the hand-over was recorded, receipts and reading; in the transaction that records it."""
    kept = session().execute(_TAKE_EARLY, {"hand_over": levering_id})
    for row in sorted(kept.all(), key=lambda r: r.tidspunkt):
        if row.art == DOWNLOADED:
            apply_early_reading(forsendelse_id, dict(row.detaljer))
            continue
        receipt = _Tidlig(str(levering_id), row.art, row.tidspunkt, dict(row.detaljer))
        _effect(Kanal(row.kanal), _Treff(levering_id, forsendelse_id), receipt)


def _print_facts(receipt: Kvittering) -> dict[str, object]:
    """Sheets, weight, postage and cost of a print receipt, whichever kind it is."""
    if isinstance(receipt, _Tidlig):
        return receipt.detaljer
    names = {"ark": "ark", "vekt": "vekt_gram", "porto_ore": "porto_ore", "produksjon_ore": "produksjon_ore"}
    return {name: getattr(receipt, field, None) for name, field in names.items()}


def _lock(referanse: str) -> _Treff | None:
    """The hand-over of that reference, its row locked; None for a reference that is not ours."""
    try:
        levering_id = UUID(referanse)
    except ValueError:
        return None
    row = session().execute(_LOCKED, {"hand_over": levering_id}).first()
    return _Treff(*row) if row else None


def _delivered_sdp(hit: _Treff, receipt: Kvittering) -> None:
    move_forsendelse(
        hit.forsendelse_id, fra=(Status.SENDT_SDP,), til=Status.LEVERT_SDP, kode="LEVERT_SDP", aktor=AKTOR
    )


def _delivered_altinn(hit: _Treff, receipt: Kvittering) -> None:
    move_forsendelse(
        hit.forsendelse_id,
        fra=(Status.SENDT_ALTINN,),
        til=Status.LEVERT_ALTINN,
        kode="LEVERT_ALTINN",
        aktor=AKTOR,
    )


def _opened_in_altinn(hit: _Treff, receipt: Kvittering) -> None:
    told = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == hit.forsendelse_id, Hendelse.kode == "APNET_I_ALTINN"
    )
    if session().execute(told).first() is None:
        remark(hit.forsendelse_id, "APNET_I_ALTINN", aktor=AKTOR)


def _printed(hit: _Treff, receipt: Kvittering) -> None:
    """It is on paper once; what was to be ordered anew, since the first was said to have failed, is not."""
    open_one = lock_open_leveringer([hit.forsendelse_id]).get(hit.forsendelse_id)
    moved = move_forsendelse(
        hit.forsendelse_id, fra=(Status.SENDT_PRINT,), til=Status.PRINTET, kode="PRINTET", aktor=AKTOR
    )
    if moved:
        stop_locked(open_one, kode="PRINTET", aktor=AKTOR)
        leave_paper(hit.forsendelse_id, kode="PRINTET", aktor=AKTOR)
    if moved or _was_printed_though_closed(hit, receipt):
        remark(hit.forsendelse_id, "PRINTKVITTERING", aktor=AKTOR, **_print_facts(receipt))


def _was_printed_though_closed(hit: _Treff, receipt: Kvittering) -> bool:
    """A closed letter that was said to be on no paper counts as sent on paper after all; whether it was such a one."""
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


def _returned(hit: _Treff, receipt: Kvittering) -> None:
    _was_printed_though_closed(hit, receipt)
    remark(hit.forsendelse_id, "RETUR_PRINT", aktor=AKTOR, grunn=receipt.melding or "")


def _failed(kanal: Kanal, fra: tuple[Status, ...]) -> Callable[[_Treff, Kvittering], None]:
    def effect(hit: _Treff, receipt: Kvittering) -> None:
        letter = select(Forsendelse.status).where(Forsendelse.id == hit.forsendelse_id).with_for_update()
        if session().execute(letter).scalar_one() not in fra or _has_later_hand_over(hit):
            _note_late_failure(hit, kanal)
            return
        if kanal is Kanal.PRINT and is_with_another_house(hit.forsendelse_id):
            return  # since then; it tells if it fails too
        brev = load_letters([hit.forsendelse_id])[hit.forsendelse_id]
        remark(hit.forsendelse_id, f"FEILET_{kanal}", aktor=AKTOR)
        continue_after_refusal(brev, kanal, f"FEILET_{kanal}")

    return effect


def _note_late_failure(hit: _Treff, kanal: Kanal) -> None:
    """The channel never delivered a letter that has moved on: its log says so, and if closed, who has it is another."""
    letter = session().get_one(Forsendelse, hit.forsendelse_id, populate_existing=True)
    last = letter.status_for_sletting or letter.status
    closed = letter.status in CLOSED and last in (Status.MANUELT_HANDTERT, *GOES_ON)
    if kanal is Kanal.PRINT and not closed:
        return
    told = select(Hendelse.lopenr).where(
        Hendelse.forsendelse_id == hit.forsendelse_id, Hendelse.kode == f"FEILET_{kanal}"
    )
    if letter.status != Status.SLETTET and session().execute(told).first() is None:
        remark(hit.forsendelse_id, f"FEILET_{kanal}", aktor=AKTOR)
    if closed and letter.kanal == kanal:
        never_on_paper([hit.forsendelse_id], but_for=kanal)


def _has_later_hand_over(hit: _Treff) -> bool:
    """Whether the letter goes on by another; one that was stopped carries it nowhere."""
    made = select(Levering.opprettet).where(Levering.id == hit.levering_id).scalar_subquery()
    later = select(Levering.id).where(
        Levering.forsendelse_id == hit.forsendelse_id,
        Levering.id != hit.levering_id,
        Levering.opprettet >= made,
        Levering.status != Leveringsstatus.STOPPET,
    )
    return session().execute(later).first() is not None


EFFECTS: dict[tuple[Kanal, str], Callable[[_Treff, Kvittering], None]] = {
    (Kanal.DPI, "LEVERT"): _delivered_sdp,
    (Kanal.DPI, "FEILET"): _failed(Kanal.DPI, (Status.SENDT_SDP,)),
    (Kanal.ALTINN, "LEVERT"): _delivered_altinn,
    (Kanal.ALTINN, "LEST"): _opened_in_altinn,
    (Kanal.ALTINN, "FEILET"): _failed(Kanal.ALTINN, UNREAD_ALTINN),
    (Kanal.PRINT, "PRINTET"): _printed,
    (Kanal.PRINT, "RETUR"): _returned,
    (Kanal.PRINT, "FEILET"): _failed(Kanal.PRINT, (Status.SENDT_PRINT,)),
}
