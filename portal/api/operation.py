"""What the document of our interfaces says of a route, written beside the route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from portal.api.model import Modell

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operasjon:
    """`kropp` is the JSON that is sent, `brev` the first part of a multipart body; `sporring` what follows the `?`.

    `svar` is the type of what a success answers, None for nothing; `fil` the type of a file that it answers with.
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
    """Say what a route does, for the document: the facts of an `Operasjon`."""
    said = Operasjon(tittel, gruppe, tekst, svar, status, kropp, brev, sporring, fil)

    def mark(view: F) -> F:
        view.operasjon = said  # type: ignore[attr-defined]
        return view

    return mark
