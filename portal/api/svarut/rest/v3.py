"""SvarUt REST v3: letters to a person, an organisation or paper only, and their statuses (svarut.md 3.3)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from fiks.svarut.mottak.errors import refuse
from fiks.svarut.sender import status_queries
from portal.access.actor import current_actor
from portal.api.operation import operasjon
from portal.api.query import require_within_limit
from portal.api.reading import read
from portal.api.svarut.letter.nhn import NhnForsendelse
from portal.api.svarut.letter.v3 import OrganisasjonForsendelse, PersonForsendelse, PrintForsendelse
from portal.api.svarut.rest.models import BrevstatusV3, Forsendelser, Sendt, StatuserV3, StatusV3
from portal.api.svarut.rest.send import send
from portal.http.api_errors import json_answer

blueprint = Blueprint("svarut_v3", __name__, url_prefix="/api/v3")
SEND, READ = "SvarUt v3: send", "SvarUt v3: les"
KONTO = "/kontoer/<uuid:konto_id>/forsendelser"


@blueprint.post(f"{KONTO}/person", strict_slashes=False)
@operasjon("Send et brev til en person", gruppe=SEND, brev=PersonForsendelse, svar=Sendt)
def person(konto_id: UUID) -> Response:
    """Take in a letter to a person."""
    return send(konto_id, PersonForsendelse)


@blueprint.post(f"{KONTO}/organisasjon", strict_slashes=False)
@operasjon("Send et brev til en virksomhet", gruppe=SEND, brev=OrganisasjonForsendelse, svar=Sendt)
def organisasjon(konto_id: UUID) -> Response:
    """Take in a letter to an organisation."""
    return send(konto_id, OrganisasjonForsendelse)


@blueprint.post(f"{KONTO}/print", strict_slashes=False)
@operasjon("Send et brev som bare går på papir", gruppe=SEND, brev=PrintForsendelse, svar=Sendt)
def papir(konto_id: UUID) -> Response:
    """Take in a letter for paper only."""
    return send(konto_id, PrintForsendelse)


@blueprint.post(f"{KONTO}/nhn", strict_slashes=False)
@operasjon(
    "Send et brev i Norsk Helsenett",
    gruppe=SEND,
    tekst="Finnes for at klienter skal få et tydelig svar. Norsk Helsenett støttes ikke.",
    brev=NhnForsendelse,
    svar=Sendt,
)
def nhn(konto_id: UUID) -> Response:
    """Answer that Norsk Helsenett is not supported."""
    raise refuse("NHN_STOTTES_IKKE")


@blueprint.post(f"{KONTO}/status/sok", strict_slashes=False)
@operasjon("Spør hvor brev er", gruppe=READ, kropp=Forsendelser, svar=StatuserV3)
def status(konto_id: UUID) -> Response:
    """Statuses of these letters of the konto."""
    asked = read(Forsendelser, request.get_data())
    require_within_limit(asked.id, "id")
    found = status_queries.statuses(konto_id, asked.id, actor=current_actor())
    told = [
        BrevstatusV3(id=one.id, sisteStatusEndring=one.endret, status=StatusV3(one.status)) for one in found
    ]
    return json_answer(StatuserV3(statuser=tuple(told)).as_json())
