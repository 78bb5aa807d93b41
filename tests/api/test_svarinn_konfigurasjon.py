"""Mottakersystemer are set up through the API by who may, and by nobody else (svarut.md 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale.models import Tjenesteaktivering
from fiks.konfigurasjon.person.altinn import Altinnpart
from fiks.konfigurasjon.rules import P
from fiks.svarinn.queries import mottakersystem_for
from fiks.svarinn.rules import Koblingsfakta
from tests.integration.houses import HOUSE, new_fnr, new_orgnr
from tests.integration.systems import certified, make_mottakerhus, make_system, receiver_key
from tests.machines import IDPORTEN, Kall, make_kall, token

BASE = "/svarinn-konfigurasjon/api/v1"
NEW = {"navn": "Sak og arkiv", "eposter": ["postmottak@havvik.example"]}


@dataclass
class Konfig:
    """An organisation's integrasjon that may configure its SvarInn."""

    app: Flask
    org: UUID
    orgnr: str
    kall: Kall

    def call(
        self, method: str, path: str, body: object = None, *, pid: str = "", **query: object
    ) -> TestResponse:
        headers = self.kall.headers()
        if pid:
            person = {"iss": IDPORTEN, "pid": pid, "acr": "idporten-loa-high"}
            headers = self.kall.headers(Authorization=f"Bearer {token(self.kall.orgnr, **person)}")
        client = self.app.test_client()
        where = path if path.startswith(BASE) else f"{BASE}/{self.org}/mottakersystemer{path}"
        return client.open(where, method=method, headers=headers, json=body, query_string=query)

    def make(self, **changes: object) -> str:
        answer = self.call("POST", "", NEW | changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json["mottakersystemId"])


@pytest.fixture(scope="module")
def konfig(app: Flask) -> Konfig:
    with app.app_context():
        orgnr = new_orgnr()
        org = make_mottakerhus(orgnr=orgnr)
        service = session().get_one(Tjenesteaktivering, (org, "SVARINN")).ressurs_id
        return Konfig(app, org, orgnr, make_kall(org, P.KONFIGURERE_MOTTAK, ressurs=service))


def test_a_mottakersystem_is_made_changed_and_found(konfig: Konfig) -> None:
    own = konfig.make(navn="Eget arkiv")
    found: dict[str, Any] = konfig.call("GET", f"/{own}").json
    assert found == {
        "mottakersystemId": own,
        "navn": "Eget arkiv",
        "eposter": NEW["eposter"],
        "aktiv": True,
        "sertifikatStatus": {"status": "MANGLER"},
        "antallTilknyttedeOrganisasjoner": 0,
    }
    assert konfig.call("PUT", f"/{own}", NEW | {"navn": "Nytt navn"}).status_code == 204
    for sok in ("nytt n", own):
        page = konfig.call("GET", "", sokebegrep=sok).json
        assert [one["mottakersystemId"] for one in page["treff"]] == [own]
    konfig.make()
    first = konfig.call("GET", "", antallPerSide=1).json
    second = konfig.call("GET", "", antallPerSide=1, sidenummer=1).json
    assert (first["antallTreff"], first["totaltAntallTreff"]) == (1, second["totaltAntallTreff"])
    assert first["treff"] != second["treff"]
    assert konfig.call("GET", "", antallPerSide=1001).status_code == 400


def test_what_is_received_is_added_changed_and_removed(konfig: Konfig, house: None) -> None:
    own = konfig.make()
    said = {"organisasjonsnummer": konfig.orgnr, "forsendelsestyper": ["ks.edialog"]}
    answer = konfig.call("POST", f"/{own}/organisasjonskoblinger", said)
    assert answer.status_code == 201
    kobling = {"organisasjonskoblingsId": answer.json["id"]}
    assert mottakersystem_for(konfig.orgnr, "ks.edialog", "HOYESTE") == UUID(own)
    assert konfig.call("GET", f"/{own}/organisasjonskoblinger").json == [
        kobling | said | {"navn": "", "sikkerhetsniva": "ALLE"}
    ]
    again = konfig.call("POST", f"/{own}/organisasjonskoblinger", said)
    assert (again.status_code, again.json["errorCode"]) == (409, "KOBLING_FINNES")
    changed = said | {"forsendelsestyper": [], "sikkerhetsniva": "BETYDELIG"}
    path = f"/{own}/organisasjonskoblinger"
    assert konfig.call("PUT", path, changed, **kobling).status_code == 204
    session().rollback()
    assert mottakersystem_for(konfig.orgnr, None, "BETYDELIG") == UUID(own)
    assert mottakersystem_for(konfig.orgnr, "ks.edialog", "HOYESTE") is None
    assert konfig.call("DELETE", path, **kobling).status_code == 204
    session().rollback()
    assert mottakersystem_for(konfig.orgnr, None, "BETYDELIG") is None
    assert konfig.call("DELETE", path, **kobling).status_code == 404
    assert konfig.call("DELETE", path).status_code == 400


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"organisasjonsnummer": "123"}, "ORGNR_UGYLDIG"),
        ({"forsendelsestyper": ["finnes.ikke"]}, "VALG_MANGLER"),
    ],
)
def test_a_kobling_that_is_wrong_is_refused_by_name(
    konfig: Konfig, changes: dict[str, object], code: str
) -> None:
    own = konfig.make()
    said = {"organisasjonsnummer": konfig.orgnr} | changes
    answer = konfig.call("POST", f"/{own}/organisasjonskoblinger", said)
    assert (answer.status_code, answer.json["errorCode"]) == (400, code)
    assert konfig.call("GET", f"/{own}/organisasjonskoblinger").json == []


