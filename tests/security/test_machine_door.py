"""The door of the machines: who is let in, and that what is refused tells nothing (konfigurasjon.md 5.3, 17)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from config.settings import Settings
from fiks.core.db import db
from fiks.konfigurasjon.integrasjon import login
from fiks.konfigurasjon.integrasjon.passwords import Formal, hash_of
from portal.access import throttle
from portal.access.maskinporten import EXTENSION, Nokler, TokenAvvist, UtstederNede, open_utstedere
from portal.extensions import limiter
from tests.integration.houses import new_orgnr
from tests.machines import IDPORTEN, MASKINPORTEN, OTHER, Kall, make_kall, published, token
from tests.security.loglines import captured
from tests.security.people import Scene, browser

SELF_TEST = "/konfigurasjon/api/v1/integrasjoner/autentisering"


@pytest.fixture
def kall(app: Flask, scene: Scene, settings: Settings) -> Kall:
    issuers = replace(settings, maskinporten_issuer=MASKINPORTEN, idporten_issuer=IDPORTEN)
    app.extensions[EXTENSION] = open_utstedere(issuers, published)
    with app.app_context():
        return make_kall(scene.lillevik.id)


def test_s17_19_all_four_right_is_let_in(app: Flask, kall: Kall) -> None:
    answer = app.test_client().get(SELF_TEST, headers=kall.headers())
    assert (answer.status_code, answer.json) == (200, True)
    assert answer.content_type == "application/json;charset=UTF-8"


KS_FIELDS = {
    "timestamp",
    "status",
    "error",
    "errorId",
    "path",
    "originalPath",
    "message",
    "errorCode",
    "errorJson",
}


def secret_causes(kall: Kall) -> dict[str, dict[str, str]]:
    """The headers of a call that is wrong in each way that is never told apart."""
    return {
        "FEIL_PASSORD": kall.headers(IntegrasjonPassord="x" * 43),
        "FEIL_ORGNR": kall.headers(Authorization=f"Bearer {token(new_orgnr())}"),
        "UKJENT": kall.headers(IntegrasjonId=str(uuid4())),
    }


def test_s17_20_the_three_secret_causes_are_told_byte_for_byte_alike(app: Flask, kall: Kall) -> None:
    seen = set()
    with captured(app.config["FIKS_SETTINGS"]) as log:
        for headers in secret_causes(kall).values():
            answer = app.test_client().get(SELF_TEST, headers=headers)
            assert answer.status_code == 401
            body = json.loads(answer.text)
            same = answer.text.replace(body["errorId"], "E").replace(str(body["timestamp"]), "T")
            told = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
            seen.add((same.replace(headers["IntegrasjonId"], "I"), str(sorted(told.items()))))
    assert len(seen) == 1
    assert all(f'"arsak": "{cause}"' in log.getvalue() for cause in secret_causes(kall))


def test_s17_20_the_three_secret_causes_take_the_same_work(
    app: Flask, kall: Kall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements, and a hash of the password each time. Each is the first refusal, which is audited."""
    done: list[str] = []

    def hashed(passord: str, formal: Formal) -> bytes:
        done.append("HASH")
        return hash_of(passord, formal)

    # Counts what a clock would measure; the hash itself is the real one.
    monkeypatch.setattr(login, "hash_of", hashed)
    works = {}
    with app.app_context():
        for cause, headers in secret_causes(kall).items():
            done.clear()
            throttle.init_app(app)
            with each_statement(done):
                assert app.test_client().get(SELF_TEST, headers=headers).status_code == 401
            works[cause] = tuple(done)
    assert works["UKJENT"].count("HASH") == 1
    assert len(set(works.values())) == 1, works


@contextmanager
def each_statement(done: list[str]) -> Iterator[None]:
    """Adds every statement that is sent to the database."""

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        done.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("cause", ["FEIL_PASSORD", "FEIL_ORGNR", "UKJENT"])
def test_s17_21_an_error_has_the_fields_of_ks_and_its_error_id_finds_the_cause_in_the_log(
    app: Flask, kall: Kall, cause: str
) -> None:
    before = time.time_ns() // 1_000_000
    with captured(app.config["FIKS_SETTINGS"]) as log:
        body = app.test_client().get(SELF_TEST, headers=secret_causes(kall)[cause]).json
    assert set(body) == KS_FIELDS
    assert before <= body["timestamp"] <= time.time_ns() // 1_000_000
    assert (body["status"], body["error"], body["path"]) == (401, "Unauthorized", SELF_TEST)
    assert body["message"].startswith("Autentisering feilet")
    assert [body["originalPath"], body["errorCode"], body["errorJson"]] == [None] * 3
    lines = [json.loads(line) for line in log.getvalue().splitlines() if body["errorId"] in line]
    assert [line["arsak"] for line in lines if line["event"] == "maskin_avvist"] == [cause]
    assert str(UUID(body["errorId"])) == body["errorId"]


def test_s17_27_and_28_a_token_that_is_not_quite_right_is_refused(app: Flask, kall: Kall) -> None:
    now = int(time.time())
    authority = "iso6523-actorid-upis"
    for changes in (
        {"iss": MASKINPORTEN.rstrip("/")},
        {"iss": IDPORTEN + "/"},
        {"scope": "ks:fiksi ks"},
        {"exp": now - 60},
        {"iat": now + 600},
        {"consumer": {"authority": authority, "ID": f"9908:{kall.orgnr}"}},
        {"consumer": {"authority": authority, "ID": f"0192:{kall.orgnr}0"}},
        {"aud": "https://andre.example"},
        {"key": OTHER},
        {"alg": "PS256"},
    ):
        headers = kall.headers(Authorization=f"Bearer {token(kall.orgnr, **changes)}")  # type: ignore[arg-type]
        answer = app.test_client().get(SELF_TEST, headers=headers)
        assert (answer.status_code, answer.json["message"]) == (401, "Klarte ikke å validere access_token")
    for alg in ("RS384", "RS512"):
        headers = kall.headers(Authorization=f"Bearer {token(kall.orgnr, alg=alg)}")
        assert app.test_client().get(SELF_TEST, headers=headers).status_code == 200


