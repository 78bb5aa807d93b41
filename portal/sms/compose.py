"""Ny SMS: write, review, send. The draft is kept for its writer alone until it is sent."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.sms import service
from fiks.sms.service import Plan, Sendt
from portal.access.actor import chosen_organisation, current_actor
from portal.sms import form
from portal.sms.blueprint import blueprint, open_kontoer
from portal.sms.form import Smsskjema
from portal.texts import error_text, tekst

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/ny", methods=["GET", "POST"])
def ny() -> Answer:
    """Write the text; without JavaScript a button counts its length."""
    if request.method == "GET":
        waiting = request.args.get("utkast", "")
        begun = form.load_form(waiting) if waiting else form.empty_form(open_kontoer())
        return _gone() if begun is None else _form(begun)
    written = form.read(request.form)
    if request.form.get("handling") == "regn":
        return redirect(url_for("sms.ny", utkast=form.keep_form(written)), 303)
    planned = _plan(written)
    if isinstance(planned, Smsskjema):
        return _form(planned)
    return redirect(url_for("sms.se_over", utkast=form.keep_form(written)), 303)


@blueprint.get("/se-over")
def se_over() -> Answer:
    """Review what will be sent, and to how many."""
    utkast = request.args.get("utkast", "")
    written = form.load_form(utkast)
    if written is None:
        return _gone()
    planned = _plan(written)
    if isinstance(planned, Smsskjema):
        return _form(planned)
    return _looked_over(written, planned, utkast)


def _looked_over(written: Smsskjema, planned: Plan, utkast: str) -> str:
    return render_template("sms/se_over.html", skjema=written, plan=planned, utkast=utkast)


@blueprint.post("/send")
def send() -> Answer:
    """Send what was reviewed, once however often the form is posted, and whichever konto is chosen then."""
    utkast, sett = request.form.get("utkast", ""), request.form.get("sett", "")
    written = form.load_form(utkast)
    if written is None:
        return _gone()
    actor, said, nokkel = current_actor(), (written.tekst, written.mottakere), written.nokkel
    try:
        sent = service.find_earlier_sending(chosen_organisation(), *said, nokkel=nokkel, actor=actor)
        if sent is None:
            konto_id = written.konto_id(open_kontoer())
            if konto_id is None:
                return _form(written.with_fault("konto", tekst("SMS_KONTO_MANGLER")))
            made = service.send_to_list(konto_id, *said, nokkel=nokkel, sett=sett, actor=actor)
            sent = Sendt(konto_id, made)
    except (UgyldigInndata, Konflikt) as error:
        if error.kode == "SMS_AVSENDER_ENDRET":
            return _shown_anew(written, utkast, error)
        return _form(_refused(written, error))
    shown = {"smskonto_id": sent.konto_id, "smsutsendelse_id": sent.utsendelse_id}
    return redirect(url_for("sms.utsendelse", **shown), 303)


def _shown_anew(written: Smsskjema, utkast: str, error: Konflikt | UgyldigInndata) -> Answer:
    """The konto's displayed sender has changed since the review: review again."""
    planned = _plan(written)
    if isinstance(planned, Smsskjema):
        return _form(planned)
    flash(error_text(error), "warning")
    return _looked_over(written, planned, utkast), 409


def _gone() -> AnyResponse:
    flash(tekst("SMS_UTKAST_BORTE"), "warning")
    return redirect(url_for("sms.oversikt"), 303)


def _plan(written: Smsskjema) -> Plan | Smsskjema:
    """What will be sent, or the form with its faults."""
    konto_id = written.konto_id(open_kontoer())
    if konto_id is None:
        return written.with_fault("konto", tekst("SMS_KONTO_MANGLER"))
    try:
        return service.plan_sending(konto_id, written.tekst, written.mottakere, actor=current_actor())
    except (UgyldigInndata, Konflikt) as error:
        return _refused(written, error)


def _refused(written: Smsskjema, error: UgyldigInndata | Konflikt) -> Smsskjema:
    if error.kode == "NOKKEL_BRUKT":
        return written.with_fault("tekst", tekst("SMS_ALLEREDE_SENDT"))
    return written.with_fault(error.felt or "konto", error_text(error))


def _form(written: Smsskjema) -> Answer:
    kontoer = open_kontoer()
    first = [("", "Velg konto")] if len(kontoer) != 1 else []
    page = render_template(
        "sms/ny.html",
        skjema=written,
        feil=written.feil,
        kontoer=kontoer,
        kontovalg=[*first, *((str(one.id), f"{one.visningsnavn} ({one.avsender})") for one in kontoer)],
        teller=form.measure_text(written.tekst),
    )
    return (page, 422) if written.feil else page
