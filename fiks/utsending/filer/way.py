"""Only a mailing with finished documents for each row has files: asked before they are sent, and while it is held."""

from __future__ import annotations

from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.errors import Konflikt
from fiks.utsending.drafts import reopen
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Art


def require_files_way(row: Utsending) -> None:
    """Konflikt FEIL_MATE when the mailing is sent in another way."""
    if row.art != Art.ETT_DOKUMENT_PER_RAD:
        raise Konflikt("FEIL_MATE")


def reopen_with_files(utsending_id: UUID, *, actor: Aktor) -> Utsending:
    """As `reopen`, of a mailing that still is sent in this way when it is held: KAN_IKKE_ENDRES, FEIL_MATE (409)."""
    row = reopen(utsending_id, actor=actor)
    require_files_way(row)
    return row
