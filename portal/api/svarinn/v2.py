"""SvarInn REST v2, `/api/svarinn/v2`: the same letters with the names and types of svarut.md 4.3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from fiks.core.errors import UgyldigInndata
from fiks.core.values.identifiers import is_orgnr
from fiks.svarut.svarinn import queue
from fiks.svarut.svarinn.acknowledgement import confirm, report_failure
from fiks.svarut.svarinn.queue import Ventende, waiting_letters
from portal.access.actor import current_actor
from portal.api.operation import operasjon
from portal.api.reading import read
from portal.api.svarinn import models
from portal.api.svarinn.fetching import REALM, address, download, logged_in_system
from portal.http.api_errors import answer_errors, error_message, json_answer

PREFIX = "/api/svarinn/v2"
GRUPPE = "SvarInn v2: motta"
STATUS = "KLAR_FOR_MOTTAK"


blueprint = Blueprint("svarinn_v2", __name__, url_prefix=PREFIX)
answer_errors(blueprint, error_message, challenge=REALM)


@blueprint.get("/forsendelser", strict_slashes=False)
@operasjon(
    "Se brevene som venter",
    gruppe=GRUPPE,
    tekst="De eldste først, høyst 200. De som det er meldt en midlertidig feil for, kommer etter de andre. Et brev "
    "kommer igjen til det er kvittert for.",
    svar=tuple[models.Forsendelse, ...],
)
def forsendelser() -> Response:
    """The oldest waiting letters, at most 200."""
    told = [_letter(one) for one in waiting_letters(logged_in_system(), actor=current_actor())]
    return json_answer([one.as_json() for one in told])


@blueprint.get("/forsendelser/<uuid:forsendelse_id>", strict_slashes=False)
@operasjon(
    "Hent filene i et brev",
    gruppe=GRUPPE,
    tekst="Alltid en ZIP, kryptert som CMS EnvelopedData til sertifikatet mottakersystemet har lastet opp.",
    fil="application/zip",
)
def forsendelse(forsendelse_id: UUID) -> Response:
    """The files of one letter."""
    return download(forsendelse_id)


@blueprint.patch("/forsendelser/<uuid:forsendelse_id>/status", strict_slashes=False)
@operasjon(
    "Kvitter for et brev, eller meld at det ikke kan tas imot",
    gruppe=GRUPPE,
    tekst="Et svar kan gjentas. Er feilen permanent, går brevet videre til neste kanal.",
    kropp=models.Statusendring,
)
def status(forsendelse_id: UUID) -> Response:
    """Acknowledge the letter, or report that it could not be taken."""
    said = read(models.Statusendring, request.get_data())
    if said.status is models.Mottaksstatus.MOTTATT:
        confirm(forsendelse_id, system_id=logged_in_system(), actor=current_actor())
        return Response(status=200)
    if said.feil is None:
        raise UgyldigInndata("MOTTAKSSTATUS_UGYLDIG", felt="feil")
    report_failure(
        forsendelse_id,
        feilmelding=said.feil.feilmelding,
        permanent=said.feil.permanent,
        system_id=logged_in_system(),
        actor=current_actor(),
    )
    return Response(status=200)


def _letter(one: Ventende) -> models.Forsendelse:
    receiver = queue.Part(one.mottaker.adresse, one.mottaker.digital_id)
    return models.Forsendelse(
        id=one.id,
        tittel=one.tittel,
        dato=one.dato,
        status=STATUS,
        sikkerhetsniva=models.Niva(one.sikkerhetsniva),
        avsender=_sender(one.avsender),
        mottaker=_part(receiver),
        svarSendesTil=_part(one.svar_sendes_til or one.avsender),
        svarPaForsendelse=one.svar_pa,
        metadataFraAvleverendeSystem=_noark_from(one.noark_fra) if one.noark_fra else None,
        metadataForImport=models.NoarkTil(**_noark(one.noark_til)) if one.noark_til else None,
        filer=tuple(_file(file) for file in one.filer),
        lenker=tuple(
            models.Lenke(lenke=link["url"], tekst=link["tekst"], ledetekst=link.get("ledetekst") or None)
            for link in one.lenker
        ),
        type=one.forsendelsestype or None,
        eksternReferanse=one.ekstern_referanse or None,
        avgivendeSystem=one.avgivende_system or None,
        taushetsbelagtPost=one.taushetsbelagt,
        nedlastingslenke=address(f"{PREFIX}/forsendelser/{one.id}"),
    )


def _sender(part: queue.Part) -> models.Part:
    """The sender with its orgnr; a person's number is only given where answers go."""
    return _part(part if is_orgnr(part.digital_id) else replace(part, digital_id=""))


def _part(part: queue.Part) -> models.Part:
    a, number = part.adresse, part.digital_id
    return models.Part(
        organisasjonsnummer=number if is_orgnr(number) else None,
        fodselsnummer=number if number and not is_orgnr(number) else None,
        postadresse=models.Postadresse(
            navn=a.navn,
            adresselinje1=a.adresselinje1 or None,
            adresselinje2=a.adresselinje2 or None,
            adresselinje3=a.adresselinje3 or None,
            postnummer=a.postnr or None,
            poststed=a.poststed or None,
            land=a.land or None,
        ),
    )


def _noark(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "mappeId": models.Mappe(
            mappeId=said.get("mappeId"),
            systemId=said.get("mappeSystemId"),
            saksaar=said.get("saksaar"),
            sakssekvensnummer=said.get("sakssekvensnummer"),
        ),
        "journalpostId": models.Journalpost(
            systemId=said.get("systemId"),
            registreringsId=said.get("registreringsId"),
            journalaar=said.get("journalaar"),
            journalpostnummer=said.get("journalpostnummer"),
            journalsekvensnummer=said.get("journalsekvensnummer"),
        ),
        "journalposttype": said.get("journalposttype"),
        "journalstatus": said.get("journalstatus"),
        "dokumentetsDato": _moment(said.get("dokumentetsDato")),
        "tittel": said.get("tittel"),
    }


def _noark_from(said: Mapping[str, Any]) -> models.NoarkFra:
    return models.NoarkFra(
        **_noark(said),
        journaldato=_moment(said.get("journaldato")),
        saksbehandler=said.get("saksbehandler"),
        virksomhetsspesifikkeMetadata=tuple(
            models.Metadata(key=one["key"], value=one["value"]) for one in said.get("ekstraMetadata", ())
        ),
    )


def _file(file: queue.Fil) -> models.Fil:
    return models.Fil(
        filnavn=file.filnavn,
        mimeType=file.mime_type,
        hash=file.sha256,
        storrelse=file.storrelse,
        type=file.dokument_type or None,
        ekstraMetadata=tuple(models.Metadata(key=key, value=value) for key, value in file.ekstra),
    )


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
