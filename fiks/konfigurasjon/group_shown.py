"""Form marks of a group's page, so that adding a member or deleting the group acts on what was shown."""

from __future__ import annotations

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.group_queries import Gruppeside
from fiks.konfigurasjon.seen import mark_of


def mark_of_grants(side: Gruppeside) -> str:
    """Return the form mark of the group's grants, for the form that adds a member."""
    return mark_of({"tilganger": _grants(side)})


def mark_of_group(side: Gruppeside) -> str:
    """Return the form mark of the group's grants and members, for the form that deletes the group."""
    members = [side.antall, *(one.id for one in side.medlemmer)]
    return mark_of({"tilganger": _grants(side), "medlemmer": members})


def require_same(vist: str | None, stands: str) -> None:
    """Raise Konflikt("TILGANGER_ENDRET") unless the mark matches the present state; None (no page) always
    passes.
    """
    if vist is not None and vist != stands:
        raise Konflikt("TILGANGER_ENDRET")


def _grants(side: Gruppeside) -> list[str]:
    return [f"{one.tilgang_id} {one.gyldig_fra} {one.gyldig_til}" for one in side.tilganger]
