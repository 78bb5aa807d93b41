"""The grid of ressurser and privileges an integrasjon may be granted, as shown and as posted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fiks.konfigurasjon.integrasjon.grants import Tilgangsvalg
from fiks.konfigurasjon.integrasjon.queries import Maskintilgang, Mulighet
from fiks.konfigurasjon.rules import P


@dataclass(frozen=True, slots=True)
class Rute:
    """One cell: the name of its box, whether the privilege is held already, and whether it is ticked."""

    felt: str
    privilegium: P
    har: bool
    valgt: bool


@dataclass(frozen=True, slots=True)
class Rad:
    """One ressurs and its cells."""

    mulighet: Mulighet
    ruter: tuple[Rute, ...]

    @property
    def har_alt(self) -> bool:
        """Whether everything in the row is held already."""
        return all(rute.har for rute in self.ruter)


def box_name(ressurs_id: UUID, privilegium: str) -> str:
    """Name of the box for one privilege on one ressurs."""
    return f"gi-{ressurs_id}-{privilegium}"


def grid_rows(
    places: Sequence[Mulighet], held: Collection[Maskintilgang], form: Mapping[str, str] | None
) -> list[Rad]:
    """The grid; ticks in `form` are kept unless the privilege is held by now."""
    has = {(one.ressurs_id, one.privilegium) for one in held}
    return [
        Rad(place, tuple(_place(place, p, has, form or {}) for p in place.privilegier)) for place in places
    ]


def _place(place: Mulighet, p: P, has: set[tuple[UUID, str]], form: Mapping[str, str]) -> Rute:
    name, there = box_name(place.ressurs_id, p), (place.ressurs_id, str(p)) in has
    return Rute(name, p, there, not there and name in form)


def ticked_choices(rader: Sequence[Rad]) -> list[Tilgangsvalg]:
    """The ticked cells."""
    return [
        Tilgangsvalg(rute.privilegium, rad.mulighet.ressurs_id)
        for rad in rader
        for rute in rad.ruter
        if rute.valgt
    ]


def requested_places(places: Sequence[Mulighet], asked: Sequence[tuple[str, str]]) -> list[Mulighet]:
    """The ressurser where a global integrasjon requests privileges, with only those it requests."""
    fitting = (
        Mulighet(m.ressurs_id, m.navn, m.type, tuple(p for p in m.privilegier if (m.type, str(p)) in asked))
        for m in places
    )
    return [m for m in fitting if m.privilegier]
