"""What the five pages of the guided job share: the draft, how far it is, and how a page of it is made."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, detail_queries, guide
from fiks.utsending.brev.fields import FASTE
from fiks.utsending.detail_queries import Detalj
from fiks.utsending.guide import Jobb
from fiks.utsending.rules import EDITABLE
from portal.texts import error_text, feltnavn
from portal.tilgang import current_actor
from portal.utsending.view import STEPS, reference

Svar = AnyResponse | str | tuple[str, int]
Trinn = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Utkast:
    """A draft on its way through the steps."""

    u: Detalj
    jobb: Jobb
    referanse: str

    @property
    def trinn_klare(self) -> dict[str, bool]:
        """Which steps have what they need."""
        return {
            "fakta": True,
            "mottakere": self.jobb.mottakere,
            "kontroll": self.jobb.kontroll,
            "brev": self.jobb.brev,
            "oppsummering": False,
        }


class IkkeUtkast(Exception):
    """The mailing has left the guided job, or this way through it: its own page tells where it is."""

    def __init__(self, utsending_id: UUID) -> None:
        super().__init__(str(utsending_id))
        self.utsending_id = utsending_id


def draft(utsending_id: UUID) -> Utkast:
    """The draft for a step's page; IkkeUtkast when it can no longer be changed, IkkeTilgang when only seen."""
    actor = current_actor()
    access.require(utsending_id, actor, P.SENDE)
    u = detail_queries.detail(utsending_id, actor=actor)
    if u.status not in EDITABLE:
        raise IkkeUtkast(utsending_id)
    return Utkast(u, guide.job(utsending_id, actor=actor), reference(u.nr, u.opprettet))


def own_page(error: IkkeUtkast) -> AnyResponse:
    """Send the visitor to the mailing's own page."""
    return redirect(url_for("utsending.detalj", utsending_id=error.utsending_id), 303)


def to(endpoint: str, utsending_id: UUID, **values: object) -> AnyResponse:
    """Go on to a page of the job after a form."""
    return redirect(url_for(f"utsending.{endpoint}", utsending_id=utsending_id, **values), 303)  # type: ignore[arg-type]


def page(
    template: str, utkast: Utkast, her: str, feil: dict[str, str] | None = None, **values: object
) -> Svar:
    """Render a step's page; with `feil` (field id to sentence) as the answer 422."""
    html = render_template(
        f"utsending/{template}.html",
        utkast=utkast,
        u=utkast.u,
        jobb=utkast.jobb,
        her=her,
        trinn=_steps(utkast, her),
        nummer=[name for name, _ in STEPS].index(her) + 1,
        feil=feil or {},
        **values,
    )
    return (html, 422) if feil else html


def _steps(utkast: Utkast, her: str) -> list[Trinn]:
    done = utkast.trinn_klare
    return [
        (
            text,
            url_for(f"utsending.{name}", utsending_id=utkast.u.id),
            "her" if name == her else "ferdig" if done[name] else "senere",
        )
        for name, text in STEPS
    ]


def refusal(error: FiksError, felter: tuple[str, ...], ellers: str) -> dict[str, str]:
    """The refusal of a use case as an error of the form: at its field when the form has it, else at `ellers`."""
    return {error.felt if error.felt in felter else ellers: error_text(error)}


def say(kode_eller_tekst: str, farge: str = "success") -> None:
    """A message on the next page."""
    flash(kode_eller_tekst, farge)


def fragment_or(utsending_id: UUID, endpoint: str) -> AnyResponse | None:
    """Where a living part is asked for as a page, go to the page it belongs to."""
    return None if "HX-Request" in request.headers else to(endpoint, utsending_id)


REFRESH = {"HX-Refresh": "true"}
"""Headers that make the whole page load anew, when what it waited for has happened."""


def reload_page() -> AnyResponse:
    """Answer to a living part: the page has changed, load all of it."""
    return AnyResponse("", 200, REFRESH)


def value_name(felt: str | None) -> str:
    """What a value of a letter is called: a column's name, or what a computed or fixed one is."""
    return _FIXED.get(felt or "", "") or feltnavn(felt or "et felt")


_FIXED = {felt.navn: felt.beskrivelse for felt in FASTE}
