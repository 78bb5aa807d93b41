"""Approval by a second person (four eyes), and release at once or at a time, within angrefrist."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core import clock
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.konto.safeguards import recent_account_change
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval import release_time as approval_release_time
from fiks.utsending.approval import service
from fiks.utsending.approval.sample import letter_of, order_sample, sample
from fiks.utsending.cost import estimate
from fiks.utsending.letters import preview
from fiks.utsending.overview.mailing_page import Detalj
from fiks.utsending.production.new_date import produce_with_new_date
from fiks.utsending.rows import queries
from fiks.utsending.rows.queries import Prognoserad
from fiks.utsending.sending import progress
from portal.access.actor import current_actor, current_session
from portal.access.login_request import is_fresh
from portal.texts import error_text, tekst
from portal.texts.formats import antall, dato, tid
from portal.ui.form_values import read_date, read_digest
from portal.utsending.blueprint import blueprint
from portal.utsending.draft.control import due_date_warnings, find_sent_before
from portal.utsending.letter_dates import dates_of
from portal.utsending.page_parts import Side, flash_refusals, page_of, receivers_of

LONGEST_REASON = 1_000
OTHER_LETTERS = "ANDRE_BREV_VIST"


def _back(utsending_id: UUID, endpoint: str = "utsending.detalj") -> AnyResponse:
    return redirect(url_for(endpoint, utsending_id=utsending_id), 303)


@blueprint.get("/<uuid:utsending_id>/godkjenning")
def godkjenning(utsending_id: UUID) -> str | AnyResponse:
    """Everything the approver needs to decide."""
    side = page_of(utsending_id)
    if not side.kan_godkjenne:
        return _back(utsending_id)
    return _approval_page(side, {})


def _approval_page(side: Side, feil: dict[str, str], grunn: str = "") -> str:
    """The page; `grunn`: the typed reason for sending it back."""
    actor, u = current_actor(), side.u
    sesjon = current_session().sesjon
    return render_template(
        "utsending/godkjenning.html",
        side=side,
        u=u,
        utsending_id=u.id,
        prover=sample(u.id, actor=actor),
        prognose=forecast_by_channel(queries.forecast_counts(u.id, actor=actor)),
        ark=None if u.kun_digital else estimate.estimate_cost(u.id, actor=actor).ark,
        datoer=dates_of(u),
        forfall=due_date_warnings(u),
        kan_tidligst_ut=approval_release_time.first_day_if_missed(u.konto_id, u.brevdato),
        byttet_konto=recent_account_change(u.konto_id),
        mottakerliste=receivers_of(u),
        sendt_for=find_sent_before(u),
        parkert=progress.progress(u.id, actor=actor).parkert,
        fersk=sesjon is not None and is_fresh(sesjon.auth_time),
        feil=feil,
        grunn=grunn,
    )


def forecast_by_channel(rows: list[Prognoserad]) -> list[tuple[str, str, int, int]]:
    """The forecast as (channel, reason, letters, pages), most letters first."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        key = (row.kanal or "KAN_IKKE_SENDES", row.grunn or "")
        letters, pages = found.get(key, (0, 0))
        found[key] = (letters + row.antall, pages + row.antall * (row.sider or 0))
    return sorted(((*key, *n) for key, n in found.items()), key=lambda r: -r[2])


@blueprint.post("/<uuid:utsending_id>/godkjenning/brev")
def vis_brev(utsending_id: UUID) -> AnyResponse:
    """Order pictures of the sample of ten letters."""
    with flash_refusals():
        order_sample(utsending_id, actor=current_actor())
    target = url_for("utsending.godkjenning", utsending_id=utsending_id, _anchor="stikkprove")
    return redirect(target, 303)