def test_s17_25_a_machine_that_calls_for_a_person_acts_with_that_persons_rights(
    app: Flask, scene: Scene, kall: Kall
) -> None:
    """s17_59: and only in the organisation it works for; without the privilege it is 403."""

    def asked(rolle: str, organisation: object) -> int:
        person = {"iss": IDPORTEN, "pid": scene.pid[rolle], "acr": "idporten-loa-high"}
        headers = kall.headers(Authorization=f"Bearer {token(kall.orgnr, **person)}")
        path = f"/konfigurasjon/api/v1/organisasjoner/{organisation}"
        return app.test_client().get(path, headers=headers).status_code

    assert asked("revisor", scene.lillevik.id) == 200
    assert asked("uten", scene.lillevik.id) == 403
    assert asked("annen_kommune", scene.fjordvik.id) == 403
    assert asked("revisor", uuid4()) == 403
    path = f"/konfigurasjon/api/v1/organisasjoner/{scene.lillevik.id}"
    assert app.test_client().get(path, headers=kall.headers()).status_code == 403


def test_s17_26_the_three_headers_are_never_logged(app: Flask, scene: Scene, kall: Kall) -> None:
    headers = kall.headers()
    with captured(app.config["FIKS_SETTINGS"]) as log:
        app.test_client().get(SELF_TEST, headers=headers)
        app.test_client().get(SELF_TEST, headers=headers | {"IntegrasjonPassord": "feil" * 10})
        app.test_client().post(SELF_TEST, headers=headers)
    text = log.getvalue()
    assert "foresporsel" in text
    for secret in (kall.passord, headers["Authorization"].split()[1], "feil" * 10):
        assert secret not in text
    assert not [line for line in text.splitlines() if '"event": "foresporsel"' in line and kall.id in line]


def test_a_machine_that_is_refused_often_is_told_to_wait_but_let_in_when_it_is_right(
    app: Flask, kall: Kall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's other tests ask more than the limit allows, so it is off for them."""
    monkeypatch.setattr(limiter, "enabled", True)
    throttle.init_app(app)

    def asked(**changes: str) -> int:
        return app.test_client().get(SELF_TEST, headers=kall.headers(**changes)).status_code

    allowed = throttle.PER_CALLER
    assert [asked(IntegrasjonPassord="x" * 43) for _ in range(allowed + 1)] == [401] * allowed + [429]
    assert asked() == 200
    throttle.init_app(app)
    many = [asked(IntegrasjonId=str(uuid4())) for _ in range(throttle.PER_ADDRESS + 1)]
    assert many == [401] * throttle.PER_ADDRESS + [429]
    now = int(time.time())
    assert asked(Authorization=f"Bearer {token(kall.orgnr, iat=now - 600, exp=now - 60)}") == 401
    assert asked(Authorization=f"Bearer {token(kall.orgnr, scope='ks:annet')}") == 429


def test_a_cookie_gives_a_machine_nothing(app: Flask, scene: Scene, kall: Kall) -> None:
    assert browser(app, scene, "admin").get(SELF_TEST).status_code == 401


def test_keys_are_read_again_on_an_unknown_kid_but_not_often() -> None:
    now, asked = [0.0], []

    def fetch(url: str) -> Mapping[str, Any]:
        asked.append(url)
        return published(url)

    keys = Nokler(MASKINPORTEN, MASKINPORTEN + "metadata", fetch=fetch, clock=lambda: now[0])
    assert keys.key("mp-1")
    for _ in range(5):
        with pytest.raises(TokenAvvist):
            keys.key("ny")
    assert len(asked) == 2
    now[0] = 61
    with pytest.raises(TokenAvvist):
        keys.key("ny")
    assert len(asked) == 4


def test_the_self_test_is_found_with_a_slash_at_its_end(app: Flask, kall: Kall) -> None:
    assert app.test_client().get(f"{SELF_TEST}/", headers=kall.headers()).json is True


def test_a_key_we_do_not_know_is_no_fault_of_the_token_while_the_issuer_does_not_answer() -> None:
    now, away = [0.0], [False]

    def fetch(url: str) -> Mapping[str, Any]:
        if away[0]:
            raise ValueError("HTTP 503")
        return published(url)

    keys = Nokler(MASKINPORTEN, MASKINPORTEN + "metadata", fetch=fetch, clock=lambda: now[0])
    assert keys.key("mp-1")
    now[0], away[0] = 61, True
    for _ in range(2):
        with pytest.raises(UtstederNede):
            keys.key("rotert")
    assert keys.key("mp-1"), "a known key is as good as before"
    now[0], away[0] = 122, False
    with pytest.raises(TokenAvvist):
        keys.key("rotert")


def test_without_an_issuer_that_answers_no_token_is_judged() -> None:
    def away(url: str) -> Mapping[str, Any]:
        raise ValueError("HTTP 503")

    with pytest.raises(UtstederNede):
        Nokler(MASKINPORTEN, MASKINPORTEN + "metadata", fetch=away).key("mp-1")
