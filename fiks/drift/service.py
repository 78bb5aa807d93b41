"""Acts of an operator of the platform: stop all sending, and start it again."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.values.identifiers import mask_numbers
from fiks.drift import reconciliation_mark
from fiks.konfigurasjon.operators import require_root
from fiks.svarut.delivery import circuit_breaker
from fiks.svarut.models import Banestatus

log = logging.getLogger(__name__)
SHORTEST, LONGEST = 5, 200
_STOP = select(Banestatus.endret).where(Banestatus.navn == circuit_breaker.ALL_SENDING, Banestatus.stengt)


def freeze(grunn: str, *, actor: Aktor) -> None:
    """Stop all sending: letters, packages to print houses, SMS and e-mail. Calls in progress finish.

    Nothing is lost: ready rows stay ready. `grunn` is shown to everybody. If sending is already stopped, it
    becomes the new reason. Errors: IkkeTilgang(KUN_ROT), DRIFT_GRUNN (422).
    """
    require_root(actor)
    reason = " ".join(grunn.split())
    if not SHORTEST <= len(reason) <= LONGEST or mask_numbers(reason) != reason:
        raise UgyldigInndata("DRIFT_GRUNN", felt="grunn")
    stop(reason, actor=actor)


def stop(grunn: str, *, actor: Aktor) -> None:
    """The step of `freeze` that the house itself also uses, with a code as reason."""
    with transaction():
        circuit_breaker.set_frozen(True, grunn)
        audit.record(actor, "SENDING_STANSET", "plattform", circuit_breaker.ALL_SENDING, grunn=grunn)
    log.warning("sending_frozen", extra={"aktor": actor.ref})


def thaw(*, sett: datetime | None = None, actor: Aktor) -> bool:
    """Start sending again; return whether it was stopped.

    `sett`: the start of the stop that a page showed (`Pause.siden`); None for callers without a page. Errors:
    IkkeTilgang(KUN_ROT); DRIFT_ANNEN_STANS (sett, 409): sending has been stopped anew since;
    DRIFT_IKKE_AVSTEMT (409): the database is a restored one, and letters sent after the backup have not been
    looked up (`mark_reconciled`).
    """
    require_root(actor)
    with transaction():
        if not _lift_stop(sett):
            return False
        if reconciliation_mark.is_marked():
            raise Konflikt("DRIFT_IKKE_AVSTEMT")
        audit.record(actor, "SENDING_STARTET", "plattform", circuit_breaker.ALL_SENDING)
    log.warning("sending_thawed", extra={"aktor": actor.ref})
    return True


def thaw_anyway(*, sett: datetime | None = None, actor: Aktor) -> bool:
    """As `thaw`, even when sent letters have not been looked up: letters may be sent twice, and the audit log
    says who decided it.

    The look-up remains to be done. Errors: IkkeTilgang(KUN_ROT), DRIFT_ANNEN_STANS (sett, 409).
    """
    require_root(actor)
    with transaction():
        if not _lift_stop(sett):
            return False
        handling = "SENDING_STARTET_LIKEVEL" if reconciliation_mark.is_marked() else "SENDING_STARTET"
        audit.record(actor, handling, "plattform", circuit_breaker.ALL_SENDING)
    log.warning("sending_thawed", extra={"aktor": actor.ref, "handling": handling})
    return True


def _lift_stop(sett: datetime | None) -> bool:
    """Lift the stop; return whether there was one. Locks its row first: a database found to be restored
    meanwhile is stopped afterwards.
    """
    since = session().execute(_STOP.with_for_update()).scalar()
    if since is None:
        return False
    if sett is not None and sett != since:
        raise Konflikt("DRIFT_ANNEN_STANS", felt="sett")
    circuit_breaker.set_frozen(False, None)
    return True


def mark_reconciled(*, actor: Aktor) -> None:
    """Record that every channel has been asked for everything a restored database takes for unsent. No effect
    on other databases.

    Errors: IkkeTilgang(KUN_ROT).
    """
    require_root(actor)
    with transaction():
        if not reconciliation_mark.clear():
            return
        audit.record(actor, "DATABASE_AVSTEMT", "plattform", circuit_breaker.ALL_SENDING)
    log.warning("restored_database_reconciled", extra={"aktor": actor.ref})
