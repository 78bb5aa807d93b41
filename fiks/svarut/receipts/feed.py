"""Receipt feeds: receipts from mailboxes, events from Altinn, receipts from the print house.

Each feed is read from a stored marker, at least once. Every effect is a guarded move, so a repeated, late or
unknown receipt changes nothing and is counted. When a receipt's levering is not found, the channel is asked
for our reference.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Protocol, runtime_checkable
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core import clock
from fiks.core.db import session, table_of, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.queue.feed_markers import Kvitteringsmarkor, follow_feed, load_marker
from fiks.core.telemetry.counters import start_at_zero
from fiks.svarut import history
from fiks.svarut.models import Hendelse, Levering, TidligKvittering
from fiks.svarut.receipts import reconciliation
from fiks.svarut.receipts.early_receipts import adopt_if_answered
from fiks.svarut.receipts.effects import (
    Kvittering,
    Treff,
    apply_effect,
    print_facts,
    report_delivery_after_giving_up,
)
from fiks.svarut.rules import Kanal, Leveringsstatus
from fiks.svarut.transitions import UNCLAIMED

log = logging.getLogger(__name__)
BEGINNING = "0"
FINAL_ERRORS = frozenset({"HTTP_401", "HTTP_403", "UFORSTAAELIG_SVAR"})
"""Errors about one entry, from a channel that has just let us read its feed: asking again would not help."""
CHANNEL_ERRORS = frozenset(
    {"HTTP_429", "HTTP_502", "HTTP_503", "HTTP_504", "IKKE_NAADD", "TIDSAVBRUDD", "FORBINDELSE_BRUTT"}
)
"""Errors that concern the whole channel and never one entry, so they are retried for however long they last.
"""
LONGEST_RETRY = timedelta(hours=1)
"""Older receipts are not retried: a damaged message must not hold the feed up for ever."""
EARLY_WINDOW = timedelta(minutes=10)
"""How long an unknown Altinn event is retried.

Altinn may report a message before our call is recorded and before its own look-up knows it: a call may take
two minutes, a lost answer is looked up some minutes later, and clocks differ. FiksFeedAway takes three times
as long to ring.
"""
GIVEN_UP_STATUSES = (Leveringsstatus.STOPPET, Leveringsstatus.AVVIST)
UNKNOWN_RECEIPTS = start_at_zero(
    Counter("fiks_unknown_receipts_total", "Receipts whose reference is not ours", ["kilde"]), Kanal
)

# Made once: they run for every receipt.
_HAND_OVER, _EVENT = table_of(Levering), table_of(Hendelse)
_LOCKING = (
    select(_HAND_OVER.c.id, _HAND_OVER.c.forsendelse_id, _HAND_OVER.c.status, history.REQUEST_ID)
    .outerjoin(
        _EVENT,
        (_EVENT.c.forsendelse_id == _HAND_OVER.c.forsendelse_id) & (_EVENT.c.lopenr == history.FIRST_EVENT),
    )
    .with_for_update(of=_HAND_OVER)
)
_LOCKED = _LOCKING.where(_HAND_OVER.c.id == bindparam("hand_over"))
_LOCKED_BY_ITS_ID = _LOCKING.where(
    _HAND_OVER.c.kanal == bindparam("channel"), _HAND_OVER.c.leverandor_ref == bindparam("its_id")
)


class Feed(Protocol):
    """A feed of receipts, read after a marker."""

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Kvittering], str | None]: ...


@runtime_checkable
class Delt(Protocol):
    """A feed whose channel has further receipts `apart`, keyed by the names of their markers."""

    @property
    def apart(self) -> Mapping[str, Feed]: ...


@runtime_checkable
class Spurt(Protocol):
    """A feed whose channel can be asked about a reference we do not know.

    `whose` returns our own reference, or the same one when the channel knows no better; None for a message
    that is not ours. Raises KanalFeil.
    """

    def whose(self, referanse: str) -> str | None: ...


def sources(kanal: Kanal, feed: Feed) -> dict[str, Feed]:
    """All feeds of a channel's receipts, by marker name; the channel's main feed is first."""
    return {str(kanal): feed, **(feed.apart if isinstance(feed, Delt) else {})}


def read_feed(kanal: Kanal, feed: Feed, kilde: str | None = None) -> int:
    """Read and apply one portion of the channel's receipts; return how many were read. Raises KanalFeil.

    `kilde` names one of the channel's `sources`; without it the main feed is read.
    """
    kilde = kilde or str(kanal)
    for one in {*sources(kanal, feed), kilde}:
        _begin(kanal, one)
    return follow_feed(kilde, feed.receipts, partial(apply_receipt, kanal, feed=feed))


def _begin(kanal: Kanal, kilde: str) -> None:
    """Start a separate feed's marker where the channel's main feed is, before that one moves on.

    Until then the channel was read from the main marker alone, and a process of yesterday's release still
    does.
    """
    if kilde == kanal or load_marker(kilde) is not None:
        return
    with transaction() as tx:
        row = insert(Kvitteringsmarkor).values(kilde=kilde, markor=load_marker(kanal) or BEGINNING)
        tx.execute(row.on_conflict_do_nothing())


def apply_receipt(kanal: Kanal, receipt: Kvittering, feed: object = None) -> None:
    """Apply one receipt, once. Raises KanalFeil when its levering cannot be determined now."""
    told = {"kilde": str(kanal), "art": receipt.art}
    if _apply_to_levering(kanal, receipt, receipt.referanse):
        return
    ours = _ask_whose(feed, receipt) if isinstance(feed, Spurt) else receipt.referanse
    if ours is None:
        log.info("receipt_of_others", extra=told)
        return
    if ours != receipt.referanse and _apply_to_levering(kanal, receipt, ours):
        return
    if kanal is Kanal.ALTINN and ours == receipt.referanse and abs(_age(receipt)) <= EARLY_WINDOW:
        raise ProvIgjen("KVITTERING_UTEN_BREV")
    with transaction():
        reconciliation.note_discrepancy(kanal, ours, reconciliation.UNKNOWN_HERE)
    UNKNOWN_RECEIPTS.labels(kanal).inc()
    log.warning("unknown_receipt", extra=told)


def _ask_whose(feed: Spurt, receipt: Kvittering) -> str | None:
    """Ask the channel for our reference. Falls back to the reference itself when there will be no answer.

    Raises KanalFeil when there may be an answer later.
    """
    try:
        return feed.whose(receipt.referanse)
    except Avvist:
        return receipt.referanse
    except KanalFeil as error:
        if error.kode not in FINAL_ERRORS and (
            error.kode in CHANNEL_ERRORS or _age(receipt) <= LONGEST_RETRY
        ):
            raise
        log.warning("receipt_not_asked_about", extra={"art": receipt.art, "kode": error.kode})
        return receipt.referanse


def _age(receipt: Kvittering) -> timedelta:
    """The receipt's age by the channel's clock and the database's: business time can be moved."""
    with transaction():
        return clock.database_now() - receipt.tidspunkt


