"""The manual print queue: list it, open a letter's print file, and register what has been posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.errors import RegisterSvarerIkke
from fiks.registeroppslag.port import Registerport
from fiks.svarut.paper import manual_queue
from fiks.svarut.paper.manual_opening import OPENED, open_letter
from fiks.svarut.paper.manual_queue import MOST_AT_ONCE, PAGE, Utskriftsko, Ventende
from fiks.svarut.sender import letter_page
from fiks.utsending.rows.address_protection import mask_row
from portal.access.actor import current_actor
from portal.http.security import DOCUMENT_HEADERS
from portal.texts import error_text, tekst
from portal.texts.svarut.forsendelser import brevtittel
from portal.ui.form_values import page_key, read_page_key

blueprint = Blueprint("utskrift", __name__, url_prefix="/print")
Answer = AnyResponse | str
Svar = Answer | tuple[Answer, int]
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Valg:
    """The queues the visitor may print from, and the one shown."""

    koer: list[Utskriftsko]
    ko: Utskriftsko | None


def _chosen() -> Valg:
    """The requested konto, else the first with waiting letters."""
    koer = manual_queue.queues(actor=current_actor())
    asked = request.values.get("konto", "")
    first = next((ko for ko in koer if ko.venter), koer[0] if koer else None)
    return Valg(koer, next((ko for ko in koer if str(ko.id) == asked), first))


@blueprint.get("")
def ko() -> str:
    """The letters that wait, oldest first."""
    valg, after = _chosen(), read_page_key(request.args.get("etter", ""))
    rader, tatt = [], []
    if valg.ko is not None:
        rader = manual_queue.waiting_letters(valg.ko.id, actor=current_actor(), after=after, limit=PAGE + 1)
        tatt = manual_queue.taken_letters(valg.ko.id, actor=current_actor())
    more = len(rader) > PAGE
    return render_template(
        "utskrift/ko.html",
        valg=valg,
        rader=rader[:PAGE],
        tatt=tatt,
        flere=page_key((rader[PAGE - 1].overlevert, rader[PAGE - 1].id)) if more else None,
        fra_start=after is None,
    )


@blueprint.get("/<uuid:forsendelse_id>/brev.pdf")
def brev(forsendelse_id: UUID) -> Svar:
    """The print file of a letter in the queue. Redirects to the queue when the letter has left it, leaves it
    now, or a register does not answer whether it may be printed.

    A letter that somebody else has opened asks first, and is delivered with `igjen`. HEAD only describes the
    answer: nothing is opened, looked up or taken from the queue.
    """
    if P.SENDE not in letter_page.letter_for_sender(forsendelse_id, actor=current_actor()).rett:
        raise IkkeTilgang("MANGLER_PRIVILEGIUM", privilegium=str(P.SENDE))
    if request.method == "HEAD":
        return _headers(forsendelse_id)
    try:
        again = "igjen" in request.args
        file = open_letter(forsendelse_id, _registers(), mask_row, actor=current_actor(), again=again)
    except IkkeFunnet:
        return _back(tekst("IKKE_I_UTSKRIFTSKO"), "warning")
    except RegisterSvarerIkke as error:
        return _back(error_text(error), "warning")
    except Konflikt as error:
        if error.kode != OPENED:
            return _back(error_text(error), "warning")
        # Read now: to look the receiver up may have changed what the letter is called.
        letter = letter_page.letter_for_sender(forsendelse_id, actor=current_actor())
        return render_template("utskrift/apnet.html", brev=letter, sagt=error_text(error)), 409
    session().rollback()
    headers = {**_named_file(forsendelse_id), "Content-Length": str(file.storrelse)}
    return Response(stream_with_context(file.chunks), mimetype="application/pdf", headers=headers)


def _headers(forsendelse_id: UUID) -> Response:
    """Headers of a letter's print file, without opening it."""
    if not any(one.i_ko for one in manual_queue.chosen_letters([forsendelse_id], actor=current_actor())):
        raise IkkeFunnet("FINNES_IKKE")
    return Response(mimetype="application/pdf", headers=_named_file(forsendelse_id))


def _named_file(forsendelse_id: UUID) -> dict[str, str]:
    name = dump_options_header("inline", {"filename": f"brev-{forsendelse_id}.pdf"})
    return {**DOCUMENT_HEADERS, "Content-Disposition": name}


def _registers() -> Registerport:
    """This app's client of the national registers."""
    return cast(Registerport, current_app.extensions["fiks_register"])


@blueprint.route("/lagt-i-posten", methods=["GET", "POST"])
def postlagt() -> Svar:
    """Ask about the chosen letters, and mark them as posted when confirmed.

    Letters nobody has opened for printing need a confirmation of their own.
    """
    # The form of the question says which letters it named: its address has all that were chosen, also those gone since.
    ids = _ids((request.form if request.method == "POST" else request.args).getlist("id"))
    if not ids:
        return _back(tekst("INGEN_BREV_VALGT"), "warning")
    rader = manual_queue.chosen_letters(ids, actor=current_actor())
    if request.method == "GET":
        return _asked(ids, rader, {})
    if "uapnet" not in request.form and not all(rad.apnet for rad in rader):
        return _asked(ids, rader, {"uapnet": tekst("UAPNEDE_IKKE_BEKREFTET")}), 422
    try:
        marked = manual_queue.mark_printed(ids, actor=current_actor())
    except Konflikt as error:
        return _back(tekst(error.kode, brev=_named(error.params["forsendelser"])), "warning")
    except IkkeFunnet as error:
        return _back(error_text(error), "warning")
    if not marked:
        return _back(f"{'Brevet' if len(ids) == 1 else 'Brevene'} var alt merket som lagt i posten.", "info")
    said = "Brevet er" if marked == 1 else f"{marked} brev er"
    return _back(f"{said} merket som lagt i posten.", "success")


def _asked(ids: list[UUID], rader: list[Ventende], feil: dict[str, str]) -> Answer:
    """The review page of the chosen letters that may be marked; back to the queue when there are none."""
    if not rader:
        return _back(tekst("INGEN_IGJEN_I_UTSKRIFTSKO"), "warning")
    return render_template(
        "utskrift/postlagt.html",
        rader=rader,
        uapnet=sum(not rad.apnet for rad in rader),
        tatt=sum(not rad.i_ko for rad in rader),
        borte=len(ids) - len(rader),
        konto=request.values.get("konto", ""),
        feil=feil,
    )


def _named(ids: list[UUID]) -> str:
    """Title and receiver of the letters that stopped the whole set; the first few of many."""
    names = []
    for forsendelse_id in ids[:MOST_NAMED]:
        one = letter_page.letter_for_sender(forsendelse_id, actor=current_actor())
        to = one.mottaker.navn or "slettet mottaker"
        title = brevtittel(one.opphav, one.tittel)
        names.append(f"«{title}» til {to}" if title else f"Slettet brev ({forsendelse_id})")
    return ", ".join(names) + (f" og {len(ids) - MOST_NAMED} til" if len(ids) > MOST_NAMED else "")


def _ids(given: list[str]) -> list[UUID]:
    """The chosen letters, each once; invalid ids are ignored."""
    found: dict[UUID, None] = {}
    for one in given[:MOST_AT_ONCE]:
        try:
            found[UUID(one)] = None
        except ValueError:
            continue
    return list(found)


def _back(said: str, farge: str) -> AnyResponse:
    flash(said, farge)
    return redirect(url_for("utskrift.ko", konto=request.values.get("konto") or None), 303)
