"""The certificate that letters are encrypted to: reviewed before it is taken into use, and removed."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core import clock
from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.svarinn import credentials
from fiks.svarinn.certificates import LARGEST, Sertifikatinnhold, read_certificate
from fiks.svarinn.system_queries import Systemstand
from portal.access.actor import current_actor
from portal.svarinn.blueprint import blueprint, configurable_system
from portal.texts import error_text, tekst

Answer = AnyResponse | str | tuple[str, int]


@blueprint.route("/<uuid:system_id>/sertifikat", methods=["GET", "POST"])
def sertifikat(system_id: UUID) -> Answer:
    """Choose a file, review it, and take it into use. Until then it is stored nowhere."""
    system = configurable_system(system_id)
    if request.method == "GET":
        return _page(system, {})
    data = sent_certificate()
    if not data:
        return _page(system, {"sertifikat": tekst("SERTIFIKAT_VELG_FIL")})
    try:
        read = read_certificate(data, now=clock.now())
        if "bekreftet" in request.form:
            return _taken(system, read)
    except UgyldigInndata as error:
        return _page(system, {"sertifikat": error_text(error)})
    except Konflikt as error:
        flash(error_text(error), "warning")
        return _confirm(system, read), error.status
    return _confirm(system, read)


def sent_certificate() -> bytes:
    """The uploaded file, or the certificate in the confirmation form; empty without either."""
    file = request.files.get("sertifikat")
    if file is not None and file.filename:
        return file.stream.read(LARGEST + 1)
    return request.form.get("pem", "").encode()


def _confirm(system: Systemstand, read: Sertifikatinnhold) -> str:
    """The review page: the new certificate beside the one it replaces."""
    now = _in_use(system.id)
    return render_template(
        "svarinn/sertifikat_vist.html", s=system, lest=read, pem=read.pem.decode(), brukes=now
    )


def _in_use(system_id: UUID) -> str:
    """Fingerprint of the certificate in use, "" without one."""
    now = credentials.certificate_content(system_id, actor=current_actor())
    return now.fingeravtrykk if now else ""


def _taken(system: Systemstand, read: Sertifikatinnhold) -> AnyResponse:
    credentials.set_certificate(system.id, read.pem, vist=request.form.get("vist", ""), actor=current_actor())
    flash("Sertifikatet er tatt i bruk. Alt som hentes fra nå, er kryptert til det.", "success")
    return redirect(url_for("svarinn.detalj", system_id=system.id), 303)


def _page(system: Systemstand, feil: dict[str, str]) -> Answer:
    page = render_template("svarinn/sertifikat.html", s=system, feil=feil)
    return (page, 422) if feil else page


@blueprint.route("/<uuid:system_id>/sertifikat/fjern", methods=["GET", "POST"])
def fjern_sertifikat(system_id: UUID) -> Answer:
    """Ask, stating that nothing can be fetched then; then remove it."""
    system = configurable_system(system_id)
    if request.method == "GET":
        return _ask(system)
    try:
        credentials.remove_certificate(system_id, vist=request.form.get("vist", ""), actor=current_actor())
    except Konflikt as error:
        flash(error_text(error), "warning")
        return _ask(system), error.status
    flash("Sertifikatet er fjernet.", "success")
    return redirect(url_for("svarinn.detalj", system_id=system_id), 303)


def _ask(system: Systemstand) -> str:
    return render_template("svarinn/fjern_sertifikat.html", s=system, brukes=_in_use(system.id))
