"""What an operator of the platform may do: stop all sending, and start it again."""

from __future__ import annotations

import logging

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import transaction
from fiks.core.errors import UgyldigInndata
from fiks.core.identifiers import mask_numbers
from fiks.konfigurasjon.root import require_root
from fiks.svarut import circuit

log = logging.getLogger(__name__)
SHORTEST, LONGEST = 5, 200


def freeze(grunn: str, *, actor: Aktor) -> None:
    """Stop all sending: letters, packages to print houses, SMS and e-mail. What is being called is let finish.

    Nothing is lost: what is ready stays ready. `grunn` is told to everybody who looks. When all is stopped already, it
    is the reason from now on. Errors: IkkeTilgang(KUN_ROT), DRIFT_GRUNN (422).
    """
    require_root(actor)
    reason = " ".join(grunn.split())
    if not SHORTEST <= len(reason) <= LONGEST or mask_numbers(reason) != reason:
        raise UgyldigInndata("DRIFT_GRUNN", felt="grunn")
    stop(reason, actor=actor)


def stop(grunn: str, *, actor: Aktor) -> None:
    """The step of `freeze`, also for the house itself, whose reason is a code."""
    with transaction():
        circuit.set_frozen(True, grunn)
        audit.record(actor, "SENDING_STANSET", "plattform", circuit.ALL, grunn=grunn)
    log.warning("sending_frozen", extra={"aktor": actor.ref})


def thaw(*, actor: Aktor) -> bool:
    """Let sending go on; return whether it was stopped. Errors: IkkeTilgang(KUN_ROT)."""
    require_root(actor)
    with transaction():
        if not circuit.frozen():
            return False
        circuit.set_frozen(False, None)
        audit.record(actor, "SENDING_STARTET", "plattform", circuit.ALL)
    log.warning("sending_thawed", extra={"aktor": actor.ref})
    return True
