"""A machine that calls for a logged-in person: it must work for whom the thing belongs to, and the login be strong.

Every route of the machines is here, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.rules import Adressebeskyttelse, Person, Personstatus, Registeradresse
from fiks.sms import service as sms
from fiks.svarut.rules import Status
from portal.access.kinds import Slag
from portal.access.table import TILGANG
from portal.texts import tekst
from tests.api.calls import Avsender, letter_v2, told
from tests.api.test_reading import set_status
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr
from tests.integration.print.orders import make_order
from tests.integration.sms.gateways import use_varsling
from tests.integration.systems import make_system, use_svarinn
from tests.integration.worlds import FakeRegister
from tests.machines import IDPORTEN, Kall, make_kall, token
from tests.submissions import FNR

LOW, SUBSTANTIAL, HIGH = "idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"
KODE = "INNLOGGINGSNIVA_UTILSTREKKELIG"

MACHINES = frozenset(endpoint for endpoint, krav in TILGANG.items() if krav.slag is Slag.MASKIN)
CITIZENS = frozenset(endpoint for endpoint in MACHINES if endpoint.startswith("api_edialog_skjema."))
"""Of what the person has written themselves; no privilege decides, so the machine works for nobody there."""
OPEN_TO_ALL = frozenset(
    {
        "api_konfigurasjon.autentisering",
        "api_print.klasse",
        "api_edialog.alle",
        "api_edialog.oppslag",
        "svarinn_konfigurasjon.altinn_organisasjoner",
        "svarinn_konfigurasjon.forsendelsestyper",
        "svarinn_konfigurasjon.oppslag",
        "svarut_v2.forsendelsestyper",
        "svarut_v2.mottakersystem",
    }
)
"""About nothing that belongs to an organisation; `api_edialog.alle` lists, and has a test of its own."""
LOWEST = CITIZENS | {"api_konfigurasjon.autentisering"}
"""Level 3 is enough: konfigurasjon.md 7.4, citizens begin there; and whoever tries the key of their machine."""

BODIES: dict[str, dict[str, Any]] = {
    "svarut_v2.lest": {
        "fnr": FNR,
        "tidspunkt": datetime(2026, 11, 25, tzinfo=UTC).isoformat(),
        "eksterntSystemnavn": "Innsyn",
    }
}
"""What a route must be sent before it asks who may; all others ask first, and then find that something is missing."""
QUERIES = {"svarut_v2.slett": {"slettetype": "ALLE"}, "svarut_v2.eksternref": {"eksternRef": "sak 1"}}


ARGUMENTS = (
    "konto_id",
    "fiks_org_id",
    "smskonto_id",
    "sms_id",
    "mottaker_id",
    "ordre_id",
    "forsendelse_id",
    "system_id",
    "skjema_id",
    "fil_id",
)
TEXTS = {"leverandor": "MANUELL_PRINT", "klasse": "NORMAL", "organisasjonsnummer": "1", "ident": "ÆØÅX"}
"""Of the addresses."""


@dataclass(frozen=True)
class Kaller:
    """A person who holds everything in a kommune, by a machine."""

    app: Flask
    kall: Kall
    pid: str

    def call(
        self, method: str, path: str, body: object = None, *, acr: str = HIGH, **query: str
    ) -> TestResponse:
        person = {"iss": IDPORTEN, "pid": self.pid, "acr": acr}
        headers = self.kall.headers(Authorization=f"Bearer {token(self.kall.orgnr, **person)}")
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        client = self.app.test_client()
        return client.open(path, method=method, headers=headers, query_string=query, **data)

    def ask(self, endpoint: str, things: dict[str, Any], *, acr: str = HIGH) -> TestResponse:
        """The route about these things."""
        rule = rule_of(self.app, endpoint)
        [method] = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        with self.app.test_request_context():
            built = rule.build({name: things[name] for name in rule.arguments}, append_unknown=False)
        assert built is not None
        body = BODIES.get(endpoint, things.get(endpoint, None if method in ("GET", "DELETE") else {}))
        return self.call(method, built[1], body, acr=acr, **QUERIES.get(endpoint, {}))


def rule_of(app: Flask, endpoint: str) -> Rule:
    return next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)


@pytest.fixture(scope="module")
def pid(app: Flask, avsender: Avsender) -> str:
    """The administrator of the kommune, who may also look people up."""
    number = new_fnr()
    with app.app_context():
        person = konfigurasjon.register_person(number, navn="Kari", actor=HOUSE)
        for privilegium in (P.ADMIN, P.REGISTER_OPPSLAG):
            konfigurasjon.grant_privilegium(person, privilegium, avsender.hus.organisasjon_id, actor=HOUSE)
    return number


@pytest.fixture(scope="module")
def own(app: Flask, avsender: Avsender, pid: str) -> Kaller:
    """By a machine of the kommune's own."""
    return Kaller(app, avsender.kall, pid)


