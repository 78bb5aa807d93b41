"""The audit log answers who got or lost what: names for ids, a search by id, employees of one name told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from fiks.core.actor import Aktor, Aktortype
from fiks.core.audit import Audit
from fiks.core.db import session, transaction
from fiks.konfigurasjon.audit import queries
from fiks.konfigurasjon.audit.queries import Utvalg
from fiks.konfigurasjon.models import Gruppe, Person
from tests.integration.databases import plan_of
from tests.integration.utsending.browser import Browser, log_in, text_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.integration.utsending.test_audit_pages import finds, rows_of, write
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("house")


def given(kommune: Kommune, **detaljer: Any) -> None:
    write(kommune, "PRIVILEGIUM_GITT", uuid4(), objekt_type="tilgang", **detaljer)


def test_who_got_or_lost_something_is_told_by_name_and_found_by_id(app: Flask) -> None:
    kommune = make_kommune()
    holder, group = kommune.personer["leser"], uuid4()
    with transaction() as tx:
        tx.add(Gruppe(id=group, organisasjon_id=kommune.id, navn="Skatteavdelingen", kilde="INTERN"))
    person = session().get_one(Person, holder)
    given(kommune, person=str(holder), til_seg_selv=True, ressurs=str(kommune.konto_id))
    given(kommune, gruppe=str(group), til_seg_selv=False)
    given(kommune, person=str(kommune.personer["godkjenner"]))
    client = log_in(app, kommune, "revisor")
    page = client.get(f"/revisjonslogg?sok={holder}")
    check_page(page.text)
    words, number = text_of(page.text), person.fnr_maskert
    assert f"Person: {person.navn} ({number})" in words and "Gjelder seg selv: ja" in words
    assert "Ressurs: Eiendomsskatt" in words and "Godkjenner" not in words
    assert f"Person: {holder}" not in words
    assert f'href="/revisjonslogg?sok={holder}"' in page.text
    found = text_of(client.get(f"/revisjonslogg?sok={group}").text)
    assert "Gruppe: Skatteavdelingen" in found and person.navn not in found
    file = client.get(f"/revisjonslogg/eksport.csv?sok={holder}").text
    assert f"Person: {person.navn} ({number})" in file


def test_a_group_or_konto_of_another_organisation_has_no_name_here(app: Flask) -> None:
    kommune, other = make_kommune(), make_kommune("Fjordvik kommune")
    given(kommune, ressurs=str(other.konto_id))
    page = log_in(app, kommune, "revisor").get("/revisjonslogg?handling=PRIVILEGIUM_GITT").text
    assert str(other.konto_id) in page


def test_an_integrasjon_is_found_with_its_own_acts_and_with_what_it_was_given(app: Flask) -> None:
    kommune, own = make_kommune(), uuid4()
    machine = Aktor(Aktortype.INTEGRASJON, "Fagsystem", integrasjon_id=own)
    write(kommune, "FORSENDELSE_SENDT", "treff-1", aktor=machine)
    write(kommune, "PRIVILEGIUM_GITT", "treff-2", integrasjon=str(own))
    write(kommune, "INTEGRASJON_ENDRET", own, objekt_type="integrasjon", gjelder_ogsaa="treff-3")
    write(kommune, "FORSENDELSE_SENDT", "treff-4")
    assert finds(log_in(app, kommune, "revisor"), f"sok={own}") == {"treff-1", "treff-2", "treff-3"}


def test_two_employees_of_one_name_are_told_apart_also_when_a_machine_calls_for_them(app: Flask) -> None:
    kommune = make_kommune()
    for rolle in ("leser", "godkjenner"):
        for_them = Aktor(
            Aktortype.PERSON,
            "Kari Berg",
            person_id=kommune.personer[rolle],
            integrasjon_id=uuid4(),
            kanal="API",
        )
        write(kommune, aktor=for_them)
        write(kommune, aktor=replace(for_them, navn=""))
    client = log_in(app, kommune, "revisor")
    page, file = (
        client.get(f"/revisjonslogg{path}?handling=PERSONOPPSLAG").text for path in ("", "/eksport.csv")
    )
    for rolle in ("leser", "godkjenner"):
        number = session().get_one(Person, kommune.personer[rolle]).fnr_maskert
        assert f"Kari Berg {number} Person, API" in text_of(page)
        assert f"Uten navn {number} Person, API" in text_of(page)
        assert f";Kari Berg;{number};" in file
    assert _rows_naming(client, "Kari Berg") == 2


def _rows_naming(client: Browser, navn: str) -> int:
    return rows_of(client.get("/revisjonslogg", query_string={"sok": navn}).text)


def test_whoever_did_it_for_an_organisation_is_not_told_of_by_number(app: Flask) -> None:
    kommune = make_kommune()
    receiver = Aktor(
        Aktortype.PERSON, "Kari Berg", person_id=kommune.personer["leser"], paa_vegne_av="310000000"
    )
    write(kommune, aktor=receiver)
    page = log_in(app, kommune, "revisor").get("/revisjonslogg?handling=PERSONOPPSLAG").text
    assert session().get_one(Person, kommune.personer["leser"]).fnr_maskert not in page


def test_of_who_is_not_of_the_organisation_no_number_is_told(app: Flask) -> None:
    """A receiver opens a letter, an operator names an administrator: that stands in the sender's own log."""
    kommune, other = make_kommune(), make_kommune("Fjordvik kommune")
    stranger = Aktor(Aktortype.PERSON, "Kari Berg", person_id=other.personer["leser"])
    write(kommune, aktor=stranger)
    write(kommune, aktor=replace(stranger, navn=""))
    number = session().get_one(Person, other.personer["leser"]).fnr_maskert
    client = log_in(app, kommune, "revisor")
    for path in ("", "/eksport.csv"):
        told = client.get(f"/revisjonslogg{path}?handling=PERSONOPPSLAG").text
        assert "Kari Berg" in told and number not in told


def test_a_search_for_an_id_walks_the_organisations_own_rows_and_no_others(app: Flask) -> None:
    kommune = make_kommune()
    with transaction() as tx:
        tx.execute(MANY, {"mine": kommune.id, "other": uuid4(), "rows": 20_000})
        tx.execute(text("ANALYZE audit"))
    wanted = queries.matches(kommune.id, Utvalg(sok=str(uuid4())))
    plan = plan_of(select(Audit.id).where(wanted).order_by(Audit.id.desc()).limit(51))
    assert "ix_audit_organisasjon_id_id" in plan, plan
    assert "Seq Scan" not in plan, plan


MANY = text(
    "INSERT INTO audit (organisasjon_id, aktor, aktor_navn, handling, objekt_type, objekt_id)"
    " SELECT CASE WHEN n % 20 = 0 THEN CAST(:mine AS uuid) ELSE CAST(:other AS uuid) END,"
    " 'system:test', 'test', 'SE', 'ting', n::text FROM generate_series(1, :rows) n"
)
