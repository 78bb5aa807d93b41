"""Reopening a draft: the first step of every change."""

from __future__ import annotations

from uuid import UUID

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.utsending.models import Utsending
from fiks.utsending.rules import EDITABLE, Utsendingstatus
from fiks.utsending.transitions import lock_mailing, move


def reopen(utsending_id: UUID, *, actor: Aktor) -> Utsending:
    """Lock an editable mailing and take it back to UTKAST in the present transaction; return the locked row.

    Konflikt("KAN_IKKE_ENDRES") in any other status. Checks of a change read the returned row, not an earlier
    copy. `endret` is set to business time: a draft in use is never cleaned up as unused.
    """
    # Held before it is moved: a move that waited for the row's lock would have looked before it was controlled.
    row = lock_mailing(utsending_id)
    if Utsendingstatus(row.status) not in EDITABLE:
        raise Konflikt("KAN_IKKE_ENDRES", status=row.status)
    if row.status == Utsendingstatus.KONTROLLERT:
        move(
            utsending_id,
            fra=(Utsendingstatus.KONTROLLERT,),
            til=Utsendingstatus.UTKAST,
            actor=actor,
        )
        session().refresh(row)
    row.endret = clock.now()
    session().flush()
    return row
