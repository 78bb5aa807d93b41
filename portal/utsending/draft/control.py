"""Step 3, Kontroll: findings in the list, accepting repairs, and the choices the sender must make."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from flask import Response, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.values.identifiers import Kontonr
from fiks.utsending import earlier_mailings
from fiks.utsending.draft import confirm, service
from fiks.utsending.earlier_mailings import Tidligere
from fiks.utsending.editing.stale_form import Vist, VistEndret
from fiks.utsending.liste.export import Eksportrad, write_csv, write_xlsx
from fiks.utsending.liste.findings import Funn, Funnkode
from fiks.utsending.overview.mailing_page import Detalj
from fiks.utsending.receivers import list_summary
from fiks.utsending.receivers.error_file import export_bad_rows, list_columns
from fiks.utsending.receivers.list_summary import Dobbelt, Forfall, Kontoavvik, Ulike
from fiks.utsending.rows import queries
from fiks.utsending.rows.queries import Funnsum
from fiks.utsending.rules import REPEAT_WINDOW, Art, Radstatus
from portal.access.actor import current_actor
from portal.extensions import EXPORT_LIMIT, limiter
from portal.texts import tekst
from portal.texts.utsending.short_findings import REPAIRED, SHORT
from portal.ui.export_file import CSV, XLSX
from portal.ui.form_values import number_arg, read_ids
from portal.utsending.blueprint import blueprint
from portal.utsending.findings_text import explain_finding, explain_letter_finding
from portal.utsending.page_parts import flash_refusals
from portal.utsending.wizard import (
    Svar,
    Utkast,
    describe_changes,
    draft,
    page,
    redirect_to,
    refusal,
    say,
    say_count,
    shown_mark,
    value_name,
)

PAGE = queries.ROWS_PAGE
LEADING = ("Rad", "Alvorlighet", "Hva er galt")


@dataclass(frozen=True, slots=True)
class Sendtfor:
    """Whether this was sent before: the same list (`liste`), or letters to the same receivers (`brev`), and
    the reason given for sending anyway.

    `dager`: how far back letters are compared. `alle`: ids of the earlier mailings; `navn`: titles of some.
    `sperrer`: a reason is missing for one of them, which blocks the mailing.
    """

    liste: bool
    brev: int
    grunn: str | None
    tidligere: tuple[Tidligere, ...] = ()
    flere: int = 0
    dager: int = REPEAT_WINDOW.days
    alle: tuple[UUID, ...] = ()
    navn: str = ""
    sperrer: bool = False

    @property
    def noe(self) -> bool:
        """Whether anything was sent before."""
        return self.liste or self.brev > 0


def find_sent_before(u: Detalj) -> Sendtfor:
    """Look for the same list in a little over a year, and for the same letters in the last `dager` days."""
    sent = earlier_mailings.find_repeats(u.id, actor=current_actor())
    if sent is None:
        return Sendtfor(False, 0, u.overstyrt_grunn)
    same = sent.utsending_id is not None
    return Sendtfor(
        same,
        sent.antall,
        u.overstyrt_grunn,
        sent.tidligere,
        sent.flere,
        alle=tuple(t.utsending_id for t in sent.alle),
        navn=sent.navn,
        sperrer=sent.ubegrunnet,
    )


def list_warnings(u: Detalj) -> list[str]:
    """Warnings about the list as a whole, as sentences."""
    found = list_summary.list_findings(u.id, actor=current_actor())
    told = [*map(_several, found.ulike), *map(_differing, found.dobbelt)]
    if found.konto is not None:
        told.append(_another_account(found.konto))
    if found.forfall is not None:
        told.append(_too_early(found.forfall, u))
    return told


@dataclass(frozen=True, slots=True)
class Forfallsvarsel:
    """Warnings about due dates on the pages for approval, release and new date; empty strings for none.

    `passert`: the first due date is before the letters' date. `forste`: when the first due date is.
    """

    passert: str = ""
    forste: str = ""


def due_date_warnings(u: Detalj) -> Forfallsvarsel:
    """Warnings about the due dates in the mailing's list."""
    found = list_summary.list_findings(u.id, actor=current_actor())
    return Forfallsvarsel(
        _too_early(found.forfall, u) if found.forfall else "",
        tekst("FORSTE_FORFALL", dato=found.forste.dato) if found.forste else "",
    )


