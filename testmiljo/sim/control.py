"""The simulation's own interface, mounted at /_sim: switches, what was received, what is still to come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request

from testmiljo.sim.citizens import Citizens
from testmiljo.sim.gate import problem
from testmiljo.sim.login import IdPorten
from testmiljo.sim.machines import Maskinporten
from testmiljo.sim.register import load_register
from testmiljo.sim.store import Hendelse, Store, insert_event, iso
from testmiljo.sim.switches import Switchboard

CHANNELS = ("dpi", "altinn")
LOGGED = (*CHANNELS, "signering", "sms")
REGISTERS = ("person", "virksomhet")
READING_COUNTS = "SELECT status, count(*) AS n FROM lesing GROUP BY status"
MAX_ROWS = 10_000


class Print(Protocol):
    """What the simulation asks of the print house."""

    def switch(self, values: dict[str, Any]) -> None: ...

    def received(self, *, after: int, limit: int, newest: bool) -> dict[str, Any]: ...

    def state(self) -> dict[str, Any]: ...


def make(
    store: Store,
    board: Switchboard,
    citizens: Citizens,
    doors: tuple[IdPorten, Maskinporten],
    house: Print | None,
) -> Blueprint:
    """The control routes. `doors` give tokens; `house` is the print house, if one runs here."""
    routes = Blueprint("_sim", __name__, url_prefix="/_sim")
    _switch_routes(routes, store, board, citizens, house)
    _log_routes(routes, store, board, citizens, house)
    _register_routes(routes, store)
    _door_routes(routes, *doors)
    _mandate_routes(routes, store)
    return routes


def _switch_routes(
    routes: Blueprint, store: Store, board: Switchboard, citizens: Citizens, house: Print | None
) -> None:
    @routes.get("/brytere")
    def switches() -> Response:
        return jsonify(board.shown())

    @routes.post("/brytere")
    def set_switches() -> Response:
        values = dict(request.get_json())
        for_print = values.pop("print") if house is not None and "print" in values else None
        try:
            board.set(values)
            if house is not None and for_print is not None:
                house.switch(for_print)
        except (ValueError, TypeError, AttributeError) as error:
            return problem(400, "Ukjent bryter", detail=str(error))
        citizens.wake()
        return jsonify(board.shown())

    @routes.post("/nullstill")
    def reset() -> Response:
        store.reset()
        board.reset()
        if house is not None:
            house.switch({})
        return Response(status=204)


def _log_routes(
    routes: Blueprint, store: Store, board: Switchboard, citizens: Citizens, house: Print | None
) -> None:
    @routes.get("/mottatt")
    def received() -> Response:
        system = request.args.get("system", "")
        newest = request.args.get("orden", "eldst") == "nyest"
        after, limit = _page()
        if system == "print" and house is not None:
            return jsonify(house.received(after=after, limit=limit, newest=newest))
        if system not in LOGGED:
            return problem(400, "Ukjent system", detail=", ".join((*LOGGED, "print")))
        return jsonify(store.received(system, after=after, limit=limit, newest=newest))

    @routes.get("/lesinger")
    def readings() -> Response:
        return jsonify({"rader": _readings(store, *_page())})

    @routes.get("/tilstand")
    def state() -> Response:
        systems = {system: _state(store, board, system) for system in LOGGED}
        if house is not None:
            systems["print"] = house.state()
        registers = {name: store.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in REGISTERS}
        return jsonify({"systemer": systems, "lesinger": count(), "registre": registers})

    @routes.get("/lesinger/antall")
    def counted() -> Response:
        return jsonify(count())

    def count() -> dict[str, int]:
        readings = {row["status"].lower(): row["n"] for row in store.rows(READING_COUNTS)}
        return {"venter": 0, "lest": 0, "oppgitt": 0, **readings, "paagaar": citizens.busy}


def _page() -> tuple[int, int]:
    return request.args.get("etter", 0, int), min(request.args.get("antall", 1000, int), MAX_ROWS)


def _register_routes(routes: Blueprint, store: Store) -> None:
    @routes.post("/register")
    def register() -> Response:
        folder = Path(str(request.get_json()["mappe"]))
        if not (folder / "register.json").is_file():
            return problem(400, "Fant ikke register.json")
        return jsonify({"lastet": load_register(store, folder)})

    @routes.post("/kvittering")
    def receipt() -> Response:
        body = request.get_json()
        system, referanse, art = body["system"], str(body["referanse"]), str(body["art"])
        if system not in CHANNELS or art not in ("LEVERT", "LEST", "FEILET"):
            return problem(400, "Ukjent kvittering")
        row = store.find(system, referanse)
        event = Hendelse(art=art, melding=body.get("melding"), copies=int(body.get("antall", 1)))
        with store.write() as connection:
            insert_event(connection, system, referanse, row["leverandor_ref"] if row else "ukjent", event)
        return Response(status=204)

    @routes.post("/hash")
    def hashes() -> Response:
        return jsonify({"hash": [store.keyed_hash(str(number)) for number in request.get_json()["verdier"]]})


def _door_routes(routes: Blueprint, login: IdPorten, machines: Maskinporten) -> None:
    @routes.post("/idporten")
    def add_to_id_porten() -> Response:
        try:
            login.add(request.get_json())
        except (KeyError, TypeError) as error:
            return problem(400, "Ugyldig klient eller testbruker", detail=type(error).__name__)
        return Response(status=204)

    @routes.post("/maskinporten")
    def add_to_maskinporten() -> Response:
        try:
            machines.add(request.get_json())
        except (AttributeError, KeyError, TypeError) as error:
            return problem(400, "Ugyldig klient, tilgang eller delegering", detail=type(error).__name__)
        return Response(status=204)


UNIT = """
    INSERT INTO tilhorighet VALUES (:orgnr, :hovedenhet, :navn, coalesce(:slettet, 0))
    ON CONFLICT (orgnr) DO UPDATE SET
        hovedenhet = coalesce(:hovedenhet, hovedenhet), hovedenhet_navn = coalesce(:navn, hovedenhet_navn),
        slettet = coalesce(:slettet, slettet)
"""
"""What is not said of a unit stays as it was: it is the same for everybody who may act for it."""


def _mandate_routes(routes: Blueprint, store: Store) -> None:
    @routes.post("/fullmakt")
    def mandate() -> Response:
        body = request.get_json()
        roles = json.dumps(list(body.get("roller", ["A0236"])))
        with store.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO fullmakt VALUES (?, ?, ?, ?)",
                (body["pid"], body["orgnr"], body["navn"], roles),
            )
            main, navn = body.get("hovedenhet") or (None, None)
            said = {"orgnr": body["orgnr"], "hovedenhet": main, "navn": navn, "slettet": body.get("slettet")}
            connection.execute(UNIT, said)
        return Response(status=204)


def _state(store: Store, board: Switchboard, system: str) -> dict[str, int]:
    row = store.one("SELECT count(*) AS n FROM hendelse WHERE system = ?", system)
    events = int(row["n"]) if row is not None else 0
    return {
        **store.counts(system),
        "kvitteringer": events,
        "uhentede_kvitteringer": store.events_waiting(system),
        "paagaar": board.under_way(system),
    }


def _readings(store: Store, after: int, limit: int) -> list[dict[str, Any]]:
    rows = store.rows(
        "SELECT nr, referanse, status, forsok, feil, sha256, storrelse, tidspunkt FROM lesing"
        " WHERE nr > ? ORDER BY nr LIMIT ?",
        after,
        limit,
    )
    return [{**dict(row), "tidspunkt": iso(row["tidspunkt"])} for row in rows]
