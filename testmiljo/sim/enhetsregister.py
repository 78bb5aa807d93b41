"""Enhetsregisteret as its open API shows it: units and subunits apart, searched by organisation number or one by one.

Source: data.brreg.no/enhetsregisteret/api/dokumentasjon. A search does not find the deleted; who asks for one gets what
little is left of it. An entry with `overordnetEnhet` is a subunit.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Store
from testmiljo.sim.switches import Switchboard

DEEPEST, PAGE = 10_000, 20
LONGEST = 4_000
"""Characters of an address that whatever stands before the register lets through."""


def make(store: Store, board: Switchboard) -> Blueprint:
    """The system's routes, mounted at /enhetsregister."""
    routes = Blueprint("enhetsregister", __name__, url_prefix="/enhetsregister")
    guard(routes, board)

    @routes.get("/enhetsregisteret/api/<any(enheter, underenheter):part>/<orgnr>")
    def lookup(part: str, orgnr: str) -> Response:
        known = _entries(store, part, [orgnr])
        return jsonify(unit(orgnr, known[orgnr])) if known else problem(404, "Ikke funnet")

    @routes.get("/enhetsregisteret/api/<any(enheter, underenheter):part>")
    def registry(part: str) -> Response:
        numbers = request.args.get("organisasjonsnummer", "").split(",")
        size, page = request.args.get("size", PAGE, int), request.args.get("page", 0, int)
        if len(request.full_path) > LONGEST:
            return problem(414, "Adressen er for lang")
        if not 0 < size * (page + 1) <= DEEPEST:
            return problem(400, "Ugyldig forespørsel", detail=f"size x page: {DEEPEST} at most")
        found = [unit(n, e) for n, e in _entries(store, part, numbers).items() if e["status"] != "SLETTET"]
        shown = found[size * page : size * (page + 1)]
        told = {
            "size": size,
            "totalElements": len(found),
            "totalPages": -(-len(found) // size),
            "number": page,
        }
        return jsonify(({"_embedded": {part: shown}} if shown else {}) | {"page": told})

    return routes


def _entries(store: Store, part: str, numbers: list[str]) -> dict[str, dict[str, Any]]:
    """What is known of these numbers in this part of the register."""
    entries = {orgnr: json.loads(row["enhet"]) for orgnr, row in store.organisations(numbers).items()}
    below = part == "underenheter"
    return {orgnr: entry for orgnr, entry in entries.items() if bool(entry.get("overordnetEnhet")) is below}


def unit(orgnr: str, entry: dict[str, Any]) -> dict[str, Any]:
    """One unit; of a deleted one there is no address, but `slettedato` and the class of a deleted unit."""
    form, above = entry["organisasjonsform"], entry.get("overordnetEnhet")
    shown: dict[str, Any] = {
        "organisasjonsnummer": orgnr,
        "navn": entry["navn"],
        "organisasjonsform": {"kode": form, "beskrivelse": form},
    }
    if entry["status"] == "SLETTET":
        kind = "SlettetUnderEnhet" if above else "SlettetEnhet"
        return shown | {"respons_klasse": kind, "slettedato": entry["slettedato"]}
    if above:
        place = {"beliggenhetsadresse": _address(entry), "overordnetEnhet": above}
        return shown | place | {"respons_klasse": "Underenhet"}
    return shown | {"forretningsadresse": _address(entry), "respons_klasse": "Enhet"}


def _address(entry: dict[str, Any]) -> dict[str, Any]:
    address = entry["forretningsadresse"] or {}
    return {
        "land": address.get("land") or "Norge",
        "landkode": "NO",
        "postnummer": address.get("postnr"),
        "poststed": address.get("poststed"),
        "adresse": [line for n in (1, 2, 3) if (line := address.get(f"adresselinje{n}"))],
    }
