"""How the agreement administrator is reached: each organisation's own to write, to correct and to see."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic import command
from flask import Flask
from sqlalchemy import select

from fiks.core.actor import Aktor
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import UgyldigInndata
from fiks.konfigurasjon import operators
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.models import Avtalekontakt, Person
from fiks.konfigurasjon.organisasjon import own_data, queries
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import ROOT_ID, P
from fiks.konfigurasjon.tilgang import colleagues
from testmiljo.embedded import Services
from tests.integration.databases import Database, new_database
from tests.integration.houses import HOUSE, make_aktor, make_hus, new_fnr
from tests.integration.konfigurasjon.portals import staff
from tests.integration.utsending.browser import post

pytestmark = pytest.mark.usefixtures("inside")

BEFORE = "e4a7c05b92d1"
AFTER = "a6d03e81f7b4"


def organisation() -> tuple[UUID, Aktor]:
    """A kommune, and one who administers it."""
    hus = make_hus()
    person_id = konfigurasjon.register_person(new_fnr(), navn="Astrid Nordli", actor=HOUSE)
    konfigurasjon.grant_privilegium(person_id, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    return hus.organisasjon_id, make_aktor(person_id, hus.organisasjon_id, navn="Astrid Nordli")


def kari() -> Personopplysninger:
    return Personopplysninger(new_fnr(), "Kari Lie", "Direktør", "kari@a.example", "91234567")


def reached(organisasjon_id: UUID) -> tuple[str | None, str | None, str | None]:
    session().rollback()
    shown = queries.agreement_administrator(organisasjon_id)
    assert shown is not None
    return shown.tittel, shown.epost, shown.telefon


def last_change(organisasjon_id: UUID) -> str:
    newest = (
        select(Audit.detaljer["felter"].astext)
        .where(Audit.organisasjon_id == organisasjon_id, Audit.handling == "ORGANISASJON_ENDRET")
        .order_by(Audit.id.desc())
    )
    return str(session().scalars(newest).first())


def test_another_organisation_is_not_told_what_the_first_wrote() -> None:
    (a, admin_a), (b, admin_b) = organisation(), organisation()
    who = kari()
    own_data.set_avtaleadministrator(a, who, actor=admin_a)
    own_data.set_avtaleadministrator(b, Personopplysninger(who.fnr, "X Y"), actor=admin_b)
    assert reached(a) == ("Direktør", "kari@a.example", "91234567")
    assert reached(b) == (None, None, None)


def test_who_is_known_here_by_another_name_is_not_named() -> None:
    made, admin = organisation()
    who = kari()
    own_data.set_avtaleadministrator(made, who, actor=admin)
    with pytest.raises(UgyldigInndata, match="PERSON_HETER_ANNET") as refused:
        own_data.set_avtaleadministrator(made, replace(who, navn="Ola Havnes"), actor=admin)
    assert refused.value.felt == "personnavn"
    session().rollback()
    assert reached(made) == ("Direktør", "kari@a.example", "91234567")


def test_each_organisation_writes_its_own() -> None:
    (a, admin_a), (b, admin_b) = organisation(), organisation()
    who = kari()
    own_data.set_avtaleadministrator(a, who, actor=admin_a)
    own_data.set_avtaleadministrator(
        b, replace(who, tittel="Rådgiver", epost="kari@b.example"), actor=admin_b
    )
    assert reached(a) == ("Direktør", "kari@a.example", "91234567")
    assert reached(b) == ("Rådgiver", "kari@b.example", "91234567")


def test_what_is_written_anew_stands_and_what_is_left_out_is_gone() -> None:
    made, admin = organisation()
    who = kari()
    own_data.set_avtaleadministrator(made, who, actor=admin)
    own_data.set_avtaleadministrator(made, replace(who, epost="ny@a.example", telefon=""), actor=admin)
    assert reached(made) == ("Direktør", "ny@a.example", None)
    assert last_change(made) == "avtaleadmin_epost, avtaleadmin_telefon"


def test_a_change_is_audited_by_field_and_an_equal_one_not_at_all() -> None:
    made, admin = organisation()
    who = kari()
    own_data.set_avtaleadministrator(made, who, actor=admin)
    said = "avtaleadmin_id, avtaleadmin_epost, avtaleadmin_telefon, avtaleadmin_tittel"
    assert last_change(made) == said
    changes = select(Audit.id).where(Audit.organisasjon_id == made, Audit.handling == "ORGANISASJON_ENDRET")
    own_data.set_avtaleadministrator(made, who, actor=admin)
    assert len(session().scalars(changes).all()) == 1


def test_whoever_is_named_next_has_nothing_of_the_one_before() -> None:
    made, admin = organisation()
    own_data.set_avtaleadministrator(made, kari(), actor=admin)
    own_data.set_avtaleadministrator(made, Personopplysninger(new_fnr(), "Ola Havnes"), actor=admin)
    assert reached(made) == (None, None, None)


def test_what_was_written_of_a_leaver_is_deleted() -> None:
    made, admin = organisation()
    who = kari()
    own_data.set_avtaleadministrator(made, who, actor=admin)
    person_id = konfigurasjon.person_by_pid(who.fnr)
    assert person_id is not None
    colleagues.remove_leaver(made, person_id, actor=admin)
    session().rollback()
    assert session().get(Avtalekontakt, made) is None


def test_nothing_of_how_a_person_is_reached_is_kept_on_the_person() -> None:
    (made, admin), who = organisation(), kari()
    own_data.set_avtaleadministrator(made, who, actor=admin)
    operators.make_operator(replace(kari(), fnr=who.fnr), actor=HOUSE)
    of = select(Person.tittel, Person.epost, Person.telefon).where(Person.navn == who.navn)
    assert {tuple(row) for row in session().execute(of)} == {(None, None, None)}


def test_the_page_saves_a_new_address_and_shows_it(app: Flask) -> None:
    hus, who = make_hus(), kari()
    client = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    page = "/konfigurasjon/avtaleadministrator"
    post(client, page, page, fnr=who.fnr, personnavn=who.navn, epost="gammel@a.example")
    answer = post(client, page, page, fnr=who.fnr, personnavn=who.navn, epost="ny@a.example")
    assert answer.location == "/konfigurasjon"
    for where in ("/konfigurasjon", page):
        assert "ny@a.example" in client.get(where).text
        assert "gammel@a.example" not in client.get(where).text


def test_what_was_written_before_is_taken_over_where_it_is_surely_the_organisations(
    tjenester: Services, template: Database
) -> None:
    """Of a person two organisations have dealt with, or the platform itself, nobody knows who wrote what."""
    with new_database(tjenester, template) as made:
        command.downgrade(made.alembic(), BEFORE)
        with made.owner() as owner:
            own, elsewhere, before, shared, operator = (_named(owner) for _ in range(5))
            _give(owner, elsewhere[1], _organisation(owner), ended=False)
            _give(owner, before[1], _organisation(owner), ended=True)
            _organisation(owner, avtaleadmin=shared[1])
            _give(owner, operator[1], ROOT_ID, ended=False)
            _named(owner, epost=None)
        command.upgrade(made.alembic(), AFTER)
        with made.owner() as owner:
            found = owner.execute(
                "SELECT organisasjon_id, person_id, tittel, epost, telefon FROM avtalekontakt"
            )
            assert found.fetchall() == [(*own, None, "noen@example.com", None)]
            kept = owner.execute("SELECT count(*) FROM person WHERE epost IS NOT NULL").fetchone()
        assert kept == (5,), "the code of before reads it where it was"


def _organisation(owner: psycopg.Connection[tuple[object, ...]], *, avtaleadmin: UUID | None = None) -> UUID:
    made = uuid4()
    owner.execute(
        "INSERT INTO organisasjon (id, navn, type, orgnr, avtaleadmin_id) VALUES (%s, 'A', 'KOMMUNE', %s, %s)",
        (made, f"{made.int % 10**9:09}", avtaleadmin),
    )
    owner.execute(
        "INSERT INTO ressurs (id, type, navn, organisasjon_id, sti) VALUES (%s, 'FIKS_ORG', 'A', %s, %s)",
        (made, made, [made]),
    )
    return made


def _named(
    owner: psycopg.Connection[tuple[object, ...]], *, epost: str | None = "noen@example.com"
) -> tuple[UUID, UUID]:
    """An organisation that has named a person, who may sign there, and the person."""
    person = uuid4()
    owner.execute(
        "INSERT INTO person (id, fnr_kryptert, fnr_indeks, fnr_maskert, navn, epost)"
        " VALUES (%s, '', %s, '', 'Kari Lie', %s)",
        (person, person.bytes, epost),
    )
    organisation = _organisation(owner, avtaleadmin=person)
    _give(owner, person, organisation, ended=False)
    return organisation, person


def _give(owner: psycopg.Connection[tuple[object, ...]], person: UUID, ressurs: UUID, *, ended: bool) -> None:
    name = "ROT.ADMINISTRER" if ressurs == ROOT_ID else "AVTALE.SIGNER"
    owner.execute(
        "INSERT INTO tilgang (id, person_id, privilegium, ressurs_id, avsluttet, avsluttet_grunn)"
        " VALUES (%s, %s, %s, %s, CASE WHEN %s THEN now() END, CASE WHEN %s THEN 'FJERNET' END)",
        (uuid4(), person, name, ressurs, ended, ended),
    )
