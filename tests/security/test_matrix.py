"""Every route × every role: the answer follows from the reviewed table and from nothing in the code under test."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from fiks.core.crypto.encryption import blind_index
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.edialog.access import owner_index
from fiks.edialog.models import EdialogSkjema
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.models import Forsendelse
from fiks.utsending.models import Arbeidsdel
from fiks.utsending.rules import Utsendingstatus
from portal.access.table import TILGANG
from tests.integration.houses import new_fnr
from tests.integration.utsending.kommuner import (
    ROOT,
)
from tests.security.people import LEVEL_THREE, ROLES, Innlogget, Scene, browser, csrf, end_grants
from tests.security.reviewed import REVIEWED, Rute
from tests.security.things import Things, hand_over, make_things

CASES = [(endpoint, method) for endpoint, rute in REVIEWED.items() for method in rute.metoder.split()]
PASS, LOGIN, FORBIDDEN, UNKNOWN = "passes", "to log in", "403", "404"
NO_PROVIDER = "/innlogging/start"
"""Answers 503 here: no ID-porten is set up in this app."""


def rules(app: Flask) -> dict[str, Rule]:
    return {rule.endpoint: rule for rule in app.url_map.iter_rules()}


def expected(rute: Rute, rolle: str) -> str:
    """What the role is answered."""
    if rolle in rute.kan:
        return PASS
    if rolle == "anonym" or rute.om == "maskin":
        return LOGIN
    if rute.om == "brev":
        return UNKNOWN
    if rolle in LEVEL_THREE:
        return LOGIN
    strangers = {
        "utsending": ("annen_konto", "annen_kommune"),
        "forsendelse": ("annen_konto", "annen_kommune"),
        "konto": ("annen_kommune",),
        "tilgang": ("annen_kommune",),
        "mottakersystem": ("annen_kommune",),
        "mottak": ("annen_kommune",),
        "kollega": ("annen_kommune",),
        "integrasjon": ("annen_kommune",),
        "gruppe": ("annen_kommune",),
        "gjennomgang": ("annen_kommune",),
    }
    return UNKNOWN if rolle in strangers.get(rute.om, ()) else FORBIDDEN


def outcome(answer: TestResponse) -> str:
    """What the answer amounts to. Anything that is not a refusal passes, but a fault never does."""
    assert answer.status_code < 500 or answer.request.path == NO_PROVIDER, answer.status_code
    way = answer.location or ""
    if answer.status_code == 401 or way.startswith(("/logg-inn", "/innlogging/start")):
        return LOGIN
    return {403: FORBIDDEN, 404: UNKNOWN}.get(answer.status_code, PASS)


def test_every_route_and_method_is_reviewed_and_stands_in_the_table_of_access(app: Flask) -> None:
    live = {
        rule.endpoint: " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        for rule in app.url_map.iter_rules()
    }
    assert live == {endpoint: rute.metoder for endpoint, rute in REVIEWED.items()}
    assert set(live) == set(TILGANG)
    assert len(list(app.url_map.iter_rules())) == len(live)


@pytest.fixture(scope="module")
def innlogget(app: Flask, scene: Scene) -> Innlogget:
    return Innlogget(app, scene)


@pytest.fixture(scope="module")
def things_by_status(app: Flask, scene: Scene) -> dict[Utsendingstatus, Things]:
    """What is only looked at. Whatever acts has things of its own, since making them costs as much as asking."""
    with app.app_context():
        return {s: make_things(scene.lillevik, s) for s in {rute.status for rute in REVIEWED.values()}}


@pytest.mark.slow
@pytest.mark.parametrize(("endpoint", "method"), CASES)
def test_a_route_answers_each_role_as_reviewed(
    app: Flask,
    scene: Scene,
    innlogget: Innlogget,
    things_by_status: dict[Utsendingstatus, Things],
    endpoint: str,
    method: str,
) -> None:
    rute, rule = REVIEWED[endpoint], rules(app)[endpoint]
    things = things_by_status[rute.status]
    if method != "GET" or rute.sletter or rute.om == "brev":
        with app.app_context():
            things = make_things(scene.lillevik, rute.status)
            if rute.om == "brev":
                _hand_to(things, scene.pid["mottaker"])
                _give_skjema(things, scene)
    found, wanted = {}, {rolle: expected(rute, rolle) for rolle in ROLES}
    before = fingerprint(app, things.utsending_id)
    for rolle in sorted(ROLES, key=lambda rolle: wanted[rolle] == PASS):
        if wanted[rolle] == PASS:
            assert fingerprint(app, things.utsending_id) == before, "a refused role changed something"
            if rute.sletter:
                with app.app_context():
                    things = make_things(scene.lillevik, rute.status)
            _order_as(app, things, scene.person.get(rolle))
        client, form = innlogget.of(rolle), innlogget.form(rolle) if method == "POST" else None
        found[rolle] = outcome(ask(app, client, rule, method, things, form))
        if wanted[rolle] == PASS:
            before = fingerprint(app, things.utsending_id)
        if _may_touch_session(endpoint, method, found[rolle]):
            innlogget.forget(rolle)
    assert found == wanted


def _may_touch_session(endpoint: str, method: str, answered: str) -> bool:
    """Whether the visitor's own session may be another one afterwards: whoever asks next begins with a new one."""
    if answered == PASS:
        return method == "POST" or endpoint.startswith(("innlogging.", "minside."))
    return answered == LOGIN


