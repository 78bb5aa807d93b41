"""Configuration of mottakersystemer for integrasjoner, `/svarinn-konfigurasjon/api/v1` (svarut.md 5.1).

The same use cases as the portal's pages. An integrasjon needs SVARINN.KONFIGURERE on the service or on the system.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy import select

from fiks.core.db import session
from fiks.core.errors import IkkeFunnet, UgyldigInndata
from fiks.core.values.identifiers import is_orgnr
from fiks.konfigurasjon.avtale.activation import SVARINN
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.rules import P
from fiks.svarinn import credentials, service, system_queries
from fiks.svarinn.credentials import Sertifikatfakta
from fiks.svarinn.rules import FORSENDELSESTYPER, Koblingsfakta, Systemfakta
from fiks.svarinn.system_queries import Systemstand
from portal.access.actor import current_actor
from portal.access.machine_login import require_privilege
from portal.altinn import party_lookup
from portal.api.enhetsregister import look_up_unit
from portal.api.operation import operasjon
from portal.api.query import read_query
from portal.api.reading import read
from portal.api.svarinn import konfigurasjon_models as svar
from portal.http.api_errors import json_answer
from portal.org_lookup import Registersvar

blueprint = Blueprint("svarinn_konfigurasjon", __name__, url_prefix="/svarinn-konfigurasjon/api/v1")
SYSTEMER = "/<uuid:fiks_org_id>/mottakersystemer"
SYSTEM = f"{SYSTEMER}/<uuid:system_id>"
KOBLINGER, INNSTILLINGER = f"{SYSTEM}/organisasjonskoblinger", f"{SYSTEM}/innstillinger"
GRUPPE = "SvarInn: konfigurasjon"
STATUSES = {
    Registersvar.FUNNET: svar.Oppslagsstatus.FUNNET,
    Registersvar.SLETTET: svar.Oppslagsstatus.SLETTET,
}


def _enter_service(fiks_org_id: UUID) -> None:
    """Require the right to this organisation's service: the same refusal whether it is another's or does not
    exist.
    """
    found = session().scalar(
        select(Tjenesteaktivering.ressurs_id).where(
            Tjenesteaktivering.organisasjon_id == fiks_org_id, Tjenesteaktivering.tjeneste_kode == SVARINN
        )
    )
    require_privilege(P.KONFIGURERE_MOTTAK, ressurs_id=found or fiks_org_id)


def _enter(fiks_org_id: UUID, system_id: UUID) -> None:
    require_privilege(P.KONFIGURERE_MOTTAK, ressurs_id=system_id)
    if system_queries.owner_of(system_id) != fiks_org_id:
        raise IkkeFunnet("FINNES_IKKE")


@blueprint.get(SYSTEMER, strict_slashes=False)
@operasjon("Se mottakersystemene", gruppe=GRUPPE, sporring=svar.Systemsok, svar=svar.Systemer)
def systemer(fiks_org_id: UUID) -> Response:
    """One page of the organisation's mottakersystemer."""
    _enter_service(fiks_org_id)
    asked = read_query(svar.Systemsok)
    found = system_queries.systems(
        fiks_org_id,
        actor=current_actor(),
        sok=asked.sokebegrep,
        side=asked.sidenummer,
        per_side=asked.antallPerSide,
    )
    told = svar.Systemer(
        sidenummer=asked.sidenummer,
        antallPerSide=asked.antallPerSide,
        totaltAntallTreff=found.totalt,
        antallTreff=len(found.treff),
        treff=tuple(_system(one) for one in found.treff),
    )
    return json_answer(told.as_json())


@blueprint.post(SYSTEMER, strict_slashes=False)
@operasjon("Lag et mottakersystem", gruppe=GRUPPE, kropp=svar.NyttSystem, svar=svar.System, status=201)
def nytt_system(fiks_org_id: UUID) -> Response:
    """Create a mottakersystem, which receives nothing yet."""
    _enter_service(fiks_org_id)
    said = read(svar.NyttSystem, request.get_data())
    actor = current_actor()
    made = service.create_system(fiks_org_id, Systemfakta(said.navn, said.eposter), actor=actor)
    return json_answer(_system(system_queries.system(made, actor=actor)).as_json(), 201)


