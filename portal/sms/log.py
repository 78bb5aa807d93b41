"""What has been sent from a konto, newest first, and how one sending goes."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.konfigurasjon.rules import P
from fiks.sms import queries
from fiks.sms.queries import PAGE, Utsendelse
from fiks.sms.rules import Status
from portal.organisasjon.blueprint import may_here
from portal.sms.blueprint import blueprint, kontoer, open_kontoer
from portal.svarut.skjema import uuid_of
from portal.texts.sms import STATUSER
from portal.texts.statuser import Status as Statustekst
from portal.tilgang import current_actor

SOON, LATER = 3, 20
"""Seconds between looks at a sending: while SMS wait to go, and while only receipts are waited for."""


@blueprint.get("")
def oversikt() -> str:
    """The sendings of one konto; the first by name until another is chosen."""
    mine, wanted = kontoer(), uuid_of(request.args.get("konto", ""))
    valgt = next((konto for konto in mine if konto.id == wanted), mine[0] if mine else None)
    etter = uuid_of(request.args.get("etter", ""))
    rader: list[Utsendelse] = []
    if valgt is not None:
        rader = queries.sendings(valgt.id, after=etter, actor=current_actor(), limit=PAGE + 1)
    return render_template(
        "sms/oversikt.html",
        kontoer=[(str(konto.id), konto.visningsnavn) for konto in mine],
        valgt=valgt,
        rader=rader[:PAGE],
        siste=rader[PAGE - 1].id if len(rader) > PAGE else None,
        fra_start=etter is None,
        kan_sende=bool(open_kontoer()),
        kan_administrere=may_here(P.ADMIN),
        stand=stand,
    )


@blueprint.get("/<uuid:smskonto_id>/<uuid:smsutsendelse_id>")
def utsendelse(smskonto_id: UUID, smsutsendelse_id: UUID) -> str:
    """One sending: what it said, and how its SMS stand."""
    return render_template("sms/utsendelse.html", **_shown(smskonto_id, smsutsendelse_id))


@blueprint.get("/<uuid:smskonto_id>/<uuid:smsutsendelse_id>/fremdrift")
def fremdrift(smskonto_id: UUID, smsutsendelse_id: UUID) -> str | AnyResponse:
    """The living part of the page alone."""
    if "HX-Request" not in request.headers:
        page = url_for("sms.utsendelse", smskonto_id=smskonto_id, smsutsendelse_id=smsutsendelse_id)
        return redirect(page)
    return render_template("sms/levende.html", **_shown(smskonto_id, smsutsendelse_id))


def _shown(smskonto_id: UUID, smsutsendelse_id: UUID) -> dict[str, object]:
    actor = current_actor()
    u = queries.sending(smskonto_id, smsutsendelse_id, actor=actor)
    return {
        "konto": queries.konto(smskonto_id, actor=actor),
        "u": u,
        "stand": stand(u),
        "takt": pace(u),
    }


def stand(u: Utsendelse) -> list[tuple[Statustekst, int]]:
    """How many SMS of a sending stand how, in the order of the texts; what none of them is, is left out."""
    return [
        (text, u.per_status[Status(name)]) for name, text in STATUSER.items() if Status(name) in u.per_status
    ]


def pace(u: Utsendelse) -> int:
    """Seconds until the page should look again; 0 when nothing more is expected."""
    if u.per_status.get(Status.OPPRETTET):
        return SOON
    return LATER if u.per_status.get(Status.SENDT) else 0