def _apply_to_levering(kanal: Kanal, receipt: Kvittering, referanse: str) -> bool:
    """Apply the receipt to the levering with this reference, or keep it as an early one; False when there is
    none.
    """
    with transaction():
        hit = _lock(kanal, referanse)
        if hit is None:
            return False
        with hit.followed():
            reconciliation.clear_discrepancy(kanal, str(hit.levering_id))
            if receipt.referanse != str(hit.levering_id):
                reconciliation.clear_discrepancy(kanal, receipt.referanse, reconciliation.UNKNOWN_HERE)
            _apply_or_keep(kanal, hit, receipt)
    with hit.followed():
        log.info("receipt", extra={"kilde": str(kanal), "art": receipt.art})
    return True


def _apply_or_keep(kanal: Kanal, hit: Treff, receipt: Kvittering) -> None:
    """Apply the receipt to a recorded levering; keep an early one until the call is recorded.

    The row lock on the levering orders this against the recording, so that no early receipt is lost. When no
    call is under way, the receipt itself is the record.
    """
    if hit.status == Leveringsstatus.OVERLEVERT:
        apply_effect(kanal, hit, receipt)
    elif hit.status in GIVEN_UP_STATUSES:
        report_delivery_after_giving_up(kanal, hit, receipt)
    else:
        early = insert(TidligKvittering).values(
            levering_id=hit.levering_id,
            art=receipt.art,
            kanal=kanal,
            tidspunkt=receipt.tidspunkt,
            detaljer=print_facts(receipt),
        )
        session().execute(early.on_conflict_do_nothing())
        if hit.status in UNCLAIMED:
            adopt_if_answered(hit.levering_id)


def _lock(kanal: Kanal, referanse: str) -> Treff | None:
    """The levering with this reference (ours, or Altinn's own id of it), locked; None when there is none."""
    row = None
    with suppress(ValueError):
        row = session().execute(_LOCKED, {"hand_over": UUID(referanse)}).first()
    if row is None and kanal is Kanal.ALTINN:
        row = session().execute(_LOCKED_BY_ITS_ID, {"channel": str(kanal), "its_id": referanse}).first()
    return Treff(*row) if row else None
