"""Registeroppslag as a fagsystem calls it: KRR, Folkeregisteret and Enhetsregisteret, one at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag import rules
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Person,
    Personstatus,
    Registeradresse,
    Virksomhet,
)
from portal.texts import tekst
from tests.integration.houses import Hus, make_hus, new_fnr, new_orgnr
from tests.integration.worlds import FakeRegister
from tests.machines import Kall, make_kall
from tests.security.loglines import captured

ADDRESS = Registeradresse(("Storgata 1",), "4262", "AVALDSNES")
TOLD = {"adresselinjer": ["Storgata 1"], "postnr": "4262", "poststed": "AVALDSNES"}


@dataclass(frozen=True)
class Oppslager:
    """A fagsystem that may look up for its kommune."""

    app: Flask
    hus: Hus
    kall: Kall

    def ask(self, what: str, body: object, organisasjon: UUID | None = None) -> TestResponse:
        return self.app.test_client().post(
            f"/register/api/v1/organisasjoner/{organisasjon or self.hus.organisasjon_id}/oppslag/{what}",
            data=json.dumps(body),
            content_type="application/json",
            headers=self.kall.headers(),
        )


@pytest.fixture(scope="module")
def oppslager(app: Flask) -> Oppslager:
    with app.app_context():
        hus = make_hus()
        return Oppslager(
            app, hus, make_kall(hus.organisasjon_id, P.REGISTER_OPPSLAG, ressurs=hus.organisasjon_id)
        )


@pytest.fixture
def register(app: Flask) -> FakeRegister:
    fresh = FakeRegister()
    app.extensions["fiks_register"] = fresh
    return fresh


def test_krr_tells_whether_a_person_can_be_reached(oppslager: Oppslager, register: FakeRegister) -> None:
    fnr = register.add_person(new_fnr(), postkasse="EBOKS")
    answer = oppslager.ask("krr", {"fnr": fnr, "hjemmel": "DIGITAL_KOMMUNIKASJON"})
    assert (answer.status_code, answer.json) == (
        200,
        {
            "strengtFortrolig": False,
            "registrert": True,
            "reservert": False,
            "digitalPostkasse": "EBOKS",
            "kanVarsles": True,
        },
    )


def test_folkeregisteret_tells_name_status_and_address(oppslager: Oppslager, register: FakeRegister) -> None:
    fnr, open_to_all = new_fnr(), Adressebeskyttelse.UGRADERT
    register.people[fnr] = Person(fnr, "Kari", None, "Lie", Personstatus.BOSATT, open_to_all, ADDRESS)
    answer = oppslager.ask("person", {"fnr": fnr, "hjemmel": "VEDTAK"})
    assert answer.json == {
        "funnet": True,
        "strengtFortrolig": False,
        "navn": "Kari Lie",
        "status": "bosatt",
        "adresseSkjult": False,
        "adresse": TOLD,
    }
    unknown = oppslager.ask("person", {"fnr": new_fnr(), "hjemmel": "VEDTAK"})
    assert unknown.json == {"funnet": False, "strengtFortrolig": False}


def test_enhetsregisteret_tells_name_status_and_address(oppslager: Oppslager, register: FakeRegister) -> None:
    orgnr = new_orgnr()
    register.units[orgnr] = Virksomhet(orgnr, "Lillevik Bruk AS", Enhetstatus.FUNNET, "AS", ADDRESS)
    assert oppslager.ask("enhet", {"orgnr": orgnr}).json == {
        "orgnr": orgnr,
        "status": "FUNNET",
        "navn": "Lillevik Bruk AS",
        "organisasjonsform": "AS",
        "adresse": TOLD,
    }
    nobody = new_orgnr()
    assert oppslager.ask("enhet", {"orgnr": nobody}).json == {"orgnr": nobody, "status": "IKKE_FUNNET"}


def test_of_a_protected_person_only_that_is_answered(oppslager: Oppslager, register: FakeRegister) -> None:
    strict = register.add_person(
        new_fnr(), postkasse="EBOKS", beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    body = {"fnr": strict, "hjemmel": "VEDTAK"}
    assert oppslager.ask("krr", body).json == {"strengtFortrolig": True}
    assert oppslager.ask("person", body).json == {"funnet": True, "strengtFortrolig": True}


@pytest.mark.parametrize(
    ("what", "body", "kode"),
    [
        ("krr", {"fnr": "123", "hjemmel": "VEDTAK"}, "FNR_UGYLDIG"),
        ("krr", {"fnr": "FNR", "hjemmel": "finnes ikke"}, "HJEMMEL_MANGLER"),
        ("krr", {"fnr": "FNR"}, "FELT_MANGLER"),
        ("person", {"fnr": "FNR", "hjemmel": "DIGITAL_KOMMUNIKASJON"}, "HJEMMEL_GJELDER_IKKE"),
        ("enhet", {"orgnr": "123"}, "ORGNR_UGYLDIG"),
        ("enhet", {}, "FELT_MANGLER"),
        ("enhet", ["ikke et objekt"], "JSON_UGYLDIG"),
    ],
)
def test_what_cannot_be_used_is_refused_with_400_and_nothing_is_asked(
    oppslager: Oppslager, register: FakeRegister, what: str, body: Any, kode: str
) -> None:
    if isinstance(body, dict) and body.get("fnr") == "FNR":
        body = body | {"fnr": new_fnr()}
    answer = oppslager.ask(what, body)
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, kode)
    assert register.spurt == []


def test_a_machine_without_the_privilege_there_is_refused(
    app: Flask, oppslager: Oppslager, register: FakeRegister
) -> None:
    with app.app_context():
        other = make_hus()
        without = Oppslager(app, oppslager.hus, make_kall(oppslager.hus.organisasjon_id))
    body = {"fnr": new_fnr(), "hjemmel": "VEDTAK"}
    for answer in (
        oppslager.ask("person", body, other.organisasjon_id),
        oppslager.ask("person", body, uuid4()),
        without.ask("person", body),
    ):
        assert answer.status_code == 403
    assert register.spurt == []


def test_a_register_that_is_away_is_503_and_a_full_hour_429(
    oppslager: Oppslager, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.nede = ProvIgjen("NEDE")
    away = oppslager.ask("enhet", {"orgnr": new_orgnr()})
    assert (away.status_code, away.headers["Retry-After"]) == (503, "60")
    assert (away.json or {})["message"] == tekst("OPPSLAG_UTEN_SVAR")
    monkeypatch.setattr(rules, "MOST_BY_MACHINE", 1)
    full = oppslager.ask("enhet", {"orgnr": new_orgnr()})
    assert (full.status_code, full.headers["Retry-After"]) == (429, "600")
    assert (full.json or {})["errorCode"] == "FOR_MANGE_OPPSLAG"


@pytest.mark.usefixtures("house")
def test_the_look_up_is_the_machines_for_the_organisation_and_the_number_is_nowhere(
    app: Flask, oppslager: Oppslager, register: FakeRegister
) -> None:
    fnr = register.add_person(new_fnr())
    with captured(app.config["FIKS_SETTINGS"]) as log:
        answers = [
            oppslager.ask(what, {"fnr": fnr, "orgnr": fnr, "hjemmel": "VEDTAK"})
            for what in ("krr", "person", "enhet")
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert fnr not in log.getvalue() + "".join(answer.text for answer in answers)
    newest = select(Audit).where(Audit.tjeneste == "REGISTER").order_by(Audit.id.desc()).limit(1)
    row = session().scalars(newest).one()
    assert (row.aktor, row.organisasjon_id, row.hjemmel) == (
        f"integrasjon:{oppslager.kall.id}",
        oppslager.hus.organisasjon_id,
        "forvaltningsloven § 27",
    )
