"""The list of mottakersystemer, one system's page, and its name, notification addresses, opening and closing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, IkkeTilgang, Konflikt
from fiks.konfigurasjon.avtale.activation import SVARINN, service_ressurs
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig
from fiks.konfigurasjon.rules import P
from fiks.svarinn import credentials, service, system_queries
from fiks.svarinn.rules import Systemfakta
from fiks.svarinn.system_queries import Systemstand
from fiks.svarut.svarinn.queue import waiting_counts
from portal.access.actor import chosen_organisation, current_actor, may_enter
from portal.access.table import TILGANG
from portal.altinn import party_lookup
from portal.svarinn.blueprint import blueprint, configurable_system
from portal.texts import error_text, tekst
from portal.texts.svarinn.mottakersystemer import NIVAER, SERTIFIKATSTATUS, SYSTEMFELT
from portal.ui.edit_conflict import Skjema, save_part, stored_form, to_form_values
from portal.ui.form_values import uuid_of

Answer = AnyResponse | str | tuple[str, int]


@blueprint.get("")
def oversikt() -> str:
    """The systems the visitor configures, with certificate state and number of waiting letters."""
    actor = current_actor()
    rader = system_queries.administered_systems(actor=actor)
    return render_template(
        "svarinn/oversikt.html",
        rader=rader,
        venter=waiting_counts([rad.id for rad in rader]),
        sertifikater=SERTIFIKATSTATUS,
        kan_lage=system_queries.may_create(actor=actor),
        kan_ta_i_bruk=may_enter(TILGANG["organisasjon.tjenester"]),
    )


@blueprint.get("/<uuid:system_id>")
def detalj(system_id: UUID) -> str:
    """One system: its koblinger, who may receive manually, its credentials, and who is notified."""
    return page_of(configurable_system(system_id))


def page_of(system: Systemstand, borte: str = "") -> str:
    """The page of one system; `borte`: message to the sender of a form whose kobling is gone."""
    actor = current_actor()
    return render_template(
        "svarinn/detalj.html",
        s=system,
        borte=borte,
        koblinger=system_queries.koblinger(system.id, actor=actor),
        passord_laget=credentials.password_made_at(system.id, actor=actor),
        sertifikat=credentials.certificate_content(system.id, actor=actor),
        venter=waiting_counts([system.id])[system.id],
        sertifikater=SERTIFIKATSTATUS,
        nivaer=NIVAER,
    )


def read_facts(form: Mapping[str, str]) -> Systemfakta:
    """The form's facts; one e-mail address per line."""
    lines = (line.strip() for line in form.get("eposter", "").splitlines())
    return Systemfakta(form.get("navn", "").strip(), tuple(dict.fromkeys(line for line in lines if line)))


def _faults(fakta: Systemfakta) -> dict[str, str]:
    return {felt: tekst(kode) for felt, kode in fakta.faults().items()}


@blueprint.route("/ny", methods=["GET", "POST"])
def ny() -> Answer:
    """Create a system; it receives nothing yet."""
    organisasjon_id, actor = chosen_organisation(), current_actor()
    fakta, feil = read_facts(request.form), dict[str, str]()
    own = uuid_of(request.form.get("skjema", "")) or uuid4()
    try:
        service_ressurs(organisasjon_id, SVARINN, actor, P.KONFIGURERE_MOTTAK)
        if request.method == "POST" and not (feil := _faults(fakta)):
            made = service.create_system(organisasjon_id, fakta, system_id=own, actor=actor)
            flash(
                "Mottakersystemet er laget. Koble det til en virksomhet når det er klart til å hente.",
                "success",
            )
            return redirect(url_for("svarinn.detalj", system_id=made), 303)
    except Konflikt as error:
        return _back(error, url_for("svarinn.oversikt"))
    skjema = Skjema(SYSTEMFELT, to_form_values(asdict(fakta)), feil, "")
    return render_template("svarinn/skjema.html", s=None, skjema=skjema, eget=own), skjema.status


@blueprint.route("/<uuid:system_id>/rediger", methods=["GET", "POST"])
def rediger(system_id: UUID) -> Answer:
    """Change its name and notification addresses."""
    system = configurable_system(system_id)
    skjema = _stored(system)
    if request.method == "POST":
        refused = _save(system_id)
        if refused is None:
            flash("Endringene er lagret.", "success")
            return redirect(url_for("svarinn.detalj", system_id=system_id), 303)
        skjema = refused
    return render_template("svarinn/skjema.html", s=system, skjema=skjema), skjema.status


def _stored(system: Systemstand) -> Skjema:
    return stored_form(SYSTEMFELT, asdict(Systemfakta(system.navn, system.eposter)))


def _save(system_id: UUID) -> Skjema | None:
    """Save the form. Return None when saved, else the form with its faults or the conflict."""
    fakta = read_facts(request.form)
    return save_part(
        request.form,
        lambda vist: service.change_system(system_id, fakta, vist=vist, actor=current_actor()),
        lambda: _stored(configurable_system(system_id)),
        to_form_values(asdict(fakta)),
        _faults(fakta),
    )


@blueprint.route("/<uuid:system_id>/steng", methods=["GET", "POST"])
def steng(system_id: UUID) -> Answer:
    """Ask, stating the consequence; then close it."""
    system = configurable_system(system_id)
    if request.method == "GET":
        return render_template("svarinn/steng.html", s=system)
    service.set_active(system_id, aktiv=False, spor=party_lookup(), actor=current_actor())
    flash(f"{system.navn} er stengt.", "success")
    return redirect(url_for("svarinn.detalj", system_id=system_id), 303)


@blueprint.post("/<uuid:system_id>/apne")
def apne(system_id: UUID) -> AnyResponse:
    """Reopen it, unless another system has taken over its koblinger, or the visitor may not receive for them."""
    system, here = configurable_system(system_id), url_for("svarinn.detalj", system_id=system_id)
    try:
        service.set_active(system_id, aktiv=True, spor=party_lookup(), actor=current_actor())
    except (Konflikt, IkkeTilgang, RollerUtilgjengelig) as error:
        return _back(error, here)
    flash(f"{system.navn} er åpent igjen.", "success")
    return redirect(here, 303)


def _back(error: FiksError, where: str) -> AnyResponse:
    flash(error_text(error), "warning")
    return redirect(where, 303)
