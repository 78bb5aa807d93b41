"""After a restored backup: SMS the database takes for unsent may have been sent after the backup, and the
gateway cannot be asked.

The gateway cannot look up our reference, so none of them is sent: at most once. A receipt settles those that
had been sent.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from prometheus_client import Gauge
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.queue.feed_markers import load_marker, save_marker
from fiks.sms.models import Sms, Smsutsendelse
from fiks.sms.rules import Status
from fiks.sms.transitions import move

log = logging.getLogger(__name__)
PORTION = 500
CLOCKS_DIFFER = timedelta(minutes=1)
"""Most that the clocks of two database servers differ, when one was restored from the other's backup."""
SHOWN_FOR = timedelta(days=1)
"""How long the gauge shows the number after the last one was given up."""
KILDE = "SMS_GITT_OPP"
GIVEN_UP = Gauge(
    "fiks_sms_given_up",
    "SMS given up within a day, since a restored database does not know whether they went",
)


def give_up_unsent(noted: datetime | None) -> int:
    """Set every SMS that a restored database takes for unsent to UKJENT; return how many. Only while sending
    is stopped.

    `noted`: when the restore was noticed (business time). SMS created since are in no backup, and keep
    waiting. None: the time is unknown, and all are given up.
    """
    unsent = select(Sms.id).where(Sms.status == Status.OPPRETTET).order_by(Sms.id).limit(PORTION)
    if noted is not None:
        ordered = unsent.join(Smsutsendelse, Smsutsendelse.id == Sms.utsendelse_id)
        unsent = ordered.where(Smsutsendelse.opprettet < noted + CLOCKS_DIFFER)
    given_up = 0
    while ids := session().scalars(unsent).all():
        with transaction():
            portion = 0
            for sms_id in ids:
                portion += move(
                    sms_id,
                    fra=(Status.OPPRETTET,),
                    til=Status.UKJENT,
                    kode="GJENOPPRETTET",
                    kall_startet=func.clock_timestamp(),
                )
            save_marker(KILDE, f"{_given_up_lately() + portion} {clock.now().isoformat()}")
        given_up += portion
    session().rollback()
    if given_up:
        log.error("sms_unknown_after_restore", extra={"antall": given_up})
    return given_up


def count_unsent() -> int:
    """Return how many SMS are not sent yet."""
    unsent = select(func.count()).select_from(Sms).where(Sms.status == Status.OPPRETTET)
    return session().execute(unsent).scalar_one()


def measure() -> None:
    """Export how many were given up, until a day after the last one: the command tells only the person who
    ran it.
    """
    GIVEN_UP.set(_given_up_lately())


def _given_up_lately() -> int:
    """Return how many were given up in all, if the last one was within a day; else 0."""
    antall, _, sist = (load_marker(KILDE) or "").partition(" ")
    return int(antall) if sist and datetime.fromisoformat(sist) > clock.now() - SHOWN_FOR else 0
