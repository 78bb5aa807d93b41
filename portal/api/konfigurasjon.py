"""Fiks-konfigurasjon for machines: self-test, and an organisation's facts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response

from fiks.konfigurasjon import queries
from portal.api.model import Svarmodell
from portal.api.operation import operasjon
from portal.http.api_errors import json_answer

blueprint = Blueprint("api_konfigurasjon", __name__, url_prefix="/konfigurasjon/api/v1")
GRUPPE = "Fiks-konfigurasjon"


class Organisasjonsfakta(Svarmodell):
    """Organisasjonens egne opplysninger."""

    uuid: UUID
    navn: str
    type: str
    intern: bool
    kommunenr: str | None
    orgnr: str
    epost: tuple[str, ...]
    innbyggerkontaktEpost: str | None
    synlig: bool
    konfigurert: bool


@blueprint.get("/integrasjoner/autentisering", strict_slashes=False)
@operasjon("Prøv om token, id og passord er riktige", gruppe=GRUPPE, svar=bool)
def autentisering() -> Response:
    """Self-test that every integrator calls first: true when token, id and password are right."""
    return json_answer(True)


@blueprint.get("/organisasjoner/<uuid:fiks_org_id>", strict_slashes=False)
@operasjon("Se organisasjonens opplysninger", gruppe=GRUPPE, svar=Organisasjonsfakta)
def organisasjon(fiks_org_id: UUID) -> Response:
    """The organisation's facts, for a fagsystem calling on behalf of a person who may see them."""
    row = queries.organisasjon(fiks_org_id)
    return json_answer(
        {
            "uuid": str(row.id),
            "navn": row.navn,
            "type": row.type,
            "intern": row.intern,
            "kommunenr": row.kommunenr,
            "orgnr": row.orgnr,
            "epost": list(row.varsel_epost),
            "innbyggerkontaktEpost": row.innbygger_epost,
            "synlig": row.synlig,
            "konfigurert": row.konfigurert is not None,
        }
    )
