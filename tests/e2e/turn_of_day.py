"""Letters carry the day they leave, so a job done across midnight is refused; tests are done on one side of it."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

from fiks.core.values.calendar import OSLO

REGRET = {"Eiendomsskatt": 6, "Kommunale avgifter": 1800}
"""Seconds: letters of «Eiendomsskatt» soon go, those of «Kommunale avgifter» can be stopped in peace."""
LONGEST_JOB = timedelta(minutes=3)
"""From the day is chosen until the mailing is released."""


def day_of_leaving(konto: str) -> date:
    """The day in Oslo on which letters of `konto` leave when the job is done from here on; waits for one that ends."""
    while (first := _leaves(konto)) != _leaves(konto, LONGEST_JOB):
        time.sleep(1)
    return first


def _leaves(konto: str, later: timedelta = timedelta()) -> date:
    return (datetime.now(OSLO) + later + timedelta(seconds=REGRET[konto])).date()
