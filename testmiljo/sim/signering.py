"""The signing service: orders by the caller's reference, a feed of what became of them, and signed copies.

Who signs is a person at the page /signering/, or a test through /_sim/signering.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template_string, request
from werkzeug.wrappers import Response as AnyResponse

from testmiljo.sim.gate import guard, problem
from testmiljo.sim.store import Forsendelse, Hendelse, Store, insert_event, iso
from testmiljo.sim.switches import Switchboard

SYSTEM = "signering"
MAX_PAGE = 1000
WAITS = "VENTER"
ACTS = {"start": "STARTET", "signer": "SIGNERT", "avvis": "AVVIST", "utlop": "UTLOPT"}
"""What can be done to an order, and what the feed then tells. All but the first end it."""

FACTS = ("signatar", "avsender", "tittel", "signaturtype", "sikkerhetsnivaa", "frist")
PAGE = """<!doctype html>
<html lang="nb"><head><meta charset="utf-8"><title>Signering (Fiks-test)</title></head><body><main>
<h1>Dokumenter som venter på signatur</h1>
{% for row in rows %}
<form method="post" action="handling"><h2>{{ row.tittel }}</h2>
<p>Fra {{ row.avsender.navn }}. Frist {{ row.frist }}.</p>
<input type="hidden" name="referanse" value="{{ row.referanse }}">
<button name="handling" value="start">Begynn</button>
<button name="handling" value="signer">Signer</button>
<button name="handling" value="avvis">Avvis</button></form>
{% else %}<p>Ingen dokumenter venter.</p>
{% endfor %}
</main></body></html>
"""


class Oppdrag:
    """The orders, as the service keeps them."""

    def __init__(self, store: Store, board: Switchboard) -> None:
        self._store = store
        self._board = board

    def keep(self, referanse: str, facts: Mapping[str, Any], document: bytes) -> None:
        """Keep a new order; one that is known stays as it was."""
        shown = {name: value for name, value in facts.items() if name != "signatar"}
        row = (referanse, json.dumps(shown), document, WAITS)
        with self._store.write() as connection:
            connection.execute("INSERT OR IGNORE INTO signering VALUES (?, ?, ?, ?)", row)

    def waiting(self) -> list[dict[str, Any]]:
        """The orders nobody has ended, with what was said of them."""
        rows = self._store.rows("SELECT referanse, oppdrag FROM signering WHERE status = ?", WAITS)
        return [{"referanse": row["referanse"], **json.loads(row["oppdrag"])} for row in rows]

    def act(self, referanse: str, art: str) -> bool:
        """Let the receiver do something; False when the order is not there or has ended."""
        status = WAITS if art == "STARTET" else art
        switches = self._board.of(SYSTEM)
        event = Hendelse(
            art, delay_s=switches.receipt_delay_ms / 1000, copies=1 + switches.duplicate_receipts
        )
        with self._store.write() as connection:
            changed = connection.execute(
                "UPDATE signering SET status = ? WHERE referanse = ? AND status = ?",
                (status, referanse, WAITS),
            )
            if changed.rowcount == 1:
                insert_event(connection, SYSTEM, referanse, referanse, event)
        return changed.rowcount == 1

    def signed(self, referanse: str) -> bytes | None:
        """The signed copy: the document with the signature at its end, the same bytes every time."""
        row: sqlite3.Row | None = self._store.one(
            "SELECT dokument FROM signering WHERE referanse = ? AND status = 'SIGNERT'", referanse
        )
        if row is None:
            return None
        document = bytes(row["dokument"])
        return document + b"\n%% Signert %s\n" % hashlib.sha256(document).hexdigest().encode()


def make(store: Store, board: Switchboard) -> Blueprint:
    """The service's routes, mounted at /signering, and its page."""
    routes = Blueprint(SYSTEM, __name__, url_prefix="/signering")
    guard(routes, board)
    orders = Oppdrag(store, board)
    _order_routes(routes, store, board, orders)
    _page_routes(routes, orders)

    @routes.get("/api/v1/hendelser")
    def receipts() -> Response:
        limit = min(request.args.get("antall", 100, int), MAX_PAGE)
        rows = store.events(SYSTEM, after=request.args.get("etter", 0, int), limit=limit)
        told = [
            {
                "nr": row["nr"],
                "referanse": row["referanse"],
                "art": row["art"],
                "tidspunkt": iso(row["tidspunkt"]),
            }
            for row in rows
        ]
        return jsonify({"hendelser": told})

    return routes


