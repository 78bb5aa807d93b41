"""What an integrasjon may be given: a grid of ressurser and privileges, as it is shown and as it is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fiks.konfigurasjon.integrasjon.grants import Tilgangsvalg
from fiks.konfigurasjon.integrasjon.queries import Maskintilgang, Mulighet
from fiks.konfigurasjon.rules import P


@dataclass(frozen=True, slots=True)
class Rute:
    """One place in the grid: the name of its box, whether it is held already, and whether it is ticked."""

    felt: str
    privilegium: P
    har: bool
    valgt: bool


@dataclass(frozen=True, slots=True)
class Rad:
    """One ressurs and its places."""

    mulighet: Mulighet
    ruter: tuple[Rute, ...]

    @property
    def har_alt(self) -> bool:
        """Whether there is nothing more to give here."""
        return all(rute.har for rute in self.ruter)


def box(ressurs_id: UUID, privilegium: str) -> str:
    """The name of the box of one privilege on one ressurs."""
    return f"gi-{ressurs_id}-{privilegium}"


def rows(
    places: Sequence[Mulighet], held: Collection[Maskintilgang], form: Mapping[str, str] | None
) -> list[Rad]:
    """The grid; what `form` has ticked stays ticked, unless it is held by now."""
    has = {(one.ressurs_id, one.privilegium) for one in held}
    return [
        Rad(place, tuple(_place(place, p, has, form or {}) for p in place.privilegier)) for place in places
    ]


def _place(place: Mulighet, p: P, has: set[tuple[UUID, str]], form: Mapping[str, str]) -> Rute:
    name, there = box(place.ressurs_id, p), (place.ressurs_id, str(p)) in has
    return Rute(name, p, there, not there and name in form)


def chosen(rader: Sequence[Rad]) -> list[Tilgangsvalg]:
    """What is ticked."""
    return [
        Tilgangsvalg(rute.privilegium, rad.mulighet.ressurs_id)
        for rad in rader
        for rute in rad.ruter
        if rute.valgt
    ]


def only(places: Sequence[Mulighet], asked: Sequence[tuple[str, str]]) -> list[Mulighet]:
    """The places where a global integrasjon asks for something, with only what it asks for there."""
    fitting = (
        Mulighet(m.ressurs_id, m.navn, m.type, tuple(p for p in m.privilegier if (m.type, str(p)) in asked))
        for m in places
    )
    return [m for m in fitting if m.privilegier]
