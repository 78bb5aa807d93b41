"""A person's name once it has been said: mended by an operator, or told anew by who logs them in."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core import clock
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeTilgang, UgyldigInndata
from fiks.konfigurasjon import agreements, logins
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.logins import Bevis
from fiks.konfigurasjon.person_names import rename_person
from fiks.konfigurasjon.persons import name_of
from fiks.konfigurasjon.rules import P
from portal.extensions import limiter
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, make_aktor, make_hus, new_administrator, new_fnr, sign
from tests.integration.konfigurasjon.portals import (
    Enhetsregister,
    make_portal,
    operator,
    send,
    settings_of,
    staff,
)
from tests.integration.utsending.browser import Browser, text_of
from tests.pagecheck import faults

WHY = "Skrevet feil i søknaden"
PAGE = "/rot/organisasjoner/rett-navn"


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_portal(settings_of(database.app_url, tmp_path_factory.mktemp("objekter")), Enhetsregister())


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    limiter.enabled = False
    with app.app_context():
        yield
        session().rollback()
    limiter.enabled = True


def known(navn: str, *, of: UUID | None = None) -> tuple[str, UUID]:
    fnr = new_fnr()
    person_id = konfigurasjon.register_person(fnr, navn=navn, actor=HOUSE)
    if of is not None:
        konfigurasjon.grant_privilegium(person_id, P.ADMIN, of, actor=HOUSE)
        konfigurasjon.grant_privilegium(person_id, P.AVTALE_SIGNER, of, actor=HOUSE)
    return fnr, person_id


def acts_on(person_id: UUID) -> list[Audit]:
    acts = select(Audit).where(Audit.handling == "PERSON_NAVN_ENDRET", Audit.objekt_id == str(person_id))
    return list(session().scalars(acts))


def log_in(fnr: str, navn: str | None) -> None:
    proof = Bevis(fnr, "sub", 4, clock.database_now(), "https://idporten.example", None, "token", navn)
    logins.log_in(proof, data={}, forrige="")


def test_a_misspelt_person_signs_under_their_own_name_once_it_is_mended() -> None:
    first, second = make_hus(), make_hus()
    fnr, berit = known("Berit Hagland", of=first.organisasjon_id)
    konfigurasjon.grant_privilegium(berit, P.SENDE, second.konto_id, actor=HOUSE)
    agreements.publish_avtale(agreements.NyAvtale("SVARUT", "Vedlegg", f"Tekst for {berit}."), actor=HOUSE)
    with pytest.raises(UgyldigInndata, match="SIGNATURNAVN_STEMMER_IKKE"):
        sign(first.organisasjon_id, "SVARUT", make_aktor(berit, first.organisasjon_id, navn="Berit Haugland"))
    session().rollback()
    made = rename_person(fnr, fra="hagland, berit", til=" Berit  Haugland", begrunnelse=WHY, actor=HOUSE)
    assert made == berit
    session().rollback()
    assert name_of(berit) == "Berit Haugland"
    sign(first.organisasjon_id, "SVARUT", make_aktor(berit, first.organisasjon_id, navn="Berit Haugland"))
    seen = acts_on(berit)
    assert {act.organisasjon_id for act in seen} == {first.organisasjon_id, second.organisasjon_id}
    for act in seen:
        assert act.detaljer["navn_for"] == "Berit Hagland" and act.detaljer["begrunnelse"] == WHY
        assert fnr not in str(act.detaljer)


@pytest.mark.parametrize("fra", ["Ola Nordmann", "Kari", "Kari Anne Nordmann", ""])
def test_a_mistyped_number_renames_nobody_else(fra: str) -> None:
    fnr, kari = known("Kari Nordmann")
    for number in (fnr, new_fnr()):
        with pytest.raises(UgyldigInndata, match="PERSON_IKKE_KJENT_SLIK"):
            rename_person(number, fra=fra, til="Berit Haugland", begrunnelse=WHY, actor=HOUSE)
        session().rollback()
    assert name_of(kari) == "Kari Nordmann"
    assert acts_on(kari) == []


@pytest.mark.parametrize(("til", "why", "felt"), [("X", WHY, "til"), ("Kari Holm", "Ja", "begrunnelse")])
def test_a_name_needs_to_be_one_and_a_reason(til: str, why: str, felt: str) -> None:
    fnr, _ = known("Kari Nordmann")
    with pytest.raises(UgyldigInndata) as refused:
        rename_person(fnr, fra="Kari Nordmann", til=til, begrunnelse=why, actor=HOUSE)
    assert refused.value.felt == felt


def test_nobody_takes_anothers_name_not_even_as_administrator() -> None:
    hus = make_hus()
    fnr, kari = known("Kari Nordmann", of=hus.organisasjon_id)
    with pytest.raises(IkkeTilgang, match="KUN_ROT"):
        rename_person(
            fnr,
            fra="Kari Nordmann",
            til="Berit Haugland",
            begrunnelse=WHY,
            actor=make_aktor(kari, hus.organisasjon_id),
        )


def test_who_logs_people_in_knows_what_they_are_called() -> None:
    hus = make_hus()
    fnr, berit = known("Berit Hagland", of=hus.organisasjon_id)
    log_in(fnr, None)
    log_in(fnr, "HAGLAND, BERIT")
    session().rollback()
    assert name_of(berit) == "Berit Hagland"
    assert acts_on(berit) == []
    log_in(fnr, "Berit Haugland")
    session().rollback()
    assert name_of(berit) == "Berit Haugland"
    [act] = acts_on(berit)
    assert act.organisasjon_id == hus.organisasjon_id


@pytest.mark.parametrize("told", ["B", f"Berit {new_administrator().fnr}", "Berit\nHaugland\0"])
def test_what_is_no_name_names_nobody(told: str) -> None:
    fnr, berit = known("Berit Hagland")
    log_in(fnr, told)
    session().rollback()
    assert name_of(berit) == "Berit Hagland"


def test_an_operator_mends_a_name_on_a_page_and_the_organisation_sees_it(app: Flask) -> None:
    runar: Browser = operator(app)
    hus = make_hus()
    fnr, berit = known("Berit Hagland", of=hus.organisasjon_id)
    assert faults(runar.get(PAGE).text) == []
    assert "Rett navn på person" in runar.get("/rot/organisasjoner").text
    bad = send(runar, PAGE, fnr=fnr, fra="", til="", begrunnelse="")
    assert bad.status_code == 422
    assert faults(bad.text) == [] and fnr not in bad.text
    for said in ("Fyll ut navnet som står nå", "Fyll ut riktig navn", "minst fem tegn"):
        assert said in text_of(bad.text)
    wrong = send(runar, PAGE, fnr=fnr, fra="Ola Hagland", til="Berit Haugland", begrunnelse=WHY)
    assert wrong.status_code == 422
    assert "Ingen er kjent her med både" in text_of(wrong.text)
    done = send(runar, PAGE, fnr=fnr, fra="Berit Hagland", til="Berit Haugland", begrunnelse=WHY)
    assert "Berit Hagland heter nå Berit Haugland" in text_of(runar.get(done.location).text)
    session().rollback()
    assert name_of(berit) == "Berit Haugland"
    admin = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    log = text_of(admin.get("/revisjonslogg").text)
    assert "Rettet navnet på en person" in log and "Navn før: Berit Hagland" in log and fnr not in log
