"""Factories of the portal app: on fakes alone, and with a few routes of every kind to try the door with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Blueprint, Flask, flash, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from config.settings import Settings
from fiks.core.errors import IkkeFunnet, IkkeTilgang
from fiks.core.storage.store import LagerUtilgjengelig
from portal import create_app
from portal.access.actor import current_actor
from portal.access.kinds import Krav, innbygger, privilegium
from portal.access.login_request import HoyereNivaaKreves
from portal.access.table import TILGANG
from tests.portal.fakes import LILLEVIK, FakeSesjon, FakeSesjoner

PROVE: dict[str, Krav] = {
    "prove.sende": privilegium("SVARUT.SENDE"),
    "prove.godkjenne": privilegium("SVARUT.GODKJENNE", fersk=True),
    "prove.stor": privilegium("SVARUT.SENDE", maks_bytes=3 * 1024 * 1024),
    "prove.brev": innbygger(),
    "prove.brudd": privilegium("SVARUT.SENDE"),
    "prove.avvist": privilegium("SVARUT.SENDE"),
    "prove.database": privilegium("SVARUT.SENDE"),
}


def make_settings(**changes: str) -> Settings:
    return Settings.from_env({"FIKS_ENV": "test", **changes})


def make_app(sesjoner: FakeSesjoner | None = None, **changes: str) -> Flask:
    app = create_app(make_settings(**changes), sesjoner=sesjoner or FakeSesjoner())
    app.config["TESTING"] = True
    return app


def make_prove_app(sesjoner: FakeSesjoner, **changes: str) -> Flask:
    """The portal with blueprint `prove`; its rows stand in TILGANG only as long as `with_prove_rows` is in use."""
    app = make_app(sesjoner, **changes)
    app.register_blueprint(_prove())
    return app


def _prove() -> Blueprint:
    prove = Blueprint("prove", __name__, url_prefix="/prove")
    form = '<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"></form>'

    @prove.route("/sende", methods=["GET", "POST"])
    def sende() -> str:
        if request.method == "POST":
            flash("Endringene er lagret.", "success")
        return render_template_string(form + "{{ get_flashed_messages() }}")

    @prove.route("/godkjenne", methods=["GET", "POST"])
    def godkjenne() -> str:
        return "godkjent"

    @prove.post("/stor")
    def stor() -> str:
        return str(len(request.files["fil"].read()))

    @prove.get("/brev/<int:niva>")
    def brev(niva: int) -> str:
        if current_actor().acr < niva:
            raise HoyereNivaaKreves(niva)
        return "brev"

    @prove.get("/brudd")
    def brudd() -> str:
        raise RuntimeError("fnr 17912099997 skal ikke vises")

    @prove.get("/avvist/<kode>")
    def avvist(kode: str) -> str:
        raise {"FINNES_IKKE": IkkeFunnet, "LAGER_UTILGJENGELIG": LagerUtilgjengelig}.get(kode, IkkeTilgang)(
            kode
        )

    @prove.get("/database")
    def database() -> str:
        raise OperationalError("SELECT 1", {}, ConnectionError("borte"))

    @prove.get("/uten-krav")
    def uten_krav() -> str:
        return "aldri"

    return prove


def with_prove_rows() -> None:
    TILGANG.update(PROVE)


def without_prove_rows() -> None:
    for endpoint in PROVE:
        TILGANG.pop(endpoint, None)


def log_in(
    client: FlaskClient,
    sesjoner: FakeSesjoner,
    *,
    privileges: str = "",
    acr: int = 4,
    minutes_ago: float = 0,
    organisasjon: UUID | None = LILLEVIK,
) -> str:
    """Give `client` a live session with `privileges` in Lillevik; return its token."""
    person_id = sesjoner.person(f"1791209{len(sesjoner.persons):04}", lillevik=privileges)
    token = f"token-{len(sesjoner.sessions)}"
    proved = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    sesjoner.sessions[token] = FakeSesjon(person_id, "Kari Nordmann", acr, proved, organisasjon, sid="sid-1")
    client.set_cookie("fiks", token)
    return token


def csrf_of(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, "no token in the page"
    return found.group(1)
