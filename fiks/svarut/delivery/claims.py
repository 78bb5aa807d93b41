"""Claims: which leveringer a worker takes next and owns from then on, and loading their letters
(reliability.md 4.4).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from fiks.core.actor import ARBEIDER
from fiks.core.db import session, table_of, transaction
from fiks.core.errors import FiksError, ProvIgjen, Utilgjengelig
from fiks.svarut.delivery import circuit_breaker, outcomes
from fiks.svarut.history import Event, append_events
from fiks.svarut.letters import Brev, load_letters
from fiks.svarut.models import Levering
from fiks.svarut.rules import AWAITS_RELEASE, CLAIM_SIZE, Bane, Kanal, Leveringsstatus
from fiks.svarut.transitions import Claim


@dataclass(frozen=True, slots=True)
class Krav:
    """A claimed levering with its preset channel and rule, if any; `regel` is None before the first call.

    `satt` is the channel as text from the row. It is parsed only when the letter is loaded, one by one: a
    newer release may have set a channel that this one does not know, and the neighbours are claimed by then.
    """

    claim: Claim
    satt: str | None
    regel: str | None

    @property
    def kanal(self) -> Kanal | None:
        """The preset channel; ValueError when this release does not know it."""
        return Kanal(self.satt) if self.satt else None


_ROW = table_of(Levering)
_READY = (
    select(_ROW.c.id, _ROW.c.tapte_eiere)
    .where(
        _ROW.c.bane == bindparam("lane"),
        _ROW.c.status == Leveringsstatus.KLAR,
        _ROW.c.neste_forsok <= func.now(),
    )
    .order_by(_ROW.c.neste_forsok, _ROW.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(_ROW)
    .where(_ROW.c.id == any_(bindparam("ids", type_=ARRAY(Uuid(as_uuid=True)))))
    .values(
        status=Leveringsstatus.SENDER, eier=bindparam("owner"), forsok=_ROW.c.forsok + 1, kall_startet=None
    )
    .returning(_ROW.c.id, _ROW.c.forsendelse_id, _ROW.c.forsok, _ROW.c.kanal, _ROW.c.kanalregel)
)


def claim(bane: Bane, eier: int, limit: int = CLAIM_SIZE) -> list[Krav]:
    """Claim up to `limit` ready leveringer of the lane for owner `eier`; none while sending is frozen.

    A row that has lost its owner twice is claimed alone, so that it cannot drag neighbours along
    (reliability.md 4.8).
    """
    with transaction() as tx:
        if circuit_breaker.is_frozen():
            return []
        ids = _lock_ready(bane, limit)
        if not ids:
            return []
        taken = tx.execute(_TAKE, {"ids": ids, "owner": eier}).all()
        append_events(
            [
                Event(
                    row.forsendelse_id,
                    "LEVERING",
                    "KRAV",
                    ARBEIDER.ref,
                    fra="KLAR",
                    til="SENDER",
                    levering_id=row.id,
                )
                for row in taken
            ]
        )
    return [Krav(Claim(r.id, r.forsendelse_id, eier, r.forsok), r.kanal, r.kanalregel) for r in taken]


def _lock_ready(bane: Bane, limit: int) -> list[UUID]:
    """Ids of ready leveringer, locked in the present transaction; rows locked by others are skipped."""
    rows = session().execute(_READY, {"lane": bane, "most": limit}).all()
    suspects = [row.id for row in rows if row.tapte_eiere >= 2]
    return suspects[:1] or [row.id for row in rows]


log = logging.getLogger(__name__)
UNKNOWN_VALUE_ERRORS = (ValueError, TypeError, LookupError)
"""Errors from a value or field that only another release knows.

They are never from a letter's encrypted content: it decrypts whole, or raises VERDI_ODELAGT.
"""

ASKED_AGAIN = timedelta(minutes=15)
"""Retry interval of a letter that needs another release: each try writes history, and a release stays for
days.
"""


def open_letters(claims: Sequence[Krav]) -> tuple[Sequence[Krav], dict[UUID, Brev]]:
    """The claims whose letters can be loaded, and the letters by id.

    The others are recorded here: a missing key waits for a process that has it, an unknown value for a
    release that knows it (ADR 0052), a damaged letter for a person.
    """
    try:
        return claims, _open(claims)
    except (FiksError, *UNKNOWN_VALUE_ERRORS):
        session().rollback()
    going: list[Krav] = []
    letters: dict[UUID, Brev] = {}
    for krav in claims:
        try:
            letters |= _open([krav])
        except (FiksError, *UNKNOWN_VALUE_ERRORS) as error:
            session().rollback()
            _record_unopened(krav.claim, error)
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


def _record_unopened(claim: Claim, error: Exception) -> None:
    """Record why a letter could not be loaded: postponed without counting the try, or handed to a person."""
    kode = error.kode if isinstance(error, FiksError) else AWAITS_RELEASE
    told = {"forsendelse": str(claim.forsendelse_id), "kode": kode, "error": type(error).__name__}
    log.warning("letter_not_opened", extra=told)
    if isinstance(error, FiksError) and not isinstance(error, Utilgjengelig):
        outcomes.record_broken(claim, error)
    else:
        after = ASKED_AGAIN.total_seconds() if kode == AWAITS_RELEASE else None
        outcomes.postpone(claim, ProvIgjen(kode, after=after), counts=False)
