"""The pages of integrasjoner: a password that is seen once, access that is given knowingly, ends that are at once."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import Settings
from fiks.core.audit import Audit
from fiks.core.db import session
from fiks.konfigurasjon import queries
from fiks.konfigurasjon.integrasjon import queries as integrasjon_queries
from fiks.konfigurasjon.integrasjon import service
from fiks.konfigurasjon.integrasjon.login import Avslag, check_integrasjon
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.konto.service import create_konto
from fiks.konfigurasjon.models import Integrasjon
from fiks.konfigurasjon.rules import P, for_machines
from portal.extensions import limiter
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr, new_orgnr
from tests.integration.konfigurasjon.open_pages import acts, send_open, ticked, told, value_of
from tests.integration.konfigurasjon.portals import Enhetsregister, send, staff
from tests.integration.konfigurasjon.test_decision_plan import statements
from tests.integration.konfigurasjon.test_integrations import machine
from tests.integration.utsending.browser import Browser, post, text_of
from tests.pagecheck import faults
from tests.security.loglines import captured

pytestmark = pytest.mark.usefixtures("unlimited")

SECRET = re.compile(r'<code id="passord"[^>]*>([\w-]{43})</code>')
SUPPLIER = "Nordlys Fagsystem AS"


@pytest.fixture
def hus() -> Hus:
    return make_hus()


@pytest.fixture
def admin(app: Flask, hus: Hus) -> Browser:
    return staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)


def supplier(register: Enhetsregister) -> str:
    orgnr = new_orgnr()
    register.navn[orgnr] = SUPPLIER
    return orgnr


def form(orgnr: str, own: UUID, **more: str) -> dict[str, str]:
    return {"navn": "Sak og arkiv", "autorisert_orgnr": orgnr, "integrasjon_id": str(own)} | more


def make(client: Browser, orgnr: str, own: UUID) -> str:
    """Make one, having read the notice about its number; return the password."""
    answer = send(client, "/integrasjoner/ny", **form(orgnr, own, sett_orgnr=orgnr))
    return SECRET.findall(answer.text)[0]


def made(hus: Hus) -> tuple[UUID, str]:
    """An integrasjon made behind the portal, and its orgnr."""
    own, orgnr = uuid4(), new_orgnr()
    fakta = Integrasjonsfakta("Sak og arkiv", orgnr)
    service.create_integrasjon(hus.organisasjon_id, integrasjon_id=own, fakta=fakta, actor=HOUSE)
    return own, orgnr


def offered() -> UUID:
    own = uuid4()
    service.create_global_integrasjon(
        integrasjon_id=own,
        kode=f"INNSYN.{own.hex.upper()}",
        fakta=Integrasjonsfakta("SvarUt til Innsyn", new_orgnr()),
        forespurte=[d for d in for_machines() if d.navn is P.LESE],
        actor=HOUSE,
    )
    return own


def shown(page: str) -> str:
    return re.findall(r'name="vist" value="([0-9a-f]{64})"', page)[0]


def give(client: Browser, own: UUID, *boxes: str, vist: str = "") -> TestResponse:
    page = f"/integrasjoner/{own}/tilganger"
    return send(client, page, vist=vist or shown(client.get(page).text), **dict.fromkeys(boxes, "ja"))


def held(own: UUID, hus: Hus) -> set[tuple[str, UUID]]:
    session().rollback()
    rows = integrasjon_queries.tilganger_of(own, hus.organisasjon_id, actor=HOUSE)
    return {(one.privilegium, one.ressurs_id) for one in rows}


def test_s17_18_the_password_is_in_one_answer_and_nowhere_else(
    admin: Browser, register: Enhetsregister, settings: Settings, database: Database
) -> None:
    own, orgnr = uuid4(), supplier(register)
    with captured(settings) as log:
        first = send(admin, "/integrasjoner/ny", **form(orgnr, own, sett_orgnr=orgnr))
        [passord] = SECRET.findall(first.text)
        again = send(admin, "/integrasjoner/ny", **form(orgnr, own, sett_orgnr=orgnr))
        pages = [
            admin.get(again.location),
            admin.get(f"/integrasjoner/{own}"),
            admin.get("/integrasjoner/ny"),
        ]
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-store"
    assert str(own) in first.text and "vises bare nå" in text_of(first.text)
    assert again.status_code == 303
    assert "passordet vises bare én gang" in text_of(pages[0].text)
    assert not [page for page in (again, *pages) if passord in page.text]
    assert "foresporsel" in log.getvalue()
    assert passord not in log.getvalue()
    assert passord.encode() not in database.dump()
    assert check_integrasjon(own, orgnr=orgnr, passord=passord).avslag is None


@pytest.mark.parametrize(
    ("known", "deleted", "down", "said"),
    [
        (SUPPLIER, False, False, f"er {SUPPLIER}. Det er normalt"),
        (SUPPLIER, True, False, "er slettet i Enhetsregisteret"),
        ("", False, False, "Enhetsregisteret kjenner ikke"),
        ("", False, True, "Enhetsregisteret svarer ikke nå"),
    ],
)
def test_s17_24_a_number_that_is_not_the_organisations_own_is_warned_about_and_never_refused(
    admin: Browser, register: Enhetsregister, known: str, deleted: bool, down: bool, said: str
) -> None:
    own, orgnr = uuid4(), new_orgnr()
    if known:
        register.navn[orgnr] = known
    if deleted:
        register.slettet.add(orgnr)
    register.nede = down
    page = send(admin, "/integrasjoner/ny", **form(orgnr, own))
    assert page.status_code == 200
    assert said in text_of(page.text)
    assert faults(page.text) == []
    assert not SECRET.findall(page.text)
    assert session().get(Integrasjon, own) is None
    assert f'name="sett_orgnr" value="{orgnr}"' in page.text and "Sak og arkiv" in page.text
    assert check_integrasjon(own, orgnr=orgnr, passord=make(admin, orgnr, own)).avslag is None


def test_a_notice_that_was_read_about_one_number_does_not_count_for_another(
    admin: Browser, register: Enhetsregister
) -> None:
    own = uuid4()
    page = send(admin, "/integrasjoner/ny", **form(supplier(register), own, sett_orgnr=supplier(register)))
    assert SUPPLIER in page.text
    assert session().get(Integrasjon, own) is None


def test_the_organisations_own_number_needs_no_notice(
    admin: Browser, hus: Hus, register: Enhetsregister
) -> None:
    register.navn[hus.orgnr] = "Lillevik kommune"
    page = send(admin, "/integrasjoner/ny", **form(hus.orgnr, uuid4(), tjeneste_SVARUT="ja"))
    assert SECRET.findall(page.text)


def test_every_fault_is_said_at_once_and_what_was_written_stays(admin: Browser) -> None:
    data = {"navn": "X", "autorisert_orgnr": "123456789", "beskrivelse": f"Spør {new_fnr()}"}
    page = send(admin, "/integrasjoner/ny", **data, tjeneste_SVARUT="ja")
    assert page.status_code == 422
    assert faults(page.text) == []
    for said in ("Skriv et navn", "ikke gyldig", "kan ikke inneholde fødselsnummer"):
        assert said in text_of(page.text)
    assert 'value="123456789"' in page.text and "checked" in page.text


def test_a_stale_login_is_confirmed_first_and_the_form_waits(
    app: Flask, hus: Hus, register: Enhetsregister
) -> None:
    stale = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id, minutes_ago=6)
    own, orgnr = uuid4(), supplier(register)
    assert stale.get("/integrasjoner/ny").location.startswith("/innlogging/bekreft")
    answer = send(stale, "/integrasjoner/ny", **form(orgnr, own, sett_orgnr=orgnr))
    assert answer.location.startswith("/innlogging/bekreft")
    waiting = re.findall(r"skjema=([\w-]{30,})", answer.location)
    assert len(waiting) == 1
    assert f"skjema={waiting[0]}" in stale.get(answer.location).text
    assert session().get(Integrasjon, own) is None


def test_s17_18_a_new_password_is_asked_for_knowingly_and_kills_the_old_one(
    admin: Browser, register: Enhetsregister
) -> None:
    own, orgnr = uuid4(), supplier(register)
    old, page = make(admin, orgnr, own), f"/integrasjoner/{own}/passord"
    question = admin.get(page)
    assert "slutter å virke straks" in text_of(question.text)
    assert faults(question.text) == []
    replaces = re.findall(r'name="erstatter" value="([^"]+)"', question.text)[0]
    answer = send(admin, page, erstatter=replaces, overlapp="0")
    [new] = SECRET.findall(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert check_integrasjon(own, orgnr=orgnr, passord=old).avslag is Avslag.FEIL_PASSORD
    assert check_integrasjon(own, orgnr=orgnr, passord=new).avslag is None
    again = send(admin, page, erstatter=replaces, overlapp="0")
    assert again.status_code == 303
    assert "Passordet er byttet" in text_of(admin.get(again.location).text)
    assert check_integrasjon(own, orgnr=orgnr, passord=new).avslag is None


def test_the_old_password_works_on_only_when_that_is_chosen_and_the_page_says_until_when(
    admin: Browser, register: Enhetsregister
) -> None:
    own, orgnr = uuid4(), supplier(register)
    old, page = make(admin, orgnr, own), f"/integrasjoner/{own}/passord"
    replaces = re.findall(r'name="erstatter" value="([^"]+)"', admin.get(page).text)[0]
    assert SECRET.findall(send(admin, page, erstatter=replaces, overlapp="24").text)
    assert check_integrasjon(own, orgnr=orgnr, passord=old).avslag is None
    assert "Det gamle passordet virker til" in admin.get(f"/integrasjoner/{own}").text


@pytest.mark.parametrize("sent", ["", "i går", "2026-11-25T10:00:00"])
def test_a_form_that_does_not_say_which_password_it_replaces_makes_none(
    admin: Browser, hus: Hus, sent: str
) -> None:
    own, _ = made(hus)
    answer = send(admin, f"/integrasjoner/{own}/passord", erstatter=sent)
    assert answer.status_code == 303
    assert not SECRET.findall(answer.text)


def test_access_is_given_by_ticking_and_counts_from_the_next_call(admin: Browser, hus: Hus) -> None:
    own, _ = made(hus)
    page = admin.get(f"/integrasjoner/{own}/tilganger").text
    assert faults(page) == []
    box = f"gi-{hus.konto_id}-{P.SENDE}"
    assert box in page
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)
    assert give(admin, own, box).location == f"/integrasjoner/{own}"
    assert held(own, hus) == {(P.SENDE, hus.konto_id)}
    assert queries.may(machine(own), P.SENDE, hus.konto_id)
    assert "Astrid Nordli" in admin.get(f"/integrasjoner/{own}").text


def test_access_that_is_given_twice_was_there_from_before(admin: Browser, hus: Hus) -> None:
    (own, _), boxes = made(hus), [f"gi-{hus.konto_id}-{P.SENDE}"]
    seen = shown(admin.get(f"/integrasjoner/{own}/tilganger").text)
    for said in ("har fått 1 ny tilgang", "Integrasjonen hadde disse tilgangene fra før"):
        assert give(admin, own, *boxes, vist=seen).status_code == 303
        assert said in text_of(admin.get(f"/integrasjoner/{own}").text)
    both = [*boxes, f"gi-{hus.konto_id}-{P.LESE}"]
    assert give(admin, own, *both, vist=seen).status_code == 409, "something is left to give from an old page"
    assert held(own, hus) == {(P.SENDE, hus.konto_id)}


def test_nothing_ticked_is_told_at_the_first_box(admin: Browser, hus: Hus) -> None:
    own, _ = made(hus)
    page = give(admin, own)
    assert page.status_code == 422
    assert faults(page.text) == []
    assert "Velg minst én tilgang" in page.text


def test_two_administrators_at_once_lose_nothing_and_the_second_keeps_what_was_ticked(
    app: Flask, admin: Browser, hus: Hus
) -> None:
    own, _ = made(hus)
    other = staff(app, hus.organisasjon_id, P.ADMIN, hus.organisasjon_id)
    sending, reading = (f"gi-{hus.konto_id}-{p}" for p in (P.SENDE, P.LESE))
    seen = shown(other.get(f"/integrasjoner/{own}/tilganger").text)
    give(admin, own, sending)
    refused = give(other, own, reading, vist=seen)
    assert refused.status_code == 409
    assert "Ingenting er lagret" in text_of(refused.text)
    assert held(own, hus) == {(P.SENDE, hus.konto_id)}
    assert re.search(rf'id="{re.escape(reading)}"[^>]* checked', refused.text)
    assert give(other, own, reading, vist=shown(refused.text)).status_code == 303
    assert held(own, hus) == {(P.SENDE, hus.konto_id), (P.LESE, hus.konto_id)}


def test_s17_03_the_administrator_of_a_konto_gives_access_there_and_nowhere_else(
    app: Flask, hus: Hus
) -> None:
    own, _ = made(hus)
    sibling = create_konto(
        hus.organisasjon_id, visningsnavn="Avgifter", avsender=f"avgifter-{hus.orgnr}", actor=HOUSE
    )
    local = staff(app, hus.organisasjon_id, P.ADMIN, hus.konto_id)
    page = local.get(f"/integrasjoner/{own}/tilganger").text
    assert f"gi-{hus.konto_id}" in page and f"gi-{sibling}" not in page
    assert give(local, own, f"gi-{sibling}-{P.SENDE}").status_code == 422
    assert give(local, own, f"gi-{hus.konto_id}-{P.SENDE}").status_code == 303
    assert held(own, hus) == {(P.SENDE, hus.konto_id)}
    assert local.get("/integrasjoner/ny").status_code in (403, 404)
    assert local.get(f"/integrasjoner/{own}/slett").status_code in (403, 404)


def test_who_manages_integrasjoner_does_not_by_that_give_them_access(app: Flask, hus: Hus) -> None:
    own, _ = made(hus)
    manager = staff(app, hus.organisasjon_id, P.INTEGRASJON_ADMINISTRER, hus.organisasjon_id)
    page = manager.get(f"/integrasjoner/{own}")
    assert page.status_code == 200
    assert "Nytt passord" in page.text and "Gi tilgang" not in page.text
    assert manager.get(f"/integrasjoner/{own}/tilganger").status_code == 403


def test_one_tilgang_is_withdrawn_after_a_question_that_names_it(admin: Browser, hus: Hus) -> None:
    own, _ = made(hus)
    give(admin, own, *(f"gi-{hus.konto_id}-{p}" for p in (P.SENDE, P.LESE)))
    rows = integrasjon_queries.tilganger_of(own, hus.organisasjon_id, actor=HOUSE)
    sending = next(one for one in rows if one.privilegium == P.SENDE)
    page = f"/integrasjoner/{own}/tilganger/{sending.id}/trekk-tilbake"
    question = admin.get(page)
    assert "mister «Lage utsendinger» på Eiendomsskatt" in text_of(question.text)
    assert faults(question.text) == []
    stranger, _ = made(hus)
    assert admin.get(f"/integrasjoner/{stranger}/tilganger/{sending.id}/trekk-tilbake").status_code == 404
    assert send(admin, page).status_code == 303
    assert held(own, hus) == {(P.LESE, hus.konto_id)}
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)


def test_everything_is_withdrawn_at_once_and_the_integrasjon_stays(admin: Browser, hus: Hus) -> None:
    own, _ = made(hus)
    give(admin, own, *(f"gi-{hus.konto_id}-{p}" for p in (P.SENDE, P.LESE)))
    question = admin.get(f"/integrasjoner/{own}/trekk-tilbake")
    assert "mister 2 tilganger i Lillevik kommune" in text_of(question.text)
    for said in ("2 tilganger er trukket tilbake", "Integrasjonen hadde ingen tilganger her lenger"):
        answer = send_open(admin, question.text, f"/integrasjoner/{own}/trekk-tilbake")
        assert said in text_of(admin.get(answer.location).text)
    assert held(own, hus) == set()
    assert admin.get(f"/integrasjoner/{own}").status_code == 200


def test_it_does_not_lose_more_than_the_page_said(admin: Browser, hus: Hus) -> None:
    own, _ = made(hus)
    give(admin, own, f"gi-{hus.konto_id}-{P.SENDE}")
    page = f"/integrasjoner/{own}/trekk-tilbake"
    question = admin.get(page).text
    give(admin, own, f"gi-{hus.konto_id}-{P.LESE}")
    anew = send_open(admin, question, page)
    assert anew.status_code == 409 and faults(anew.text) == []
    assert "Noen har endret tilgangene" in text_of(anew.text) and "mister 2 tilganger" in text_of(anew.text)
    assert len(held(own, hus)) == 2
    assert send_open(admin, anew.text, page).status_code == 303
    assert held(own, hus) == set()


def test_who_takes_away_what_is_away_is_told_so_and_is_led_on(app: Flask, admin: Browser, hus: Hus) -> None:
    own, _ = made(hus)
    give(admin, own, f"gi-{hus.konto_id}-{P.SENDE}")
    [tilgang] = integrasjon_queries.tilganger_of(own, hus.organisasjon_id, actor=HOUSE)
    here = f"/integrasjoner/{own}"
    one, every, end = (
        f"{here}/{way}" for way in (f"tilganger/{tilgang.id}/trekk-tilbake", "trekk-tilbake", "slett")
    )
    asked = {page: admin.get(page).text for page in (one, every, end)}
    for said in ("Tilgangen er trukket tilbake", "Tilgangen var alt trukket tilbake"):
        assert send_open(admin, asked[one], one).location == here
        assert said in text_of(admin.get(here).text)
    assert send_open(admin, asked[end], end).location == "/integrasjoner"
    assert "er slettet" in text_of(admin.get("/integrasjoner").text)
    for page in (end, every, one):
        assert send_open(admin, asked[page], page).location == "/integrasjoner"
        assert "Integrasjonen var alt slettet" in text_of(admin.get("/integrasjoner").text)
        assert admin.get(page).status_code == 404
    stranger = staff(app, (other := make_hus()).organisasjon_id, P.ADMIN, other.organisasjon_id)
    token = stranger.get("/integrasjoner/ny").text
    assert [send_open(stranger, token, page).status_code for page in (one, every, end)] == [404, 404, 404]


def test_the_pages_ask_as_many_questions_of_the_database_for_many_as_for_one(
    admin: Browser, hus: Hus
) -> None:
    own, _ = made(hus)
    offered()
    give(admin, own, f"gi-{hus.konto_id}-{P.SENDE}")
    pages = ("/integrasjoner", f"/integrasjoner/{own}/trekk-tilbake")
    one = [asked_of_the_database(admin, page) for page in pages]
    more = [
        create_konto(hus.organisasjon_id, visningsnavn="Konto", avsender=f"k{n}-{hus.orgnr}", actor=HOUSE)
        for n in range(3)
    ]
    give(admin, own, *(f"gi-{konto_id}-{P.SENDE}" for konto_id in more))
    for _ in range(3):
        offered()
    assert "mister 4 tilganger" in text_of(admin.get(pages[1]).text)
    assert [asked_of_the_database(admin, page) for page in pages] == one


def asked_of_the_database(client: Browser, page: str) -> int:
    """How many statements the page takes, after it has been looked at once."""
    client.get(page)
    with statements() as sent:
        assert client.get(page).status_code == 200
    return len(sent)


def test_who_administers_only_one_of_the_kontoer_takes_nothing_away_from_the_rest(
    app: Flask, admin: Browser, hus: Hus
) -> None:
    own, _ = made(hus)
    other = create_konto(
        hus.organisasjon_id, visningsnavn="Byggesak", avsender=f"byggesak-{hus.orgnr}", actor=HOUSE
    )
    give(admin, own, f"gi-{hus.konto_id}-{P.SENDE}", f"gi-{other}-{P.SENDE}")
    local = staff(app, hus.organisasjon_id, P.ADMIN, hus.konto_id)
    page = f"/integrasjoner/{own}/trekk-tilbake"
    assert local.get(page).status_code == send(local, page).status_code == 404
    assert len(held(own, hus)) == 2


def test_s17_23_deleting_names_what_goes_and_the_next_call_is_refused(
    admin: Browser, hus: Hus, register: Enhetsregister
) -> None:
    own, orgnr = uuid4(), supplier(register)
    passord = make(admin, orgnr, own)
    give(admin, own, f"gi-{hus.konto_id}-{P.SENDE}")
    question = admin.get(f"/integrasjoner/{own}/slett")
    assert "1 tilgang blir borte" in text_of(question.text)
    assert faults(question.text) == []
    assert send(admin, f"/integrasjoner/{own}/slett").location == "/integrasjoner"
    session().rollback()
    assert check_integrasjon(own, orgnr=orgnr, passord=passord).avslag is not None
    assert not queries.may(machine(own), P.SENDE, hus.konto_id)
    assert admin.get(f"/integrasjoner/{own}").status_code == 404
    acts = session().scalars(select(Audit.handling).where(Audit.objekt_id == str(own))).all()
    assert {"INTEGRASJON_OPPRETTET", "PASSORD_GENERERT", "INTEGRASJON_SLETTET"} <= set(acts)


def test_s17_22_a_global_integrasjon_gets_what_it_asks_for_where_it_is_let_in_and_nothing_before(
    admin: Browser, hus: Hus
) -> None:
    own = offered()
    assert not queries.may(machine(own), P.LESE, hus.konto_id)
    assert "Ikke godkjent" in admin.get("/integrasjoner").text
    page = admin.get(f"/integrasjoner/{own}/tilganger").text
    assert faults(page) == []
    assert give(admin, own, f"gi-{hus.konto_id}-{P.SENDE}").status_code == 422
    assert give(admin, own, f"gi-{hus.konto_id}-alle").status_code == 422
    assert give(admin, own, f"gi-{hus.konto_id}-alt").status_code == 303
    assert held(own, hus) == {(P.LESE, hus.konto_id)}
    for page in ("rediger", "passord", "slett"):
        assert admin.get(f"/integrasjoner/{own}/{page}").status_code == 404
    elsewhere = make_hus()
    assert not queries.may(machine(own), P.LESE, elsewhere.konto_id)
    away = f"/integrasjoner/{own}/trekk-tilbake"
    assert send_open(admin, admin.get(away).text, away).status_code == 303
    assert held(own, hus) == set()


def test_what_is_written_is_changed_and_a_new_number_is_looked_up(
    admin: Browser, hus: Hus, register: Enhetsregister
) -> None:
    own, orgnr = made(hus)
    page = f"/integrasjoner/{own}/rediger"
    assert post(admin, page, page, navn="Nytt navn", autorisert_orgnr=orgnr).status_code == 303
    new = supplier(register)
    assert SUPPLIER in post(admin, page, page, navn="Nytt navn", autorisert_orgnr=new).text
    assert session().get_one(Integrasjon, own).autorisert_orgnr == orgnr
    done = post(admin, page, page, navn="Nytt navn", autorisert_orgnr=new, sett_orgnr=new)
    assert done.status_code == 303
    session().expire_all()
    changed = session().get_one(Integrasjon, own)
    assert (changed.navn, changed.autorisert_orgnr) == ("Nytt navn", new)


def test_another_number_asks_for_a_fresh_login_and_another_name_does_not(app: Flask, hus: Hus) -> None:
    own, orgnr = made(hus)
    page, new = f"/integrasjoner/{own}/rediger", new_orgnr()
    stale = staff(app, hus.organisasjon_id, P.INTEGRASJON_ADMINISTRER, hus.organisasjon_id, minutes_ago=6)
    asked = post(stale, page, page, navn="Sak og arkiv", autorisert_orgnr=new, sett_orgnr=new)
    assert asked.location.startswith("/innlogging/bekreft")
    done = post(stale, page, page, navn="Nytt navn", autorisert_orgnr=orgnr)
    assert done.location == f"/integrasjoner/{own}"
    assert (facts_of(own).navn, facts_of(own).autorisert_orgnr) == ("Nytt navn", orgnr)


def test_the_page_where_access_is_given_says_who_calls(admin: Browser, hus: Hus) -> None:
    own, orgnr = made(hus)
    assert f"organisasjonsnummer {orgnr}" in text_of(admin.get(f"/integrasjoner/{own}/tilganger").text)
    common = offered()
    [number] = session().scalars(select(Integrasjon.autorisert_orgnr).where(Integrasjon.id == common))
    assert f"organisasjonsnummer {number}" in text_of(admin.get(f"/integrasjoner/{common}/tilganger").text)


def facts_of(own: UUID) -> Integrasjonsfakta:
    session().rollback()
    row = session().get_one(Integrasjon, own, populate_existing=True)
    return Integrasjonsfakta(row.navn, row.autorisert_orgnr, row.beskrivelse, row.tjenester)


def test_what_a_colleague_has_written_meanwhile_is_shown_and_not_written_over(
    admin: Browser, hus: Hus, register: Enhetsregister
) -> None:
    own, orgnr = made(hus)
    page, new = f"/integrasjoner/{own}/rediger", new_orgnr()
    shown = admin.get(page).text
    theirs = Integrasjonsfakta("Arkiv", new, "Spør Eva.", ["SVARUT", "VARSLING"])
    service.change_integrasjon(own, fakta=theirs, actor=HOUSE)
    mine = {"navn": "Byggesak", "autorisert_orgnr": orgnr, "beskrivelse": "", "tjeneste_SVARINN": "ja"}
    register.i_transaksjon.clear()
    answer = send_open(admin, shown, page, **mine)
    words = told(answer)
    assert not register.i_transaksjon, "nobody is asked about a number that was not touched"
    assert "Navn: Nå står det «Arkiv». Du skrev «Byggesak»." in words
    assert "Beskrivelse (valgfritt): Nå står det «Spør Eva.»." in words
    assert f"Organisasjonsnummeret som kaller: Nå står det «{new}»." in words
    assert "(valgfritt): Nå står det «SvarUt, Varsling». Du skrev «SvarInn»." in words
    merged = {name: value_of(answer.text, name) for name in ("navn", "beskrivelse", "autorisert_orgnr")}
    assert merged == {"navn": "Byggesak", "beskrivelse": "Spør Eva.", "autorisert_orgnr": new}
    assert ticked(answer.text) == {("tjeneste_SVARINN", "ja")}
    assert (facts_of(own), acts(own, "INTEGRASJON_ENDRET")) == (theirs, 1)
    assert send_open(admin, answer.text, page, **merged, tjeneste_SVARINN="ja").status_code == 303
    assert facts_of(own) == Integrasjonsfakta("Byggesak", new, "Spør Eva.", ["SVARINN"])


def test_the_notice_about_a_number_makes_the_form_no_younger_and_is_read_once(
    admin: Browser, hus: Hus, register: Enhetsregister
) -> None:
    own, orgnr = made(hus)
    page, new = f"/integrasjoner/{own}/rediger", supplier(register)
    mine = {"navn": "Sak og arkiv", "autorisert_orgnr": new}
    notice = send_open(admin, admin.get(page).text, page, **mine)
    assert (notice.status_code, SUPPLIER in notice.text) == (200, True)
    service.change_integrasjon(own, fakta=Integrasjonsfakta("Arkiv", orgnr), actor=HOUSE)
    answer = send_open(admin, notice.text, page, **mine, sett_orgnr=value_of(notice.text, "sett_orgnr"))
    assert "Navn: Nå står det «Arkiv»." in told(answer)
    assert facts_of(own).autorisert_orgnr == orgnr
    again = {name: value_of(answer.text, name) for name in ("navn", "autorisert_orgnr", "sett_orgnr")}
    assert send_open(admin, answer.text, page, **again).status_code == 303
    assert facts_of(own) == Integrasjonsfakta("Arkiv", new, "", [])


def test_a_change_that_is_sent_twice_is_made_once(admin: Browser, hus: Hus) -> None:
    own, orgnr = made(hus)
    page = f"/integrasjoner/{own}/rediger"
    shown = admin.get(page).text
    for _ in range(2):
        assert send_open(admin, shown, page, navn="Arkiv", autorisert_orgnr=orgnr).status_code == 303
    assert (facts_of(own).navn, acts(own, "INTEGRASJON_ENDRET")) == ("Arkiv", 1)


@pytest.mark.parametrize("page", ["ny", "passord"])
def test_passwords_are_not_made_by_the_dozen(admin: Browser, hus: Hus, page: str) -> None:
    own, _ = made(hus)
    path = "/integrasjoner/ny" if page == "ny" else f"/integrasjoner/{own}/passord"
    limiter.enabled = True
    answers = [send(admin, path, navn="", erstatter="").status_code for _ in range(21)]
    assert 429 not in answers[:20]
    assert answers[20] == 429


def test_the_pages_help_whoever_has_none_yet(admin: Browser) -> None:
    page = admin.get("/integrasjoner")
    assert faults(page.text) == []
    assert "Ingen integrasjoner ennå" in page.text and 'href="/integrasjoner/ny"' in page.text


def test_a_list_of_more_than_one_page_is_read_by_its_last_row(
    admin: Browser, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.integrasjoner.pages.PAGE", 2)
    everybody = {str(made(hus)[0]) for _ in range(3)}
    first = admin.get("/integrasjoner").text
    following = re.findall(r'href="(/integrasjoner\?etter=[^"]+)"', first)
    seen = [
        set(re.findall(r"/integrasjoner/([0-9a-f-]{36})\"", page)) & everybody
        for page in (first, admin.get(following[0]).text)
    ]
    assert [len(part) for part in seen] == [2, 1]
    assert seen[0] | seen[1] == everybody
