"""An SMS gateway: takes a message at every call, also the same one again, and tells by a feed what became of it.

Numbers that end in 0404 never get anything. It keeps no text, only how long it was.
"""

from __future__ import annotations

import hashlib
import uuid

from flask import Blueprint, Response, g, jsonify, request

from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Forsendelse, Hendelse, Store, iso
from testmiljo.sim.switches import Switchboard

MAX_PAGE = 1000
NOBODY = "0404"


def make(store: Store, board: Switchboard) -> Blueprint:
    """The system's routes, mounted at /sms."""
    routes = Blueprint("sms", __name__, url_prefix="/sms")
    guard(routes, board)

    @routes.post("/v1/messages")
    def send() -> Response:
        switches = board.of("sms")
        try:
            body = request.get_json()
            referanse = str(uuid.UUID(body["reference"]))
            number, text, _ = body["recipient"], body["text"], body["sender"]
        except (KeyError, ValueError, TypeError):
            return problem(400, "Meldingen er ugyldig")
        if not number.startswith("+") or not text:
            return problem(400, "Meldingen er ugyldig", detail="recipient eller text")
        if switches.chosen("refuse", referanse, switches.refuse):
            return problem(422, "Meldingen er avvist", detail="Simulert avvisning")
        message = _message(referanse, number, text)
        arrived = not number.endswith(NOBODY) and not switches.broken(number, referanse)
        outcome = Hendelse(
            art="DELIVERED" if arrived else "FAILED",
            delay_s=switches.receipt_delay_ms / 1000,
            copies=1 + switches.duplicate_receipts,
        )
        store.receive(message, hendelse=outcome)
        g.stored = True
        response = jsonify({"id": message.leverandor_ref})
        response.status_code = 201
        return response

    @routes.get("/v1/receipts")
    def receipts() -> Response:
        limit = min(request.args.get("limit", 100, int), MAX_PAGE)
        rows = store.events("sms", after=request.args.get("after", 0, int), limit=limit)
        told = [
            {
                "nr": row["nr"],
                "reference": row["referanse"],
                "status": row["art"],
                "time": iso(row["tidspunkt"]),
            }
            for row in rows
        ]
        return jsonify({"receipts": told})

    return routes


def _message(referanse: str, number: str, text: str) -> Forsendelse:
    return Forsendelse(
        system="sms",
        referanse=referanse,
        noekkel=str(uuid.uuid4()),
        leverandor_ref=str(uuid.uuid4()),
        mottaker=number,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        storrelse=len(text),
    )
