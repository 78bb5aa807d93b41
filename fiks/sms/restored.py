"""After a backup was restored: what it says is yet to be sent may have gone after the backup, and nobody can be asked.

The gateway knows no reference of ours again, so none of it is sent: at most once. A receipt settles what had gone.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from prometheus_client import Gauge
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.feeds import marker_of, remember
from fiks.sms.models import Sms, Smsutsendelse
from fiks.sms.rules import Status
from fiks.sms.transitions import move

log = logging.getLogger(__name__)
PORTION = 500
CLOCKS_DIFFER = timedelta(minutes=1)
"""Further than the clocks of two database servers, of which one was restored from the other's backup, are apart."""
TOLD_FOR = timedelta(days=1)
KILDE = "SMS_GITT_OPP"
GIVEN_UP = Gauge(
    "fiks_sms_given_up",
    "SMS given up within a day, since a restored database does not know whether they went",
)


def give_up_unsent(noted: datetime | None) -> int:
    """Call every SMS UKJENT that a restored database takes for unsent, and return how many. Only while sending is
    stopped.

    `noted`: when the restore was (business time). What was taken in since is in no backup, and waits on. None: nobody
    knows, and all are given up.
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
            remember(KILDE, f"{_lately() + portion} {clock.now().isoformat()}")
        given_up += portion
    session().rollback()
    if given_up:
        log.error("sms_unknown_after_restore", extra={"antall": given_up})
    return given_up


def waiting() -> int:
    """How many SMS are not sent yet."""
    unsent = select(func.count()).select_from(Sms).where(Sms.status == Status.OPPRETTET)
    return session().execute(unsent).scalar_one()


def measure() -> None:
    """Tell how many were given up, until a day after the last: the command that did it tells nobody but who gave it."""
    GIVEN_UP.set(_lately())


def _lately() -> int:
    """How many were given up by now, if the last of them was within a day."""
    antall, _, sist = (marker_of(KILDE) or "").partition(" ")
    return int(antall) if sist and datetime.fromisoformat(sist) > clock.now() - TOLD_FOR else 0