@pytest.fixture(scope="module")
def foreign(app: Flask, pid: str) -> Kaller:
    """By a machine of another kommune, which nobody has let in."""
    with app.app_context():
        return Kaller(app, make_kall(make_hus("Fjordvik kommune").organisasjon_id), pid)


@pytest.fixture(scope="module")
def hus(app: Flask, avsender: Avsender) -> Hus:
    """The kommune, which uses Varsling and SvarInn too."""
    with app.app_context():
        administrator = konfigurasjon.register_person(new_fnr(), navn="Astrid", actor=HOUSE)
        konfigurasjon.grant_privilegium(administrator, P.ADMIN, avsender.hus.organisasjon_id, actor=HOUSE)
        use_svarinn(avsender.hus.organisasjon_id, administrator, "Astrid")
    return avsender.hus


@pytest.fixture(scope="module")
def lasting(app: Flask, hus: Hus, own: Kaller) -> dict[str, Any]:
    """Things of the kommune that no route takes away."""
    with app.app_context():
        smskonto_id = use_varsling(hus.organisasjon_id)
        sms_id = sms.send_to_number(smskonto_id, "Vannet er stengt.", "+4790000001", actor=HOUSE)
        ordre_id = make_order(hus, leverandor="MANUELL_PRINT")
    facts = {"orgnr": hus.orgnr, "navn": "Lillevik", "adresselinje1": "Torget 1"}
    facts |= {"postnummer": "4262", "poststed": "AVALDSNES", "forelderRessurs": str(hus.konto_id)}
    mottaker = {"fiksOrganisasjonId": str(hus.organisasjon_id), "mottaker": facts}
    made = own.call("POST", "/edialog/api/v1/mottakere", mottaker)
    assert made.status_code == 200, made.text
    return {
        "konto_id": hus.konto_id,
        "fiks_org_id": hus.organisasjon_id,
        "smskonto_id": smskonto_id,
        "sms_id": sms_id,
        "mottaker_id": UUID(made.json["id"]),
        "leverandor": "MANUELL_PRINT",
        "ordre_id": ordre_id,
        "api_edialog.ny": mottaker,
    }


@pytest.fixture
def things(app: Flask, avsender: Avsender, lasting: dict[str, Any], hus: Hus) -> Iterator[dict[str, Any]]:
    """What the routes are about, by the parts of their addresses."""
    letter = UUID(told(avsender.send(letter_v2()))["id"])
    set_status(app, letter, Status.LEVERT_ALTINN)
    app.extensions["fiks_register"] = FakeRegister()
    with app.app_context():
        system_id = make_system(i=hus.organisasjon_id).id
    yield lasting | {"forsendelse_id": letter, "system_id": system_id}


WALKED = sorted(MACHINES - CITIZENS - OPEN_TO_ALL)


@pytest.mark.parametrize("endpoint", WALKED)
def test_a_machine_reaches_nothing_of_a_kommune_that_has_not_let_it_in_whoever_it_calls_for(
    own: Kaller, foreign: Kaller, things: dict[str, Any], endpoint: str
) -> None:
    refused = foreign.ask(endpoint, things)
    assert refused.status_code in (403, 404), refused.text
    strangers = {name: uuid4() if isinstance(value, UUID) else value for name, value in things.items()}
    nobodys = foreign.ask(endpoint, strangers)
    assert (nobodys.status_code, nobodys.json["message"]) == (refused.status_code, refused.json["message"])
    let_in = own.ask(endpoint, things)
    if (
        let_in.status_code == 403
    ):  # let in, and no machine can show that its person proved themselves just now
        assert let_in.json["errorCode"] == "NY_INNLOGGING"
    assert let_in.status_code not in (401, 404, 405, 415, 500), let_in.text


def test_what_is_open_to_all_has_no_id_in_its_address(app: Flask) -> None:
    assert OPEN_TO_ALL <= MACHINES
    assert not [one for one in OPEN_TO_ALL if "<uuid:" in rule_of(app, one).rule]


