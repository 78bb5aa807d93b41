"""Each night the digital channels' books are held against ours: what one of us does not know, a person must look into.

What they know and we do not is told by their feeds (`receipts`). What we handed over and they have not said a word of
for a day is looked up by our own reference. Letters to mottakersystemer lie in our own house, print has its own list
(`fiks.print.comparison`), and SMS knows no reference of ours again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.errors import KanalFeil
from fiks.core.feeds import Kvitteringsmarkor
from fiks.core.identifiers import mask_numbers
from fiks.svarut.channel_models import Kanalavvik
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Kanal, Leveringsstatus, Status

log = logging.getLogger(__name__)
EVERY = timedelta(hours=24)
HEARD_WITHIN, LOOKED_FOR = timedelta(hours=24), timedelta(days=30)
MOST = 2_000
"""So many look-ups a channel and night, those handed over first before the others."""
UNHEARD = {Kanal.DPI: Status.SENDT_SDP, Kanal.ALTINN: Status.SENDT_ALTINN}
"""What a letter is as long as its channel has not said that it got it."""
UNKNOWN_HERE, UNKNOWN_THERE = "UKJENT_HOS_OSS", "UKJENT_HOS_DEM"


class Oppslag(Protocol):
    """A channel that can be asked whether it has a hand-over. Raises KanalFeil."""

    def lookup(self, referanse: str) -> str | None: ...


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
    unheard = _unheard(kanal)
    session().rollback()
    for nr, referanse in enumerate(unheard):
        try:
            known = port.lookup(referanse) is not None
        except KanalFeil as error:
            log.warning(
                "books_not_compared",
                extra={"kanal": str(kanal), "kode": error.kode, "igjen": len(unheard) - nr},
            )
            break
        with transaction():
            if known:
                forget(kanal, referanse)
            else:
                note(kanal, referanse, UNKNOWN_THERE)
    left = select(func.count()).where(Kanalavvik.kanal == kanal)
    found = session().execute(left).scalar_one()
    session().rollback()
    return found


def _unheard(kanal: Kanal) -> list[str]:
    now = clock.now()
    rows = session().scalars(
        select(Levering.id)
        .join(Forsendelse, Forsendelse.id == Levering.forsendelse_id)
        .where(
            Levering.status == Leveringsstatus.OVERLEVERT,
            Levering.kanal == kanal,
            Forsendelse.status == UNHEARD[kanal],
            Forsendelse.overlevert.between(now - LOOKED_FOR, now - HEARD_WITHIN),
        )
        .order_by(Forsendelse.overlevert)
        .limit(MOST)
    )
    return [str(levering_id) for levering_id in rows]


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
