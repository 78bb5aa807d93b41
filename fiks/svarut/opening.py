"""Opening the letters of a claim: each that cannot be opened has its own outcome, and costs the others nothing."""

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
"""What comes of reading a word or a field that only another release knows. Of a letter's own: what is sealed is whole,
or it is VERDI_ODELAGT."""

ASKED_AGAIN = timedelta(minutes=15)
"""The wait of a letter that another release must read: each try writes its history, and a release stays for days."""


def opened(claims: Sequence[Krav]) -> tuple[Sequence[Krav], dict[UUID, Brev]]:
    """The claims whose letters can be opened, and these. One whose key we lack waits for a process that has it, one
    that says what we do not know for a release that does (ADR 0052), one that was damaged for a person, and none of
    them costs the others anything."""
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
    """The letters of these claims, whose channels are ones we know. FiksError, NOT_UNDERSTOOD."""
    for krav in claims:
        _ = krav.kanal
    return load_letters([krav.claim.forsendelse_id for krav in claims])


def _not_opened(claim: Claim, error: Exception) -> None:
    kode = error.kode if isinstance(error, FiksError) else UNKNOWN_TO_US
    told = {"forsendelse": str(claim.forsendelse_id), "kode": kode, "error": type(error).__name__}
    log.warning("letter_not_opened", extra=told)
    if isinstance(error, FiksError) and not isinstance(error, Utilgjengelig):
        outcomes.record_broken(claim, error)
    else:
        after = ASKED_AGAIN.total_seconds() if kode == UNKNOWN_TO_US else None
        outcomes.postpone(claim, ProvIgjen(kode, after=after), counts=False)