@blueprint.get(SYSTEM, strict_slashes=False)
@operasjon("Se ett mottakersystem", gruppe=GRUPPE, svar=svar.System)
def system(fiks_org_id: UUID, system_id: UUID) -> Response:
    """State of a mottakersystem."""
    _enter(fiks_org_id, system_id)
    return json_answer(_system(system_queries.system(system_id, actor=current_actor())).as_json())


@blueprint.put(SYSTEM, strict_slashes=False)
@operasjon("Endre et mottakersystem", gruppe=GRUPPE, kropp=svar.NyttSystem, status=204)
def endre_system(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Change its name and notification addresses."""
    _enter(fiks_org_id, system_id)
    said = read(svar.NyttSystem, request.get_data())
    service.change_system(system_id, Systemfakta(said.navn, said.eposter), actor=current_actor())
    return Response(status=204)


@blueprint.get(KOBLINGER, strict_slashes=False)
@operasjon("Se hva som mottas", gruppe=GRUPPE, svar=tuple[svar.Kobling, ...])
def koblinger(fiks_org_id: UUID, system_id: UUID) -> Response:
    """The koblinger of a mottakersystem."""
    _enter(fiks_org_id, system_id)
    told = [
        svar.Kobling(
            organisasjonskoblingsId=one.id,
            organisasjonsnummer=one.organisasjonsnummer,
            navn=one.navn,
            forsendelsestyper=one.forsendelsestyper,
            sikkerhetsniva=svar.Koblingsniva(one.sikkerhetsniva),
        )
        for one in system_queries.koblinger(system_id, actor=current_actor())
    ]
    return json_answer([one.as_json() for one in told])


@blueprint.post(KOBLINGER, strict_slashes=False)
@operasjon(
    "Motta for et organisasjonsnummer",
    gruppe=GRUPPE,
    tekst="Fra nå av stopper posten i køen til mottakersystemet. Personen må ha tilgangen «Post/arkiv» i Altinn.",
    kropp=svar.NyKobling,
    svar=svar.Opprettet,
    status=201,
)
def ny_kobling(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Create a kobling: letters to an organisation are routed here from now on."""
    _enter(fiks_org_id, system_id)
    said = _kobling()
    made = service.add_kobling(system_id, said, spor=party_lookup(), actor=current_actor())
    return json_answer(svar.Opprettet(id=made).as_json(), 201)


@blueprint.put(KOBLINGER, strict_slashes=False)
@operasjon(
    "Endre hva som mottas",
    gruppe=GRUPPE,
    tekst="Skal mer mottas enn før, må personen ha tilgangen «Post/arkiv» i Altinn.",
    sporring=svar.Koblingssok,
    kropp=svar.NyKobling,
    status=204,
)
def endre_kobling(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Change a kobling."""
    _enter(fiks_org_id, system_id)
    asked, said = _asked(), _kobling()
    service.change_kobling(system_id, asked, said, spor=party_lookup(), actor=current_actor())
    return Response(status=204)


@blueprint.delete(KOBLINGER, strict_slashes=False)
@operasjon("Slutt å motta for et organisasjonsnummer", gruppe=GRUPPE, sporring=svar.Koblingssok, status=204)
def fjern_kobling(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Remove a kobling."""
    _enter(fiks_org_id, system_id)
    service.remove_kobling(system_id, _asked(), actor=current_actor())
    return Response(status=204)


@blueprint.put(f"{INNSTILLINGER}/aktivstatus", strict_slashes=False)
@operasjon(
    "Åpne eller steng et mottakersystem",
    gruppe=GRUPPE,
    tekst="Den som åpner det, må ha tilgangen «Post/arkiv» i Altinn for andre virksomheter det mottar for.",
    kropp=svar.Aktivstatus,
    status=204,
)
def aktivstatus(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Set whether new letters are routed to the system."""
    _enter(fiks_org_id, system_id)
    said = read(svar.Aktivstatus, request.get_data())
    service.set_active(system_id, aktiv=said.aktiv, spor=party_lookup(), actor=current_actor())
    return Response(status=204)


@blueprint.put(f"{INNSTILLINGER}/passord", strict_slashes=False)
@operasjon(
    "Lag nytt servicepassord",
    gruppe=GRUPPE,
    tekst="Passordet vises denne ene gangen, og det gamle slutter å virke.",
    svar=str,
)
def passord(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Create a new password, returned once."""
    _enter(fiks_org_id, system_id)
    actor = current_actor()
    replaces = credentials.password_made_at(system_id, actor=actor)
    return json_answer(credentials.new_password(system_id, replaces=replaces, actor=actor).verdi)


@blueprint.get(f"{INNSTILLINGER}/sertifikat", strict_slashes=False)
@operasjon("Se hvordan det står til med sertifikatet", gruppe=GRUPPE, svar=svar.Sertifikatstand)
def sertifikat(fiks_org_id: UUID, system_id: UUID) -> Response:
    """State and last day of the certificate."""
    _enter(fiks_org_id, system_id)
    return _certificate(credentials.certificate(system_id, actor=current_actor()))


@blueprint.put(f"{INNSTILLINGER}/sertifikat", strict_slashes=False)
@operasjon("Bytt sertifikat", gruppe=GRUPPE, kropp=svar.Sertifikat, svar=svar.Sertifikatstand)
def nytt_sertifikat(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Replace the certificate: letters are encrypted to it from the next download on."""
    _enter(fiks_org_id, system_id)
    said = read(svar.Sertifikat, request.get_data())
    return _certificate(
        credentials.set_certificate(system_id, said.sertifikat.encode(), actor=current_actor())
    )


@blueprint.delete(f"{INNSTILLINGER}/sertifikat", strict_slashes=False)
@operasjon("Fjern sertifikatet", gruppe=GRUPPE, status=204)
def fjern_sertifikat(fiks_org_id: UUID, system_id: UUID) -> Response:
    """Remove the certificate: nothing can be fetched before there is another."""
    _enter(fiks_org_id, system_id)
    credentials.remove_certificate(system_id, actor=current_actor())
    return Response(status=204)


@blueprint.get("/forsendelsestyper", strict_slashes=False)
@operasjon("Se forsendelsestypene som kan rutes", gruppe=GRUPPE, svar=tuple[str, ...])
def forsendelsestyper() -> Response:
    """The types a kobling may name."""
    return json_answer(list(FORSENDELSESTYPER))


@blueprint.get("/altinn/organisasjoner", strict_slashes=False)
@operasjon(
    "Se hvem personen kan motta for",
    gruppe=GRUPPE,
    tekst="Organisasjonene den innloggede personen har tilgangen «Post/arkiv» for i Altinn.",
    svar=tuple[svar.Organisasjon, ...],
)
def altinn_organisasjoner() -> Response:
    """Organisations the person holds Post/arkiv for; empty for a machine that calls for nobody."""
    found = service.post_arkiv(spor=party_lookup(), actor=current_actor())
    told = [svar.Organisasjon(organisasjonsnummer=one.orgnr, navn=one.navn) for one in found]
    return json_answer([one.as_json() for one in told])


@blueprint.post("/oppslag", strict_slashes=False)
@operasjon("Slå opp et organisasjonsnummer", gruppe=GRUPPE, kropp=svar.Sok, svar=svar.Oppslag)
def oppslag() -> Response:
    """Enhetsregisteret's answer about a number."""
    orgnr = read(svar.Sok, request.get_data()).sokebegrep.replace(" ", "")
    if not is_orgnr(orgnr):
        raise UgyldigInndata("ORGNR_UGYLDIG", felt="sokebegrep")
    found = look_up_unit(orgnr)
    status = STATUSES.get(found.svar, svar.Oppslagsstatus.IKKE_FUNNET)
    told = svar.Oppslag(status=status, organisasjonsnummer=orgnr, navn=found.navn or None)
    return json_answer(told.as_json())


def _asked() -> UUID:
    asked = read_query(svar.Koblingssok).organisasjonskoblingsId
    assert asked is not None
    return asked


def _kobling() -> Koblingsfakta:
    said = read(svar.NyKobling, request.get_data())
    return Koblingsfakta(said.organisasjonsnummer, said.forsendelsestyper, said.sikkerhetsniva, said.navn)


def _system(one: Systemstand) -> svar.System:
    return svar.System(
        mottakersystemId=one.id,
        navn=one.navn,
        eposter=one.eposter,
        aktiv=one.aktiv,
        sertifikatStatus=svar.Sertifikatstand(status=one.sertifikat, utlopsDato=one.sertifikat_utloper),
        antallTilknyttedeOrganisasjoner=one.organisasjoner,
    )


def _certificate(facts: Sertifikatfakta) -> Response:
    return json_answer(svar.Sertifikatstand(status=facts.status, utlopsDato=facts.utloper).as_json())
