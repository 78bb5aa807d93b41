"""SvarUt REST v1, `/tjenester/api/forsendelse/v1`: the calls of svarut.md 3.4, for fagsystemer with a service
password.

Ids are wrapped in objects, dates are epoch milliseconds, errors are {errorcode, message}. Every address works
with and without a final slash. Only letters of the authenticated konto can be reached.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import PathConverter

from fiks.core import clock
from fiks.core.errors import IkkeFunnet
from fiks.svarinn import queries as svarinn
from fiks.svarut.mottak import Funn, UgyldigForsendelse, reserve_id
from fiks.svarut.mottak.errors import refuse
from fiks.svarut.sender import actions, status_queries
from portal.access.actor import current_actor
from portal.access.basic_login import REALM, logged_in_konto
from portal.api.query import require_within_limit
from portal.api.reading import read, read_json
from portal.api.svarut.letter.v1 import Forsendelse, LestAv
from portal.api.svarut.older_words import SIGNING_TYPES, letter_id, log_time, status_changed_at, status_of
from portal.api.svarut.rest.document_facts import reader_address
from portal.api.svarut.rest.send import send as send_letter
from portal.http.api_errors import answer_errors, json_answer, v1_error
from portal.texts.svarut.ekspedering import ekspedert

LEVELS = ("", "3", "4")


blueprint = Blueprint("api_svarut_v1", __name__, url_prefix="/tjenester/api/forsendelse/v1")
answer_errors(blueprint, v1_error, challenge=REALM)


def _wrapped(own: UUID) -> dict[str, str]:
    return {"id": str(own)}


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


@blueprint.post("/sendForsendelse", strict_slashes=False)
def send() -> Response:
    """Send a letter."""
    return send_letter(logged_in_konto(), Forsendelse)


@blueprint.post("/startNyForsendelse", strict_slashes=False)
def start() -> Response:
    """Reserve an id for a letter, so that sending it can be repeated."""
    return json_answer(_wrapped(reserve_id(logged_in_konto(), actor=current_actor())))


@blueprint.post("/<forsendelse_id>/sendForsendelse", strict_slashes=False)
def send_med_id(forsendelse_id: str) -> Response:
    """Send a letter under a reserved id, or the fagsystem's own id (idempotent)."""
    return send_letter(logged_in_konto(), Forsendelse, reservert=letter_id(forsendelse_id))


@blueprint.get("/<forsendelse_id>/status", strict_slashes=False)
def status(forsendelse_id: str) -> Response:
    """Status of one letter; 404 when it is not the konto's."""
    found = _statuses([letter_id(forsendelse_id)])
    if not found:
        raise IkkeFunnet("FINNES_IKKE")
    return json_answer(found[0])


@blueprint.post("/statuser", strict_slashes=False)
def statuser() -> Response:
    """Statuses of many letters; those of other kontoer are left out."""
    return json_answer({"statuser": _statuses(_ids())})


def _ids() -> list[UUID]:
    """The ids in this request's body, plain or wrapped: clients send both."""
    value = read_json(request.get_data())
    if not isinstance(value, list):
        raise refuse("JSON_UGYLDIG")
    require_within_limit(value, "")
    found, wrong = [], []
    for nr, one in enumerate(value):
        try:
            found.append(UUID(str(one.get("id") if isinstance(one, dict) else one)))
        except ValueError:
            wrong.append(Funn("FELT_UGYLDIG", f"[{nr}]"))
    if wrong:
        raise UgyldigForsendelse(wrong)
    return found


def _statuses(ids: list[UUID]) -> list[dict[str, Any]]:
    return [
        {
            "forsendelsesId": _wrapped(one.id),
            "sisteStatusEndring": _millis(status_changed_at(one)),
            "status": status_of(one),
        }
        for one in status_queries.statuses(logged_in_konto(), ids, actor=current_actor())
    ]


@blueprint.get("/<forsendelse_id>/historikk", strict_slashes=False)
def historikk(forsendelse_id: str) -> Response:
    """The letter's history, oldest first."""
    events = status_queries.events(letter_id(forsendelse_id), actor=current_actor())
    logged = [
        {"tidspunkt": log_time(one.tid), "hendelse": ekspedert(one.kode, one.detaljer)} for one in events
    ]
    return json_answer({"hendelsesLogger": logged})