def ask(
    app: Flask,
    client: FlaskClient,
    rule: Rule,
    method: str,
    things: Things,
    form: dict[str, str] | None = None,
) -> TestResponse:
    """Ask the route about `things`; `form` is what the client's forms must carry, if that is known already."""
    with app.test_request_context():
        known = things.values(REVIEWED[rule.endpoint].om)
        values = {name: value for name, value in known.items() if name in rule.arguments}
        assert rule.arguments <= set(values), f"give {rule.arguments - set(values)} a value in things.py"
        built = rule.build(values, append_unknown=False)
    assert built is not None
    headers = {"HX-Request": "true"} if REVIEWED[rule.endpoint].bit else {}
    people = REVIEWED[rule.endpoint].om != "maskin"
    if method != "POST" or not people:
        form = None
    elif form is None:
        form = csrf(client)
    return client.open(built[1], method=method, data=form, headers=headers)


def _hand_to(things: Things, pid: str) -> None:
    """The letter is this person's, and has reached them."""
    assert things.forsendelse_id is not None
    with transaction() as tx:
        index = blind_index(current().index_key, "mottaker", pid)
        letter = tx.get_one(Forsendelse, things.forsendelse_id)
        letter.mottaker_indeks = index
        tx.flush()
        hand_over(things.forsendelse_id)


def _give_skjema(things: Things, scene: Scene) -> None:
    """What is written is this person's."""
    with transaction() as tx:
        row = tx.get_one(EdialogSkjema, things.skjema_id)
        row.person_id, row.eier_indeks = scene.person["mottaker"], owner_index(scene.pid["mottaker"])


def _order_as(app: Flask, things: Things, person_id: UUID | None) -> None:
    """A preview is shown only to the one who ordered it: let it be this one's."""
    with app.app_context(), transaction() as tx:
        mine = update(Arbeidsdel).where(Arbeidsdel.id == things.del_id).values(bestilt_av=person_id)
        tx.execute(mine)


