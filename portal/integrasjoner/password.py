"""A new password of an integrasjon: ask, stating what stops; then display it once, in the answer to the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt
from fiks.konfigurasjon.integrasjon import service
from fiks.konfigurasjon.integrasjon.passwords import Passord
from fiks.konfigurasjon.integrasjon.queries import Integrasjonsdetalj
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from portal.access.actor import current_actor
from portal.extensions import PASSWORD_LIMIT, limiter
from portal.integrasjoner.blueprint import blueprint, managed_integrasjon
from portal.texts import error_text, tekst
from portal.texts.konfigurasjon.integrasjoner import OVERLAPP
from portal.ui.one_time_secret import NEVER, render_once, replaced_password_time

Answer = AnyResponse | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Videre:
    """Where the person goes after the password page: a sentence, the next page, and the page that grants
    access, if needed.
    """

    tekst: str
    neste: str
    gi: str = ""


def password_page(
    integrasjon_id: UUID, fakta: Integrasjonsfakta | Integrasjonsdetalj, passord: Passord, videre: Videre
) -> AnyResponse:
    """The page with the password and what to do next; see `render_once`."""
    return render_once(
        "integrasjoner/passord_vist.html",
        integrasjon_id=integrasjon_id,
        navn=fakta.navn,
        autorisert_orgnr=fakta.autorisert_orgnr,
        passord=passord.verdi,
        videre=videre,
    )


def overlap(form: Mapping[str, str]) -> timedelta:
    """How long the old password keeps working: one of the page's choices, none by default."""
    chosen = form.get("overlapp", "")
    return timedelta(hours=int(chosen) if chosen in dict(OVERLAPP) else 0)


@blueprint.route("/<uuid:integrasjon_id>/passord", methods=["GET", "POST"])
@limiter.limit(PASSWORD_LIMIT, methods=["POST"])
def passord(integrasjon_id: UUID) -> Answer:
    """Ask, stating what stops; then create and display the password."""
    integrasjon = managed_integrasjon(integrasjon_id)
    neste = url_for("integrasjoner.detalj", integrasjon_id=integrasjon_id)
    if request.method == "GET":
        return confirm_page(integrasjon, (url_for("integrasjoner.oversikt"), "Integrasjoner"), neste)
    return renew_password(integrasjon, neste)


def confirm_page(integrasjon: Integrasjonsdetalj, alle: tuple[str, str], neste: str) -> str:
    """The question. `alle`: the list it belongs to (address, text); `neste`: its own page."""
    return render_template("integrasjoner/passord.html", i=integrasjon, valg=OVERLAPP, neste=neste, alle=alle)


def renew_password(integrasjon: Integrasjonsdetalj, neste: str) -> AnyResponse:
    """The page with the new password, or a redirect with the reason for the refusal."""
    try:
        made = service.new_password(
            integrasjon.id,
            replaces=replaced_password_time(request.form) or NEVER,
            overlapp=overlap(request.form),
            actor=current_actor(),
        )
    except Konflikt as error:
        flash(error_text(error), "warning")
        return redirect(neste, 303)
    return password_page(integrasjon.id, integrasjon, made, Videre(tekst("PASSORD_BYTTET"), neste))
