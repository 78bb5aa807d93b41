"""Each night the digital channels' books are held against ours: what one of us does not know, a person must look into.

What they know and we do not is told by their feeds (`receipts`). What we handed over and they have not said a word of
for a day is looked up by our own reference. Letters to mottakersystemer lie in our own house, print has its own list
(`fiks.print.comparison`), and SMS knows no reference of ours again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core import clock
from fiks.core.counters import from_nought
from fiks.core.db import session, transaction
from fiks.core.errors import KanalFeil
from fiks.core.feeds import Kvitteringsmarkor
from fiks.core.identifiers import mask_numbers
from fiks.core.jobs import in_portions
from fiks.svarut.channel_models import Kanalavvik, Kanaloppslag
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Kanal, Leveringsstatus, Status

log = logging.getLogger(__name__)
EVERY = timedelta(hours=24)
HEARD_WITHIN, LOOKED_FOR = timedelta(hours=24), timedelta(days=30)
PORTION = 500
"""So many look-ups before it is seen whether there is time for more: never asked about first, then longest ago."""
NIGHT_SECONDS = 1_800.0
"""For how long a channel is asked a night: as far as it answers, and no fixed number, for after a large mailing those
without a receipt may be a hundred thousand. Others of the lane's threads read the feeds meanwhile."""
UNHEARD = {Kanal.DPI: Status.SENDT_SDP, Kanal.ALTINN: Status.SENDT_ALTINN}
"""What a letter is as long as its channel has not said that it got it."""
UNKNOWN_HERE, UNKNOWN_THERE = "UKJENT_HOS_OSS", "UKJENT_HOS_DEM"
UNASKED = from_nought(
    Counter("fiks_books_not_compared_total", "Hand-overs that a night's comparison did not reach", ["kanal"]),
    UNHEARD,
)


class Oppslag(Protocol):
    """A channel that can be asked whether it has a hand-over. Raises KanalFeil."""

    def lookup(self, referanse: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class _Runde:
    """One comparison. `begun` is the database's time; `now`, business time, is what a day and a month go back from."""

    kanal: Kanal
    begun: datetime
    now: datetime


def compare_due(kanaler: Mapping[Kanal, Oppslag]) -> int:
    """Compare with every channel it is a day since we last did; return how many disagreements there are now."""
    return sum(compare(kanal, port) for kanal, port in kanaler.items() if _take(kanal))


def _take(kanal: Kanal) -> bool:
    """Whether it is a day since; then it is ours to do, and the next one's tomorrow."""
    place = f"AVSTEMT_{kanal}"
    with transaction() as tx:
        stored = select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == place).with_for_update()
        now = clock.database_now()
        last = tx.execute(stored).scalar()
        if last is not None and float(last) > (now - EVERY).timestamp():
            return False
        row = insert(Kvitteringsmarkor).values(kilde=place, markor=str(now.timestamp()))
        tx.execute(row.on_conflict_do_update(index_elements=["kilde"], set_={"markor": row.excluded.markor}))
        return True


def compare(kanal: Kanal, port: Oppslag) -> int:
    """Look up what the channel has said nothing of; return how many disagreements with it there are."""
    _clear()
    runde = _Runde(kanal, clock.database_now(), clock.now())
    kode, failed = "TIDEN_ER_UTE", 0
    try:
        in_portions(partial(_look_up_portion, runde, port), NIGHT_SECONDS)
    except KanalFeil as error:
        kode, failed = error.kode, 1
    _tell_of_rest(runde, kode, failed)
    left = select(func.count()).where(Kanalavvik.kanal == kanal)
    found = session().execute(left).scalar_one()
    session().rollback()
    return found


def _look_up_portion(runde: _Runde, port: Oppslag) -> int:
    """Ask about a portion of those not asked about this time; return how many. Raises KanalFeil.

    One that the channel gave no answer about has had its turn too, or it would stop the others every night.
    """
    wanted = _unheard(runde).order_by(
        Kanaloppslag.spurt.asc().nulls_first(), Forsendelse.overlevert, Levering.id
    )
    unheard = session().scalars(wanted.limit(PORTION)).all()
    session().rollback()
    for levering_id in unheard:
        referanse = str(levering_id)
        try:
            known = port.lookup(referanse) is not None
        except KanalFeil:
            with transaction():
                _asked(levering_id)
            raise
        with transaction():
            _asked(levering_id)
            if known:
                forget(runde.kanal, referanse)
            else:
                note(runde.kanal, referanse, UNKNOWN_THERE)
    return len(unheard)


def _asked(levering_id: UUID) -> None:
    row = insert(Kanaloppslag).values(levering_id=levering_id, spurt=func.now())
    session().execute(
        row.on_conflict_do_update(index_elements=["levering_id"], set_={"spurt": row.excluded.spurt})
    )


def _tell_of_rest(runde: _Runde, kode: str, failed: int) -> None:
    """Say how many had no answer this time, and how many of them have never been asked about."""
    rest = _unheard(runde).with_only_columns(func.count(), func.count().filter(Kanaloppslag.spurt.is_(None)))
    left, never = session().execute(rest).one()
    session().rollback()
    if left + failed:
        UNASKED.labels(runde.kanal).inc(left + failed)
        log.warning(
            "books_not_compared",
            extra={"kanal": str(runde.kanal), "kode": kode, "igjen": left + failed, "aldri_spurt": never},
        )


def _unheard(runde: _Runde) -> Select[UUID]:
    """The hand-overs the channel has said nothing of for a day, and has not been asked about this time."""
    return (
        select(Levering.id)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .outerjoin(Kanaloppslag, Kanaloppslag.levering_id == Levering.id)
        .where(
            Levering.status == Leveringsstatus.OVERLEVERT,
            Levering.kanal == runde.kanal,
            Forsendelse.status == UNHEARD[runde.kanal],
            Forsendelse.overlevert.between(runde.now - LOOKED_FOR, runde.now - HEARD_WITHIN),
            or_(Kanaloppslag.spurt.is_(None), Kanaloppslag.spurt < runde.begun),
        )
    )


def _clear() -> None:
    """Forget when it was asked about those that have their receipt, or are too old to be asked about."""
    unheard = (
        select(Levering.id)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(
            Levering.id == Kanaloppslag.levering_id,
            Forsendelse.status.in_([str(status) for status in UNHEARD.values()]),
            Forsendelse.overlevert >= clock.now() - LOOKED_FOR,
        )
    )
    with transaction() as tx:
        gone = delete(Kanaloppslag).where(~unheard.exists())
        tx.execute(gone.execution_options(synchronize_session=False))


def note(kanal: Kanal, referanse: str, art: str) -> None:
    """Put a reference on the list of what a person must look into, once, in the present transaction."""
    shown = mask_numbers(referanse[:200])
    row = insert(Kanalavvik).values(kanal=kanal, referanse=shown, art=art)
    new = session().execute(row.on_conflict_do_nothing().returning(Kanalavvik.referanse)).first()
    if new is not None:
        log.error("books_differ", extra={"kanal": str(kanal), "art": art, "referanse": shown})


def forget(kanal: Kanal, referanse: str) -> None:
    """The channel knows the hand-over after all; in the present transaction."""
    gone = (Kanalavvik.kanal == kanal, Kanalavvik.referanse == referanse, Kanalavvik.art == UNKNOWN_THERE)
    session().execute(delete(Kanalavvik).where(*gone).execution_options(synchronize_session=False))
