"""What the document of our interfaces says of a route, written beside the route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from portal.api.modell import Modell, Svarmodell

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operasjon:
    """`kropp` is the JSON that is sent, `brev` the first part of a multipart body; `sporring` what follows the `?`.

    `svar` is what a success answers, None for nothing; `feil` the codes of the catalogue that are this route's own.
    """

    tittel: str
    gruppe: str
    tekst: str = ""
    svar: type[Svarmodell] | type[bool] | None = None
    status: int = 200
    kropp: type[Modell] | None = None
    brev: type[Modell] | None = None
    sporring: type[Modell] | None = None
    feil: tuple[str, ...] = ()


def operasjon(tittel: str, *, gruppe: str, **facts: Any) -> Callable[[F], F]:
    """Say what a route does, for the document."""
    said = Operasjon(tittel, gruppe, **facts)

    def mark(view: F) -> F:
        view.operasjon = said  # type: ignore[attr-defined]
        return view

    return mark