def _too_early(first: Forfall, u: Detalj) -> str:
    kode = "FORFALL_FOR_BREVDATO_FORRIGE" if first.forrige else "FORFALL_FOR_BREVDATO"
    return tekst(kode, felt=value_name(first.felt), rad=str(first.rad), dato=first.dato, brevdato=u.brevdato)


def _another_account(found: Kontoavvik) -> str:
    listens, kontoens = Kontonr(found.listens).pretty, Kontonr(found.kontoens).pretty
    return tekst("ANNET_KONTONUMMER", rad=str(found.rad), listens=listens, kontoens=kontoens)


def _several(one: Ulike) -> str:
    rad, annen = map(str, one.rader)
    return tekst("ULIKE_VERDIER", felt=value_name(one.felt), antall=one.antall, rad=rad, annen=annen)


def _differing(one: Dobbelt) -> str:
    return tekst("KOLONNER_ER_ULIKE", brukt=one.brukt, annen=one.annen, rad=str(one.rad))


@blueprint.get("/<uuid:utsending_id>/kontroll")
def kontroll(utsending_id: UUID) -> Svar:
    """The findings in the list."""
    utkast = draft(utsending_id, Vist.RADER)
    if not utkast.jobb.mottakere:
        return redirect_to("mottakere", utsending_id)
    return _page(utkast)


def _conflict_page(utsending_id: UUID, error: VistEndret) -> Svar:
    """Conflict: show the page as it is now, or step 2 while there are no rows."""
    utkast = draft(utsending_id, Vist.RADER)
    if utkast.jobb.mottakere:
        return _page(utkast, endret=describe_changes(error))
    say(describe_changes(error), "danger")
    return redirect_to("mottakere", utsending_id)


def _page(utkast: Utkast, feil: dict[str, str] | None = None, grunn: str = "", endret: str = "") -> Svar:
    actor, u = current_actor(), utkast.u
    kode = request.args.get("kode", "")
    kode = kode if kode in SHORT else ""
    after = number_arg("etter") or 0
    found = queries.rows(
        u.id, actor=actor, kode=kode or None, bare_funn=not kode, after=after, limit=PAGE + 1
    )
    counts = queries.finding_counts(u.id, actor=actor)
    return page(
        "kontroll",
        utkast,
        "kontroll",
        feil,
        endret,
        grunn=grunn,
        funn=counts,
        korte=SHORT,
        rettet=REPAIRED,
        kode=kode,
        rader=found[:PAGE],
        flere=found[PAGE - 1].radnr if len(found) > PAGE else None,
        fra_start=after == 0,
        sendt_for=find_sent_before(utkast.u),
        hele_listen=list_warnings(utkast.u),
        utenfor=confirm.held_out_counts(u.id),
        uten_svar=_of_kind(counts, Funnkode.REGISTER_UTEN_SVAR),
        forklar=_explainer(utkast),
        verdinavn=value_name,
    )


def _of_kind(counts: list[Funnsum], kode: Funnkode) -> int:
    return sum(c.antall for c in counts if c.kode == kode)


@blueprint.route("/<uuid:utsending_id>/kontroll/forslag", methods=["GET", "POST"])
def forslag(utsending_id: UUID) -> Svar:
    """Proposed repairs, before and after, accepted by kind or all at once."""
    utkast = draft(utsending_id, Vist.RADER)
    if request.method == "GET":
        return _proposals(utkast)
    koder = request.form.getlist("kode")
    alle = bool(request.form.get("alle"))
    if not koder and not alle:
        return _proposals(utkast, {"kode-1": tekst("VELG_FORSLAG")})
    try:
        return _accept(utsending_id, None if alle else koder)
    except VistEndret as error:
        now = draft(utsending_id, Vist.RADER)
        if now.jobb.rader.get(Radstatus.AUTO):
            return _proposals(now, endret=describe_changes(error))
        return _conflict_page(utsending_id, error)


def _proposals(utkast: Utkast, feil: dict[str, str] | None = None, endret: str = "") -> Svar:
    actor, after = current_actor(), number_arg("etter") or 0
    found = queries.rows(utkast.u.id, actor=actor, status=Radstatus.AUTO, after=after, limit=PAGE + 1)
    kinds = [f for f in queries.finding_counts(utkast.u.id, actor=actor) if f.alvorlighet == "auto"]
    return page(
        "forslag",
        utkast,
        "kontroll",
        feil,
        endret,
        rader=found[:PAGE],
        flere=found[PAGE - 1].radnr if len(found) > PAGE else None,
        fra_start=after == 0,
        slag=kinds,
        korte=SHORT,
        rettet=REPAIRED,
    )


