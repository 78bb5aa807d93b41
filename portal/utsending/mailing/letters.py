"""The letters of a mailing: list, timeline, retry."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.konfigurasjon.rules import P
from fiks.svarut.rules import Status
from fiks.svarut.sender.log import READ_RIGHTS
from fiks.utsending.sending import progress, reports, retry
from fiks.utsending.sending.progress import ROWS_PAGE
from fiks.utsending.sending.stop_report import CLOSED_BY_STOP
from portal.access.actor import current_actor
from portal.texts import status_of
from portal.texts.formats import antall
from portal.ui.form_values import number_arg
from portal.utsending.blueprint import blueprint
from portal.utsending.page_parts import Side, flash_refusals, page_of
from portal.utsending.wizard import say_count

FILTER_CODES = [str(one) for one in (*Status, *CLOSED_BY_STOP)]
STATUSES = [("", "Alle"), *((one, status_of(one).tekst) for one in FILTER_CODES)]


def _may_retry(side: Side) -> bool:
    return side.u.status in retry.SENDING and P.SENDE in side.rett


def _may_open(side: Side) -> bool:
    """Whether the visitor may see the letter's own page under Forsendelser."""
    return not side.rett.isdisjoint(READ_RIGHTS)


@blueprint.get("/<uuid:utsending_id>/brevliste")
def brevliste(utsending_id: UUID) -> str:
    """The letters in row order, filtered by status or by waiting for a person."""
    side, after = page_of(utsending_id), number_arg("etter") or 0
    status, feil = request.args.get("status", ""), request.args.get("feil") == "ja"
    status = status if status in FILTER_CODES else ""
    rows = progress.letters(
        utsending_id,
        actor=current_actor(),
        status=status or None,
        feil=feil,
        after=after,
        limit=ROWS_PAGE + 1,
    )
    return render_template(
        "utsending/brevliste.html",
        side=side,
        u=side.u,
        rader=rows[:ROWS_PAGE],
        status=status,
        feil=feil,
        statuser=STATUSES,
        flere=rows[ROWS_PAGE - 1].radnr if len(rows) > ROWS_PAGE else None,
        fra_start=not after,
        kan_prove=_may_retry(side),
        kan_apne=_may_open(side),
    )


@blueprint.get("/<uuid:utsending_id>/brevliste/<int:radnr>")
def tidslinje(utsending_id: UUID, radnr: int) -> str:
    """Everything that has happened to one letter."""
    side, actor = page_of(utsending_id), current_actor()
    brev, hendelser = progress.timeline(utsending_id, radnr, actor=actor)
    sendt, klagefrist = reports.letter_deadline(utsending_id, radnr, actor=actor)
    return render_template(
        "utsending/tidslinje.html",
        side=side,
        u=side.u,
        brev=brev,
        hendelser=hendelser,
        sendt=sendt,
        klagefrist=klagefrist,
        kan_prove=_may_retry(side) and brev.levering_id is not None and not brev.sperret,
        kan_apne=_may_open(side),
    )


@blueprint.post("/<uuid:utsending_id>/brevliste/<int:radnr>/prov-igjen")
def prov_igjen(utsending_id: UUID, radnr: int) -> AnyResponse:
    """Retry one letter."""
    with flash_refusals():
        retry.retry_letter(utsending_id, radnr, actor=current_actor())
        flash("Brevet prøves på nytt.", "success")
    return redirect(url_for("utsending.tidslinje", utsending_id=utsending_id, radnr=radnr), 303)


@blueprint.post("/<uuid:utsending_id>/prov-alle-igjen")
def prov_alle_igjen(utsending_id: UUID) -> AnyResponse:
    """Retry every letter that waits for a person."""
    with flash_refusals():
        done = retry.retry_all(utsending_id, actor=current_actor())
        say_count(done, f"{antall(done, 'brev')} prøves på nytt.")
    return redirect(url_for("utsending.detalj", utsending_id=utsending_id), 303)
