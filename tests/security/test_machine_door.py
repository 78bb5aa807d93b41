"""The door of the machines: who is let in, and that what is refused tells nothing (konfigurasjon.md 5.3, 17)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from config.settings import Settings
from portal.maskinporten import EXTENSION, Nokler, TokenAvvist, UtstederNede, open_utstedere
from tests.integration.utsending.kommuner import new_orgnr
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


def test_s17_20_the_three_secret_causes_are_told_byte_for_byte_alike(app: Flask, kall: Kall) -> None:
    """s17_21: the errorId finds the cause in the log."""
    unknown = str(uuid4())
    wrong = {
        "FEIL_PASSORD": kall.headers(IntegrasjonPassord="x" * 43),
        "FEIL_ORGNR": kall.headers(Authorization=f"Bearer {token(new_orgnr())}"),
        "UKJENT": kall.headers(IntegrasjonId=unknown),
    }
    seen = set()
    with captured(app.config["FIKS_SETTINGS"]) as log:
        for headers in wrong.values():
            answer = app.test_client().get(SELF_TEST, headers=headers)
            assert answer.status_code == 401
            body = json.loads(answer.text)
            assert set(body) >= {"timestamp", "status", "error", "errorId", "path", "message"}
            same = answer.text.replace(body["errorId"], "E").replace(str(body["timestamp"]), "T")
            seen.add(same.replace(unknown, kall.id))
            assert body["errorId"] in log.getvalue()
    assert len(seen) == 1
    assert all(f'"arsak": "{cause}"' in log.getvalue() for cause in wrong)


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


def test_without_an_issuer_that_answers_no_token_is_judged() -> None:
    def away(url: str) -> Mapping[str, Any]:
        raise ValueError("HTTP 503")

    with pytest.raises(UtstederNede):
        Nokler(MASKINPORTEN, MASKINPORTEN + "metadata", fetch=away).key("mp-1")
