"""Loading the letters of a claim. A letter that cannot be loaded gets an outcome of its own and delays no
other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from fiks.core.db import session
from fiks.core.errors import FiksError, ProvIgjen, Utilgjengelig
from fiks.svarut import outcomes
from fiks.svarut.claiming import Krav
from fiks.svarut.letters import Brev, load_letters
from fiks.svarut.transitions import Claim
from fiks.svarut.waiting import UNKNOWN_TO_US

log = logging.getLogger(__name__)
NOT_UNDERSTOOD = (ValueError, TypeError, LookupError)
"""Errors from a value or field that only another release knows.

They are never from a letter's encrypted content: it decrypts whole, or raises VERDI_ODELAGT.
"""

ASKED_AGAIN = timedelta(minutes=15)
"""Retry interval of a letter that needs another release: each try writes history, and a release stays for
days.
"""


def opened(claims: Sequence[Krav]) -> tuple[Sequence[Krav], dict[UUID, Brev]]:
    """The claims whose letters can be loaded, and the letters by id.

    The others are recorded here: a missing key waits for a process that has it, an unknown value for a
    release that knows it (ADR 0052), a damaged letter for a person.
    """
    try:
        return claims, _open(claims)
    except (FiksError, *NOT_UNDERSTOOD):
        session().rollback()
    going: list[Krav] = []
    letters: dict[UUID, Brev] = {}
    for krav in claims:
        try:
            letters |= _open([krav])
        except (FiksError, *NOT_UNDERSTOOD) as error:
            session().rollback()
            _not_opened(krav.claim, error)
        else:
            going.append(krav)
    return going, letters


def _open(claims: Sequence[Krav]) -> dict[UUID, Brev]:
    """Load the letters of these claims, and require that their channels are known. FiksError,
    UNKNOWN_VALUE_ERRORS.
    """
    for krav in claims:
        _ = krav.kanal
    return load_letters([krav.claim.forsendelse_id for krav in claims])


def _not_opened(claim: Claim, error: Exception) -> None:
    """Record why a letter could not be loaded: postponed without counting the try, or handed to a person."""
    kode = error.kode if isinstance(error, FiksError) else UNKNOWN_TO_US
    told = {"forsendelse": str(claim.forsendelse_id), "kode": kode, "error": type(error).__name__}
    log.warning("letter_not_opened", extra=told)
    if isinstance(error, FiksError) and not isinstance(error, Utilgjengelig):
        outcomes.record_broken(claim, error)
    else:
        after = ASKED_AGAIN.total_seconds() if kode == UNKNOWN_TO_US else None
        outcomes.postpone(claim, ProvIgjen(kode, after=after), counts=False)
