"""Check that a mailing has finished documents per row: before files are sent, and while it is locked."""

from __future__ import annotations

from uuid import UUID

from fiks.core.actor import Aktor
from fiks.core.errors import Konflikt
from fiks.utsending.drafts import reopen
from fiks.utsending.models import Utsending
from fiks.utsending.rules import Art


def require_files_way(row: Utsending) -> None:
    """Raise Konflikt FEIL_MATE if the mailing is sent in another way."""
    if row.art != Art.ETT_DOKUMENT_PER_RAD:
        raise Konflikt("FEIL_MATE")


def reopen_with_files(utsending_id: UUID, *, actor: Aktor) -> Utsending:
    """Reopen a draft that still has one document per row once locked. Errors (409): KAN_IKKE_ENDRES,
    FEIL_MATE.
    """
    row = reopen(utsending_id, actor=actor)
    require_files_way(row)
    return row
