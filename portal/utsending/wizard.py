"""Shared by the five pages of the guided job: the draft, its progress, the mark of what was shown, rendering
a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.brev.language.fields import FASTE
from fiks.utsending.draft import wizard
from fiks.utsending.draft.wizard import Jobb
from fiks.utsending.editing.stale_form import Vist, VistEndret, compare_versions, form_version, refuse_stale
from fiks.utsending.overview import mailing_page
from fiks.utsending.overview.mailing_page import Detalj
from fiks.utsending.rules import EDITABLE, reference
from portal.access.actor import current_actor
from portal.texts import error_text, feltnavn, tekst
from portal.texts.utsending.mailing import VIST
from portal.utsending.page_parts import STEPS

Svar = AnyResponse | str | tuple[str, int]
Trinn = tuple[str, str, str]
SHOWN_FIELD = "sett"
"""Name of the field with the mark of what the page showed."""


@dataclass(frozen=True, slots=True)
class Utkast:
    """A draft on its way through the steps. `vist`: the mark of what its page shows, for the page's forms to
    send back.
    """

    u: Detalj
    jobb: Jobb
    referanse: str
    vist: str = ""

    @property
    def trinn_klare(self) -> dict[str, bool]:
        """Which steps are complete."""
        return {
            "fakta": True,
            "mottakere": self.jobb.mottakere,
            "kontroll": self.jobb.kontroll,
            "brev": self.jobb.brev,
            "oppsummering": False,
        }


class IkkeUtkast(Exception):
    """The mailing has left the guided job, or this variant of it: redirect to its own page."""

    def __init__(self, utsending_id: UUID) -> None:
        super().__init__(str(utsending_id))
        self.utsending_id = utsending_id


def draft(utsending_id: UUID, *what: Vist) -> Utkast:
    """The draft for a step's page; IkkeUtkast when it can no longer be changed, IkkeTilgang for a mere
    reader.

    `what`: the data the page's forms are about. Its mark is computed before anything shown is read: a change
    in between is then shown without being in the mark, and the form is refused; never the reverse. Progress
    is read before the files, so that the files of a finished reading are as the reading left them; a reading
    begun since counts as running.
    """
    actor = current_actor()
    access.require(utsending_id, actor, P.SENDE)
    vist = form_version(utsending_id, *what)
    jobb = wizard.wizard_progress(utsending_id, actor=actor)
    u = mailing_page.detail(utsending_id, actor=actor)
    if u.status not in EDITABLE:
        raise IkkeUtkast(utsending_id)
    if u.har_ulest and not jobb.lesing_tapt:
        jobb = replace(jobb, leses=True)
    return Utkast(u, jobb, reference(u.nr, u.opprettet), vist)


def shown_mark() -> str:
    """The mark of what the posted form's page showed; empty, which no page shows, when the form has none."""
    return request.form.get(SHOWN_FIELD, "")


def keep_shown_mark(utkast: Utkast) -> Utkast:
    """The draft with the mark of the posted form, for showing that form again: it is still about its first
    page.
    """
    return replace(utkast, vist=shown_mark())


def require_unchanged(utkast: Utkast, *what: Vist) -> None:
    """Raise VistEndret when some of `what` differs from what the form's page showed.

    Called before a form is interpreted by present data. The use case checks again, with the mailing locked.
    """
    refuse_stale(tuple(one for one in compare_versions(shown_mark(), utkast.vist) if one in what))


def describe_changes(error: VistEndret) -> str:
    """What a colleague has changed since the page was opened, and what to do."""
    *names, last = (VIST[one] for one in error.endret)
    return tekst("VIST_ENDRET", hva=f"{', '.join(names)} og {last}" if names else last)


def redirect_to(endpoint: str, utsending_id: UUID, **values: object) -> AnyResponse:
    """Redirect (303) to a page of the mailing after a form."""
    return redirect(url_for(f"utsending.{endpoint}", utsending_id=utsending_id, **values), 303)  # type: ignore[arg-type]


def page(
    template: str,
    utkast: Utkast,
    her: str,
    feil: dict[str, str] | None = None,
    endret: str = "",
    **values: object,
) -> Svar:
    """Render a step's page: 422 with `feil` (field id to sentence), 409 with `endret` (the conflict's text)."""
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
    """The refusal as a form error: at its own field if the form has it, else at `ellers`."""
    return {error.felt if error.felt in felter else ellers: error_text(error)}


def say(kode_eller_tekst: str, farge: str = "success") -> None:
    """Flash a message on the next page."""
    flash(kode_eller_tekst, farge)


def say_count(antall: int, told: str) -> None:
    """Flash `told`; for a count of 0 say that there was nothing left to do (double submit, or a colleague was
    first).
    """
    if antall:
        say(told)
    else:
        say(tekst("INGENTING_IGJEN"), "info")


def redirect_unless_htmx(utsending_id: UUID, endpoint: str) -> AnyResponse | None:
    """Redirect to the whole page when a self-refreshing part is opened as a page; None for an htmx request."""
    return None if "HX-Request" in request.headers else redirect_to(endpoint, utsending_id)


def reload_page() -> AnyResponse:
    """Answer of a self-refreshing part when the page has changed: reload it (HX-Refresh)."""
    return AnyResponse("", 200, {"HX-Refresh": "true"})


def value_name(felt: str | None) -> str:
    """Name of a value in a letter: a column's name, or the description of a computed or fixed field."""
    return _FIXED.get(felt or "", "") or feltnavn(felt or "et felt")


_FIXED = {felt.navn: felt.beskrivelse for felt in FASTE}

CHUNK = 256 * 1024


def chunks(file: FileStorage) -> Iterator[bytes]:
    """Yield the uploaded file in chunks; a large upload lies on disk."""
    while piece := file.stream.read(CHUNK):
        yield piece
