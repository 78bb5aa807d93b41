"""Enhetsregisteret as its open API shows it: one unit, and many units by organisation number."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Store
from testmiljo.sim.switches import Switchboard

MAX = 1000


def make(store: Store, board: Switchboard) -> Blueprint:
    """The system's routes, mounted at /enhetsregister."""
    routes = Blueprint("enhetsregister", __name__, url_prefix="/enhetsregister")
    guard(routes, board)

    @routes.get("/enhetsregisteret/api/enheter/<orgnr>")
    def lookup(orgnr: str) -> Response:
        row = store.organisations([orgnr]).get(orgnr)
        return (
            jsonify(unit(orgnr, json.loads(row["enhet"]))) if row is not None else problem(404, "Ikke funnet")
        )

    @routes.post("/enhetsregisteret/api/enheter")
    def registry() -> Response:
        body = request.get_json(silent=True) or {}
        numbers = body.get("organisasjonsnummer") if isinstance(body, dict) else None
        if not isinstance(numbers, list) or len(numbers) > MAX:
            return problem(400, "Ugyldig forespørsel", detail=f"organisasjonsnummer: 1 to {MAX}")
        known = store.organisations(map(str, numbers))
        units = [unit(orgnr, json.loads(row["enhet"])) for orgnr, row in known.items()]
        page = {"size": MAX, "totalElements": len(units), "totalPages": 1, "number": 0}
        return jsonify({"_embedded": {"enheter": units}, "page": page})

    return routes


def unit(orgnr: str, entry: dict[str, Any]) -> dict[str, Any]:
    """One unit; a deleted one has `slettedato` and the class of a deleted unit."""
    address = entry["forretningsadresse"] or {}
    form = entry["organisasjonsform"]
    shown: dict[str, Any] = {
        "organisasjonsnummer": orgnr,
        "navn": entry["navn"],
        "organisasjonsform": {"kode": form, "beskrivelse": form},
        "respons_klasse": "SlettetEnhet" if entry["status"] == "SLETTET" else "Enhet",
        "forretningsadresse": {
            "land": address.get("land") or "Norge",
            "landkode": "NO",
            "postnummer": address.get("postnr"),
            "poststed": address.get("poststed"),
            "adresse": [line for n in (1, 2, 3) if (line := address.get(f"adresselinje{n}"))],
        },
    }
    if entry["status"] == "SLETTET":
        shown["slettedato"] = entry["slettedato"]
    return shown
