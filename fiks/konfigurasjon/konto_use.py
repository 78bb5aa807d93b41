"""That a right on many kontoer was used, as when their log is shown. A list of what one may choose is no use."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.konfigurasjon.decision import rights_on
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.rules import P, satisfying


def note_use(*privileges: P, kontoer: Collection[UUID], actor: Aktor) -> None:
    """Note as used what lets `actor` do this on each of the kontoer, also on one that is closed by now: one query. It
    decides nothing.
    """
    enough = {str(one) for privilege in privileges for one in satisfying(privilege)}
    for held in rights_on(kontoer, Tilgang.privilegium.in_(enough), actor=actor).values():
        held.use(*privileges)
