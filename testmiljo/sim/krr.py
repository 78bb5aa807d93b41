"""Kontakt- og reservasjonsregisteret (KRR), REST v2: contact information of up to a thousand persons."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Store
from testmiljo.sim.switches import Switchboard

MAX = 1000
LATELY = timedelta(days=180)
"""Since when everybody has confirmed who is not passive, however old the register's file is."""
MAILBOXES = {"DIGIPOST": "984661185", "EBOKS": "996460320"}


def make(store: Store, board: Switchboard) -> Blueprint:
    """The system's routes, mounted at /krr."""
    routes = Blueprint("krr", __name__, url_prefix="/krr")
    guard(routes, board)

    @routes.post("/rest/v2/personer")
    def registry() -> Response:
        body = request.get_json(silent=True) or {}
        numbers = body.get("personidentifikatorer") if isinstance(body, dict) else None
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= MAX:
            return problem(400, "Ugyldig forespørsel", detail=f"personidentifikatorer: 1 to {MAX}")
        known = store.persons(map(str, numbers))
        rows = ((str(number), known.get(str(number))) for number in numbers)
        return jsonify(
            {"personer": [_person(number, json.loads(row["krr"]) if row else None) for number, row in rows]}
        )

    return routes


def _person(number: str, krr: dict[str, Any] | None) -> dict[str, Any]:
    if krr is None or krr["status"] == "IKKE_REGISTRERT":
        reserved = "JA" if krr and krr["reservert"] else "NEI"
        return {"personidentifikator": number, "status": "IKKE_REGISTRERT", "reservasjon": reserved}
    shown: dict[str, Any] = {
        "personidentifikator": number,
        "status": "AKTIV",
        "reservasjon": "JA" if krr["reservert"] else "NEI",
        "varslingsstatus": "KAN_IKKE_VARSLES" if krr["passiv"] or krr["reservert"] else "KAN_VARSLES",
        "kontaktinformasjon": _contact(krr),
        "spraak": krr["spraak"],
    }
    if krr["postkasse"]:
        shown["digital_post"] = {
            "postkasseadresse": "postkasse#" + hashlib.sha256(number.encode()).hexdigest()[:6],
            "postkasseleverandoeradresse": MAILBOXES[krr["postkasse"]],
        }
    return shown


def _contact(krr: dict[str, Any]) -> dict[str, Any]:
    contact: dict[str, Any] = {}
    confirmed = f"{_confirmed(krr)}T12:00:00+01:00" if krr["sistBekreftet"] else None
    for field, value in (("epostadresse", krr["epost"]), ("mobiltelefonnummer", krr["mobil"])):
        if value:
            contact |= {field: value, f"{field}_oppdatert": confirmed, f"{field}_sist_verifisert": confirmed}
    return contact


def _confirmed(krr: dict[str, Any]) -> date:
    told = date.fromisoformat(krr["sistBekreftet"])
    return told if krr["passiv"] else max(told, datetime.now(UTC).date() - LATELY)
