"""After a backup was restored: what it says is yet to be sent may have gone after the backup, and nobody can be asked.

The gateway knows no reference of ours again, so none of it is sent: at most once. A receipt settles what had gone.
"""

from __future__ import annotations

import logging

from sqlalchemy import func, select

from fiks.core.db import session, transaction
from fiks.sms.models import Sms
from fiks.sms.rules import Status
from fiks.sms.transitions import move

log = logging.getLogger(__name__)
PORTION = 500


def give_up_unsent() -> int:
    """Call every SMS UKJENT that the database takes for unsent, and return how many. Only while sending is stopped.

    Also those taken in since the restore, of which there are none while everything is stopped: which they are cannot be
    told from the rows.
    """
    unsent = select(Sms.id).where(Sms.status == Status.OPPRETTET).order_by(Sms.id).limit(PORTION)
    given_up = 0
    while ids := session().scalars(unsent).all():
        with transaction():
            for sms_id in ids:
                given_up += move(
                    sms_id,
                    fra=(Status.OPPRETTET,),
                    til=Status.UKJENT,
                    kode="GJENOPPRETTET",
                    kall_startet=func.clock_timestamp(),
                )
    session().rollback()
    if given_up:
        log.error("sms_unknown_after_restore", extra={"antall": given_up})
    return given_up
