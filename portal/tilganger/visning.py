"""What the pages of tilganger share: how periods are said."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from fiks.core.calendar import OSLO
from portal.formats import dato, tid


def end_of(gyldig_til: datetime) -> str:
    """Til og med 31.12.2026; with the time of day where it does not end with a day in Oslo."""
    if gyldig_til.astimezone(OSLO).time() == time(0):
        return f"til og med {dato(gyldig_til - timedelta(microseconds=1))}"
    return f"til {tid(gyldig_til)}"


def period(gyldig_fra: datetime, gyldig_til: datetime | None) -> str:
    """Fra 01.12.2026, til og med 31.12.2026; or uten sluttdato."""
    return f"Fra {dato(gyldig_fra)}, {end_of(gyldig_til) if gyldig_til else 'uten sluttdato'}"
