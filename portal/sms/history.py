"""Sent SMS by konto, newest first, the state of one sending, and who did not get it."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.konfigurasjon.rules import P
from fiks.sms import queries
from fiks.sms.queries import PAGE, Mottaker, Utsendelse
from fiks.sms.rules import Status
from portal.access.actor import current_actor
from portal.organisasjon.blueprint import may_here
from portal.sms.blueprint import blueprint, kontoer, open_kontoer
from portal.texts import status_of, tekst
from portal.texts.sms import STATUSER
from portal.texts.statuses import Status as Statustekst
from portal.ui.form_values import uuid_of

SOON, LATER = 3, 20
"""Seconds between refreshes of a sending: while SMS wait to be sent, and while only receipts are awaited."""
RECEIVERS_PAGE = 100
NOT_REACHED = (Status.IKKE_SENDT, Status.IKKE_LEVERT, Status.UKJENT)
"""Statuses of those who did not, or perhaps not, get the SMS: listed by default."""
EVERYBODY = "alle"
CHOICES = [
    ("", "De som kan mangle SMS-en"),
    *((str(status), STATUSER[status].tekst) for status in NOT_REACHED),
    *((name, text.tekst) for name, text in STATUSER.items() if name not in NOT_REACHED),
    (EVERYBODY, "Alle"),
]


@blueprint.get("")
def oversikt() -> str:
    """Sendings of one konto; the first by name until another is chosen."""
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
        stand=status_counts,
    )


@blueprint.get("/<uuid:smskonto_id>/<uuid:smsutsendelse_id>")
def utsendelse(smskonto_id: UUID, smsutsendelse_id: UUID) -> str:
    """One sending: its text, and the status of its SMS."""
    return render_template("sms/utsendelse.html", **_shown(smskonto_id, smsutsendelse_id))


@blueprint.get("/<uuid:smskonto_id>/<uuid:smsutsendelse_id>/fremdrift")
def fremdrift(smskonto_id: UUID, smsutsendelse_id: UUID) -> str | AnyResponse:
    """The self-refreshing part of the page."""
    if "HX-Request" not in request.headers:
        page = url_for("sms.utsendelse", smskonto_id=smskonto_id, smsutsendelse_id=smsutsendelse_id)
        return redirect(page)
    return render_template("sms/levende.html", **_shown(smskonto_id, smsutsendelse_id))


@blueprint.get("/<uuid:smskonto_id>/<uuid:smsutsendelse_id>/mottakere")
def mottakere(smskonto_id: UUID, smsutsendelse_id: UUID) -> str:
    """Who got it, who did not, and why."""
    valgt, etter = request.args.get("status", ""), uuid_of(request.args.get("etter", ""))
    wanted = _wanted(valgt)
    found = queries.receivers(
        smskonto_id,
        smsutsendelse_id,
        statuser=wanted,
        after=etter,
        actor=current_actor(),
        limit=RECEIVERS_PAGE + 1,
    )
    return render_template(
        "sms/mottakere.html",
        **_shown(smskonto_id, smsutsendelse_id),
        rader=found[:RECEIVERS_PAGE],
        flere=found[RECEIVERS_PAGE - 1].id if len(found) > RECEIVERS_PAGE else None,
        fra_start=etter is None,
        valg=CHOICES,
        valgt=valgt if wanted != NOT_REACHED else "",
        status_text=status_text,
        grunn=reason,
        noen_mangler=any(mottaker.status in NOT_REACHED for mottaker in found),
    )


def _wanted(valgt: str) -> tuple[Status, ...]:
    if valgt == EVERYBODY:
        return tuple(Status)
    return (Status(valgt),) if valgt in STATUSER else NOT_REACHED


def reason(mottaker: Mottaker) -> str:
    """Why a receiver did not get it, "" for those who did or still may."""
    if mottaker.grunn is not None:
        return tekst(f"SMS_GRUNN_{mottaker.grunn}")
    return tekst(f"SMS_{mottaker.status}") if mottaker.status in NOT_REACHED else ""


def _shown(smskonto_id: UUID, smsutsendelse_id: UUID) -> dict[str, object]:
    actor = current_actor()
    u = queries.sending(smskonto_id, smsutsendelse_id, actor=actor)
    return {
        "konto": queries.konto(smskonto_id, actor=actor),
        "u": u,
        "stand": status_counts(u),
        "takt": poll_seconds(u),
        "kan_mangle": sum(u.per_status.get(status, 0) for status in NOT_REACHED),
    }


def status_counts(u: Utsendelse) -> list[tuple[Statustekst, int]]:
    """Number of SMS by status, in the order of the texts, without zeros."""
    order = dict.fromkeys([*map(str, STATUSER), *map(str, u.per_status)])
    return [(status_text(name), u.per_status[name]) for name in order if name in u.per_status]


def status_text(status: str) -> Statustekst:
    """Text of a status; a status unknown to this release is shown as its code."""
    return STATUSER.get(status) or status_of(status)


def poll_seconds(u: Utsendelse) -> int:
    """Seconds until the next refresh; 0 when nothing more is expected."""
    if u.per_status.get(Status.OPPRETTET):
        return SOON
    return LATER if u.per_status.get(Status.SENDT) else 0
