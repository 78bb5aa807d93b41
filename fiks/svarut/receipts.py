"""What comes back: receipts from mailboxes, events from Altinn, receipts from the print house.

Each feed is read from a stored marker, at least once; every effect is a guarded move, so a repeated, late or unknown
receipt changes nothing and is counted. Of one whose hand-over we do not find, its channel is asked whose it is.
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
from fiks.core.counters import from_nought
from fiks.core.db import session, table_of, transaction
from fiks.core.errors import Avvist, KanalFeil, ProvIgjen
from fiks.core.feeds import Kvitteringsmarkor, follow, marker_of
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
"""What a channel that has just let us read its feed says of one entry, and will say of it again."""
OF_ALL = frozenset(
    {"HTTP_429", "HTTP_502", "HTTP_503", "HTTP_504", "IKKE_NAADD", "TIDSAVBRUDD", "FORBINDELSE_BRUTT"}
)
"""What it says of all there is and never of one entry, so that it is waited for, however long it takes."""
ASKED_FOR = timedelta(hours=1)
"""From a receipt that is older no answer is waited for: one whose message is damaged holds nothing up for ever."""
AWAITED = timedelta(minutes=10)
"""Altinn may tell of a message before our call of it is recorded, and before its own look-up knows it: a call may take
two minutes, one whose answer was lost is looked up after some more, and no two clocks agree. FiksFeedAway takes thrice
as long to ring."""
GIVEN_UP = (Leveringsstatus.STOPPET, Leveringsstatus.AVVIST)
UNKNOWN = from_nought(
    Counter("fiks_unknown_receipts_total", "Receipts whose reference is not ours", ["kilde"]), Kanal
)

# Made once: they run for every receipt.
_HAND_OVER, _EARLY, _EVENT = table_of(Levering), table_of(TidligKvittering), table_of(Hendelse)
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
    """A feed of receipts after a marker."""

    def receipts(self, after: str | None, limit: int) -> tuple[Sequence[Kvittering], str | None]: ...


@runtime_checkable
class Delt(Protocol):
    """A feed some of whose channel's receipts are `apart`, by the name of the marker that they are read from."""

    @property
    def apart(self) -> Mapping[str, Feed]: ...


@runtime_checkable
class Spurt(Protocol):
    """A feed whose channel can be asked what a reference that we do not know is.

    `whose` tells our own, or the same where the channel knows no better; None of a message that is none of ours. Raises
    KanalFeil.
    """

    def whose(self, referanse: str) -> str | None: ...


def sources(kanal: Kanal, feed: Feed) -> dict[str, Feed]:
    """All that a channel's receipts are read from, by the names of the markers; the feed itself is first."""
    return {str(kanal): feed, **(feed.apart if isinstance(feed, Delt) else {})}


def read_feed(kanal: Kanal, feed: Feed, kilde: str | None = None) -> int:
    """Read one portion of the channel's receipts and apply them; return how many were read. Raises KanalFeil.

    From the marker of `kilde`, one of the channel's `sources`; without it, that of the feed itself.
    """
    kilde = kilde or str(kanal)
    for one in {*sources(kanal, feed), kilde}:
        _begin(kanal, one)
    return follow(kilde, feed.receipts, partial(apply, kanal, feed=feed))


def _begin(kanal: Kanal, kilde: str) -> None:
    """What is read apart begins where its channel's feed is, the first time, before that one moves on.

    Until then the channel was read from that marker alone, and is so by a process of yesterday's.
    """
    if kilde == kanal or marker_of(kilde) is not None:
        return
    with transaction() as tx:
        row = insert(Kvitteringsmarkor).values(kilde=kilde, markor=marker_of(kanal) or BEGINNING)
        tx.execute(row.on_conflict_do_nothing())


def apply(kanal: Kanal, receipt: Kvittering, feed: object = None) -> None:
    """Let one receipt have its effect, once. Raises KanalFeil when it cannot be said now whose it is."""
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
    """What the channel says that the reference is; one that it gives no answer about is as it stands. Raises KanalFeil
    when there may be one later."""
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
    """By the channel's time and the database's own: neither is business time, which can be moved."""
    with transaction():
        return clock.database_now() - receipt.tidspunkt


def _applied(kanal: Kanal, receipt: Kvittering, referanse: str) -> bool:
    """Whether the reference is that of a hand-over, on which the receipt then has had its effect, or is kept."""
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
    """Apply a receipt to a hand-over that is recorded; keep one that came before our own record of the call.

    The row lock on the levering orders this against the recording, so an early receipt is never lost between them.
    Where no call is under way whose record it could wait for, it is itself the record.
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
    """Apply what came before the hand-over was recorded, receipts and reading; in the transaction that records it."""
    kept = session().execute(_TAKE_EARLY, {"hand_over": levering_id})
    for row in sorted(kept.all(), key=lambda r: r.tidspunkt):
        if row.art == DOWNLOADED:
            apply_early_reading(forsendelse_id, dict(row.detaljer))
            continue
        receipt = Tidlig(str(levering_id), row.art, row.tidspunkt, dict(row.detaljer))
        have_effect(Kanal(row.kanal), Treff(levering_id, forsendelse_id), receipt)


def adopt_answered(levering_id: UUID, forsok: int | None = None) -> bool:
    """Record, in the present transaction, that a channel has a hand-over that it has told of; whether it has.

    For one that we take for not sent, or know nothing of: whatever we think became of our call, what is told of is
    there. What was told has its effect, a failure as well. `forsok`: only if that attempt still is the last.
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
    """The channel that told of a hand-over before it was recorded. What its reader did is no word of the channel."""
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
    """The last call nobody knew the end of was the one that the channel took."""
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
    """The hand-over of that reference, its row locked; None for a reference that is not ours, nor Altinn's for ours."""
    row = None
    with suppress(ValueError):
        row = session().execute(_LOCKED, {"hand_over": UUID(referanse)}).first()
    if row is None and kanal is Kanal.ALTINN:
        row = session().execute(_LOCKED_BY_ITS_ID, {"channel": str(kanal), "its_id": referanse}).first()
    return Treff(*row) if row else None
