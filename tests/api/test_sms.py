"""Fiks SMS API v2 as a fagsystem calls it: paths, fields, statuses and refusals of svarut.md 8.2."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import update
from werkzeug.test import TestResponse

from fiks.core.db import transaction
from fiks.core.errors import Avvist, ProvIgjen
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag.register import Register
from fiks.registeroppslag.rules import Kontaktinformasjon
from fiks.sms import kontoer, rules, work
from portal.api.varsling import sms
from portal.texts import tekst
from tests.api.calls import Avsender
from tests.integration.houses import HOUSE, new_fnr
from tests.integration.sms.gateways import FakeGateway, Smshus, make_smshus
from tests.integration.worlds import FakeRegister
from tests.machines import Kall, make_kall

KARI, OLA = "90000001", "+4790000002"


@dataclass(frozen=True)
class Varsler:
    """A fagsystem that may send SMS from a konto."""

    app: Flask
    smshus: Smshus
    kall: Kall

    def call(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        return self.app.test_client().open(
            f"/varsling/api/v2/sms/{self.smshus.konto_id}{path}",
            method=method,
            data=None if body is None else json.dumps(body),
            content_type=None if body is None else "application/json",
            headers=self.kall.headers(**headers),
        )

    def post(self, path: str, body: object, **headers: str) -> TestResponse:
        return self.call("POST", path, body, **headers)


@pytest.fixture(scope="module")
def varsler(app: Flask) -> Varsler:
    with app.app_context():
        made = make_smshus()
        kall = make_kall(made.hus.organisasjon_id, P.SMS_SENDE, ressurs=made.konto_id)
        return Varsler(app, made, kall)


@pytest.fixture
def krr(monkeypatch: pytest.MonkeyPatch) -> FakeRegister:
    """KRR as the door opens it."""
    register = FakeRegister()

    def opened(settings: object) -> Any:
        return register

    monkeypatch.setattr(sms, "open_register", opened)  # the registers' own client has its contract test
    assert Register is not None
    return register


def sent(app: Flask, gateway: FakeGateway) -> FakeGateway:
    with app.app_context():
        while work.send_next(gateway, FakeRegister()):
            pass
    return gateway


def stand(varsler: Varsler, sms_id: str) -> dict[str, Any]:
    answer = varsler.call("GET", f"/sms/{sms_id}")
    assert answer.status_code == 200
    return dict(answer.json or {})


def test_one_is_sent_and_asked_about(app: Flask, varsler: Varsler) -> None:
    answer = varsler.post("/send", {"tekst": "Vannet er stengt.", "telefonnummer": KARI})
    assert answer.status_code == 200 and set(answer.json or {}) == {"id"}
    sms_id = (answer.json or {})["id"]
    assert stand(varsler, sms_id) == {"id": sms_id, "status": "OPPRETTET"}
    gateway = sent(app, FakeGateway())
    assert [(one.nummer, one.tekst, one.avsender) for one in gateway.fikk] == [
        ("+4790000001", "Vannet er stengt.", "Lillevik")
    ]
    assert stand(varsler, sms_id) == {"id": sms_id, "status": "SENDT"}


def test_sv12_57_to_a_person_whom_krr_has_no_number_for_is_ikke_sendt_with_the_reason(
    app: Flask, varsler: Varsler
) -> None:
    answer = varsler.post("/send", {"tekst": "Hei", "fnr": new_fnr()})
    sms_id = (answer.json or {})["id"]
    sent(app, FakeGateway())
    assert stand(varsler, sms_id) == {"id": sms_id, "status": "IKKE_SENDT", "grunn": "UTEN_NUMMER_I_KRR"}


def test_a_batch_gives_an_id_for_each_number(app: Flask, varsler: Varsler) -> None:
    answer = varsler.post("/sendBatch", {"telefonnummere": [KARI, OLA, "+4790000001"], "tekst": "Flom"})
    first, second, third = (answer.json or {})["ider"]
    assert first == third != second
    assert len(sent(app, FakeGateway()).fikk) == 2


@pytest.mark.parametrize(
    ("path", "body", "kode"),
    [
        ("/send", {"tekst": "a" * 1601, "telefonnummer": KARI}, "SMS_TEKST_FOR_LANG"),
        ("/sendBatch", {"tekst": "a" * 1601, "telefonnummere": [KARI]}, "SMS_TEKST_FOR_LANG"),
        ("/sendBatch", {"tekst": "a", "telefonnummere": [KARI] * 1001}, "SMS_FOR_MANGE"),
        ("/sendBatch", {"tekst": "a", "telefonnummere": [KARI, "12"]}, "SMS_NUMMER_UGYLDIG"),
        ("/sendBatch", {"tekst": "a", "telefonnummere": []}, "SMS_NUMMER_UGYLDIG"),
        ("/send", {"tekst": "a"}, "SMS_EN_MOTTAKER"),
        ("/send", {"tekst": "a", "telefonnummer": KARI, "fnr": new_fnr()}, "SMS_EN_MOTTAKER"),
        ("/send", {"tekst": "a", "fnr": "12345678901"}, "FNR_UGYLDIG"),
        ("/send", {"telefonnummer": KARI}, "FELT_MANGLER"),
        ("/send", {"tekst": ["a"], "telefonnummer": KARI}, "FELT_UGYLDIG"),
        ("/send", [], "JSON_UGYLDIG"),
        ("/oppslag", {"fnrs": [new_fnr()] * 1001}, "SMS_FOR_MANGE"),
        ("/oppslag", {"fnrs": ["1"]}, "FNR_UGYLDIG"),
    ],
)
def test_sv12_57_what_cannot_be_used_is_400_with_a_sentence_and_without_a_number(
    app: Flask, varsler: Varsler, krr: FakeRegister, path: str, body: Any, kode: str
) -> None:
    answer = varsler.post(path, body)
    told = answer.json or {}
    assert (answer.status_code, told["errorCode"]) == (400, kode)
    assert told["message"].endswith((".", "?")) and "{" not in told["message"]
    assert "12345678901" not in answer.get_data(as_text=True)
    assert sent(app, FakeGateway()).fikk == [] and krr.spurt == []


def test_the_same_key_gives_the_same_ids_and_another_text_409(app: Flask, varsler: Varsler) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = {"telefonnummere": [KARI, OLA], "tekst": "Flom"}
    first, again = varsler.post("/sendBatch", body, **key), varsler.post("/sendBatch", body, **key)
    assert first.json == again.json
    other = varsler.post("/sendBatch", body | {"tekst": "Annet"}, **key)
    assert (other.status_code, (other.json or {})["errorCode"]) == (409, "NOKKEL_BRUKT")
    assert len(sent(app, FakeGateway()).fikk) == 2


@pytest.mark.parametrize(
    ("closes", "status", "kode"),
    [("konto", 409, "KONTO_IKKE_AKTIV"), ("tjeneste", 403, "TJENESTE_IKKE_AKTIV")],
)
def test_the_same_key_gives_the_same_ids_though_nothing_new_may_be_sent(
    app: Flask, closes: str, status: int, kode: str
) -> None:
    with app.app_context():
        made = make_smshus()
        sender = Varsler(app, made, make_kall(made.hus.organisasjon_id, P.SMS_SENDE, ressurs=made.konto_id))
    one, many = {"telefonnummer": KARI, "tekst": "Flom"}, {"telefonnummere": [KARI, OLA], "tekst": "Flom"}
    calls = [("/send", one, "a1"), ("/sendBatch", many, "a2")]
    first = [sender.post(path, body, **{"Idempotency-Key": key}).json for path, body, key in calls]
    with app.app_context():
        close(made, closes)
    again = [sender.post(path, body, **{"Idempotency-Key": key}) for path, body, key in calls]
    assert [answer.json for answer in again] == first
    for path, body, _ in calls:
        for headers in ({}, {"Idempotency-Key": "a3"}):
            answer = sender.post(path, body, **headers)
            told = answer.json or {}
            assert (answer.status_code, told["errorCode"]) == (status, kode)
            assert "SvarUt" not in told["message"] and "Administratoren" in told["message"]
    assert len(sent(app, FakeGateway()).fikk) == 3


def close(smshus: Smshus, what: str) -> None:
    """Let nothing new be sent from the konto."""
    if what == "konto":
        kontoer.set_active(smshus.konto_id, aktivert=False, actor=HOUSE)
        return
    with transaction() as tx:
        mine = Tjenesteaktivering.organisasjon_id == smshus.hus.organisasjon_id
        tx.execute(update(Tjenesteaktivering).where(mine).values(konfigurert=None))


def test_numbers_are_looked_up_in_krr(varsler: Varsler, krr: FakeRegister) -> None:
    valid, absent = new_fnr(), new_fnr()
    krr.contacts[valid] = Kontaktinformasjon(valid, True, mobil="90000001")
    answer = varsler.post("/oppslag", {"fnrs": [valid, absent]})
    assert answer.json == [
        {"fnr": valid, "fnrOrgnr": valid, "telefonnummer": "+4790000001", "telefonnummerStatus": "GYLDIG"},
        {"fnr": absent, "fnrOrgnr": absent, "telefonnummerStatus": "IKKE_FUNNET"},
    ]


def test_krr_away_is_said_to_be_temporary(varsler: Varsler, krr: FakeRegister) -> None:
    krr.nede = ProvIgjen("HTTP_503")
    answer = varsler.post("/oppslag", {"fnrs": [new_fnr()]})
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"


def test_one_whom_the_registers_cannot_speak_of_keeps_back_no_other(
    varsler: Varsler, krr: FakeRegister
) -> None:
    hard, valid = new_fnr(), new_fnr()
    krr.contacts[valid] = Kontaktinformasjon(valid, True, mobil="90000001")
    krr.vanskelige[hard] = Avvist("HTTP_400")
    answer = varsler.post("/oppslag", {"fnrs": [hard, valid]})
    assert [one["telefonnummerStatus"] for one in answer.json or []] == ["IKKE_FUNNET", "GYLDIG"]


def test_who_has_looked_up_as_many_as_an_hour_allows_is_told_what_to_do(
    varsler: Varsler, krr: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_LOOK_UPS", 2)
    answer = varsler.post("/oppslag", {"fnrs": [new_fnr() for _ in range(3)]})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    told = answer.json or {}
    assert (told["errorCode"], told["message"]) == (
        "SMS_FOR_MANGE_OPPSLAG",
        tekst("SMS_FOR_MANGE_OPPSLAG", grense=2),
    )
    assert "2 telefonnumre" in told["message"] and krr.spurt == []


def test_the_konto_is_told(varsler: Varsler) -> None:
    answer = varsler.call("GET", "")
    assert answer.json == {
        "id": str(varsler.smshus.konto_id),
        "navn": "Vann og avløp",
        "avsender": "Lillevik",
        "aktivert": True,
    }


def test_anothers_konto_and_sms_are_not_there(app: Flask, varsler: Varsler, avsender: Avsender) -> None:
    with app.app_context():
        other = make_smshus()
    stranger = Varsler(app, other, varsler.kall)
    answers = [
        stranger.post("/send", {"tekst": "Hei", "telefonnummer": KARI}),
        stranger.call("GET", f"/sms/{uuid4()}"),
        Varsler(app, varsler.smshus, avsender.kall).post("/send", {"tekst": "Hei", "telefonnummer": KARI}),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert varsler.call("GET", f"/sms/{UUID(int=1)}").status_code == 404


def test_ks_own_document_is_served_whole(app: Flask) -> None:
    """Operations, required fields and statuses as KS publishes them for varsling-sms v2."""
    told = app.test_client().get("/api/openapi.json").json or {}
    konto = "/varsling/api/v2/sms/{kontoId}"
    for path, method in (
        ("/send", "post"),
        ("/oppslag", "post"),
        ("/sms/{smsId}", "get"),
        ("/sendBatch", "post"),
    ):
        assert method in told["paths"][konto + path]
    schemas = told["components"]["schemas"]
    assert schemas["SmsMelding"]["required"] == ["tekst"]
    assert set(schemas["SmsMelding"]["properties"]) == {"tekst", "fnr", "telefonnummer"}
    assert schemas["SmsMelding"]["properties"]["tekst"]["maxLength"] == 1600
    assert schemas["KrrOppslag"]["properties"]["fnrs"]["maxItems"] == 1000
    assert set(schemas["SmsStatus"]["enum"]) == {
        "OPPRETTET",
        "SENDT",
        "IKKE_SENDT",
        "IKKE_LEVERT",
        "LEVERT",
        "UKJENT",
    }
    assert {"fnr", "telefonnummer", "telefonnummerStatus"} <= set(schemas["KontaktInformasjon"]["properties"])


def test_a_status_and_a_reason_that_only_a_newer_release_knows_are_told_as_they_stand() -> None:
    told = sms.SmsRespons(id=UUID(int=1), status="PA_VENT", grunn="NATTERO").as_json()  # type: ignore[arg-type]
    assert told == {"id": str(UUID(int=1)), "status": "PA_VENT", "grunn": "NATTERO"}
    with pytest.raises(ValidationError):
        sms.SmsRespons(id=UUID(int=1), status=7)  # type: ignore[arg-type]
