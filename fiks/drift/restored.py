"""A database that is restored from a backup has forgotten letters, and would send them again: it starts stopped.

The sweeper counts an *epoch* forward in the database and then notes the number in the object store. A database whose
number is lower than the store's is an older one. So is, perhaps, one that has moved: a dump that is read into another
server or another database has another identity, however new it is. In both cases all sending is stopped, and is not
started before what was sent has been looked up (`unreconciled`, docs/drift/gjenoppretting.md).

A store that has no number, though the database has counted for hours, is not the one that was used: a folder that is
not mounted, or another bucket. Every document would be gone from it: no work is done, and the portal puts none there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from prometheus_client import Gauge
from sqlalchemy import func, select, text

from fiks.core import audit
from fiks.core.actor import Aktor, system
from fiks.core.db import db, session, transaction
from fiks.core.environment import current
from fiks.core.feeds import Kvitteringsmarkor, remember
from fiks.core.storage import LagerUtilgjengelig
from fiks.drift import service, unreconciled
from fiks.svarut import circuit

log = logging.getLogger(__name__)
AWAY = Gauge(
    "fiks_store_away",
    "1 while the object store does not answer the sweeper, refuses it, or is not the house's",
)
KILDE = "EPOKE"
NOTE = "epoke"
LOCK = 7_340_004
NEW = 1_000
"""So far a house counts in its first hours (every fifteen seconds): its store may yet be changed for another."""
REASON = "GJENOPPRETTET"
GUARD = system("epokevakt")
SAID = "OPPGITT"
"""What stands for the epoch where somebody has said that the database is a restored one."""
_STORED = select(Kvitteringsmarkor.markor).where(Kvitteringsmarkor.kilde == KILDE)
_IDENTITY = text(
    "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())"
    " FROM pg_control_system()"
)


@dataclass(frozen=True, slots=True)
class Epoke:
    """How far the house has come, and in which database: server and database as PostgreSQL numbers them."""

    nr: int
    identitet: str

    def __str__(self) -> str:
        return f"{self.nr} {self.identitet}"


def check() -> bool:
    """Stop all sending if the database is a restored one; return whether it was. To be asked before any work begins.

    Raises LagerUtilgjengelig: until the store can be asked, nobody knows. LAGER_UKJENT: it is not the house's.
    """
    noted = _noted()
    with transaction():
        return _look(noted)[1]


def declare(grunn: str, *, actor: Aktor) -> None:
    """As `service.freeze`, by one who knows that the database is a restored one, whether the guard sees it or not.

    From now on it is to be reconciled. Errors: as there.
    """
    with transaction():
        service.freeze(grunn, actor=actor)
        unreconciled.note(SAID)
        audit.record(actor, "GJENOPPRETTING_OPPGITT", "plattform", circuit.ALL)


def require_our_store() -> None:
    """LagerUtilgjengelig when the store cannot be asked, and LAGER_UKJENT when it is not the house's.

    Asked on a connection of its own: whoever is about to put something there is in the middle of something.
    """
    noted = _noted()
    with db.engine.connect() as connection:
        stored = connection.execute(_STORED).scalar()
    _require_ours(noted, _read(stored)[0])


def advance() -> int:
    """As `check`, and count on: the sweeper's planned job. It finds no work (0), and no store lets it try next time.

    A gauge tells whether the store could be read and written: letters wait for it, and nothing of them is late.
    """
    try:
        noted = _noted()
        with transaction():
            epoch, _ = _look(noted)
            _keep(Epoke(epoch.nr + 1, epoch.identitet))
        current().store.write_note(NOTE, str(epoch.nr + 1))
    except LagerUtilgjengelig as error:
        log.warning("epoch_not_noted", extra={"kode": error.kode})
        AWAY.set(1)
    else:
        AWAY.set(0)
    return 0


def _noted() -> int | None:
    """The number in the store, None when there is none."""
    words = current().store.read_note(NOTE)
    return None if words is None else int(words)


def _look(noted: int | None) -> tuple[Epoke, bool]:
    """(the epoch from here on, whether the database turned out to be a restored one), in the present transaction."""
    tx = session()
    tx.execute(select(func.pg_advisory_xact_lock(LOCK)))
    stored = tx.execute(_STORED).scalar()
    here = str(tx.execute(_IDENTITY).scalar_one())
    if stored is None and not noted:
        return Epoke(0, here), False
    nr, identity = _read(stored)
    _require_ours(noted, nr)
    seen = noted or 0
    if nr >= seen and identity == here:
        return Epoke(nr, here), False
    log.error("restored_database", extra={"epoke": nr, "notert": seen, "flyttet": identity != here})
    service.stop(REASON, actor=GUARD)
    epoch = Epoke(max(nr, seen) + 1, here)
    _keep(epoch)
    unreconciled.note(str(epoch))
    return epoch, True


def _read(stored: str | None) -> tuple[int, str]:
    """(how far the house has come, in which database), by the database."""
    nr, _, identity = (stored or "0 ").partition(" ")
    return int(nr), identity


def _require_ours(noted: int | None, nr: int) -> None:
    if noted is None and nr > NEW:
        log.error("store_is_not_ours", extra={"epoke": nr})
        raise LagerUtilgjengelig("LAGER_UKJENT")


def _keep(epoch: Epoke) -> None:
    remember(KILDE, str(epoch))
