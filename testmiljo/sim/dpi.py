"""Digital post til innbygger through an integrasjonspunkt: send with the caller's message id, look-up, statuses.

Source: eFormidling's integrasjonspunkt, `api/messages/out/multipart`, `api/conversations/messageId`, `api/statuses`.
What it refuses itself it tells as its IntegrasjonspunktErrorController does, by the name of an exception.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Forsendelse, Hendelse, Store, iso
from testmiljo.sim.switches import Switchboard, Switches

MAX_PAGE = 1000
FAULTS = "no.difi.meldingsutveksling.exceptions"
STATUSES = {"LEVERT": "LEVERT", "FEILET": "FEIL", "LEST": "LEST"}


def make(store: Store, board: Switchboard) -> Blueprint:
    """The system's routes, mounted at /dpi."""
    routes = Blueprint("dpi", __name__, url_prefix="/dpi")
    guard(routes, board)

    @routes.post("/api/messages/out/multipart")
    def send() -> Response:
        switches = board.of("dpi")
        try:
            sbd = _document()
            letter = _letter(sbd)
        except (KeyError, ValueError, TypeError, IndexError):
            return refusal(400, "MissingPrimaryDocumentException", "sbd eller hoveddokument mangler")
        if switches.chosen("refuse", letter.referanse, switches.refuse):
            return problem(422, "Meldingen er avvist", detail="Simulert avvisning")
        hendelse = _outcome(store, switches, letter)
        known = store.receive(letter, hendelse=hendelse, accept_duplicates=switches.accept_duplicates)
        g.stored = True
        if known is not None:
            return refusal(400, "MessageAlreadyExistsException", f"{letter.referanse} already exists")
        return jsonify(sbd)

    @routes.get("/api/conversations/messageId/<referanse>")
    def lookup(referanse: str) -> Response:
        row = store.find("dpi", referanse, lag_s=board.of("dpi").lookup_lag_s)
        if row is None:
            return refusal(404, "MessageNotFoundException", f"{referanse} was not found")
        return jsonify(_conversation(row["nr"], referanse))

    @routes.get("/api/statuses")
    def receipts() -> Response:
        size = min(request.args.get("size", 100, int), MAX_PAGE)
        rows = store.events("dpi", after=request.args.get("fromId", 0, int), limit=size)
        content = [
            {
                "id": row["nr"],
                "messageId": row["referanse"],
                "conversationId": row["referanse"],
                "status": STATUSES[row["art"]],
                "description": row["melding"],
                "lastUpdate": iso(row["tidspunkt"]),
            }
            for row in rows
        ]
        return jsonify({"content": content, "numberOfElements": len(content), "size": size})

    return routes


def refusal(status: int, exception: str, message: str) -> Response:
    """An error of the integrasjonspunkt's own."""
    told = {"timestamp": datetime.now(UTC).isoformat(), "status": status, "error": HTTPStatus(status).phrase}
    response = jsonify(
        told | {"exception": f"{FAULTS}.{exception}", "message": message, "path": request.path}
    )
    response.status_code = status
    return response


def _document() -> dict[str, Any]:
    """The Standard Business Document, which is also the answer."""
    sbd: dict[str, Any] = json.loads(
        request.form["sbd"] if "sbd" in request.form else request.files["sbd"].read()
    )
    return sbd


def _letter(sbd: dict[str, Any]) -> Forsendelse:
    header = sbd["standardBusinessDocumentHeader"]
    referanse = str(uuid.UUID(header["documentIdentification"]["instanceIdentifier"]))
    name = sbd["digital"]["hoveddokument"]
    content = next(file.read() for file in request.files.values() if file.filename == name)
    return Forsendelse(
        system="dpi",
        referanse=referanse,
        noekkel=referanse,
        leverandor_ref=str(uuid.uuid4()),
        mottaker=str(header["receiver"][0]["identifier"]["value"]),
        sha256=hashlib.sha256(content).hexdigest(),
        storrelse=len(content),
    )


def _outcome(store: Store, switches: Switches, letter: Forsendelse) -> Hendelse:
    person = store.persons([letter.mottaker]).get(letter.mottaker)
    krr: dict[str, Any] = json.loads(person["krr"]) if person is not None else {}
    broken = switches.broken(letter.mottaker, letter.referanse)
    delivered = bool(krr.get("postkasse")) and not broken
    return Hendelse(
        art="LEVERT" if delivered else "FEILET",
        melding=None if delivered else "Postkassen kan ikke ta imot",
        delay_s=switches.receipt_delay_ms / 1000,
        copies=1 + switches.duplicate_receipts,
    )


def _conversation(nr: int, referanse: str) -> dict[str, Any]:
    return {
        "id": nr,
        "messageId": referanse,
        "conversationId": referanse,
        "direction": "OUTGOING",
        "serviceIdentifier": "DPI",
        "pollable": True,
    }
