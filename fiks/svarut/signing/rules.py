"""Rules of signing (svarut.md 1.7): transitions of an order, retry times, and what is never signed. Pure."""

from __future__ import annotations

from datetime import timedelta

from fiks.core.queue.retry_policy import RETRY_AFTER, retry_delay
from fiks.svarut.rules import Signeringsstatus, Status

_S = Signeringsstatus
SIGNERINGSOVERGANGER: dict[Signeringsstatus, frozenset[Signeringsstatus]] = {
    _S.VENTER_SIGNERING: frozenset(
        {_S.AVVIST_AV_SVARUT, _S.SIGNERT_AV_MOTTAKER, _S.AVVIST_AV_MOTTAKER, _S.UTLOPT}
    ),
    _S.UTLOPT: frozenset({_S.SIGNERT_AV_MOTTAKER, _S.AVVIST_AV_SVARUT}),
    _S.SIGNERT_AV_MOTTAKER: frozenset(),
    _S.AVVIST_AV_MOTTAKER: frozenset(),
    _S.AVVIST_AV_SVARUT: frozenset(),
}
"""UTLOPT is left again when a signature given in time is reported late: it is never lost."""

CLOSED = (Status.AVVIST, Status.FEILET_UNDER_MOTTAK, Status.MANUELT_HANDTERT, Status.SLETTET)
"""Statuses of letters that must not be signed any more. A printed or undelivered letter can still be signed.
"""

MAX_BYTES = 32 * 1024 * 1024
"""Larger documents are not sent for signing: they are held in memory, and the service has a limit of its own.
"""

LONGEST_WAIT = timedelta(hours=1)


def wait_after(attempt: int) -> timedelta:
    """The back-off after failed try number `attempt`: as for a levering, but at most an hour, since the
    deadline runs.
    """
    return min(retry_delay(attempt) or RETRY_AFTER[-1], LONGEST_WAIT)