@blueprint.get("/<forsendelse_id>/signeringhistorikk", strict_slashes=False)
def signeringhistorikk(forsendelse_id: str) -> Response:
    """The letter's signing history, oldest first."""
    own = letter_id(forsendelse_id)
    logged = [
        {
            "tidspunkt": log_time(one.tid),
            "type": SIGNING_TYPES[one.kode],
            "hendelse": ekspedert(one.kode, one.detaljer),
        }
        for one in status_queries.signing_events(own, actor=current_actor())
    ]
    return json_answer({"forsendelsesId": _wrapped(own), "logg": logged})


@blueprint.get("/<forsendelse_id>/dokumentMetadata", strict_slashes=False)
def dokument_metadata(forsendelse_id: str) -> Response:
    """Metadata of the letter's documents, in its order."""
    own = letter_id(forsendelse_id)
    found = status_queries.documents(own, actor=current_actor())
    return json_answer({"dokumentMetadata": [_document(own, one) for one in found]})


def _document(own: UUID, one: status_queries.Dokumentmetadata) -> dict[str, Any]:
    address = reader_address(own, one.nr)
    return {
        "mimeType": one.mime_type,
        "filnavn": one.filnavn,
        "kanSigneres": one.kan_signeres,
        "sizeInBytes": one.storrelse,
        "sha256hash": one.sha256.hex(),
        "dokumentType": one.dokument_type or None,
        "nedlasningsUrl": None if one.slettet else address,
        "signeringsUrl": address if one.kan_signeres else None,
        "ekstraMetadata": [{"key": key, "value": value} for key, value in one.ekstra],
        "inneholderPersonsensitivInformasjon": one.sensitiv,
    }


@blueprint.post("/<forsendelse_id>/settLest", strict_slashes=False)
def sett_lest(forsendelse_id: str) -> Response:
    """Register that a letter was read in the fagsystem's own system."""
    said = read(LestAv, request.get_data())
    actions.mark_read_externally(
        letter_id(forsendelse_id),
        fnr=said.lestAvFodselsNummer,
        tidspunkt=said.datoLest or clock.now(),
        systemnavn=said.navnPaEksterntSystem,
        actor=current_actor(),
    )
    return Response(status=200)


@blueprint.get("/forsendelseTyper", strict_slashes=False)
def forsendelse_typer() -> Response:
    """The types that are routed to a mottakersystem."""
    return json_answer({"forsendelseTyper": list(status_queries.letter_types())})


@blueprint.get("/mottakersystem", strict_slashes=False)
def mottakersystem() -> Response:
    """What mottakersystemer receive; parameters that are not given do not filter."""
    niva = request.args.get("niva", "")
    if niva not in LEVELS:
        raise refuse("FELT_UGYLDIG", "niva")
    found = svarinn.receptions(
        orgnr=request.args.get("organisasjonsNummer", ""),
        type=request.args.get("forsendelsesType", ""),
        niva=int(niva) if niva else None,
    )
    return _receptions(found)


@blueprint.get("/mottakersystem/<orgnr>", strict_slashes=False)
def mottakersystem_for(orgnr: str) -> Response:
    """What the mottakersystemer of one organisation receive."""
    return _receptions(svarinn.receptions(orgnr=orgnr))


def _receptions(found: list[svarinn.Mottak]) -> Response:
    hits = [
        {
            "organisasjonsNummer": one.orgnr,
            "forsendelsesType": one.type or None,
            "mottakerSystem": one.navn,
            "mottakerId": str(one.system_id),
            "niva": one.niva,
        }
        for one in found
    ]
    return json_answer({"treff": hits})


class Resten(PathConverter):
    """The rest of the address, also when it begins with a slash: Werkzeug would otherwise redirect to an
    address without it, which is another reference.
    """

    regex = "/*[^/].*?"


@blueprint.record_once
def _know_the_rest(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["resten"] = Resten


@blueprint.get("/eksternref/<resten:referanse>", strict_slashes=False)
def eksternref(referanse: str) -> Response:
    """The letters of the konto that were sent with this reference, newest first."""
    found = status_queries.letters_by_reference(logged_in_konto(), referanse, actor=current_actor())
    return json_answer({"forsendelseIder": [_wrapped(one.id) for one in found]})


@blueprint.post("/slettFiler", strict_slashes=False)
def slett_filer() -> Response:
    """Delete all files of these letters, or none when one is not the konto's."""
    actions.delete_letters(_ids(), actor=current_actor())
    return Response(status=204)
