"""The door of REST v1 and SOAP: who is let in, and that what is refused tells nothing (svarut.md 3.1, statement 18)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.konfigurasjon.audit import misuse
from fiks.konfigurasjon.audit.misuse import Mistanke
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.konto import service
from fiks.konfigurasjon.models import Konto, Ressurs
from portal.access import throttle
from portal.extensions import limiter
from tests.integration.api.fagsystem import (
    SOAP,
    V1,
    Fagsystem,
    fault,
    letters,
    make_fagsystem,
)
from tests.integration.api.fagsystem import (
    basic as header,
)
from tests.integration.houses import HOUSE
from tests.integration.konfigurasjon.holders import last_act
from tests.security.loglines import captured
from tests.unit.svarut.soap import envelope, operation

START = "/startNyForsendelse"


@pytest.fixture
def counted(app: Flask) -> Iterator[None]:
    """The door counts, from nothing."""
    limiter.enabled = True
    throttle.init_app(app)
    yield
    limiter.enabled = False


def asked(app: Flask, headers: dict[str, str]) -> tuple[int, str]:
    answer = app.test_client().post(V1 + START, headers=headers)
    return answer.status_code, answer.text


def test_the_right_name_and_password_are_let_in_whatever_the_encoding(
    app: Flask, fagsystem: Fagsystem
) -> None:
    with transaction() as tx:
        tx.execute(
            update(Konto).where(Konto.id == fagsystem.hus.konto_id).values(avsender="B\u00e6rum Sk\u00e5l")
        )
    for encoding in ("utf-8", "latin-1"):
        assert asked(app, header("B\u00e6rum Sk\u00e5l", fagsystem.passord, encoding))[0] == 200


def test_sv12_18_an_unknown_name_and_a_wrong_password_are_answered_alike(
    app: Flask, fagsystem: Fagsystem
) -> None:
    wrong = [
        header("finnes-ikke", fagsystem.passord),
        header(fagsystem.avsender, "feil"),
        header(fagsystem.avsender, ""),
        header("", fagsystem.passord),
        header(fagsystem.avsender + "\0", fagsystem.passord),
        {"Authorization": "Basic ikke base64"},
        {"Authorization": "Bearer " + fagsystem.headers["Authorization"].split()[1]},
        {},
    ]
    assert {asked(app, headers) for headers in wrong} == {
        (401, '{"errorcode": null, "message": "Feil brukernavn eller passord"}')
    }
    answer = app.test_client().post(V1 + START)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="SvarUt", charset="UTF-8"'
    assert letters(fagsystem.hus) == 0


def test_sv12_18_soap_says_it_as_a_fault(app: Flask, fagsystem: Fagsystem) -> None:
    fagsystem.headers = header(fagsystem.avsender, "feil")
    answer = fagsystem.soap(envelope(operation("startNyForsendelse")))
    assert (answer.status_code, fault(answer)) == (401, "Feil brukernavn eller passord")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert app.test_client().get(SOAP).status_code == 200


def test_a_closed_konto_and_a_service_that_is_not_in_use_may_not_begin_anything_but_may_ask(
    fagsystem: Fagsystem,
) -> None:
    sent = fagsystem.sent()
    service.deactivate_konto(fagsystem.hus.konto_id, actor=HOUSE)
    closed = fagsystem.send()
    assert (closed.status_code, closed.json["errorcode"]) == (409, "KONTO_IKKE_AKTIV")
    assert fagsystem.post(START).status_code == 409
    assert "stengt" in fault(fagsystem.soap(envelope(operation("startNyForsendelse"))))
    assert fagsystem.get(f"/{sent}/status").status_code == 200
    service.activate_konto(fagsystem.hus.konto_id, actor=HOUSE)
    with transaction() as tx:
        mine = Tjenesteaktivering.organisasjon_id == fagsystem.hus.organisasjon_id
        tx.execute(update(Tjenesteaktivering).where(mine).values(konfigurert=None))
    unused = fagsystem.post(START)
    assert (unused.status_code, unused.json["errorcode"]) == (403, "TJENESTE_IKKE_AKTIV")
    assert letters(fagsystem.hus) == 1


def test_an_organisation_that_is_gone_is_let_in_nowhere(app: Flask, fagsystem: Fagsystem) -> None:
    with transaction() as tx:
        gone = update(Ressurs).where(Ressurs.id == fagsystem.hus.organisasjon_id)
        tx.execute(gone.values(slettet=clock.database_now()))
    assert asked(app, fagsystem.headers)[0] == 403
    assert asked(app, header(fagsystem.avsender, "feil"))[0] == 401


def test_a_konto_that_is_refused_often_is_told_to_wait_but_let_in_when_it_is_right(
    app: Flask, fagsystem: Fagsystem, counted: None
) -> None:
    """A name that no konto has is counted in the same way, so that the limit tells nothing."""
    known = [asked(app, header(fagsystem.avsender, "feil"))[0] for _ in range(12)]
    unknown = [asked(app, header("finnes-ikke", "feil"))[0] for _ in range(12)]
    assert known == unknown == [401] * 10 + [429] * 2
    assert asked(app, fagsystem.headers)[0] == 200
    row = last_act(fagsystem.hus.organisasjon_id, "KONTO_AUTENTISERING_FEILET")
    assert row.detaljer["antall"] == 10


def test_a_hundred_wrong_passwords_are_a_sign_of_misuse(app: Flask, fagsystem: Fagsystem) -> None:
    konto = str(fagsystem.hus.konto_id)
    for _ in range(99):
        asked(app, header(fagsystem.avsender, "feil"))
    assert konto not in [one.hvem for one in misuse.suspicions()]
    session().rollback()
    asked(app, header(fagsystem.avsender, "feil"))
    assert Mistanke("INTEGRASJON_AVVIST_OFTE", konto, 111) in misuse.suspicions()


def test_an_address_that_tries_many_names_is_told_to_wait(app: Flask, counted: None) -> None:
    seen = [asked(app, header(f"navn-{nr}", "feil"))[0] for nr in range(throttle.PER_ADDRESS + 1)]
    assert seen == [401] * throttle.PER_ADDRESS + [429]


def test_an_address_has_no_more_tries_for_going_to_the_other_door(app: Flask, counted: None) -> None:
    def with_token() -> int:
        return app.test_client().get("/konfigurasjon/api/v1/integrasjoner/autentisering").status_code

    for nr in range(throttle.PER_ADDRESS // 2):
        assert (asked(app, header(f"navn-{nr}", "feil"))[0], with_token()) == (401, 401)
    assert (asked(app, header("navn", "feil"))[0], with_token()) == (429, 429)


def test_name_and_password_are_never_logged(app: Flask, fagsystem: Fagsystem) -> None:
    with captured(app.config["FIKS_SETTINGS"]) as log:
        asked(app, fagsystem.headers)
        asked(app, header("17912099997", "hemmelig-feil"))
    text = log.getvalue()
    assert "maskin_avvist" in text
    for secret in (
        fagsystem.passord,
        fagsystem.headers["Authorization"].split()[1],
        "17912099997",
        "hemmelig-feil",
    ):
        assert secret not in text


def test_a_cookie_gives_nothing_and_another_site_gets_nothing_done(app: Flask, fagsystem: Fagsystem) -> None:
    client = app.test_client()
    client.set_cookie("fiks", "x" * 43)
    assert client.post(V1 + START).status_code == 401
    assert asked(app, fagsystem.headers | {"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert asked(app, fagsystem.headers | {"Sec-Fetch-Site": "none"})[0] == 200


def test_sv12_19_a_letter_of_another_konto_is_none(app: Flask, fagsystem: Fagsystem) -> None:
    sent, other = fagsystem.sent(), make_fagsystem(app)
    unknown = "00000000-0000-4000-8000-000000000000"
    for path in ("status", "historikk", "signeringhistorikk", "dokumentMetadata"):
        theirs, none, odd = (other.get(f"/{own}/{path}") for own in (sent, unknown, "noe"))
        assert theirs.status_code == 404
        assert theirs.data == none.data == odd.data
        assert fagsystem.get(f"/{sent}/{path}").status_code == 200
    assert other.post("/statuser", [sent]).json == {"statuser": []}
    assert other.post("/slettFiler", [{"id": sent}]).status_code == 404
    read = {"lestAvFodselsNummer": "17912099997", "navnPaEksterntSystem": "Websak", "datoLest": 0}
    assert other.post(f"/{sent}/settLest", read).status_code == 404
    mine = fagsystem.post(START).json["id"]
    assert other.send(path=f"/{mine}/sendForsendelse").status_code == 404
