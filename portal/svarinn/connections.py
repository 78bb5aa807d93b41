"""Organisasjonskoblinger: what a mottakersystem receives, by organisation number (from Altinn), type and
level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, IkkeFunnet, IkkeTilgang, Konflikt
from fiks.konfigurasjon.person.representation import RollerUtilgjengelig
from fiks.konfigurasjon.rules import norwegian_order
from fiks.konfigurasjon.stale_form import mark_of
from fiks.svarinn import service, system_queries
from fiks.svarinn.rules import FORSENDELSESTYPER, Koblingsfakta, Koblingsniva
from fiks.svarinn.system_queries import Koblingsrad, Systemstand
from portal.access.actor import current_actor
from portal.altinn import party_lookup
from portal.extensions import LOOKUP_LIMIT, limiter
from portal.svarinn.blueprint import blueprint, configurable_system
from portal.svarinn.systems import page_of
from portal.texts import error_text, tekst
from portal.texts.svarinn.mottakersystemer import KOBLINGSFELT, NIVAER
from portal.ui.edit_conflict import (
    ENDRET,
    VIST,
    Endring,
    conflict_form,
    status_of,
    stored_form,
    to_form_values,
)

Answer = AnyResponse | str | tuple[str, int]
ALLE, VALGTE = "alle", "valgte"


@dataclass(frozen=True, slots=True)
class Skjema:
    """The form as it stands. `omfang`: all types or chosen ones.

    `vist` and `endret` are as in `ui.edit_conflict`.
    """

    fakta: Koblingsfakta
    omfang: str
    feil: Mapping[str, str]
    vist: str = ""
    endret: tuple[Endring, ...] | None = None

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return status_of(self.feil, self.endret)


def stored_skjema(row: Koblingsrad) -> Skjema:
    """The form with the stored kobling."""
    fakta = Koblingsfakta(row.organisasjonsnummer, row.forsendelsestyper, row.sikkerhetsniva, row.navn)
    return Skjema(fakta, VALGTE if row.forsendelsestyper else ALLE, {}, mark_of(asdict(fakta)))


def conflict_skjema(error: Konflikt, row: Koblingsrad, skjema: Skjema) -> Skjema:
    """The stored kobling with the choices on top (conflict); raises `error` when it is about something else."""
    now = stored_skjema(row)
    chosen = {name: getattr(skjema.fakta, name) for name in ("forsendelsestyper", "sikkerhetsniva")}
    met = conflict_form(
        error, stored_form(KOBLINGSFELT, asdict(now.fakta)), to_form_values(chosen), skjema.vist
    )
    types = tuple(met.verdier["forsendelsestyper"].splitlines())
    fakta = replace(now.fakta, forsendelsestyper=types, sikkerhetsniva=met.verdier["sikkerhetsniva"])
    return replace(now, fakta=fakta, omfang=VALGTE if types else ALLE, endret=met.endret)


def read(form: Mapping[str, str], orgnr: str, navn: str) -> Skjema:
    """The posted form with its faults."""
    omfang = form.get("omfang", ALLE)
    chosen = tuple(t for nr, t in enumerate(FORSENDELSESTYPER) if f"type-{nr}" in form)
    niva = form.get("sikkerhetsniva", Koblingsniva.ALLE)
    fakta = Koblingsfakta(orgnr, chosen if omfang == VALGTE else (), niva, navn)
    feil = {felt: tekst(kode) for felt, kode in fakta.faults().items()}
    if omfang == VALGTE and not chosen:
        feil["type-0"] = tekst("KOBLING_UTEN_TYPE")
    return Skjema(fakta, omfang, feil, form.get(VIST, ""))


@blueprint.route("/<uuid:system_id>/organisasjoner/ny", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def ny_kobling(system_id: UUID) -> Answer:
    """Receive for one more organisation, for which the visitor holds Post/arkiv."""
    system = configurable_system(system_id)
    try:
        held = service.post_arkiv(spor=party_lookup(), actor=current_actor())
    except RollerUtilgjengelig as error:
        return render_template("svarinn/altinn_borte.html", s=system, melding=error_text(error)), error.status
    names = {part.orgnr: part.navn for part in sorted(held, key=lambda one: norwegian_order(one.navn))}
    orgnr = request.form.get("organisasjonsnummer", "")
    skjema = read(request.form, orgnr, names.get(orgnr, ""))
    if request.method == "GET":
        return _page(system, Skjema(skjema.fakta, ALLE, {}), names)
    return _saved(system, None, skjema, names)


@blueprint.route("/<uuid:system_id>/organisasjoner/<uuid:kobling_id>", methods=["GET", "POST"])
@limiter.limit(LOOKUP_LIMIT, methods=["POST"])
def kobling(system_id: UUID, kobling_id: UUID) -> Answer:
    """Change which letters are received for an organisation; its number cannot be changed."""
    system = configurable_system(system_id)
    try:
        row = _row(system_id, kobling_id)
        if request.method == "GET":
            return _page(system, stored_skjema(row), {}, kobling_id)
        return _saved(system, kobling_id, read(request.form, row.organisasjonsnummer, row.navn), {})
    except IkkeFunnet as error:
        return _gone(system, error, "KOBLING_BORTE")


def _row(system_id: UUID, kobling_id: UUID) -> Koblingsrad:
    for row in system_queries.koblinger(system_id, actor=current_actor()):
        if row.id == kobling_id:
            return row
    raise IkkeFunnet("FINNES_IKKE")


def _gone(system: Systemstand, error: IkkeFunnet, kode: str) -> Answer:
    """Answer a form of a removed kobling: say so, beside what is received now; it has no page any more."""
    if request.method != "POST":
        raise error
    return page_of(system, tekst(kode, system=system.navn)), 409


def _saved(system: Systemstand, kobling_id: UUID | None, skjema: Skjema, names: Mapping[str, str]) -> Answer:
    """Save and go back; or the form with its faults."""
    if skjema.feil:
        return _page(system, skjema, names, kobling_id)
    try:
        if kobling_id is None:
            service.add_kobling(system.id, skjema.fakta, spor=party_lookup(), actor=current_actor())
        else:
            service.change_kobling(
                system.id,
                kobling_id,
                skjema.fakta,
                spor=party_lookup(),
                vist=skjema.vist,
                actor=current_actor(),
            )
    except (Konflikt, IkkeTilgang, RollerUtilgjengelig) as error:
        return _refused(system, skjema, names, kobling_id, error)
    who = skjema.fakta.navn or skjema.fakta.organisasjonsnummer
    flash(f"Brev til {who} legges klare for {system.navn} fra nå.", "success")
    return redirect(url_for("svarinn.detalj", system_id=system.id), 303)


def _refused(
    system: Systemstand, skjema: Skjema, names: Mapping[str, str], kobling_id: UUID | None, error: FiksError
) -> Answer:
    if kobling_id is not None and isinstance(error, Konflikt) and error.kode == ENDRET:
        return _page(system, conflict_skjema(error, _row(system.id, kobling_id), skjema), names, kobling_id)
    where = "organisasjonsnummer" if kobling_id is None else "omfang"
    return _page(system, replace(skjema, feil={where: error_text(error)}), names, kobling_id)


def _page(
    system: Systemstand, skjema: Skjema, names: Mapping[str, str], kobling_id: UUID | None = None
) -> Answer:
    page = render_template(
        "svarinn/kobling.html",
        s=system,
        skjema=skjema,
        kobling_id=kobling_id,
        virksomheter=[(orgnr, f"{navn} ({orgnr})") for orgnr, navn in names.items()],
        typer=FORSENDELSESTYPER,
        nivaer=list(NIVAER.items()),
    )
    return page, skjema.status


@blueprint.route("/<uuid:system_id>/organisasjoner/<uuid:kobling_id>/fjern", methods=["GET", "POST"])
def fjern_kobling(system_id: UUID, kobling_id: UUID) -> Answer:
    """Ask, stating where the letters go then; then remove the kobling."""
    system = configurable_system(system_id)
    try:
        row = _row(system_id, kobling_id)
        if request.method == "GET":
            return _removal(system, row)
        vist = request.form.get(VIST, "")
        service.remove_kobling(system_id, kobling_id, vist=vist, actor=current_actor())
    except Konflikt as error:
        flash(tekst("KOBLING_ENDRET_IMENS"), "warning")
        return _removal(system, _row(system_id, kobling_id)), error.status
    except IkkeFunnet as error:
        return _gone(system, error, "KOBLING_ALT_FJERNET")
    flash(f"{system.navn} mottar ikke lenger for {row.navn or row.organisasjonsnummer}.", "success")
    return redirect(url_for("svarinn.detalj", system_id=system_id), 303)


def _removal(system: Systemstand, row: Koblingsrad) -> str:
    return render_template("svarinn/fjern_kobling.html", s=system, k=row, vist=stored_skjema(row).vist)