def test_a_letter_is_still_there_when_a_strangers_machine_has_asked_to_delete_it(
    own: Kaller, foreign: Kaller, things: dict[str, Any]
) -> None:
    assert foreign.ask("svarut_v2.slett", things).status_code == 404
    before = own.ask("svarut_v2.hendelser", things).json["hendelser"]
    assert own.ask("svarut_v2.slett", things).status_code == 204
    assert len(own.ask("svarut_v2.hendelser", things).json["hendelser"]) == len(before) + 1


def test_mottakere_are_listed_where_the_machine_works_and_nowhere_else(
    own: Kaller, foreign: Kaller, lasting: dict[str, Any]
) -> None:
    listed = own.call("GET", "/edialog/api/v1/mottakere").json["mottakere"]
    assert [one["id"] for one in listed] == [str(lasting["mottaker_id"])]
    assert foreign.call("GET", "/edialog/api/v1/mottakere").json == {"mottakere": []}


@pytest.mark.parametrize("endpoint", sorted(MACHINES - LOWEST))
def test_a_person_must_have_logged_in_at_level_4_for_what_belongs_to_forvaltning(
    own: Kaller, endpoint: str
) -> None:
    for acr in (LOW, SUBSTANTIAL, "", "Level4"):
        answer = own.ask(endpoint, dict.fromkeys(ARGUMENTS, uuid4()) | TEXTS, acr=acr)
        assert (answer.status_code, answer.json["errorCode"]) == (403, KODE)
        assert answer.json["message"] == tekst(KODE, nivaa=4)


@pytest.mark.parametrize("endpoint", sorted(LOWEST))
def test_a_citizen_must_have_logged_in_at_level_3(own: Kaller, endpoint: str) -> None:
    values = dict.fromkeys(ARGUMENTS, uuid4()) | TEXTS
    for acr in (LOW, ""):
        answer = own.ask(endpoint, values, acr=acr)
        assert (answer.status_code, answer.json["errorCode"]) == (403, KODE)
        assert answer.json["message"] == tekst(KODE, nivaa=3)
    told_more = own.ask(endpoint, values, acr=SUBSTANTIAL)
    assert told_more.status_code in (200, 400, 404), told_more.text


def test_where_forvaltning_demands_level_3_a_person_at_level_3_is_let_in(
    app: Flask, own: Kaller, things: dict[str, Any]
) -> None:
    settings = app.config["FIKS_SETTINGS"]
    object.__setattr__(settings, "forvaltning_nivaa", 3)
    try:
        assert own.ask("svarut_v2.hendelser", things, acr=SUBSTANTIAL).status_code == 200
        assert own.ask("svarut_v2.hendelser", things, acr=LOW).status_code == 403
    finally:
        object.__setattr__(settings, "forvaltning_nivaa", 4)


def test_a_weak_login_leaves_no_trace_of_the_person_and_looks_nobody_up(
    app: Flask, own: Kaller, hus: Hus
) -> None:
    app.extensions["fiks_register"] = register = FakeRegister()
    number, unknown = new_fnr(), new_fnr()
    address = Registeradresse(("Storgata 1",), "4262", "AVALDSNES")
    register.people[number] = Person(
        number, "Kari", None, "Lie", Personstatus.BOSATT, Adressebeskyttelse.UGRADERT, address
    )
    path = f"/register/api/v1/organisasjoner/{hus.organisasjon_id}/oppslag/person"
    body = {"fnr": number, "hjemmel": "VEDTAK"}
    assert own.call("POST", path, body, acr=SUBSTANTIAL).status_code == 403
    assert register.spurt == []
    assert own.call("POST", path, body).json["navn"] == "Kari Lie"
    assert Kaller(app, own.kall, unknown).call("POST", path, body, acr=SUBSTANTIAL).status_code == 403
    with app.app_context():
        assert konfigurasjon.person_by_pid(unknown) is None


def test_the_log_names_the_employee_and_has_the_machine_beside(
    app: Flask, own: Kaller, pid: str, hus: Hus
) -> None:
    app.extensions["fiks_register"] = register = FakeRegister()
    number = register.add_person(new_fnr())
    path = f"/register/api/v1/organisasjoner/{hus.organisasjon_id}/oppslag/person"
    assert own.call("POST", path, {"fnr": number, "hjemmel": "VEDTAK"}).status_code == 200
    with app.app_context():
        person_id = konfigurasjon.person_by_pid(pid)
        done = select(Audit.aktor_navn, Audit.integrasjon_id).where(Audit.aktor == str(person_id))
        acted = session().execute(done.order_by(Audit.id.desc())).first()
    assert acted == ("Kari", UUID(own.kall.id))
