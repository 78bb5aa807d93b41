"""Look-ups on the real tables: by privilege and legal basis, written down first, counted, and never kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, ProvIgjen, UgyldigInndata
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.audit import access_log
from fiks.konfigurasjon.audit.misuse import LOOK_UPS, PROTECTED_ASKED, Mistanke, suspicions
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.person.service import fnr_index
from fiks.konfigurasjon.rules import P
from fiks.registeroppslag import rules, service
from fiks.registeroppslag.errors import ForMangeOppslag, RegisterSvarerIkke
from fiks.registeroppslag.rules import (
    Adressebeskyttelse,
    Enhetstatus,
    Kontaktsvar,
    Personsvar,
    neighbouring_numbers,
)
from tests.integration.databases import Database, QuickProcess
from tests.integration.houses import HOUSE, Hus, make_aktor, make_hus, make_person, new_fnr, new_orgnr
from tests.integration.worlds import FakeRegister

pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def hus() -> Hus:
    return make_hus()


@pytest.fixture
def slaar_opp(hus: Hus) -> Aktor:
    """Somebody who may look up."""
    person_id = make_person(P.REGISTER_OPPSLAG, ressurs=hus.organisasjon_id, navn="Siri Tangen")
    return make_aktor(person_id, hus.organisasjon_id, navn="Siri Tangen")


def look_ups() -> list[Audit]:
    session().rollback()
    return list(session().scalars(select(Audit).where(Audit.handling.in_(LOOK_UPS)).order_by(Audit.id)))


def test_a_person_is_looked_up_by_a_legal_basis_and_it_is_written_down_without_the_number(
    hus: Hus, slaar_opp: Aktor, database: Database
) -> None:
    register, fnr = FakeRegister(), new_fnr()
    register.add_person(fnr)
    spaced = f"{fnr[:6]} {fnr[6:]}"
    found = service.look_up_person(hus.organisasjon_id, spaced, "VEDTAK", register, actor=slaar_opp)
    assert found.navn == "Kari Fjellstad"
    [row] = look_ups()
    assert (row.handling, row.hjemmel, row.objekt_id) == (
        "PERSONOPPSLAG",
        "forvaltningsloven § 27",
        "FOLKEREGISTER",
    )
    assert (row.gjelder, row.organisasjon_id, row.ressurs_id) == (
        fnr_index(fnr),
        hus.organisasjon_id,
        hus.organisasjon_id,
    )
    dump = database.dump()
    assert fnr.encode() not in dump
    assert b"Siri Tangen" in dump
    assert b"Fjellstad" not in dump


def test_whether_a_person_can_be_reached_is_looked_up_in_krr(hus: Hus, slaar_opp: Aktor) -> None:
    register = FakeRegister()
    fnr = register.add_person(new_fnr(), postkasse="EBOKS", reservert=True)
    found = service.look_up_contact(
        hus.organisasjon_id, fnr, "DIGITAL_KOMMUNIKASJON", register, actor=slaar_opp
    )
    assert found == Kontaktsvar(registrert=True, reservert=True, postkasse="EBOKS")
    [row] = look_ups()
    assert (row.handling, row.hjemmel, row.objekt_id) == (
        "KONTAKTOPPSLAG",
        "eforvaltningsforskriften § 29",
        "KRR",
    )


def test_an_organisation_is_looked_up_without_a_legal_basis_and_is_about_nobody(
    hus: Hus, slaar_opp: Aktor
) -> None:
    register = FakeRegister()
    orgnr = register.add_unit(new_orgnr(), Enhetstatus.SLETTET)
    found = service.look_up_organisation(hus.organisasjon_id, orgnr, register, actor=slaar_opp)
    assert (found.navn, found.status) == ("Lillevik Bruk AS", Enhetstatus.SLETTET)
    unknown = service.look_up_organisation(hus.organisasjon_id, new_orgnr(), register, actor=slaar_opp)
    assert unknown.status is Enhetstatus.IKKE_FUNNET
    assert [(row.handling, row.gjelder, row.hjemmel) for row in look_ups()] == [
        ("VIRKSOMHETSOPPSLAG", None, None)
    ] * 2


def test_of_who_is_strengt_fortrolig_neither_register_shows_anything(hus: Hus, slaar_opp: Aktor) -> None:
    register = FakeRegister()
    fnr = register.add_person(
        new_fnr(), postkasse="DIGIPOST", beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG
    )
    where, actor = hus.organisasjon_id, slaar_opp
    assert service.look_up_contact(where, fnr, "VEDTAK", register, actor=actor) == Kontaktsvar(
        strengt_fortrolig=True
    )
    assert service.look_up_person(where, fnr, "VEDTAK", register, actor=actor) == Personsvar(
        funnet=True, strengt_fortrolig=True
    )
    assert len(look_ups()) == 2
    assert register.spurt == ["personer", "personer"]  # what KRR has of them never comes to us


@pytest.mark.parametrize("look_up", [service.look_up_contact, service.look_up_person])
def test_that_a_protected_person_was_looked_up_is_told_to_those_who_look_for_misuse_and_not_whom(
    hus: Hus, slaar_opp: Aktor, look_up: Callable[..., object]
) -> None:
    register, actor = FakeRegister(), replace(slaar_opp, request_id=str(uuid4()))
    ordinary = register.add_person(new_fnr(), beskyttelse=Adressebeskyttelse.FORTROLIG)
    protected = register.add_person(new_fnr(), beskyttelse=Adressebeskyttelse.STRENGT_FORTROLIG)
    for fnr in (ordinary, new_fnr()):
        look_up(hus.organisasjon_id, fnr, "VEDTAK", register, actor=actor)
    assert suspicions() == []
    look_up(hus.organisasjon_id, protected, "VEDTAK", register, actor=actor)
    assert suspicions() == [Mistanke("OPPSLAG_STRENGT_FORTROLIG", actor.ref, 1)]
    [row] = session().scalars(select(Audit).where(Audit.handling == PROTECTED_ASKED))
    assert (row.objekt_id, row.request_id, row.detaljer) == (
        actor.ref,
        actor.request_id,
        {"antall": 1, "av": 1},
    )
    assert (row.organisasjon_id, row.gjelder, row.ressurs_id, row.hjemmel) == (None, None, None, None)
    assert [row.detaljer for row in look_ups()] == [{}] * 3  # what the organisation sees says nothing of it


@pytest.mark.parametrize(
    ("hjemmel", "kode"),
    [
        ("", "HJEMMEL_MANGLER"),
        ("fordi jeg vil", "HJEMMEL_MANGLER"),
        ("DIGITAL_KOMMUNIKASJON", "HJEMMEL_GJELDER_IKKE"),
    ],
)
def test_s17_44_without_a_legal_basis_that_opens_the_register_nothing_is_asked_or_written(
    hus: Hus, slaar_opp: Aktor, hjemmel: str, kode: str
) -> None:
    register = FakeRegister()
    with pytest.raises(UgyldigInndata, match=kode):
        service.look_up_person(hus.organisasjon_id, new_fnr(), hjemmel, register, actor=slaar_opp)
    assert (register.spurt, look_ups()) == ([], [])


def test_a_legal_basis_of_kommuner_is_none_for_another_kind_of_organisation(
    hus: Hus, slaar_opp: Aktor
) -> None:
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).type = "FYLKESKOMMUNE"
    with pytest.raises(UgyldigInndata, match="HJEMMEL_GJELDER_IKKE"):
        service.look_up_contact(
            hus.organisasjon_id, new_fnr(), "EIENDOMSSKATT", FakeRegister(), actor=slaar_opp
        )


@pytest.mark.parametrize("number", ["", "123", "12345678901"])
def test_a_number_that_is_nobodys_is_refused_before_anything_is_written(
    hus: Hus, slaar_opp: Aktor, number: str
) -> None:
    with pytest.raises(UgyldigInndata, match="FNR_UGYLDIG"):
        service.look_up_contact(hus.organisasjon_id, number, "VEDTAK", FakeRegister(), actor=slaar_opp)
    with pytest.raises(UgyldigInndata, match="ORGNR_UGYLDIG"):
        service.look_up_organisation(hus.organisasjon_id, number, FakeRegister(), actor=slaar_opp)
    assert look_ups() == []


def test_being_administrator_gives_no_look_up_and_who_has_nothing_there_learns_nothing(hus: Hus) -> None:
    admin = make_aktor(make_person(P.ADMIN, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    other = make_hus()
    elsewhere = make_aktor(
        make_person(P.REGISTER_OPPSLAG, ressurs=other.organisasjon_id), other.organisasjon_id
    )
    for actor, refusal in ((admin, IkkeTilgang), (elsewhere, IkkeFunnet)):
        register = FakeRegister()
        with pytest.raises(refusal):
            service.look_up_person(hus.organisasjon_id, new_fnr(), "VEDTAK", register, actor=actor)
        assert register.spurt == []


def test_a_register_that_does_not_answer_is_told_of_and_that_it_was_asked_stands(
    hus: Hus, slaar_opp: Aktor
) -> None:
    register = FakeRegister(nede=ProvIgjen("NEDE"))
    where, fnr = hus.organisasjon_id, new_fnr()
    for look_up in (
        lambda: service.look_up_person(where, fnr, "VEDTAK", register, actor=slaar_opp),
        lambda: service.look_up_contact(where, fnr, "VEDTAK", register, actor=slaar_opp),
        lambda: service.look_up_organisation(where, new_orgnr(), register, actor=slaar_opp),
    ):
        with pytest.raises(RegisterSvarerIkke, match="OPPSLAG_UTEN_SVAR"):
            look_up()
    assert len(look_ups()) == 3


def test_no_transaction_is_open_while_a_register_answers(hus: Hus, slaar_opp: Aktor) -> None:
    held: list[bool] = []

    class Watching(FakeRegister):
        def _asked(self, what: str, numbers: Sequence[str]) -> None:
            held.append(session().in_transaction())

    register, fnr = Watching(), new_fnr()
    service.look_up_person(hus.organisasjon_id, fnr, "VEDTAK", register, actor=slaar_opp)
    service.look_up_contact(hus.organisasjon_id, fnr, "VEDTAK", register, actor=slaar_opp)
    service.look_up_organisation(hus.organisasjon_id, new_orgnr(), register, actor=slaar_opp)
    assert held == [False] * 4


def look_up_somebody(hus: Hus, actor: Aktor, fnr: str | None = None) -> None:
    service.look_up_person(hus.organisasjon_id, fnr or new_fnr(), "VEDTAK", FakeRegister(), actor=actor)


def test_one_may_look_up_so_often_an_hour_and_not_more(
    hus: Hus, slaar_opp: Aktor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_BY_PERSON", 3)
    for _ in range(3):
        look_up_somebody(hus, slaar_opp)
    register = FakeRegister()
    with pytest.raises(ForMangeOppslag, match="FOR_MANGE_OPPSLAG"):
        service.look_up_organisation(hus.organisasjon_id, new_orgnr(), register, actor=slaar_opp)
    assert (register.spurt, len(look_ups())) == ([], 3)
    colleague = make_aktor(make_person(P.REGISTER_OPPSLAG, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    look_up_somebody(hus, colleague)
    session().rollback()
    age(database, timedelta(minutes=61))
    look_up_somebody(hus, slaar_opp)


def test_two_at_once_do_not_make_one_more_than_is_allowed(
    hus: Hus, slaar_opp: Aktor, process: QuickProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_BY_PERSON", 4)
    refused: list[str] = []
    session().rollback()

    def try_it() -> None:
        with process.app.app_context():
            try:
                look_up_somebody(hus, slaar_opp)
            except ForMangeOppslag as error:
                refused.append(error.kode)

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), len(look_ups())) == (4, 4)


def age(database: Database, by: timedelta) -> None:
    """Let everything in the audit log be older, as only the owner can."""
    with database.owner() as owner:
        owner.execute("UPDATE audit SET tid = tid - %s", [by])


def test_who_tries_numbers_one_after_the_other_is_told_of(
    hus: Hus, slaar_opp: Aktor, database: Database
) -> None:
    first = new_fnr()
    row = sorted(neighbouring_numbers(first) | {first})[:7]
    for fnr in row[:6]:
        look_up_somebody(hus, slaar_opp, fnr)
    assert "OPPSLAG_I_REKKE" not in [one.tegn for one in suspicions()]
    look_up_somebody(hus, slaar_opp, row[6])
    assert Mistanke("OPPSLAG_I_REKKE", slaar_opp.ref, 6) in suspicions()
    assert [row.detaljer for row in look_ups()] == [{}, *([{"i_rekke": True}] * 6)]


def test_the_same_number_again_or_a_neighbour_days_later_or_by_another_is_no_row(
    hus: Hus, slaar_opp: Aktor, database: Database
) -> None:
    fnr = new_fnr()
    colleague = make_aktor(make_person(P.REGISTER_OPPSLAG, ressurs=hus.organisasjon_id), hus.organisasjon_id)
    near = sorted(neighbouring_numbers(fnr))
    look_up_somebody(hus, slaar_opp, fnr)
    look_up_somebody(hus, slaar_opp, fnr)
    look_up_somebody(hus, colleague, near[0])
    session().rollback()
    age(database, timedelta(hours=25))
    look_up_somebody(hus, slaar_opp, near[0])
    assert [row.detaljer for row in look_ups()] == [{}] * 4


def test_a_person_who_looks_up_more_than_case_work_asks_for_is_told_of(
    hus: Hus, slaar_opp: Aktor, database: Database
) -> None:
    noon = database_now().replace(hour=11, minute=0)
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO audit (tid, aktor, aktor_navn, aktor_type, tjeneste, handling, objekt_type, objekt_id)"
            " SELECT %s, who, 'a', kind, service, 'KONTAKTOPPSLAG', 'register', 'KRR' FROM generate_series(1, 61),"
            " (VALUES ('a', 'PERSON', 'REGISTER'), ('b', 'INTEGRASJON', 'REGISTER'), ('c', 'PERSON', 'SVARUT'))"
            " acts (who, kind, service)",
            [noon],
        )
    assert suspicions(now=noon) == [Mistanke("MANGE_REGISTEROPPSLAG", "a", 61)]


def test_the_citizen_sees_who_looked_them_up_by_what_legal_basis(hus: Hus, slaar_opp: Aktor) -> None:
    fnr = new_fnr()
    citizen = make_aktor(konfigurasjon.register_person(fnr, navn="Ola Havnes", actor=HOUSE))
    service.look_up_contact(hus.organisasjon_id, fnr, "VEDTAK", FakeRegister(), actor=slaar_opp)
    look_up_somebody(hus, slaar_opp, fnr)
    seen = access_log.views_of_own_data(actor=citizen)
    assert [(one.organisasjon, one.tjeneste, one.handling, one.hjemmel) for one in seen] == [
        ("Lillevik kommune", "REGISTER", "PERSONOPPSLAG", "forvaltningsloven § 27"),
        ("Lillevik kommune", "REGISTER", "KONTAKTOPPSLAG", "forvaltningsloven § 27"),
    ]
