"""Statistics: number of letters by konto, konteringskode, channel and month, counted from the letters
themselves.

Every letter is counted once, whatever its opphav, so the rows add up to the number of letters (svarut.md
12.55). Test letters are not counted.

A letter that moves on is counted under the channel and month that got it last. A past month may therefore
lose letters until unread Altinn letters have gone on paper (`settled_from`); letters that a channel fails
with later move later still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Integer, and_, case, cast, extract, func, or_, select

from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.core.values.calendar import OSLO, months_after
from fiks.konfigurasjon.konto.queries import kontoer_held, note_use
from fiks.konfigurasjon.models import Konto
from fiks.konfigurasjon.rules import P
from fiks.svarut.lifecycle.handed_over_status import lesefrist_from
from fiks.svarut.models import Forsendelse
from fiks.svarut.sender.log import READ_RIGHTS

PAGE = 2_000
STATISTICS_RIGHTS = (*READ_RIGHTS, P.GODKJENNE)
"""Each of these rights opens a konto's statistics, which concern no person."""
READ_UNSENT = "LEST_UTEN_SENDING"
"""Stands for a channel: the letter was closed before it was sent, and was read all the same."""

_counted_at = func.coalesce(Forsendelse.overlevert, Forsendelse.opprettet)
"""The time that decides a letter's month: its hand-over, or its creation while there is none."""


@dataclass(frozen=True, slots=True)
class Statistikkrad:
    """Letters of one month (1 to 12, Oslo). `kanal` is "" when not handed over, READ_UNSENT when no channel
    brought them.
    """

    konto: str
    konteringskode: str
    kanal: str
    maned: int
    antall: int


def statistics(aar: int, *, actor: Aktor, limit: int = PAGE) -> list[Statistikkrad]:
    """Letters of the year `aar` on the kontoer the actor may see, by month, konto, konteringskode and
    channel.
    """
    letters = (
        select(
            Forsendelse.konto_id,
            func.coalesce(Forsendelse.konteringskode, "").label("kode"),
            case(
                (Forsendelse.overlevert.is_(None), ""), else_=func.coalesce(Forsendelse.kanal, READ_UNSENT)
            ).label("kanal"),
            cast(extract("month", func.timezone("Europe/Oslo", _counted_at)), Integer).label("maned"),
        )
        .where(_counted(aar, actor))
        .subquery()
        .c
    )
    found = session().execute(
        select(Konto.id, Konto.visningsnavn, letters.kode, letters.kanal, letters.maned, func.count())
        .join(Konto, Konto.id == letters.konto_id)
        .group_by(Konto.id, Konto.visningsnavn, letters.kode, letters.kanal, letters.maned)
        .order_by(letters.maned, Konto.visningsnavn, Konto.id, letters.kode, letters.kanal)
        .limit(limit)
    )
    rows = found.all()
    note_use(*STATISTICS_RIGHTS, kontoer={row[0] for row in rows}, actor=actor)
    return [Statistikkrad(*row[1:]) for row in rows]


def all_rows(aar: int, *, actor: Aktor, limit: int) -> list[Statistikkrad]:
    """As `statistics`, complete; Konflikt("STATISTIKK_FOR_MANGE") when there are more than `limit` rows."""
    rows = statistics(aar, actor=actor, limit=limit + 1)
    if len(rows) > limit:
        raise Konflikt("STATISTIKK_FOR_MANGE", grense=limit)
    return rows


def letters_in(aar: int, *, actor: Aktor) -> int:
    """The number of letters in the year: the sum of all rows of `statistics`."""
    return session().execute(select(func.count()).where(_counted(aar, actor))).scalar_one()


def settled_from(aar: int, maned: int) -> date:
    """The first day on which lesefrist is over for everything sent by Altinn in this month (1 to 12)."""
    over = months_after(datetime(aar, maned, 1, tzinfo=OSLO), 1)
    return lesefrist_from(over).date() + timedelta(days=1)


def _counted(aar: int, actor: Aktor) -> ColumnElement[bool]:
    """SQL: the letter belongs to the year by `_counted_at`. Each column is tested by itself, so that indexes
    are used.
    """
    first, following = (datetime(year, 1, 1, tzinfo=OSLO) for year in (aar, aar + 1))
    sent = and_(Forsendelse.overlevert >= first, Forsendelse.overlevert < following)
    made = and_(Forsendelse.opprettet >= first, Forsendelse.opprettet < following)
    return and_(
        Forsendelse.konto_id.in_([konto.id for konto in kontoer_held(*STATISTICS_RIGHTS, actor=actor)]),
        or_(sent, and_(Forsendelse.overlevert.is_(None), made)),
        ~Forsendelse.prove,
    )
