"""Nightly reconciliation: the digital channels' books are compared with ours; a person looks into each
discrepancy.

Letters that a channel knows and we do not come by its feed (`receipts.feed`). Letters without a receipt for a
day are looked up by our own reference. Letters to mottakersystemer stay in our own house, print has its own
list (`fiks.print.comparison`), and SMS cannot be searched by our reference.

A reconciliation that is cut off is continued by another process (`reconciliation_lease`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import KanalFeil
from fiks.core.queue.planned_jobs import in_portions
from fiks.core.telemetry.counters import start_at_zero
from fiks.core.values.identifiers import mask_numbers
from fiks.svarut.models import Forsendelse, Kanalavvik, Kanaloppslag, Levering
from fiks.svarut.receipts.reconciliation_lease import Tur, end_lease, release_lease, take_lease
from fiks.svarut.rules import Kanal, Leveringsstatus, Status

log = logging.getLogger(__name__)
RECEIPT_WITHIN, LOOK_UP_WITHIN = timedelta(hours=24), timedelta(days=30)
PORTION = 500
"""Look-ups before the time is checked: those never asked about first, then the longest ago."""
NIGHT_SECONDS = 1_800.0
"""How long a channel is asked each night.

A time, not a number: after a large mailing a hundred thousand letters may lack a receipt. Other threads of
the lane read the feeds meanwhile.
"""
LONGEST_SECONDS = 3_000.0
"""After this time the current portion is broken off too, however slowly the channel answers."""
MOST_BROKEN = 100
"""So many unforeseen look-up errors end a reconciliation: then no single letter is the cause."""
UNCONFIRMED_STATUS = {Kanal.DPI: Status.SENDT_SDP, Kanal.ALTINN: Status.SENDT_ALTINN}
"""The status of a letter that its channel has not confirmed, by channel."""
UNKNOWN_HERE, UNKNOWN_THERE = "UKJENT_HOS_OSS", "UKJENT_HOS_DEM"
NOT_COMPARED = start_at_zero(
    Counter("fiks_books_not_compared_total", "Hand-overs that a night's comparison did not reach", ["kanal"]),
    UNCONFIRMED_STATUS,
)


class Oppslag(Protocol):
    """A channel that can be asked whether it has a levering. Raises KanalFeil."""

    def lookup(self, referanse: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Sammenligning:
    """The result of a reconciliation: discrepancies now, unanswered look-ups this time, and why.

    `kode` is None when all were answered.
    """

    avvik: int
    ubesvart: int = 0
    kode: str | None = None


def _never() -> bool:
    return False


@dataclass(slots=True)
class _Runde:
    """One run of the reconciliation. `begun` is database time; `now`, business time, is the base of "a day"
    and "a month".

    `kode`: what stopped it early, if anything; `failed`: look-ups without an answer; `rest`: how many had
    none at the end; `broken`: the last unforeseen error; `left`: stopped because the process is leaving.
    """

    kanal: Kanal
    begun: datetime
    now: datetime
    leaving: Callable[[], bool]
    latest: float = field(default_factory=lambda: time.monotonic() + LONGEST_SECONDS)
    kode: str = "TIDEN_ER_UTE"
    failed: int = 0
    rest: int = 0
    broken: Exception | None = None
    left: bool = False

    def stops(self) -> bool:
        """Whether to stop before the next look-up."""
        if self.leaving():
            self.left, self.kode = True, "PROSESSEN_SLUTTER"
        return self.left or self.failed >= MOST_BROKEN or time.monotonic() >= self.latest


def compare_due(kanaler: Mapping[Kanal, Oppslag], leaving: Callable[[], bool] = _never) -> int:
    """Reconcile every channel whose last run is a day old; return the number of discrepancies now.

    When the process is `leaving`, the current look-up is completed and another process may continue at once.
    An error with one channel is logged, stops no other, and is raised at the end.
    """
    found, broken = 0, list[Exception]()
    for kanal, port in kanaler.items():
        tur = None if leaving() else take_lease(kanal)
        if tur is None:
            continue
        try:
            found += _compare_with_lease(tur, port, leaving)
        except Exception as error:
            log.exception(
                "books_comparison_broken", extra={"kanal": str(kanal), "error": type(error).__name__}
            )
            session().rollback()
            broken.append(error)
    if broken:
        raise broken[-1]
    return found


def _compare_with_lease(tur: Tur, port: Oppslag, leaving: Callable[[], bool]) -> int:
    """Reconcile one leased channel. A run cut off by an error keeps its lease, and is continued an hour
    later.
    """
    runde = _Runde(tur.kanal, tur.begun, clock.now(), leaving)
    _ask(runde, port)
    if runde.left:
        release_lease(tur)
    else:
        end_lease(tur)
    return _outcome(runde).avvik


def compare(kanal: Kanal, port: Oppslag) -> Sammenligning:
    """Look up the channel's unconfirmed leveringer now, regardless of the last run.

    An error of one look-up is raised when the others are done.
    """
    runde = _Runde(kanal, clock.database_now(), clock.now(), _never)
    _ask(runde, port)
    return _outcome(runde)


def _ask(runde: _Runde, port: Oppslag) -> None:
    """Look up all unconfirmed leveringer until done or stopped; the rest is logged however it ends."""
    try:
        _delete_old_lookups()
        in_portions(partial(_look_up_portion, runde, port), NIGHT_SECONDS)
    except KanalFeil as error:
        runde.kode = error.kode
    except BaseException as error:
        runde.kode = type(error).__name__
        raise
    finally:
        _log_rest(runde)


def _outcome(runde: _Runde) -> Sammenligning:
    if runde.broken is not None:
        raise runde.broken
    left = select(func.count()).where(Kanalavvik.kanal == runde.kanal)
    found = session().execute(left).scalar_one()
    session().rollback()
    return Sammenligning(found, runde.rest, runde.kode if runde.rest else None)


def _look_up_portion(runde: _Runde, port: Oppslag) -> int:
    """Look up a portion not yet asked about in this run; return how many, 0 to stop. Raises KanalFeil."""
    wanted = _unconfirmed(runde).order_by(
        Kanaloppslag.spurt.asc().nulls_first(), Forsendelse.overlevert, Levering.id
    )
    unheard = session().scalars(wanted.limit(PORTION)).all()
    session().rollback()
    for levering_id in unheard:
        if runde.stops():
            return 0
        _look_up(runde, port, levering_id)
    return len(unheard)


def _look_up(runde: _Runde, port: Oppslag, levering_id: UUID) -> None:
    """Look up one levering. Raises KanalFeil; any other error is logged, and the run continues.

    A levering without an answer counts as asked about, or it would block the others every night.
    """
    referanse = str(levering_id)
    try:
        known = port.lookup(referanse) is not None
        with transaction():
            if known:
                clear_discrepancy(runde.kanal, referanse)
            elif _is_still_unconfirmed(runde, levering_id):
                note_discrepancy(runde.kanal, referanse, UNKNOWN_THERE)
            _record_lookup(levering_id)
    except KanalFeil:
        runde.failed += 1
        _commit_lookup(levering_id)
        raise
    except Exception as error:
        runde.kode, runde.broken = type(error).__name__, error
        runde.failed += 1
        log.exception(
            "books_lookup_broken",
            extra={"kanal": str(runde.kanal), "referanse": referanse, "error": runde.kode},
        )
        session().rollback()
        _commit_lookup(levering_id)


def _is_still_unconfirmed(runde: _Runde, levering_id: UUID) -> bool:
    """Lock the levering, as its receipts do, and return whether none has come while the channel was asked.

    A levering with a receipt is not asked about again, so a discrepancy noted after it would stay for ever.
    Only the second statement sees what a receipt did that we waited for.
    """
    session().execute(select(Levering.id).where(Levering.id == levering_id).with_for_update())
    return session().execute(_unconfirmed(runde).where(Levering.id == levering_id)).first() is not None


def _commit_lookup(levering_id: UUID) -> None:
    """Record, in a transaction of its own, that the levering was asked about."""
    with transaction():
        _record_lookup(levering_id)


def _record_lookup(levering_id: UUID) -> None:
    """Record that the levering was asked about (upsert)."""
    row = insert(Kanaloppslag).values(levering_id=levering_id, spurt=func.now())
    session().execute(
        row.on_conflict_do_update(index_elements=["levering_id"], set_={"spurt": row.excluded.spurt})
    )


def _log_rest(runde: _Runde) -> None:
    """Log how many had no answer in this run, and how many of them were never asked about."""
    session().rollback()
    rest = _unconfirmed(runde).with_only_columns(
        func.count(), func.count().filter(Kanaloppslag.spurt.is_(None))
    )
    left, never = session().execute(rest).one()
    session().rollback()
    runde.rest = left + runde.failed
    if runde.rest:
        NOT_COMPARED.labels(runde.kanal).inc(runde.rest)
        log.warning(
            "books_not_compared",
            extra={"kanal": str(runde.kanal), "kode": runde.kode, "igjen": runde.rest, "aldri_spurt": never},
        )


def _unconfirmed(runde: _Runde) -> Select[UUID]:
    """The channel's leveringer without a receipt for a day and not asked about in this run."""
    return (
        select(Levering.id)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .outerjoin(Kanaloppslag, Kanaloppslag.levering_id == Levering.id)
        .where(
            Levering.status == Leveringsstatus.OVERLEVERT,
            Levering.kanal == runde.kanal,
            Forsendelse.status == UNCONFIRMED_STATUS[runde.kanal],
            Forsendelse.overlevert.between(runde.now - LOOK_UP_WITHIN, runde.now - RECEIPT_WITHIN),
            or_(Kanaloppslag.spurt.is_(None), Kanaloppslag.spurt < runde.begun),
        )
    )


