"""The page of Registeroppslag: for holders only, by a form, and with nothing of the number in the answer or the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.core.errors import ProvIgjen
from fiks.konfigurasjon.audit.misuse import LOOK_UPS
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag import rules
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktinformasjon,
    Person,
    Personstatus,
    Registeradresse,
    Virksomhet,
)
from portal.texts import oppslag, tekst
from tests.integration.databases import Database
from tests.integration.houses import Hus, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.portals import log_in, make_portal, settings_of, staff
from tests.integration.utsending.browser import Browser, text_of, token_of
from tests.integration.worlds import FakeRegister
from tests.security.loglines import captured


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("objekter")
    return make_portal(settings_of(database.app_url, folder), cast(Any, FakeRegister()))


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        session().rollback()


@pytest.fixture
def register(app: Flask) -> FakeRegister:
    fresh = FakeRegister()
    app.extensions["fiks_register"] = fresh
    return fresh


@pytest.fixture
def hus() -> Hus:
    return make_hus()


@pytest.fixture
def client(app: Flask, hus: Hus) -> Browser:
    return staff(app, hus.organisasjon_id, P.REGISTER_OPPSLAG, hus.organisasjon_id)


def look_up(client: Browser, **form: str) -> TestResponse:
    token = token_of(client.get("/oppslag").text)
    return client.post("/oppslag", data={"csrf_token": token, "nummer": "", "hjemmel": "", **form})


def words(answer: TestResponse) -> str:
    return text_of(answer.text)


def test_whether_somebody_can_be_reached_is_told_plainly_and_that_it_was_logged(
    client: Browser, register: FakeRegister
) -> None:
    fnr = register.add_person(new_fnr(), postkasse="DIGIPOST")
    answer = look_up(client, register="KRR", nummer=fnr, hjemmel="VEDTAK")
    assert answer.status_code == 200
    for told in (
        f"Gjelder {fnr[:6]}*****",
        "Reservert mot digital kommunikasjon Nei",
        "Digital postkasse Digipost",
        "Kan varsles på e-post eller SMS Ja",
        oppslag.LOGGET_PERSON,
    ):
        assert told in words(answer)


def test_a_person_is_told_with_name_status_and_address(client: Browser, register: FakeRegister) -> None:
    fnr = new_fnr()
    register.people[fnr] = Person(
        fnr,
        "Máret",
        None,
        "Sundby",
        Personstatus.DOED,
        Adressebeskyttelse.UGRADERT,
        Registeradresse(("c/o Ola Havnes", "Storgata 1"), "4262", "AVALDSNES"),
    )
    answer = look_up(client, register="FOLKEREGISTER", nummer=fnr, hjemmel="EIENDOMSSKATT")
    assert "Navn Máret Sundby Status Død" in words(answer)
    assert "Postadresse c/o Ola Havnes, Storgata 1, 4262 AVALDSNES" in words(answer)


def test_an_organisation_is_told_with_its_status(client: Browser, register: FakeRegister) -> None:
    orgnr = new_orgnr()
    register.units[orgnr] = Virksomhet(orgnr, "Lillevik Bruk AS", Enhetstatus.SLETTET, "AS")
    told = words(look_up(client, register="ENHETSREGISTER", nummer=orgnr))
    assert f"Navn Lillevik Bruk AS Organisasjonsnummer {orgnr} Organisasjonsform AS" in told
    assert "Status Slettet i registeret" in told
    assert oppslag.LOGGET_ENHET in told
    unknown = look_up(client, register="ENHETSREGISTER", nummer=new_orgnr())
    assert oppslag.ENHET_UKJENT in words(unknown)


@pytest.mark.parametrize("where", ["KRR", "FOLKEREGISTER"])
def test_a_protected_person_shows_nothing_but_that(
    client: Browser, register: FakeRegister, where: str
) -> None:
    fnr = register.add_person(
        new_fnr(), postkasse="DIGIPOST", beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    answer = look_up(client, register=where, nummer=fnr, hjemmel="VEDTAK")
    told = words(answer)
    assert oppslag.STRENGT_FORTROLIG in told
    assert not [word for word in ("Fjellstad", "Digipost", "Bosatt", "Kan varsles") if word in told]
    assert "<dl" not in answer.text


def test_a_fortrolig_address_is_not_shown(client: Browser, register: FakeRegister) -> None:
    fnr = new_fnr()
    address = Registeradresse(("Hemmelig vei 1",), "4262", "AVALDSNES")
    grade = Adressebeskyttelse.FORTROLIG
    register.people[fnr] = Person(fnr, "Kari", None, "Lie", Personstatus.BOSATT, grade, address)
    told = words(look_up(client, register="FOLKEREGISTER", nummer=fnr, hjemmel="VEDTAK"))
    assert "Postadresse Vises ikke, fordi adressen er fortrolig" in told
    assert "Hemmelig" not in told


@pytest.mark.parametrize(
    ("form", "felt", "kode"),
    [
        ({"register": "KRR", "nummer": "123", "hjemmel": "VEDTAK"}, "nummer", "FNR_UGYLDIG"),
        ({"register": "ENHETSREGISTER", "nummer": "123"}, "nummer", "ORGNR_UGYLDIG"),
        ({"register": "FINNES_IKKE", "nummer": "123"}, "register", "VALG_UGYLDIG"),
        ({"nummer": "123"}, "register", "VALG_UGYLDIG"),
        ({"register": "KRR", "nummer": "FNR"}, "hjemmel", "HJEMMEL_MANGLER"),
        (
            {"register": "FOLKEREGISTER", "nummer": "FNR", "hjemmel": "DIGITAL_KOMMUNIKASJON"},
            "hjemmel",
            "HJEMMEL_GJELDER_IKKE",
        ),
    ],
)
def test_what_cannot_be_used_is_told_at_its_field(
    client: Browser, register: FakeRegister, form: dict[str, str], felt: str, kode: str
) -> None:
    answer = look_up(client, **(form | {"nummer": form["nummer"].replace("FNR", new_fnr())}))
    assert answer.status_code == 422
    assert f'id="{felt}-feil">{tekst(kode)}' in answer.text
    assert register.spurt == []


def test_a_register_that_does_not_answer_and_an_hour_that_is_full_are_told(
    client: Browser, register: FakeRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.nede = ProvIgjen("NEDE")
    answer = look_up(client, register="KRR", nummer=new_fnr(), hjemmel="VEDTAK")
    assert (answer.status_code, tekst("OPPSLAG_UTEN_SVAR") in words(answer)) == (503, True)
    monkeypatch.setattr(rules, "MOST_BY_PERSON", 1)
    answer = look_up(client, register="KRR", nummer=new_fnr(), hjemmel="VEDTAK")
    assert (answer.status_code, tekst("FOR_MANGE_OPPSLAG", grense=1) in words(answer)) == (429, True)


def test_the_number_is_neither_in_the_answer_nor_in_the_log_nor_in_the_audit(
    app: Flask, client: Browser, register: FakeRegister, database: Database
) -> None:
    known, unknown = register.add_person(new_fnr()), new_fnr()
    with captured(app.config["FIKS_SETTINGS"]) as log:
        answers = [
            look_up(client, register=where, nummer=fnr, hjemmel=hjemmel)
            for where in ("KRR", "FOLKEREGISTER", "ENHETSREGISTER")
            for fnr in (known, unknown)
            for hjemmel in ("VEDTAK", "")
        ]
    written = log.getvalue() + "".join(answer.text for answer in answers)
    assert answers[0].request.path == "/oppslag"
    assert answers[0].request.query_string == b""
    assert not [fnr for fnr in (known, unknown) if fnr in written]
    dump = database.dump()
    assert known.encode() not in dump
    rows = session().scalars(select(Audit).where(Audit.handling.in_(LOOK_UPS))).all()
    assert rows and all(row.detaljer in ({}, {"i_rekke": True}) for row in rows)


def test_the_page_is_in_the_menu_of_holders_only(app: Flask, hus: Hus, client: Browser) -> None:
    assert 'href="/oppslag"' in client.get("/oversikt").text
    admin = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    assert 'href="/oppslag"' not in admin.get("/oversikt").text
    assert admin.get("/oppslag").status_code == 403


def test_the_legal_bases_are_those_of_the_organisations_kind(client: Browser, hus: Hus) -> None:
    assert "eigedomsskattelova § 14" in words(client.get("/oppslag"))
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).type = "FYLKESKOMMUNE"
    offered = words(client.get("/oppslag"))
    assert "eigedomsskattelova § 14" not in offered and "forvaltningsloven § 27" in offered


def test_the_citizen_reads_of_it_on_min_side(app: Flask, client: Browser, register: FakeRegister) -> None:
    fnr = register.add_person(new_fnr())
    look_up(client, register="KRR", nummer=fnr, hjemmel="DIGITAL_KOMMUNIKASJON")
    citizen = log_in(app, fnr, None)
    told = words(citizen.get("/minside/innsyn"))
    assert "Lillevik kommune Oppslag i registre Slo opp om du kan få digital post" in told
    assert "eforvaltningsforskriften § 29" in told


def test_what_the_registers_answer_has_no_repr() -> None:
    contact = Kontaktinformasjon("1", True, epost="kari@example.com")
    assert "kari" not in repr(contact)
    assert "Fjellstad" not in repr(rules.Personsvar(navn="Kari Fjellstad"))