def _accept(utsending_id: UUID, koder: list[str] | None) -> AnyResponse:
    with flash_refusals():
        n = confirm.accept_repairs(utsending_id, koder, actor=current_actor(), vist=shown_mark())
        say_count(n, f"Forslagene er godtatt for {n} {'rad' if n == 1 else 'rader'}.")
    left = queries.rows(utsending_id, actor=current_actor(), status=Radstatus.AUTO, limit=1)
    return redirect_to("forslag" if left else "kontroll", utsending_id)


@blueprint.post("/<uuid:utsending_id>/kontroll/til-side")
def til_side(utsending_id: UUID) -> Svar:
    """Choose to send the good rows and park the bad ones, or undo that choice."""
    utkast, park = draft(utsending_id), request.form.get("valg") == "til-side"
    antall = utkast.jobb.darlige if park or utkast.u.parker_feil else 0
    if not park:
        antall += confirm.held_out_counts(utsending_id).til_side
    try:
        with flash_refusals():
            service.park_bad_rows(utsending_id, park, actor=current_actor(), antall=antall, vist=shown_mark())
            say("De gode radene sendes, resten holdes utenfor." if park else "Valget er angret.")
    except VistEndret as error:
        return _conflict_page(utsending_id, error)
    return redirect_to("kontroll", utsending_id)


@blueprint.post("/<uuid:utsending_id>/kontroll/kan-ikke-naas")
def kan_ikke_naas(utsending_id: UUID) -> Svar:
    """Choose to send also rows that no channel can reach, or not."""
    draft(utsending_id)
    send = request.form.get("valg") == "send"
    try:
        with flash_refusals():
            n = service.send_unreachable(utsending_id, send, actor=current_actor(), vist=shown_mark())
            noun = "rad" if n == 1 else "rader"
            say_count(n, f"{n} {noun} sendes likevel." if send else f"{n} {noun} holdes utenfor.")
    except VistEndret as error:
        return _conflict_page(utsending_id, error)
    return redirect_to("kontroll", utsending_id)


@blueprint.post("/<uuid:utsending_id>/kontroll/sendt-for")
def overstyr(utsending_id: UUID) -> Svar:
    """Send again in spite of earlier mailings, with a reason that covers the mailings the page named."""
    utkast, grunn = draft(utsending_id, Vist.RADER), request.form.get("grunn", "")[:1000]
    try:
        tidligere = read_ids(request.form.get("tidligere", ""))
        service.override_sent_before(utsending_id, grunn, tidligere=tidligere, actor=current_actor())
    except (UgyldigInndata, Konflikt) as error:
        return _page(utkast, refusal(error, ("grunn",), "grunn"), grunn)
    say("Begrunnelsen er lagret.")
    return redirect_to("kontroll", utsending_id)


@blueprint.get("/<uuid:utsending_id>/kontroll/feilliste.<any(csv, xlsx):filformat>")
@limiter.limit(EXPORT_LIMIT)
def feilliste(utsending_id: UUID, filformat: str) -> Response:
    """The rows with findings, as a file to correct."""
    utkast = draft(utsending_id)
    columns = list_columns(utsending_id, actor=current_actor())
    rows = export_bad_rows(utsending_id, actor=current_actor())
    made = _file(filformat, rows, columns, _explainer(utkast))
    name = f"feilliste-{utkast.referanse}.{filformat}"
    mimetype = XLSX if filformat == "xlsx" else CSV
    return send_file(made, mimetype, as_attachment=True, download_name=name)


def _explainer(utkast: Utkast) -> Callable[[Funn], str]:
    return explain_letter_finding if utkast.u.art == Art.EN_STOR_PDF else explain_finding


def _file(
    filformat: str, rows: Iterator[Eksportrad], columns: list[str], words: Callable[[Funn], str]
) -> IO[bytes]:
    """The file, opened for reading; its temporary file is already unlinked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "liste"
        if filformat == "xlsx":
            write_xlsx(path, rows, columns, words, LEADING)
        else:
            with path.open("w", newline="", encoding="utf-8") as stream:
                write_csv(stream, rows, columns, words, LEADING)
        return path.open("rb")
