"""A person's name once it has been said: mended by an operator, or told anew by who logs them in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import KOMMANDO
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.core.errors import IkkeTilgang, UgyldigInndata
from fiks.konfigurasjon import operators
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import service
from fiks.konfigurasjon.models import Person
from fiks.konfigurasjon.person import login
from fiks.konfigurasjon.person.login import Bevis
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.person.service import name_of
from fiks.konfigurasjon.rot.corrections import rename_person
from fiks.konfigurasjon.rules import P
from tests.integration.houses import HOUSE, make_aktor, make_hus, new_administrator, new_fnr, sign
from tests.integration.konfigurasjon.portals import log_in as browser_of
from tests.integration.konfigurasjon.portals import (
    operator,
    send,
    staff,
)
from tests.integration.utsending.browser import Browser, text_of
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("unlimited")

WHY = "Skrevet feil i søknaden"
PAGE = "/rot/organisasjoner/rett-navn"


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


def log_in(fnr: str, navn: str | None) -> str:
    proof = Bevis(fnr, "sub", 4, clock.database_now(), "https://idporten.example", None, "token", navn)
    return login.log_in(proof, data={}, forrige="")


def test_a_misspelt_person_signs_under_their_own_name_once_it_is_mended() -> None:
    first, second = make_hus(), make_hus()
    fnr, berit = known("Berit Hagland", of=first.organisasjon_id)
    konfigurasjon.grant_privilegium(berit, P.SENDE, second.konto_id, actor=HOUSE)
    service.publish_avtale(service.NyAvtale("SVARUT", "Vedlegg", f"Tekst for {berit}."), actor=HOUSE)
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


def test_a_name_that_is_mended_already_stands_and_is_not_mended_again() -> None:
    fnr, berit = known("Berit Hagland")
    for _ in range(2):
        made = rename_person(fnr, fra="Berit Hagland", til="Berit Haugland", begrunnelse=WHY, actor=HOUSE)
        assert made == berit
        session().rollback()
    assert len(acts_on(berit)) == 1


def test_an_operator_mends_the_names_of_others_and_not_their_own(app: Flask) -> None:
    fnr, runar = known("Runar Solberg")
    operators.make_operator(Personopplysninger(fnr, "Runar Solberg"), actor=HOUSE)
    own = {"fra": "Runar Solberg", "til": "Berit Haugland", "begrunnelse": WHY}
    with pytest.raises(IkkeTilgang, match="EGET_NAVN"):
        rename_person(fnr, **own, actor=make_aktor(runar))
    session().rollback()
    refused = send(browser_of(app, fnr, None), PAGE, fnr=fnr, **own)
    assert refused.status_code == 403
    assert faults(refused.text) == []
    assert "Du kan ikke rette ditt eget navn" in text_of(refused.text) and fnr not in refused.text
    assert name_of(runar) == "Runar Solberg"
    rename_person(fnr, **own, actor=KOMMANDO)
    assert name_of(runar) == "Berit Haugland"


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


@pytest.mark.parametrize("told", ["Berit Haugland", "Berit Haugland-Olsen"])
def test_two_who_are_one_log_in_at_once_with_a_provider_that_tells_a_name(
    app: Flask, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    """Both have written their session, which holds the person, when either looks at the name."""
    fnr, person_id = known("Berit Haugland")
    session().rollback()
    together, learn = Barrier(2), login.learn_name

    def meet(*args: Any, **kwargs: Any) -> None:
        together.wait(timeout=30)
        learn(*args, **kwargs)

    monkeypatch.setattr(login, "learn_name", meet)

    def enter(_: int) -> str:
        with app.app_context():
            return log_in(fnr, told)

    with ThreadPoolExecutor(2) as machines:
        tokens = set(machines.map(enter, range(2)))
    assert len(tokens) == 2
    assert session().get_one(Person, person_id).navn == told
