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
from sqlalchemy import Select, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from fiks.core import clock
from fiks.core.actor import ARBEIDER
from fiks.core.db import session, table_of, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.queue.feed_markers import Kvitteringsmarkor, follow_feed, load_marker
from fiks.core.telemetry.counters import start_at_zero
from fiks.svarut import comparison, origin
from fiks.svarut.channel_models import Leveringsforsok, TidligKvittering
from fiks.svarut.models import Hendelse, Levering
from fiks.svarut.reading import DOWNLOADED, apply_early_reading
from fiks.svarut.receipt_effects import (
    Kvittering,
    Tidlig,
    Treff,
    have_effect,
    print_facts,
    tell_of_what_was_given_up,
)
from fiks.svarut.rules import FOLLOWING, OPEN, Kanal, Kanalvalg, Leveringsstatus
from fiks.svarut.sent import record_status_after_send
from fiks.svarut.transitions import WAITING, move_levering

log = logging.getLogger(__name__)
BEGINNING = "0"
UNASKED = frozenset({"HTTP_401", "HTTP_403", "UFORSTAAELIG_SVAR"})
"""Errors about one entry, from a channel that has just let us read its feed: asking again would not help."""
OF_ALL = frozenset(
    {"HTTP_429", "HTTP_502", "HTTP_503", "HTTP_504", "IKKE_NAADD", "TIDSAVBRUDD", "FORBINDELSE_BRUTT"}
)
"""Errors that concern the whole channel and never one entry, so they are retried for however long they last.
"""
ASKED_FOR = timedelta(hours=1)
"""Older receipts are not retried: a damaged message must not hold the feed up for ever."""
AWAITED = timedelta(minutes=10)
"""How long an unknown Altinn event is retried.

Altinn may report a message before our call is recorded and before its own look-up knows it: a call may take
two minutes, a lost answer is looked up some minutes later, and clocks differ. FiksFeedAway takes three times
as long to ring.
"""
GIVEN_UP = (Leveringsstatus.STOPPET, Leveringsstatus.AVVIST)
UNKNOWN = start_at_zero(
    Counter("fiks_unknown_receipts_total", "Receipts whose reference is not ours", ["kilde"]), Kanal
)