def _delete_old_lookups() -> None:
    """Delete the look-up times of leveringer that have their receipt or are too old to ask about."""
    unheard = (
        select(Levering.id)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(
            Levering.id == Kanaloppslag.levering_id,
            Forsendelse.status.in_([str(status) for status in UNCONFIRMED_STATUS.values()]),
            Forsendelse.overlevert >= clock.now() - LOOK_UP_WITHIN,
        )
    )
    with transaction() as tx:
        gone = delete(Kanaloppslag).where(~unheard.exists())
        tx.execute(gone.execution_options(synchronize_session=False))


def note_discrepancy(kanal: Kanal, referanse: str, art: str) -> None:
    """Put a reference on the list of discrepancies, once, in the present transaction."""
    shown = mask_numbers(referanse[:200])
    row = insert(Kanalavvik).values(kanal=kanal, referanse=shown, art=art)
    new = session().execute(row.on_conflict_do_nothing().returning(Kanalavvik.referanse)).first()
    if new is not None:
        log.error("books_differ", extra={"kanal": str(kanal), "art": art, "referanse": shown})


def clear_discrepancy(kanal: Kanal, referanse: str, art: str = UNKNOWN_THERE) -> None:
    """Remove a resolved discrepancy, in the present transaction."""
    gone = (Kanalavvik.kanal == kanal, Kanalavvik.referanse == referanse, Kanalavvik.art == art)
    session().execute(delete(Kanalavvik).where(*gone).execution_options(synchronize_session=False))
