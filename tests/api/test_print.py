"""Fiks-print API v1 as a fagsystem calls it: the key of a class, and how an order stands."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from flask import Flask
from sqlalchemy import update

from fiks.core import environment
from fiks.core.crypto.cms_reader import load_pair
from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.konfigurasjon.rules import P
from fiks.print.service import call_off
from fiks.svarut.models import Forsendelse
from testmiljo import printhouse_keys
from testmiljo.svarut_keys import svarut_pair
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import HOUSE, agree, make_order
from tests.integration.svarut.letters import make_letter
from tests.machines import Kall, make_kall

KEY = "/print/api/v1/konfidensialitetsklasse"


@pytest.fixture(scope="module")
def hus(app: Flask) -> Hus:
    with app.app_context():
        return make_hus()


@pytest.fixture(autouse=True)
def our_key(in_this_house: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """SvarUt has a key of its own."""
    pair = load_pair(svarut_pair(tmp_path_factory.mktemp("nokkel")).read_bytes())
    environment.install(replace(current(), svarut_keys=(pair,)))


@pytest.fixture
def certificate(app: Flask, tmp_path: Path) -> bytes:
    printhouse_keys.letter_key(tmp_path / "key.pem", tmp_path / "crt.pem")
    pem = (tmp_path / "crt.pem").read_bytes()
    with app.app_context():
        agree(sertifikat=pem.decode())
    return pem


def test_the_key_of_a_class_is_told_to_every_machine_and_signed_by_us(
    app: Flask, kall: Kall, certificate: bytes
) -> None:
    answer = app.test_client().get(f"{KEY}/NORMAL", headers=kall.headers())
    assert answer.status_code == 200
    told = answer.get_json()
    assert set(told) == {"leverandor", "offentligNokkel", "konfidensialitetsklasse", "signature"}
    key = told["offentligNokkel"]
    assert set(key) == {"nokkel", "validFrom", "validTo", "serial", "subjectDN", "issuerDN"}
    assert (told["leverandor"], told["konfidensialitetsklasse"]) == (HOUSE, "NORMAL")
    assert "Testtrykkeriet" in key["subjectDN"] and datetime.fromisoformat(key["validTo"]).tzinfo is not None
    der = base64.b64decode(key["nokkel"])
    assert isinstance(load_der_public_key(der), RSAPublicKey)
    own = current().svarut_keys[0].certificate.public_key()
    assert isinstance(own, RSAPublicKey)
    own.verify(base64.b64decode(told["signature"]), der, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("klasse", ["HEMMELIG", "normal", "x" * 300])
def test_a_class_that_nobody_serves_is_not_found(
    app: Flask, kall: Kall, certificate: bytes, klasse: str
) -> None:
    answer = app.test_client().get(f"{KEY}/{klasse}", headers=kall.headers())
    assert (answer.status_code, answer.get_json()["status"]) == (404, 404)


def test_without_a_house_that_has_a_key_no_class_is_served(app: Flask, kall: Kall) -> None:
    with app.app_context():
        agree(sertifikat=None)
    assert app.test_client().get(f"{KEY}/UNNTATT_OFFENTLIGHETEN", headers=kall.headers()).status_code == 404


@pytest.fixture(scope="module")
def kall(app: Flask, hus: Hus) -> Kall:
    with app.app_context():
        return make_kall(hus.organisasjon_id)


def ask(app: Flask, kall: Kall, referanse: UUID, leverandor: str = HOUSE) -> tuple[int, dict[str, object]]:
    url = f"/print/api/v1/ordre/{leverandor}/{referanse}"
    answer = app.test_client().get(url, headers=kall.headers())
    return answer.status_code, answer.get_json()


def test_an_order_is_told_of_with_its_facts_to_its_own_konto_alone(app: Flask, hus: Hus) -> None:
    with app.app_context():
        made = make_order(hus, konteringskode="ESK", leverandor="MANUELL_PRINT")
        mine = make_kall(hus.organisasjon_id, P.LESE, ressurs=hus.konto_id)
        other = make_hus("Annevik kommune")
        theirs = make_kall(other.organisasjon_id, P.LESE, ressurs=other.konto_id)
    status, told = ask(app, mine, made, "MANUELL_PRINT")
    assert status == 200
    assert (told["status"], told["sider"], told["konteringskode"]) == ("MOTTATT", 1, "ESK")
    for kall, referanse, house in (
        (theirs, made, "MANUELL_PRINT"),
        (mine, uuid4(), "MANUELL_PRINT"),
        (mine, made, HOUSE),
        (mine, made, "FINNES_IKKE"),
    ):
        refused, body = ask(app, kall, referanse, house)
        assert (refused, body["status"]) == (404, 404)


def test_no_machine_is_told_that_an_order_was_called_off_while_its_letter_waits_in_the_restricted_lane(
    app: Flask, hus: Hus
) -> None:
    with app.app_context():
        letter_id = make_letter(hus)
        made = make_order(hus, kilde="SVARUT", kilde_id=letter_id)
        mine = make_kall(hus.organisasjon_id, P.LESE, ressurs=hus.konto_id)
        with transaction() as tx:
            letter = update(Forsendelse).where(Forsendelse.id == letter_id)
            tx.execute(letter.values(status="SENDT_PRINT"))
            assert call_off([made], kode="TATT_FRA_TRYKKERIET", aktor="test") == [made]
        assert ask(app, mine, made)[1]["status"] == "MOTTATT"
        with transaction() as tx:
            tx.execute(letter.values(status="MANUELT_HANDTERT"))
        assert ask(app, mine, made)[1]["status"] == "AVBESTILT"


def test_without_proof_of_who_calls_no_order_is_told_of(app: Flask, hus: Hus) -> None:
    assert app.test_client().get(f"/print/api/v1/ordre/{HOUSE}/{uuid4()}").status_code == 401
