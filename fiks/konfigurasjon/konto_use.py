"""Recording that a privilege on many kontoer was used, as when their log is shown. Listing choices is not
use.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from fiks.core.actor import Aktor
from fiks.konfigurasjon.decision import rights_on
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.rules import P, satisfying


def note_use(*privileges: P, kontoer: Collection[UUID], actor: Aktor) -> None:
    """Note as used the grants that allow `actor` this on each konto, closed ones included: one query. Decides
    nothing.
    """
    enough = {str(one) for privilege in privileges for one in satisfying(privilege)}
    for held in rights_on(kontoer, Tilgang.privilegium.in_(enough), actor=actor).values():
        held.use(*privileges)
