"""What the five pages of the guided job share: the draft, how far it is, what it showed, and how a page is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError
from fiks.konfigurasjon.rules import P
from fiks.utsending import access, detail_queries, guide
from fiks.utsending.brev.fields import FASTE
from fiks.utsending.detail_queries import Detalj
from fiks.utsending.guide import Jobb
from fiks.utsending.rules import EDITABLE, reference
from fiks.utsending.shown import Vist, VistEndret, changed, refuse, shown
from portal.access import current_actor
from portal.texts import error_text, feltnavn, tekst
from portal.texts.utsending import VIST
from portal.utsending.view import STEPS

Svar = AnyResponse | str | tuple[str, int]
Trinn = tuple[str, str, str]
SHOWN = "sett"
"""The field in which a form says what its page showed."""


@dataclass(frozen=True, slots=True)
class Utkast:
    """A draft on its way through the steps. `vist`: what its page shows, for the page's forms to say."""

    u: Detalj
    jobb: Jobb
    referanse: str
    vist: str = ""

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


def draft(utsending_id: UUID, *what: Vist) -> Utkast:
    """The draft for a step's page; IkkeUtkast when it can no longer be changed, IkkeTilgang when only seen.

    `what` the page's forms are about. Its digest is read before all that the page shows of it: what changes in between
    is shown though no form knows of it, and the form is refused; never the other way. How far it is is read before its
    files, so that those of a reading that is done are as the reading left them; one that has begun since goes on.
    """
    actor = current_actor()
    access.require(utsending_id, actor, P.SENDE)
    vist = shown(utsending_id, *what)
    jobb = guide.job(utsending_id, actor=actor)
    u = detail_queries.detail(utsending_id, actor=actor)
    if u.status not in EDITABLE:
        raise IkkeUtkast(utsending_id)
    if u.har_ulest and not jobb.lesing_tapt:
        jobb = replace(jobb, leses=True)
    return Utkast(u, jobb, reference(u.nr, u.opprettet), vist)


def seen() -> str:
    """What the page showed whose form was sent; nothing, which no page shows, when it does not say."""
    return request.form.get(SHOWN, "")


def as_seen(utkast: Utkast) -> Utkast:
    """The draft for a page on which a form stands as it was sent: it is still about what its first page showed."""
    return replace(utkast, vist=seen())


def require_seen(utkast: Utkast, *what: Vist) -> None:
    """VistEndret when some of this is not as the page of the form showed it: before a form is read by what stands there
    now. The use case asks again, with the mailing held."""
    refuse(tuple(one for one in changed(seen(), utkast.vist) if one in what))


def what_changed(error: VistEndret) -> str:
    """What somebody has changed since the page was opened, and what to do."""
    *names, last = (VIST[one] for one in error.endret)
    return tekst("VIST_ENDRET", hva=f"{', '.join(names)} og {last}" if names else last)


def to(endpoint: str, utsending_id: UUID, **values: object) -> AnyResponse:
    """Go on to a page of the job after a form."""
    return redirect(url_for(f"utsending.{endpoint}", utsending_id=utsending_id, **values), 303)  # type: ignore[arg-type]


def page(
    template: str,
    utkast: Utkast,
    her: str,
    feil: dict[str, str] | None = None,
    endret: str = "",
    **values: object,
) -> Svar:
    """Render a step's page; with `feil` (field id to sentence) as the answer 422, with `endret` (why not) as 409."""
    html = render_template(
        f"utsending/{template}.html",
        utkast=utkast,
        u=utkast.u,
        jobb=utkast.jobb,
        her=her,
        trinn=_steps(utkast, her),
        nummer=[name for name, _ in STEPS].index(her) + 1,
        feil=feil or {},
        endret=endret,
        **values,
    )
    return (html, 409) if endret else (html, 422) if feil else html


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


def say_done(antall: int, told: str) -> None:
    """Say what was done with so many. With none that there was nothing left to do: it was asked for twice, or somebody
    else was first."""
    if antall:
        say(told)
    else:
        say(tekst("INGENTING_IGJEN"), "info")


def fragment_or(utsending_id: UUID, endpoint: str) -> AnyResponse | None:
    """Where a living part is asked for as a page, go to the page it belongs to."""
    return None if "HX-Request" in request.headers else to(endpoint, utsending_id)


def reload_page() -> AnyResponse:
    """Answer to a living part: the page has changed, load all of it."""
    return AnyResponse("", 200, {"HX-Refresh": "true"})


def value_name(felt: str | None) -> str:
    """What a value of a letter is called: a column's name, or what a computed or fixed one is."""
    return _FIXED.get(felt or "", "") or feltnavn(felt or "et felt")


_FIXED = {felt.navn: felt.beskrivelse for felt in FASTE}
