"""What a page showed of a letter that waits: its forms act on a letter that waits so still, or on nothing (ADR 0039).

What is noted of it, and who is to do it, is never written over by who has not seen it either.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.stale_form import digests_in, mark_of, require_not_stale
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


def given_to(person: UUID | None, enhet: str | None) -> dict[str, object]:
    """Whom a letter is given to, field by field: a person, or else a unit."""
    return {"person": person, "enhet": None if person else enhet or None}


def require_noted(notert: str | None, stands: Mapping[str, object], given: Mapping[str, object]) -> None:
    """Konflikt("OPPLYSNINGER_ENDRET") when `given` would be written over what the page did not show.

    `notert` is the page's mark of all that is noted of the letter, of which only the fields in `stands` are compared;
    None: the caller has no page.
    """
    if notert is not None:
        seen = digests_in(notert)
        notert = " ".join(f"{name}={seen.get(name, '')}" for name in stands)
    require_not_stale(notert, stands, given)