class Altinn:
    """An Altinn that says the same of everybody; without parts it does not answer."""

    def __init__(self, *orgnrs: str) -> None:
        self._parts = [Altinnpart(one, "Virksomhet", frozenset({("ROLLE", "A0236")})) for one in orgnrs]

    def authorized_parties(self, pid: str) -> list[Altinnpart]:
        if not self._parts:
            raise ProvIgjen("HTTP_503")
        return self._parts


def test_for_others_a_person_with_post_arkiv_is_needed(
    app: Flask, konfig: Konfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, orgnr, pid = konfig.make(), new_orgnr(), new_fnr()
    with app.app_context():
        person = konfigurasjon.register_person(pid, navn="Kari", actor=HOUSE)
        konfigurasjon.grant_privilegium(person, P.ADMIN, UUID(own), actor=HOUSE)
    said, path = {"organisasjonsnummer": orgnr}, f"/{own}/organisasjonskoblinger"
    machine = konfig.call("POST", path, said)
    assert (machine.status_code, machine.json["errorCode"]) == (403, "MANGLER_POST_ARKIV")
    monkeypatch.setitem(app.extensions, "fiks_altinn", Altinn(new_orgnr()))
    assert konfig.call("POST", path, said, pid=pid).status_code == 403
    monkeypatch.setitem(app.extensions, "fiks_altinn", Altinn())
    assert konfig.call("POST", path, said, pid=pid).status_code == 503
    monkeypatch.setitem(app.extensions, "fiks_altinn", Altinn(orgnr))
    assert konfig.call("POST", path, said, pid=pid).status_code == 201
    listed = konfig.call("GET", f"{BASE}/altinn/organisasjoner", pid=pid)
    assert listed.json == [{"organisasjonsnummer": orgnr, "navn": "Virksomhet"}]
    assert konfig.call("GET", f"{BASE}/altinn/organisasjoner").json == []


def test_for_others_a_machine_alone_makes_nothing_more_received(
    app: Flask, konfig: Konfig, house: None
) -> None:
    orgnr = new_orgnr()
    with app.app_context():
        system = make_system(Koblingsfakta(orgnr, ("ks.edialog",)), i=konfig.org)
    path = f"/{system.id}/organisasjonskoblinger"
    [kobling] = konfig.call("GET", path).json
    mine = {"organisasjonskoblingsId": kobling["organisasjonskoblingsId"]}
    more = konfig.call("PUT", path, {"organisasjonsnummer": orgnr}, **mine)
    assert (more.status_code, more.json["errorCode"]) == (403, "MANGLER_POST_ARKIV")
    less = {"organisasjonsnummer": orgnr, "forsendelsestyper": ["ks.edialog"], "sikkerhetsniva": "HOYESTE"}
    assert konfig.call("PUT", path, less, **mine).status_code == 204
    state = f"/{system.id}/innstillinger/aktivstatus"
    assert konfig.call("PUT", state, {"aktiv": False}).status_code == 204
    opened = konfig.call("PUT", state, {"aktiv": True})
    assert (opened.status_code, opened.json["errorCode"]) == (403, "MANGLER_POST_ARKIV")
    session().rollback()
    assert mottakersystem_for(orgnr, "ks.edialog", "HOYESTE") is None


def test_sv12_42_a_certificate_is_told_with_its_state_and_a_bad_one_is_refused(konfig: Konfig) -> None:
    own = konfig.make()
    path = f"/{own}/innstillinger/sertifikat"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for dager, status in ((3650.0, "GYLDIG"), (29.0, "UTLOPT_SNART")):
        pem = certified(key, dager=dager).certificate.decode()
        answer = konfig.call("PUT", path, {"sertifikat": pem})
        assert (answer.status_code, answer.json["status"]) == (200, status)
        assert datetime.fromisoformat(answer.json["utlopsDato"])
    assert konfig.call("GET", f"/{own}").json["sertifikatStatus"]["status"] == "UTLOPT_SNART"
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for pem, code in (
        (certified(key, dager=-1).certificate.decode(), "SERTIFIKAT_UTLOPT"),
        (certified(small).certificate.decode(), "SERTIFIKAT_UGYLDIG"),
        (receiver_key().key.decode() + receiver_key().certificate.decode(), "PRIVAT_NOKKEL"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "SERTIFIKAT_UGYLDIG"),
        ("tull", "SERTIFIKAT_UGYLDIG"),
    ):
        answer = konfig.call("PUT", path, {"sertifikat": pem})
        assert (answer.status_code, answer.json["errorCode"]) == (400, code)
    assert konfig.call("GET", path).json["status"] == "UTLOPT_SNART"
    assert konfig.call("DELETE", path).status_code == 204
    assert konfig.call("GET", path).json == {"status": "MANGLER"}


def test_a_new_password_lets_the_system_in_and_the_old_one_no_more(
    app: Flask, konfig: Konfig, house: None
) -> None:
    own = konfig.make()
    path = f"/{own}/innstillinger/passord"
    old, new = konfig.call("PUT", path).json, konfig.call("PUT", path).json
    assert UUID(new) != UUID(old)
    listing = "/tjenester/svarinn/mottaker/hentNyeForsendelser"
    assert app.test_client().get(listing, auth=(own, old)).status_code == 401
    assert app.test_client().get(listing, auth=(own, new)).status_code == 200
    acts = select(func.count()).select_from(Audit)
    made = acts.where(Audit.handling == "MOTTAKERSYSTEM_PASSORD_GENERERT", Audit.objekt_id == own)
    assert session().scalar(made) == 2


def test_a_person_without_a_fresh_login_changes_neither_password_nor_certificate(
    app: Flask, konfig: Konfig
) -> None:
    own, pid = konfig.make(), new_fnr()
    with app.app_context():
        person = konfigurasjon.register_person(pid, navn="Kari", actor=HOUSE)
        konfigurasjon.grant_privilegium(person, P.ADMIN, UUID(own), actor=HOUSE)
    assert konfig.call("GET", f"/{own}", pid=pid).status_code == 200
    for method, what, body in (
        ("PUT", "passord", None),
        ("PUT", "sertifikat", {"sertifikat": receiver_key().certificate.decode()}),
        ("DELETE", "sertifikat", None),
    ):
        answer = konfig.call(method, f"/{own}/innstillinger/{what}", body, pid=pid)
        assert (answer.status_code, answer.json["errorCode"]) == (403, "NY_INNLOGGING")


def test_a_closed_system_receives_nothing_new(konfig: Konfig, house: None) -> None:
    own = konfig.make()
    said = {"organisasjonsnummer": konfig.orgnr, "forsendelsestyper": ["Byggesøknad"]}
    assert konfig.call("POST", f"/{own}/organisasjonskoblinger", said).status_code == 201
    for aktiv, taker in ((False, None), (True, UUID(own))):
        path = f"/{own}/innstillinger/aktivstatus"
        assert konfig.call("PUT", path, {"aktiv": aktiv}).status_code == 204
        session().rollback()
        assert mottakersystem_for(konfig.orgnr, "Byggesøknad", "BETYDELIG") == taker


def test_another_organisations_systems_are_not_there(app: Flask, konfig: Konfig) -> None:
    with app.app_context():
        other = make_system(new_orgnr())
        without = make_kall(konfig.org)
    own = konfig.make()
    stranger = Konfig(app, konfig.org, konfig.orgnr, without)
    for caller, org, system in (
        (konfig, other.organisasjon_id, other.id),
        (konfig, konfig.org, other.id),
        (konfig, konfig.org, uuid4()),
        (stranger, konfig.org, own),
    ):
        path = f"{BASE}/{org}/mottakersystemer/{system}"
        answer = caller.call("GET", path)
        assert (answer.status_code, answer.json["message"]) == (403, "Ikke autorisert")
    assert konfig.call("GET", f"{BASE}/{other.organisasjon_id}/mottakersystemer").status_code == 403
    assert konfig.call("GET", f"{BASE}/{uuid4()}/mottakersystemer").status_code == 403
    assert konfig.call("GET", f"{BASE}/{other.organisasjon_id}/mottakersystemer/{own}").status_code == 404


def test_types_are_listed_and_numbers_looked_up(konfig: Konfig) -> None:
    assert "ks.byggesøknad" in konfig.call("GET", f"{BASE}/forsendelsestyper").json
    wrong = konfig.call("POST", f"{BASE}/oppslag", {"sokebegrep": "123"})
    assert (wrong.status_code, wrong.json["errorCode"]) == (400, "ORGNR_UGYLDIG")


def test_a_person_without_rights_makes_nothing(app: Flask, konfig: Konfig) -> None:
    pid = new_fnr()
    with app.app_context():
        konfigurasjon.register_person(pid, navn="Ola", actor=HOUSE)
    assert konfig.call("POST", "", NEW, pid=pid).status_code == 403
