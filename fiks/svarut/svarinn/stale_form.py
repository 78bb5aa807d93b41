"""Stale forms: a page's form acts on a letter only if it still waits as the page showed (optimistic lock, ADR
0039).

Notes and assignee are never overwritten by a person who has not seen the present ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.stale_form import digests_in, mark_of, require_not_stale
from fiks.svarut.models import SvarinnMottak


class VenterAnnetSted(Konflikt):
    """The letter waits for another system than its page showed, or has begun to wait anew. Nothing is done."""

    def __init__(self) -> None:
        super().__init__("OPPLYSNINGER_ENDRET")


def wait_mark(mottak: SvarinnMottak) -> str:
    """The version mark of the letter's wait (system and start), carried by a page's forms."""
    return mark_of({"system": mottak.mottakersystem_id, "klar": mottak.klar.astimezone(UTC).isoformat()})


def require_current_wait(vist: str | None, stands: str) -> None:
    """Raise VenterAnnetSted when the page's mark differs from the present one. None: the caller has no page."""
    if vist is not None and vist != stands:
        raise VenterAnnetSted


def assignee_fields(person: UUID | None, enhet: str | None) -> dict[str, object]:
    """The assignee as fields: a person, or else a unit."""
    return {"person": person, "enhet": None if person else enhet or None}


def require_current_note(
    notert: str | None, stands: Mapping[str, object], given: Mapping[str, object]
) -> None:
    """Raise Konflikt("OPPLYSNINGER_ENDRET") when `given` would overwrite values that the page did not show.

    `notert`: the page's mark of everything noted on the letter, of which only the fields in `stands` are
    compared; None: the caller has no page.
    """
    if notert is not None:
        seen = digests_in(notert)
        notert = " ".join(f"{name}={seen.get(name, '')}" for name in stands)
    require_not_stale(notert, stands, given)