@blueprint.get("/<uuid:utsending_id>/godkjenning/brev/<int:radnr>")
def godkjenning_brev(utsending_id: UUID, radnr: int) -> str | AnyResponse:
    """One letter of the sample, polled while it is drawn."""
    if "HX-Request" not in request.headers:
        return _back(utsending_id, "utsending.godkjenning")
    found = letter_of(utsending_id, radnr, actor=current_actor())
    prover = [found] if found is not None else []
    return render_template("utsending/stikkprove.html", utsending_id=utsending_id, prover=prover)


@blueprint.get("/<uuid:utsending_id>/godkjenning/bilde/<int:del_id>/<int:nr>")
def godkjenning_bilde(utsending_id: UUID, del_id: int, nr: int) -> Response:
    """Page `nr` of a letter the visitor has asked for, as a picture."""
    png = preview.preview_file(utsending_id, del_id, max(nr, 1), actor=current_actor())
    return Response(png, mimetype="image/png")


def _letters_digest() -> bytes:
    """Digest of the letters that the posted form's page showed."""
    return read_digest(request.form.get("digest", ""))


@blueprint.post("/<uuid:utsending_id>/godkjenn")
def godkjenn(utsending_id: UUID) -> AnyResponse:
    """Approve exactly the letters the page showed."""
    with flash_refusals():
        service.approve(utsending_id, _letters_digest(), actor=current_actor())
        _tell_approved(page_of(utsending_id).u)
    return _back(utsending_id)


def _tell_approved(u: Detalj) -> None:
    if approval_release_time.first_day_if_missed(u.konto_id, u.brevdato) is None:
        flash("Utsendingen er godkjent. Nå kan den frigis.", "success")
        return
    late = "Utsendingen er godkjent, men brevene rekker ikke å gå ut på brevdatoen."
    flash(f"{late} De må lages på nytt med ny dato og godkjennes igjen.", "warning")


@blueprint.post("/<uuid:utsending_id>/avvis")
def avvis(utsending_id: UUID) -> AnyResponse | tuple[str, int]:
    """Send the mailing back, with a reason."""
    grunn = request.form.get("grunn", "").strip()[:LONGEST_REASON]
    if not grunn:
        return _approval_page(page_of(utsending_id), {"grunn": tekst("BEGRUNNELSE_MANGLER")}), 422
    with flash_refusals():
        try:
            service.send_back(utsending_id, grunn, digest=_letters_digest(), actor=current_actor())
        except Konflikt as error:
            side = page_of(utsending_id)
            if error.kode != OTHER_LETTERS or not side.kan_godkjenne:
                raise
            return _approval_page(side, {"grunn": error_text(error)}, grunn), 409
        flash("Utsendingen er sendt tilbake.", "success")
    return _back(utsending_id)


@blueprint.post("/<uuid:utsending_id>/trekk-tilbake")
def trekk_tilbake(utsending_id: UUID) -> AnyResponse:
    """The preparer withdraws the mailing to change it."""
    with flash_refusals():
        service.withdraw(utsending_id, actor=current_actor())
        flash("Utsendingen er trukket tilbake og er et utkast igjen.", "success")
    return _back(utsending_id)


@blueprint.route("/<uuid:utsending_id>/frigi", methods=["GET", "POST"])
def frigi(utsending_id: UUID) -> AnyResponse | str | tuple[str, int]:
    """Release the letters, at once or at a time; they wait out the angrefrist."""
    side = page_of(utsending_id)
    if request.method == "GET":
        return _release_page(side, {}) if side.kan_frigi else _back(utsending_id)
    try:
        chosen = release_time(
            request.form.get("nar", ""), request.form.get("dato", ""), request.form.get("tid", "")
        )
        done = service.release(utsending_id, at=chosen, digest=_letters_digest(), actor=current_actor())
    except UgyldigInndata as error:
        return _release_again(side, {error.felt or "nar": error_text(error)})
    except Konflikt as error:
        if error.kode == "BREVDATO_PASSER_IKKE":
            return _release_page(side, {}, passer_ikke=True, valgt=chosen), 409
        side = page_of(utsending_id)
        if error.kode == OTHER_LETTERS and side.kan_frigi:
            return _release_page(side, {"nar": error_text(error)}), 409
        flash(error_text(error), "warning")
        return _back(utsending_id)
    flash(f"Utsendingen er frigitt. Brevene begynner å gå ut {tid(done.frigis_tid)}.", "success")
    return _back(utsending_id)