# Made once: they run for every receipt.
_HAND_OVER, _EVENT = table_of(Levering), table_of(Hendelse)
_EARLY = table_of(TidligKvittering)
_LOCKING = (
    select(_HAND_OVER.c.id, _HAND_OVER.c.forsendelse_id, _HAND_OVER.c.status, origin.REQUEST)
    .outerjoin(
        _EVENT,
        (_EVENT.c.forsendelse_id == _HAND_OVER.c.forsendelse_id) & (_EVENT.c.lopenr == origin.FIRST),
    )
    .with_for_update(of=_HAND_OVER)
)
_LOCKED = _LOCKING.where(_HAND_OVER.c.id == bindparam("hand_over"))
_LOCKED_BY_ITS_ID = _LOCKING.where(
    _HAND_OVER.c.kanal == bindparam("channel"), _HAND_OVER.c.leverandor_ref == bindparam("its_id")
)
_TAKE_EARLY = (
    delete(_EARLY)
    .where(_EARLY.c.levering_id == bindparam("hand_over"))
    .returning(_EARLY.c.art, _EARLY.c.kanal, _EARLY.c.tidspunkt, _EARLY.c.detaljer)
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
    return follow_feed(kilde, feed.receipts, partial(apply, kanal, feed=feed))


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


def apply(kanal: Kanal, receipt: Kvittering, feed: object = None) -> None:
    """Apply one receipt, once. Raises KanalFeil when its levering cannot be determined now."""
    told = {"kilde": str(kanal), "art": receipt.art}
    if _applied(kanal, receipt, receipt.referanse):
        return
    ours = _asked(feed, receipt) if isinstance(feed, Spurt) else receipt.referanse
    if ours is None:
        log.info("receipt_of_others", extra=told)
        return
    if ours != receipt.referanse and _applied(kanal, receipt, ours):
        return
    if kanal is Kanal.ALTINN and ours == receipt.referanse and abs(_age(receipt)) <= AWAITED:
        raise ProvIgjen("KVITTERING_UTEN_BREV")
    with transaction():
        comparison.note(kanal, ours, comparison.UNKNOWN_HERE)
    UNKNOWN.labels(kanal).inc()
    log.warning("unknown_receipt", extra=told)


def _asked(feed: Spurt, receipt: Kvittering) -> str | None:
    """Ask the channel for our reference. Falls back to the reference itself when there will be no answer.

    Raises KanalFeil when there may be an answer later.
    """
    try:
        return feed.whose(receipt.referanse)
    except Avvist:
        return receipt.referanse
    except KanalFeil as error:
        if error.kode not in UNASKED and (error.kode in OF_ALL or _age(receipt) <= ASKED_FOR):
            raise
        log.warning("receipt_not_asked_about", extra={"art": receipt.art, "kode": error.kode})
        return receipt.referanse


def _age(receipt: Kvittering) -> timedelta:
    """The receipt's age by the channel's clock and the database's: business time can be moved."""
    with transaction():
        return clock.database_now() - receipt.tidspunkt


def _applied(kanal: Kanal, receipt: Kvittering, referanse: str) -> bool:
    """Apply the receipt to the levering with this reference, or keep it as an early one; False when there is
    none.
    """
    with transaction():
        hit = _lock(kanal, referanse)
        if hit is None:
            return False
        with hit.followed():
            comparison.forget(kanal, str(hit.levering_id))
            if receipt.referanse != str(hit.levering_id):
                comparison.forget(kanal, receipt.referanse, comparison.UNKNOWN_HERE)
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
        have_effect(kanal, hit, receipt)
    elif hit.status in GIVEN_UP:
        tell_of_what_was_given_up(kanal, hit, receipt)
    else:
        early = insert(TidligKvittering).values(
            levering_id=hit.levering_id,
            art=receipt.art,
            kanal=kanal,
            tidspunkt=receipt.tidspunkt,
            detaljer=print_facts(receipt),
        )
        session().execute(early.on_conflict_do_nothing())
        if hit.status in WAITING:
            adopt_answered(hit.levering_id)


def apply_early(levering_id: UUID, forsendelse_id: UUID) -> None:
    """Apply early receipts and readings, in the transaction that records the hand-over."""
    kept = session().execute(_TAKE_EARLY, {"hand_over": levering_id})
    for row in sorted(kept.all(), key=lambda r: r.tidspunkt):
        if row.art == DOWNLOADED:
            apply_early_reading(forsendelse_id, dict(row.detaljer))
            continue
        receipt = Tidlig(str(levering_id), row.art, row.tidspunkt, dict(row.detaljer))
        have_effect(Kanal(row.kanal), Treff(levering_id, forsendelse_id), receipt)


def adopt_answered(levering_id: UUID, forsok: int | None = None) -> bool:
    """Record that a channel has an open levering that it has reported, in the present transaction; return
    whether it has.

    For a levering that we believe unsent or know nothing of: whatever became of our call, a reported letter
    is there. The report takes effect, even a failure. `forsok`: only if that attempt is still the last.
    """
    held = select(Levering.forsendelse_id, Levering.status, Levering.forsok, Levering.kanalregel).where(
        Levering.id == levering_id, Levering.status.in_([str(status) for status in OPEN])
    )
    row = session().execute(held.with_for_update()).first()
    if row is None or forsok not in (None, row.forsok):
        return False
    kanal = session().execute(_told_by().where(Levering.id == levering_id).limit(1)).scalar_one_or_none()
    if kanal is None:
        return False
    move_levering(
        levering_id,
        fra=Leveringsstatus(row.status),
        til=Leveringsstatus.OVERLEVERT,
        kode="FUNNET_VED_KVITTERING",
        aktor=ARBEIDER.ref,
        kanal=kanal,
    )
    _found_in_ledger(levering_id)
    valg = Kanalvalg(Kanal(kanal), row.kanalregel or FOLLOWING, "FUNNET_VED_KVITTERING")
    record_status_after_send(tx_forsendelse=row.forsendelse_id, valg=valg, at=clock.now())
    apply_early(levering_id, row.forsendelse_id)
    return True


def _told_by() -> Select[str]:
    """Select the channel that reported a levering before it was recorded. A reader's download is no report of
    the channel.
    """
    return (
        select(TidligKvittering.kanal)
        .join(Levering, Levering.id == TidligKvittering.levering_id)
        .where(
            TidligKvittering.art != DOWNLOADED,
            TidligKvittering.kanal.in_([str(kanal) for kanal in comparison.UNHEARD]),
            or_(Levering.kanal.is_(None), Levering.kanal == TidligKvittering.kanal),
        )
    )


def _found_in_ledger(levering_id: UUID) -> None:
    """Mark the last attempt with an unknown end as FUNNET: it is the call that the channel accepted."""
    unknown = (
        select(func.max(Leveringsforsok.nr))
        .where(
            Leveringsforsok.levering_id == levering_id,
            or_(Leveringsforsok.utfall.is_(None), Leveringsforsok.utfall == "UAVKLART"),
        )
        .scalar_subquery()
    )
    session().execute(
        update(Leveringsforsok)
        .where(Leveringsforsok.levering_id == levering_id, Leveringsforsok.nr == unknown)
        .values(avsluttet=func.coalesce(Leveringsforsok.avsluttet, func.clock_timestamp()), utfall="FUNNET")
        .execution_options(synchronize_session=False)
    )


def _lock(kanal: Kanal, referanse: str) -> Treff | None:
    """The levering with this reference (ours, or Altinn's own id of it), locked; None when there is none."""
    row = None
    with suppress(ValueError):
        row = session().execute(_LOCKED, {"hand_over": UUID(referanse)}).first()
    if row is None and kanal is Kanal.ALTINN:
        row = session().execute(_LOCKED_BY_ITS_ID, {"channel": str(kanal), "its_id": referanse}).first()
    return Treff(*row) if row else None
