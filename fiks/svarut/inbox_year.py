"""The year of a letter of «Post fra kommunen»: the one it left in, found by when it was made."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from fiks.core.values.calendar import OSLO
from fiks.svarut.indexes import number_index
from fiks.svarut.models import Forsendelse
from fiks.svarut.posted import left_at

LONGEST_WAY = timedelta(days=365)
MOST_LATE = 5_000
"""Letters that left in a later year than they were made are searched for among so many of the receiver's
newest from before that year, none made more than LONGEST_WAY before it. Later ones are in the list of all
years only.
"""


def of_year(nummer: str, year: int) -> tuple[ColumnElement[bool], ...]:
    """SQL: a letter to the number, or exposed to it, is dated in this year, in Oslo."""
    begins, ends = new_year(year), new_year(year + 1)
    dated = func.greatest(left_at(), Forsendelse.opprettet)
    # The index knows only when it was made: unbounded, a year of few letters would be found by reading all before it.
    late = aliased(Forsendelse)
    before = select(late.opprettet).where(
        late.mottaker_indeks == number_index(nummer), late.opprettet < begins
    )
    oldest = before.order_by(late.opprettet.desc()).offset(MOST_LATE - 1).limit(1).scalar_subquery()
    made = Forsendelse.opprettet >= func.greatest(oldest, begins - LONGEST_WAY), Forsendelse.opprettet < ends
    return *made, dated >= begins, dated < ends


def new_year(year: int) -> datetime:
    """When the year begins in Oslo."""
    return datetime(year, 1, 1, tzinfo=OSLO)
