"""SvarInn REST v1, `/tjenester/svarinn`: the calls of svarut.md 4.2, for mottakersystemer with a service password.

Dates are epoch milliseconds. Noark numbers that are not known are 0, texts and dates null, as case systems are used to:
a date of 0 is filed as 1970. `svarSendesTil` is always there, since eFormidling reads who sent the letter from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from fiks.core.values.address import Adresse
from fiks.core.values.identifiers import is_orgnr
from fiks.core.values.login_level import level_of
from fiks.svarut.svarinn.acknowledgement import confirm, report_failure
from fiks.svarut.svarinn.queue import Fil, Part, Ventende, waiting_letters
from portal.access.actor import current_actor
from portal.api.model import Krevd, Modell, beskrevet
from portal.api.reading import read
from portal.api.svarinn.fetching import REALM, address, download, logged_in_system
from portal.api.svarut.older_words import letter_id
from portal.http.api_errors import answer_errors, json_answer, v1_error

PREFIX = "/tjenester/svarinn"
STATUS = "Klar for mottak"


class MottakFeilet(Modell):
    """Hvorfor brevet ikke kunne tas imot."""

    feilmelding: Krevd[str] = beskrevet("Vises for avsenderen.", "")
    permanent: Krevd[bool] = beskrevet("Om brevet skal gå videre til neste kanal.", False)


blueprint = Blueprint("svarinn_v1", __name__, url_prefix=PREFIX)
answer_errors(blueprint, v1_error, challenge=REALM)


@blueprint.get("/mottaker/hentNyeForsendelser", strict_slashes=False)
def hent_nye() -> Response:
    """The oldest waiting letters, at most 200."""
    return json_answer([_letter(one) for one in waiting_letters(logged_in_system(), actor=current_actor())])


@blueprint.get("/forsendelse/<forsendelse_id>", strict_slashes=False)
def hent(forsendelse_id: str) -> Response:
    """The files of one letter."""
    return download(letter_id(forsendelse_id))


@blueprint.post("/kvitterMottak/forsendelse/<forsendelse_id>", strict_slashes=False)
def kvitter(forsendelse_id: str) -> Response:
    """Acknowledge: the system has the letter."""
    confirm(letter_id(forsendelse_id), system_id=logged_in_system(), actor=current_actor())
    return Response(status=200)


@blueprint.post("/mottakFeilet/forsendelse/<forsendelse_id>", strict_slashes=False)
def feilet(forsendelse_id: str) -> Response:
    """Report that the system could not take the letter."""
    said = read(MottakFeilet, request.get_data())
    report_failure(
        letter_id(forsendelse_id),
        feilmelding=said.feilmelding,
        permanent=said.permanent,
        system_id=logged_in_system(),
        actor=current_actor(),
    )
    return Response(status=200)


def _letter(one: Ventende) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "tittel": one.tittel,
        "date": _millis(one.dato),
        "status": STATUS,
        "niva": str(level_of(one.sikkerhetsniva)),
        "avsender": _sender(one.avsender.adresse),
        "mottaker": _receiver(Part(one.mottaker.adresse, one.mottaker.digital_id)),
        "svarSendesTil": _receiver(one.svar_sendes_til or one.avsender),
        "svarPaForsendelse": str(one.svar_pa) if one.svar_pa else None,
        "metadataFraAvleverendeSystem": _noark_from(one.noark_fra),
        "metadataForImport": _noark_to(one.noark_til),
        "filmetadata": [_file(file) for file in one.filer],
        "lenker": [
            {"urlLenke": link["url"], "urlTekst": link["tekst"], "ledetekst": link.get("ledetekst") or None}
            for link in one.lenker
        ],
        "forsendelseType": one.forsendelsestype or None,
        "eksternRef": one.ekstern_referanse or None,
        "avgivendeSystem": one.avgivende_system or None,
        "taushetsbelagtPost": one.taushetsbelagt,
        "downloadUrl": address(f"{PREFIX}/forsendelse/{one.id}"),
    }


def _sender(a: Adresse) -> dict[str, str | None]:
    return {
        "navn": a.navn or None,
        "adresselinje1": a.adresselinje1 or None,
        "adresselinje2": a.adresselinje2 or None,
        "adresselinje3": a.adresselinje3 or None,
        "postnr": a.postnr or None,
        "poststed": a.poststed or None,
    }


def _receiver(part: Part) -> dict[str, str | None]:
    a, number = part.adresse, part.digital_id
    return {
        "navn": a.navn,
        "adresse1": a.adresselinje1 or None,
        "adresse2": a.adresselinje2 or None,
        "adresse3": a.adresselinje3 or None,
        "postnr": a.postnr or None,
        "poststed": a.poststed or None,
        "land": a.land or None,
        "orgnr": number if is_orgnr(number) else None,
        "fnr": number if number and not is_orgnr(number) else None,
    }


def _noark_from(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sakssekvensnummer": said.get("sakssekvensnummer") or 0,
        "saksaar": said.get("saksaar") or 0,
        "journalaar": said.get("journalaar") or 0,
        "journalsekvensnummer": said.get("journalsekvensnummer") or 0,
        "journalpostnummer": said.get("journalpostnummer") or 0,
        "journalposttype": said.get("journalposttype") or None,
        "journalstatus": said.get("journalstatus") or None,
        "journaldato": _moment(said.get("journaldato")),
        "dokumentetsDato": _moment(said.get("dokumentetsDato")),
        "tittel": said.get("tittel") or None,
        "saksBehandler": said.get("saksbehandler") or None,
        "ekstraMetadata": list(said.get("ekstraMetadata", ())),
    }


def _noark_to(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sakssekvensnummer": said.get("sakssekvensnummer") or 0,
        "saksaar": said.get("saksaar") or 0,
        "journalposttype": said.get("journalposttype") or None,
        "journalstatus": said.get("journalstatus") or None,
        "dokumentetsDato": _moment(said.get("dokumentetsDato")),
        "tittel": said.get("tittel") or None,
        "mappeId": said.get("mappeId") or None,
        "systemId": said.get("systemId") or None,
        "registreringsId": said.get("registreringsId") or None,
    }


def _file(file: Fil) -> dict[str, Any]:
    return {
        "filnavn": file.filnavn,
        "mimetype": file.mime_type,
        "sha256hash": file.sha256,
        "size": file.storrelse,
        "dokumentType": file.dokument_type or None,
        "ekstraMetadata": [{"key": key, "value": value} for key, value in file.ekstra],
    }


def _moment(said: str | None) -> int | None:
    """Epoch milliseconds of a stored moment; None when unknown."""
    return _millis(datetime.fromisoformat(said)) if said else None


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)
