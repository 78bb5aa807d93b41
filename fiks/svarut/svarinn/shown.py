"""Where a page showed that a letter waits: its forms act on a letter that waits so still, or on nothing (ADR 0039)."""

from __future__ import annotations

from datetime import UTC

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.seen import mark_of
from fiks.svarut.svarinn.models import SvarinnMottak


class VenterAnnetSted(Konflikt):
    """The letter waits for another system than its page showed, or has begun to wait anew. Nothing is done."""

    def __init__(self) -> None:
        super().__init__("OPPLYSNINGER_ENDRET")


def place_of(mottak: SvarinnMottak) -> str:
    """The mark of the system the letter waits for and of since when, as a page's forms carry it."""
    return mark_of({"system": mottak.mottakersystem_id, "klar": mottak.klar.astimezone(UTC).isoformat()})


def require_shown(vist: str | None, stands: str) -> None:
    """VenterAnnetSted when a page showed another mark than the one that stands. None: the caller has no page."""
    if vist is not None and vist != stands:
        raise VenterAnnetSted
