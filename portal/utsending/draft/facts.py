"""Step 1 of the guided job, Ny utsending, and the redirect to a step by name."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from flask import abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.queries import Kontovalg
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import release_time
from fiks.utsending.draft.service import Fakta, create_utsending, update_utsending
from fiks.utsending.editing.stale_form import Vist, VistEndret
from portal.access.actor import current_actor
from portal.texts import error_text, tekst
from portal.texts.formats import dato
from portal.utsending.blueprint import blueprint
from portal.utsending.draft.closed_draft import answer_late_form
from portal.utsending.draft.conflict_view import Forskjell, differences
from portal.utsending.draft.facts_form import Faktaskjema
from portal.utsending.letter_dates import Brevdatoer
from portal.utsending.page_parts import STEPS
from portal.utsending.wizard import (
    IkkeUtkast,
    Svar,
    Utkast,
    draft,
    keep_shown_mark,
    page,
    redirect_to,
    say,
    shown_mark,
)

blueprint.register_error_handler(IkkeUtkast, answer_late_form)


def kontoer() -> list[Kontovalg]:
    """The kontoer the visitor may send from."""
    actor = current_actor()
    assert actor.person_id is not None and actor.organisasjon_id is not None
    return konfigurasjon.kontoer_with(actor.person_id, actor.organisasjon_id, P.SENDE)


def _offered(valg: list[Kontovalg]) -> date:
    """Proposed date: the earliest day on which letters can leave whichever konto is chosen."""
    return release_time.first_sending_day(
        max((release_time.hold_or_default(k.angrefrist_sekunder) for k in valg), default=0)
    )


def _earliest(valg: list[Kontovalg], konto: UUID | None) -> date:
    """Earliest allowed date for letters from the konto; without a konto, the earliest that any of them
    allows.
    """
    holds = (release_time.hold_or_default(k.angrefrist_sekunder) for k in valg if konto in (k.id, None))
    return release_time.first_sending_day(min(holds, default=0))


@blueprint.route("/ny", methods=["GET", "POST"])
def ny() -> Svar:
    """Create a mailing. The form carries the new id, so a double submit creates one mailing."""
    valg = kontoer()
    if request.method == "GET":
        first = str(valg[0].id) if len(valg) == 1 else ""
        return _new_page(valg, Faktaskjema(konto=first, brevdato=dato(_offered(valg))), uuid4())
    skjema, own = Faktaskjema.of(request.form), form_id()
    konto = _konto(skjema, valg)
    fakta = skjema.facts(_earliest(valg, konto))
    made = None
    try:
        made = _create(konto, fakta, skjema, own) if konto and fakta else None
    except Konflikt as error:
        if error.kode == "UTSENDING_FINNES":
            return _new_page(valg, skjema, uuid4(), error_text(error)), 409
        skjema.feil["konto"] = error_text(error)
    if made is None:
        return _new_page(valg, skjema, own), 422
    say("Utsendingen er lagret som utkast.")
    _tell_if_far_apart(fakta)
    return _onward(made)


def form_id() -> UUID:
    """The id in the form of what it creates (idempotency key); an invalid one is replaced."""
    try:
        return UUID(request.form.get("utsending_id", ""))
    except ValueError:
        return uuid4()


def _konto(skjema: Faktaskjema, valg: list[Kontovalg]) -> UUID | None:
    """The chosen konto; None with the error at its field. A konto on the page may have been closed since."""
    found = skjema.konto_id(frozenset(k.id for k in valg))
    if found is None and skjema.konto:
        skjema.feil["konto"] = tekst("KONTO_KAN_IKKE_VELGES")
    return found


def _create(konto: UUID, fakta: Fakta, skjema: Faktaskjema, own: UUID) -> UUID | None:
    try:
        return create_utsending(konto, fakta, actor=current_actor(), utsending_id=own)
    except UgyldigInndata as error:
        skjema.feil[error.felt or "tittel"] = error_text(error)
        return None


def _new_page(valg: list[Kontovalg], skjema: Faktaskjema, own: UUID, finnes: str = "") -> str:
    trinn = [(text, "", "her" if name == "fakta" else "senere") for name, text in STEPS]
    shown = [(str(konto.id), konto.visningsnavn) for konto in valg]
    first = [("", "Velg konto")] if len(valg) != 1 or skjema.feil.get("konto") else []
    return render_template(
        "utsending/ny.html",
        skjema=skjema,
        feil=skjema.feil,
        utsending_id=own,
        finnes=finnes,
        kontoer=valg,
        kontovalg=[*first, *shown],
        trinn=trinn,
    )


def _tell_if_far_apart(fakta: Fakta | None) -> None:
    """Warn that the saved kunngjøringsdato may be mistyped, and state the deadline it gives."""
    dates = fakta and Brevdatoer(fakta.brevdato, fakta.kunngjoringsdato)
    if dates and dates.langt_fra:
        days = {"kunngjort": dates.kunngjort, "brevdato": dates.brevdato, "frist": dates.regnet_frist}
        say(tekst("KUNNGJORT_LANGT_FRA_BREVDATO", **days), "warning")


def _onward(utsending_id: UUID) -> AnyResponse:
    draft_only = request.form.get("lagre") == "utkast"
    return redirect_to("detalj" if draft_only else "mottakere", utsending_id)


@blueprint.route("/<uuid:utsending_id>/fakta", methods=["GET", "POST"])
def fakta(utsending_id: UUID) -> Svar:
    """Change the facts of the mailing."""
    utkast = draft(utsending_id, Vist.FAKTA)
    if request.method == "GET":
        return _facts_page(utkast, Faktaskjema.from_draft(utkast.u))
    skjema = Faktaskjema.of(request.form)
    facts = skjema.facts(release_time.first_sending_day(release_time.hold_seconds(utkast.u.konto_id)))
    try:
        if facts is None or not _update(utsending_id, facts, skjema):
            return _facts_page(keep_shown_mark(utkast), skjema)
    except VistEndret:
        now = draft(utsending_id, Vist.FAKTA)
        if forskjeller := differences(Faktaskjema.from_draft(now.u), skjema):
            return _facts_page(now, skjema, forskjeller)
    say("Endringene er lagret.")
    _tell_if_far_apart(facts)
    return _onward(utsending_id)


def _facts_page(utkast: Utkast, skjema: Faktaskjema, forskjeller: tuple[Forskjell, ...] = ()) -> Svar:
    """The form; `forskjeller` when a colleague has saved other facts than the form was shown with."""
    endret = tekst("FAKTA_ENDRET") if forskjeller else ""
    return page("fakta", utkast, "fakta", skjema.feil, endret, skjema=skjema, forskjeller=forskjeller)


def _update(utsending_id: UUID, facts: Fakta, skjema: Faktaskjema) -> bool:
    try:
        update_utsending(utsending_id, facts, actor=current_actor(), vist=shown_mark())
    except UgyldigInndata as error:
        skjema.feil[error.felt or "tittel"] = error_text(error)
        return False
    except Konflikt as error:
        if error.kode == "KAN_IKKE_ENDRES":  # since it was looked at, a moment ago
            raise IkkeUtkast(utsending_id) from error
        raise
    return True


@blueprint.get("/<uuid:utsending_id>/steg/<steg>")
def steg(utsending_id: UUID, steg: str) -> AnyResponse:
    """Go to a step by its name."""
    if steg not in {name for name, _ in STEPS}:
        abort(404)
    return redirect_to(steg, utsending_id)