def release_time(nar: str, day: str, clock_time: str) -> datetime | None:
    """The chosen release time (Oslo) in UTC; None for now. UgyldigInndata names the field to correct."""
    if nar == "na":
        return None
    if nar != "tidspunkt":
        raise UgyldigInndata("VALG_UGYLDIG", felt="nar")
    chosen = parse_day(day, "dato")
    try:
        at = time.fromisoformat(clock_time.strip().replace(".", ":").zfill(5))
    except ValueError:
        raise UgyldigInndata("KLOKKESLETT_FORM", felt="tid") from None
    local = datetime.combine(chosen, at.replace(tzinfo=None))
    moment = local.replace(tzinfo=OSLO).astimezone(UTC)
    if moment.astimezone(OSLO).replace(tzinfo=None) != local:
        raise UgyldigInndata("KLOKKESLETT_FINNES_IKKE", felt="tid")
    if moment < clock.now():
        raise UgyldigInndata("TIDSPUNKT_PASSERT", felt="dato")
    return moment


def parse_day(text: str, felt: str) -> date:
    """A day typed as dd.mm.åååå; UgyldigInndata("DATO_FORM") for anything else."""
    found = read_date(text)
    if found is None:
        raise UgyldigInndata("DATO_FORM", felt=felt)
    return found


def _release_again(
    side: Side, feil: dict[str, str], *, passer_ikke: bool = False
) -> AnyResponse | tuple[str, int]:
    """The release page with the form's faults; the mailing's own page when it can no longer be released."""
    if side.kan_frigi:
        return _release_page(side, feil, passer_ikke=passer_ikke), 422
    flash(tekst("STATUS_ENDRET"), "warning")
    return _back(side.u.id)


def _release_page(
    side: Side, feil: dict[str, str], *, passer_ikke: bool = False, valgt: datetime | None = None
) -> str:
    """The release page. Without a release form when the letters' date makes every release impossible."""
    seconds = approval_release_time.hold_seconds(side.u.konto_id)
    first = approval_release_time.first_day_if_missed(side.u.konto_id, side.u.brevdato)
    return render_template(
        "utsending/frigi.html",
        side=side,
        u=side.u,
        feil=feil if first is None else {felt: text for felt, text in feil.items() if felt == "brevdato"},
        form=request.form,
        angrefrist=seconds,
        passer_ikke=passer_ikke or first is not None,
        kan_tidligst_ut=first,
        ny_dato=dato(approval_release_time.sending_begins(seconds, valgt)),
        datoer=dates_of(side.u),
        forfall=due_date_warnings(side.u),
        kan_lage=P.SENDE in side.rett,
        antall_rader=antall(side.u.antall_rader, "rad", "rader"),
    )


@blueprint.post("/<uuid:utsending_id>/ny-dato")
def ny_dato(utsending_id: UUID) -> AnyResponse | tuple[str, int]:
    """Produce the letters again with a new date, to be approved again."""
    try:
        day = parse_day(request.form.get("brevdato", ""), "brevdato")
        produce_with_new_date(utsending_id, day, actor=current_actor())
    except UgyldigInndata as error:
        feil = {"brevdato": error_text(error)}
        return _release_again(page_of(utsending_id), feil, passer_ikke=True)
    except Konflikt as error:
        flash(error_text(error), "warning")
        return _back(utsending_id)
    flash("Brevene lages på nytt med ny dato, og må godkjennes igjen.", "success")
    return _back(utsending_id)
