"""What the page of a group showed, as its forms carry it: who lets somebody in gives what was read there."""

from __future__ import annotations

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.group_queries import Gruppeside
from fiks.konfigurasjon.seen import mark_of


def mark_of_grants(side: Gruppeside) -> str:
    """The mark of what the group holds, for the form by which somebody is let in."""
    return mark_of({"tilganger": _grants(side)})


def mark_of_group(side: Gruppeside) -> str:
    """The mark of what the group holds and who is in it, for the form that deletes it."""
    members = [side.antall, *(one.id for one in side.medlemmer)]
    return mark_of({"tilganger": _grants(side), "medlemmer": members})


def require_same(vist: str | None, stands: str) -> None:
    """Konflikt("TILGANGER_ENDRET") unless the mark is of what stands; None is who has no page."""
    if vist is not None and vist != stands:
        raise Konflikt("TILGANGER_ENDRET")


def _grants(side: Gruppeside) -> list[str]:
    return [f"{one.tilgang_id} {one.gyldig_fra} {one.gyldig_til}" for one in side.tilganger]
