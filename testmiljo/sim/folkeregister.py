"""Folkeregisteret as a consumer sees it: bulk look-up of person documents.

Source: Skatteetaten's konsumenttjenester, `v1/personer/bulkoppslag`.
"""

from __future__ import annotations

import json
import re
from typing import Any

from babel import Locale
from babel.core import get_global
from flask import Blueprint, Response, jsonify, request

from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Store
from testmiljo.sim.switches import Switchboard

MAX = 1000
META = {"ajourholdstidspunkt": "2026-01-02T00:00:00+01:00", "erGjeldende": True, "kilde": "KILDE_DSF"}
STREET = re.compile(r"(?P<navn>.*\D) (?P<nummer>\d+)(?P<bokstav>[A-ZÆØÅ])?")

_TWO_LETTERS = {name: code for code, name in Locale("nb").territories.items() if len(code) == 2}
_THREE_LETTERS = {
    names[0]: code
    for code, names in get_global("territory_aliases").items()
    if len(code) == 3 and code.isalpha()
}


UNKNOWN_COUNTRY = "ZZZ"
"""What CLDR calls a country nobody knows, in three letters."""


def make(store: Store, board: Switchboard) -> Blueprint:
    """The system's routes, mounted at /folkeregister."""
    routes = Blueprint("folkeregister", __name__, url_prefix="/folkeregister")
    guard(routes, board)

    @routes.post("/v1/personer/bulkoppslag")
    def registry() -> Response:
        body = request.get_json(silent=True) or {}
        numbers = body.get("foedselsEllerDNummer") if isinstance(body, dict) else None
        if not isinstance(numbers, list) or len(numbers) > MAX:
            return problem(400, "FREG-001", detail=f"foedselsEllerDNummer: 1 to {MAX}")
        known = store.persons(map(str, numbers))
        return jsonify({"oppslag": [hit for n in map(str, numbers) for hit in _hits(n, known.get(n))]})

    return routes


def _hits(number: str, row: Any) -> list[dict[str, Any]]:
    """What is said of a number. A person with `svar` gets those hits as they stand, which may be none."""
    about = {"foedselsEllerDNummer": number}
    if row is None:
        return [about | {"feilmelding": {"kode": "FREG-004", "melding": "Ikke funnet"}}]
    freg = json.loads(row["freg"])
    if "svar" in freg:
        return list(freg["svar"])
    return [about | {"folkeregisterperson": person_document(number, freg)}]


def person_document(number: str, freg: dict[str, Any]) -> dict[str, Any]:
    """A person document (person-basis): every property is a list of rows with register metadata."""
    d_number = number[0] in "4567"
    grade = freg["adressebeskyttelse"]
    navn = freg["navn"]
    document: dict[str, Any] = {
        "identifikasjonsnummer": [
            {
                **META,
                "status": "iBruk",
                "foedselsEllerDNummer": number,
                "identifikatortype": "dNummer" if d_number else "foedselsnummer",
            }
        ],
        "status": [{**META, "status": freg["status"]}],
        "navn": [{**META, **{part: value for part, value in navn.items() if value}}],
        "adressebeskyttelse": [{**META, "graderingsnivaa": grade}],
    }
    if freg["doedsdato"]:
        document["doedsfall"] = [{**META, "doedsdato": freg["doedsdato"]}]
    if freg["bostedsadresse"]:
        document["bostedsadresse"] = [
            {**META, "adressegradering": grade, "vegadresse": _street(freg["bostedsadresse"])}
        ]
    if freg["postadresse"]:
        lines = {"adresselinje": _lines(freg["postadresse"]), "poststed": _poststed(freg["postadresse"])}
        document["postadresse"] = [{**META, "adressegradering": grade, "postadresseIFrittFormat": lines}]
    if freg["postadresseIUtlandet"]:
        abroad = {"utenlandskAdresseIFrittFormat": _abroad(freg["postadresseIUtlandet"])}
        document["postadresseIUtlandet"] = [{**META, "adressegradering": grade, **abroad}]
    if freg["kontaktinformasjonForDoedsbo"]:
        document["kontaktinformasjonForDoedsbo"] = [{**META, **_estate(freg["kontaktinformasjonForDoedsbo"])}]
    return document


def _lines(address: dict[str, Any]) -> list[str]:
    return [line for n in (1, 2, 3) if (line := address.get(f"adresselinje{n}"))]


def _poststed(address: dict[str, Any]) -> dict[str, Any]:
    return {"poststedsnavn": address.get("poststed"), "postnummer": address.get("postnr")}


def _street(address: dict[str, Any]) -> dict[str, Any]:
    lines = _lines(address)
    street: dict[str, Any] = {"kommunenummer": "9901", "poststed": _poststed(address)}
    if lines and lines[0].startswith("c/o "):
        street["coAdressenavn"] = lines.pop(0)
    match = STREET.fullmatch(lines[-1]) if lines else None
    street["adressenavn"] = match["navn"] if match else " ".join(lines)
    if match:
        street["adressenummer"] = {"husnummer": match["nummer"]} | (
            {"husbokstav": match["bokstav"]} if match["bokstav"] else {}
        )
    return street


def _abroad(address: dict[str, Any]) -> dict[str, Any]:
    two = _TWO_LETTERS.get(address["land"], "")
    return {
        "adresselinje": _lines(address),
        "byEllerStedsnavn": address.get("poststed"),
        "postkode": address.get("postnr"),
        "landkode": _THREE_LETTERS.get(two, UNKNOWN_COUNTRY),
    }


def _estate(contact: dict[str, Any]) -> dict[str, Any]:
    given, _, family = contact["kontaktperson"].rpartition(" ")
    return {
        "skifteform": "offentlig",
        "attestutstedelsesdato": "2026-11-01",
        "person": {"personnavn": {"fornavn": given, "etternavn": family}},
        "adresse": {
            "adresselinje": _lines(contact),
            **_poststed(contact),
        },
    }
