"""How long a mailing that nobody has released is kept, by what cleaning and its page go by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, case, cast, func, literal, text
from sqlalchemy.types import DateTime

from fiks.konfigurasjon.models import Konto
from fiks.utsending.models import Utsending
from fiks.utsending.rules import EDITABLE, Utsendingstatus

U = Utsendingstatus
MADE = (U.PRODUSERES, U.TIL_GODKJENNING, U.GODKJENT)
"""Somebody prepared its letters, and they wait for their own date."""
DRAFTS = (*EDITABLE, *MADE)
LEAST_DAYS_OF_MADE = 30
LONGEST_AHEAD_DAYS = 400
"""A date further ahead is a mistyped year: what lies there are people's numbers."""


def goes() -> ColumnElement[datetime]:
    """Of a draft and its konto (joined): when it is deleted whole, `lagringsdager` after the last edit.

    One whose letters are made or ordered is kept until as long after their own date, and for thirty days at least:
    on its date it must be there to be released, and some time after for who is late.
    """
    day = text("interval '1 day'")
    dated = func.least(
        func.timezone("Europe/Oslo", cast(Utsending.brevdato, DateTime())),
        Utsending.endret + literal(LONGEST_AHEAD_DAYS) * day,
    )
    of_made = (
        func.greatest(Utsending.endret, dated) + func.greatest(Konto.lagringsdager, LEAST_DAYS_OF_MADE) * day
    )
    return case(
        (Utsending.status.in_([str(s) for s in MADE]), of_made),
        else_=Utsending.endret + Konto.lagringsdager * day,
    )
