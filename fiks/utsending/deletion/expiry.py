"""How long an unreleased mailing is kept: one rule for the cleanup job and the mailing's page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, case, cast, func, literal, text
from sqlalchemy.types import DateTime

from fiks.konfigurasjon.models import Konto
from fiks.utsending.models import Utsending
from fiks.utsending.rules import EDITABLE, Utsendingstatus

U = Utsendingstatus
PREPARED = (U.PRODUSERES, U.TIL_GODKJENNING, U.GODKJENT)
"""Statuses in which letters are prepared and wait for their own date."""
UNRELEASED = (*EDITABLE, *PREPARED)
MIN_DAYS_PREPARED = 30
MAX_DAYS_AHEAD = 400
"""A date further ahead counts as mistyped: personal data must not lie here until then."""


def deletion_time() -> ColumnElement[datetime]:
    """SQL on a mailing joined with its konto: when an unreleased mailing is deleted.

    A draft: `lagringsdager` after its last edit. With letters made or ordered: as long after their own date,
    at least thirty days, so that it is there to be released on its date and a while after.
    """
    day = text("interval '1 day'")
    dated = func.least(
        func.timezone("Europe/Oslo", cast(Utsending.brevdato, DateTime())),
        Utsending.endret + literal(MAX_DAYS_AHEAD) * day,
    )
    of_made = (
        func.greatest(Utsending.endret, dated) + func.greatest(Konto.lagringsdager, MIN_DAYS_PREPARED) * day
    )
    return case(
        (Utsending.status.in_([str(s) for s in PREPARED]), of_made),
        else_=Utsending.endret + Konto.lagringsdager * day,
    )
