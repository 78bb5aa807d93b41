"""The rules of signing (svarut.md 1.7): how an order may move, when a call is made again, what is not signed. Pure."""

from __future__ import annotations

from datetime import timedelta

from fiks.core.attempts import RETRY_AFTER, retry_delay
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
"""UTLOPT is left again when we hear afterwards of a signature that was given in time: it is never lost."""

CLOSED = (Status.AVVIST, Status.FEILET_UNDER_MOTTAK, Status.MANUELT_HANDTERT, Status.SLETTET)
"""Letters that nobody shall sign any more. One that was printed, or reached nobody, can still be signed."""

MAX_BYTES = 32 * 1024 * 1024
"""A document that is larger is not sent to be signed; it is held in memory, and the service has a limit of its own."""

LONGEST_WAIT = timedelta(hours=1)


def wait_after(attempt: int) -> timedelta:
    """The wait after try number `attempt` failed: as for a hand-over, but an hour at most, since the deadline runs."""
    return min(retry_delay(attempt) or RETRY_AFTER[-1], LONGEST_WAIT)