def fingerprint(app: Flask, utsending_id: UUID) -> tuple[object, ...]:
    """Everything a route may change about the mailing, or about letters that wait for a mottakersystem."""
    tables = ("utsendingsrad", "arbeidsdel", "opplasting", "forsendelse", "levering")
    about = [("utsending", "id"), *((table, "utsending_id") for table in tables)]
    parts = [
        f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t WHERE {column} = :id)"
        for table, column in about
    ]
    waiting = "f.status, f.siste_lopenr, m::text"
    parts.append(
        f"(SELECT md5(string_agg(concat_ws('|', {waiting}), '|' ORDER BY f.id))"
        " FROM svarinn_mottak m JOIN forsendelse f ON f.id = m.forsendelse_id)"
    )
    query = text(f"SELECT {', '.join(parts)}, (SELECT count(*) FROM audit)")
    with app.app_context():
        return tuple(session().execute(query, {"id": utsending_id}).one())


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", list(REVIEWED))
def test_head_options_and_a_wrong_method_are_never_a_fault(
    app: Flask, innlogget: Innlogget, things_by_status: dict[Utsendingstatus, Things], endpoint: str
) -> None:
    rule, things = rules(app)[endpoint], things_by_status[REVIEWED[endpoint].status]
    client = innlogget.of("admin")
    for wrong in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - (rule.methods or set()):
        shared = _answers_elsewhere(app, rule, wrong)
        form = innlogget.form("admin") if wrong == "POST" else None
        assert shared or ask(app, client, rule, wrong, things, form).status_code == 405, wrong
    for other in ("HEAD", "OPTIONS"):
        if _may_touch_session(endpoint, other, outcome(ask(app, client, rule, other, things))):
            innlogget.forget("admin")


def _answers_elsewhere(app: Flask, rule: Rule, method: str) -> bool:
    """Whether another endpoint answers this method on the same address, whatever it calls what stands in it."""
    return any(
        shape(other) == shape(rule) and method in (other.methods or ()) for other in app.url_map.iter_rules()
    )


def shape(rule: Rule) -> str:
    return re.sub("<[^>]+>", "<>", rule.rule)


@pytest.mark.parametrize("how", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_a_method_override_is_ignored(app: Flask, scene: Scene, how: str) -> None:
    with app.app_context():
        things = make_things(scene.lillevik)
    client = browser(app, scene, "admin")
    page = f"/utsendinger/{things.utsending_id}/mottakere/fjern"
    if how == "_method":
        assert client.get(page, query_string={how: "POST"}).status_code == 405
        form = {**csrf(client), how: "DELETE", "skriv": "1"}
        assert client.post("/hjelp", data=form).status_code == 405
    else:
        assert client.get(page, headers={how: "POST"}).status_code == 405


def test_a_grant_that_is_taken_away_ends_at_the_next_request(app: Flask, scene: Scene) -> None:
    with app.app_context():
        pid = new_fnr()
        scene.pid["midlertidig"] = pid
        scene.person["midlertidig"] = konfigurasjon.register_person(pid, navn="Midlertidig", actor=ROOT)
        konfigurasjon.grant_privilegium(
            scene.person["midlertidig"], P.SENDE, scene.lillevik.konto_id, actor=ROOT
        )
    client = browser(app, scene, "midlertidig")
    assert client.get("/utsendinger/ny").status_code == 200
    with app.app_context():
        end_grants(scene.person["midlertidig"])
    assert client.get("/utsendinger/ny").status_code == 403
    assert client.post("/utsendinger/ny", data=csrf(client)).status_code == 403


def test_an_act_that_needs_a_fresh_login_sends_a_stale_one_to_confirm(app: Flask, scene: Scene) -> None:
    with app.app_context():
        things = make_things(scene.lillevik, REVIEWED["utsending.godkjenn"].status)
    client = browser(app, scene, "godkjenne", minutes_ago=6)
    answer = client.post(f"/utsendinger/{things.utsending_id}/godkjenn", data=csrf(client))
    assert answer.location.startswith("/innlogging/bekreft")


def test_without_a_chosen_organisation_staff_are_asked_to_choose(app: Flask, scene: Scene) -> None:
    client = app.test_client()
    with app.app_context():
        client = browser(app, scene, "sende")
        chosen = text("UPDATE sesjon SET organisasjon_id = NULL WHERE person_id = :p")
        with transaction() as tx:
            tx.execute(chosen, {"p": scene.person["sende"]})
    for path in ("/oversikt", "/utsendinger", f"/utsendinger/{uuid4()}"):
        assert client.get(path).location.startswith("/velg-organisasjon")