def _order_routes(routes: Blueprint, store: Store, board: Switchboard, orders: Oppdrag) -> None:
    @routes.post("/api/v1/oppdrag")
    def send() -> Response:
        switches = board.of(SYSTEM)
        try:
            referanse, facts, document = _order()
        except (KeyError, ValueError, TypeError):
            return problem(400, "Oppdraget er ugyldig")
        if switches.chosen("refuse", referanse, switches.refuse):
            return problem(422, "Oppdraget er avvist", detail="Simulert avvisning")
        orders.keep(referanse, facts, document)
        order = Forsendelse(
            system=SYSTEM,
            referanse=referanse,
            noekkel=referanse,
            leverandor_ref=str(uuid.uuid4()),
            mottaker=facts["signatar"],
            sha256=hashlib.sha256(document).hexdigest(),
            storrelse=len(document),
        )
        known = store.receive(order, accept_duplicates=switches.accept_duplicates)
        g.stored = True
        if known is not None:
            return problem(409, "Oppdraget finnes fra før")
        answer = jsonify({"id": order.leverandor_ref})
        answer.status_code = 201
        return answer

    @routes.get("/api/v1/oppdrag/<referanse>")
    def lookup(referanse: str) -> Response:
        row = store.find(SYSTEM, referanse, lag_s=board.of(SYSTEM).lookup_lag_s)
        return problem(404, "Ukjent oppdrag") if row is None else jsonify({"id": row["leverandor_ref"]})

    @routes.get("/api/v1/oppdrag/<referanse>/signert")
    def signed(referanse: str) -> Response:
        content = orders.signed(referanse)
        if content is None:
            return problem(404, "Ikke signert")
        return Response(content, mimetype="application/pdf")


def _order() -> tuple[str, dict[str, Any], bytes]:
    """What a call orders: the caller's reference, the facts, and the document."""
    said = json.load(request.files["oppdrag"])
    document = request.files["dokument"].read()
    facts = {name: said[name] for name in FACTS}
    until = datetime.fromisoformat(facts["frist"])
    if not document.startswith(b"%PDF-") or until.tzinfo is None or until <= datetime.now(UTC):
        raise ValueError("no PDF, or no time to sign it in")
    return str(uuid.UUID(said["referanse"])), facts, document


def _page_routes(routes: Blueprint, orders: Oppdrag) -> None:
    @routes.get("/")
    def page() -> str:
        return render_template_string(PAGE, rows=orders.waiting())

    @routes.post("/handling")
    def act() -> AnyResponse:
        art = ACTS.get(request.form.get("handling", ""))
        if art is None or not orders.act(request.form.get("referanse", ""), art):
            return problem(409, "Dokumentet venter ikke på signatur")
        return redirect("./", 303)


def control(store: Store, board: Switchboard) -> Blueprint:
    """What a test does in the receiver's place, mounted at /_sim/signering."""
    routes = Blueprint("_signering", __name__, url_prefix="/_sim/signering")
    orders = Oppdrag(store, board)

    @routes.post("")
    def act() -> Response:
        body = request.get_json()
        art = ACTS.get(str(body["handling"]))
        if art is None or not orders.act(str(body["referanse"]), art):
            return problem(409, "Dokumentet venter ikke på signatur")
        return Response(status=204)

    return routes
