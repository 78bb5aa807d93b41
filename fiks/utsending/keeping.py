"""How long an unreleased mailing is kept: one rule for the cleanup job and the mailing's page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, case, cast, func, literal, text
from sqlalchemy.types import DateTime

from fiks.konfigurasjon.models import Konto
from fiks.utsending.models import Utsending
from fiks.utsending.rules import EDITABLE, Utsendingstatus

U = Utsendingstatus
MADE = (U.PRODUSERES, U.TIL_GODKJENNING, U.GODKJENT)
"""Statuses in which letters are prepared and wait for their own date."""
DRAFTS = (*EDITABLE, *MADE)
LEAST_DAYS_OF_MADE = 30
LONGEST_AHEAD_DAYS = 400
"""A date further ahead counts as mistyped: personal data must not lie here until then."""


def goes() -> ColumnElement[datetime]:
    """SQL on a mailing joined with its konto: when an unreleased mailing is deleted.

    A draft: `lagringsdager` after its last edit. With letters made or ordered: as long after their own date,
    at least thirty days, so that it is there to be released on its date and a while after.
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
