"""Facts about a route for the OpenAPI document, declared beside the route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from portal.api.model import Modell

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operasjon:
    """`kropp`: model of the JSON body; `brev`: of the first part of a multipart body; `sporring`: of the
    query string.

    `svar`: type of a success answer, None for nothing; `fil`: content type of a file answer.
    """

    tittel: str
    gruppe: str
    tekst: str = ""
    svar: Any = None
    status: int = 200
    kropp: type[Modell] | None = None
    brev: type[Modell] | None = None
    sporring: type[Modell] | None = None
    fil: str = ""


def operasjon(
    tittel: str,
    *,
    gruppe: str,
    tekst: str = "",
    svar: Any = None,
    status: int = 200,
    kropp: type[Modell] | None = None,
    brev: type[Modell] | None = None,
    sporring: type[Modell] | None = None,
    fil: str = "",
) -> Callable[[F], F]:
    """Declare what a route does, for the document: the facts of an `Operasjon`."""
    said = Operasjon(tittel, gruppe, tekst, svar, status, kropp, brev, sporring, fil)

    def mark(view: F) -> F:
        view.operasjon = said  # type: ignore[attr-defined]
        return view

    return mark
