"""«Fra fil»: a file is sent in, looked over and given; what is hostile or wrong is refused with what to do."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from fiks.core.db import session, transaction
from fiks.konfigurasjon import authorization
from fiks.konfigurasjon.models import Innlogging, Person, Ressurs
from fiks.konfigurasjon.organisasjon.service import add_ressurs
from fiks.konfigurasjon.rules import P, Ressurstype
from fiks.konfigurasjon.service import person_by_pid, register_person
from fiks.konfigurasjon.tilgang import service
from fiks.konfigurasjon.tilgang.bulk_rules import Filrad
from portal.tilganger.file import import_page
from portal.tilganger.file.import_content import read_file
from tests.integration.houses import HOUSE, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import grants_of, last_act
from tests.integration.konfigurasjon.open_pages import send_open
from tests.integration.konfigurasjon.portals import log_in
from tests.integration.konfigurasjon.visitors import send, visitor
from tests.integration.utsending.browser import Browser, text_of
from tests.pagecheck import faults
from tests.security.uploading import HOSTILE, Fil
from tests.unit.liste.lists import workbook

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("inside")]

PAGE = "/tilganger/fra-fil"
HEADER = "fødselsnummer;navn;ressurs;privilegium;fra;til;begrunnelse"
LISTS = [fil for fil in HOSTILE if fil.art == "LISTE"]


def line(
    fnr: str, privilegium: str = "Se utsendinger", ressurs: str = "Eiendomsskatt", rest: str = ";;"
) -> str:
    return f"{fnr};Nils Ny;{ressurs};{privilegium};{rest}"


def csv_of(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *lines]).encode("utf-8-sig")


def upload(client: Browser, content: bytes, navn: str = "liste.csv") -> TestResponse:
    return send(client, PAGE, fil=(io.BytesIO(content), navn))


def preview(client: Browser, *lines: str) -> str:
    """Send these rows in; return where they are looked over."""
    answer = upload(client, csv_of(*lines))
    assert answer.status_code == 303, text_of(answer.text)
    return answer.location


def give(client: Browser, page: str) -> TestResponse:
    """Press the button of the preview."""
    [vist] = set(re.findall(r'name="vist" value="([^"]+)"', client.get(page).text))
    return send(client, page, f"{page}/gi", vist=vist)


def test_a_file_is_sent_in_looked_over_and_given(app: Flask) -> None:
    hus, fnr, known = make_hus(), new_fnr(), new_fnr()
    person_id = register_person(known, navn="Kari Kjent", actor=HOUSE)
    service.grant_privilegium(person_id, P.LESE, hus.konto_id, actor=HOUSE)
    client = visitor(app, hus, P.ADMIN)
    there = line(known).replace("Nils Ny", "Kari Kjent")
    page = preview(client, line(fnr), line(fnr, "svarut.sende", rest=";31.12.2099;Vikar"), there)
    shown = client.get(page).text
    assert faults(shown) == []
    assert "Gi 2 tilganger" in text_of(shown)
    assert "til og med 31.12.2099" in text_of(shown)
    assert f"{fnr[:6]}*****" in shown
    assert fnr not in shown
    assert known not in shown
    assert person_by_pid(fnr) is None
    assert give(client, page).location == PAGE
    assert "Tilganger gitt: 2. Personer som fikk: 1. Fantes fra før: 1." in text_of(client.get(PAGE).text)
    session().rollback()  # the decision's time is when the transaction began
    person_id = person_by_pid(fnr)
    assert person_id is not None
    assert authorization.is_authorised(person_id, P.SENDE, hus.konto_id)
    assert {grant.begrunnelse for grant in grants_of(person_id)} == {None, "Vikar"}
    assert last_act(hus.organisasjon_id, "TILGANGER_GITT_FRA_FIL").detaljer["antall"] == 2
    assert client.get(page).location == PAGE


def test_no_transaction_is_open_while_the_file_is_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def read(file: FileStorage) -> list[Filrad]:
        seen.append(session().in_transaction())
        return read_file(file)

    monkeypatch.setattr("portal.tilganger.file.import_page.read_file", read)
    assert preview(visitor(app, make_hus(), P.ADMIN), line(new_fnr())).startswith(PAGE)
    assert seen == [False]


def _rows(fnr: str) -> Sequence[Sequence[object]]:
    return [HEADER.split(";"), (fnr, "Åse Øvre", "Eiendomsskatt", "Se utsendinger", "", "", "")]


@pytest.mark.parametrize("koding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("skilletegn", [";", ","])
def test_a_text_file_may_be_written_in_the_usual_ways(app: Flask, koding: str, skilletegn: str) -> None:
    hus, fnr = make_hus(), new_fnr()
    content = "\n".join(skilletegn.join(map(str, cells)) for cells in _rows(fnr)).encode(koding)
    client = visitor(app, hus, P.ADMIN)
    assert "Åse Øvre" in client.get(upload(client, content).location).text


def test_a_workbook_is_read_also_where_it_took_the_number_for_a_number(app: Flask, tmp_path: Path) -> None:
    hus = make_hus()
    fnr = next(number for number in iter(new_fnr, "") if number.startswith("0"))
    heading, cells = _rows(fnr)
    content = workbook(tmp_path, [heading, (int(fnr), *cells[1:])]).read_bytes()
    client = visitor(app, hus, P.ADMIN)
    page = upload(client, content, "liste.xlsx").location
    assert f"{fnr[:6]}*****" in client.get(page).text
    assert give(client, page).status_code == 303
    assert person_by_pid(fnr) is not None


@pytest.mark.parametrize("filformat", ["csv", "xlsx"])
def test_the_example_can_be_sent_in_as_it_is(app: Flask, filformat: str) -> None:
    client = visitor(app, make_hus(), P.ADMIN)
    example = client.get(f"{PAGE}/eksempel.{filformat}")
    assert example.headers["Content-Disposition"].endswith(f'eksempel.{filformat}"')
    page = upload(client, example.data, f"liste.{filformat}").location
    shown = text_of(client.get(page).text)
    assert "Gi 1 tilgang" in shown
    assert "Se utsendinger Eiendomsskatt" in shown


def test_a_row_that_cannot_be_used_is_told_by_its_number_and_nothing_can_be_given(app: Flask) -> None:
    hus, fnr = make_hus(), new_fnr()
    client = visitor(app, hus, P.ADMIN)
    page = preview(client, line(fnr), line("12345678901", ressurs="Månen"), line(fnr))
    shown = client.get(page).text
    assert faults(shown) == []
    words = text_of(shown)
    assert "2 rader må rettes" in words
    assert "Fødselsnummeret er ikke gyldig" in words
    assert "Fant ingen ressurs som heter dette" in words
    assert "Samme tilgang står på rad 2" in words
    assert "12345678901" not in shown
    assert f"{page}/gi" not in shown
    refused = send(client, page, f"{page}/gi", vist="")
    assert refused.status_code == 409
    assert person_by_pid(fnr) is None


def test_a_number_that_is_another_persons_than_the_name_is_told_with_what_to_do(app: Flask) -> None:
    hus, known, fnr = make_hus(), new_fnr(), new_fnr()
    person_id = register_person(known, navn="Kari Kjent", actor=HOUSE)
    service.grant_privilegium(person_id, P.LESE, hus.konto_id, actor=HOUSE)
    client = visitor(app, hus, P.ADMIN)
    other = line(fnr, "svarut.sende").replace("Nils Ny", "Per Hansen")
    shown = client.get(preview(client, line(known), line(fnr), other)).text
    assert "hører til en som er kjent her under et annet navn" in text_of(shown)
    assert "står med et annet navn på rad 3" in text_of(shown)
    assert faults(shown) == []


def test_the_example_is_there_where_nothing_but_to_administer_can_be_given(app: Flask) -> None:
    hus = make_hus()
    with transaction():
        org = session().get_one(Ressurs, hus.organisasjon_id)
        sms = add_ressurs(org, Ressurstype.VARSLING, "Varsling", hus.organisasjon_id).id
    client = visitor(app, hus, P.ADMIN, ressurs=sms)
    example = client.get(f"{PAGE}/eksempel.csv")
    assert example.status_code == 200
    assert "Varsling;Administrator;" in example.text


def test_a_change_meanwhile_gives_nothing_and_shows_the_list_anew(app: Flask) -> None:
    hus, fnr = make_hus(), new_fnr()
    client = visitor(app, hus, P.ADMIN)
    page = preview(client, line(fnr))
    [vist] = set(re.findall(r'name="vist" value="([^"]+)"', client.get(page).text))
    make_person(P.SENDE, ressurs=hus.konto_id)
    refused = send(client, page, f"{page}/gi", vist=vist)
    assert refused.status_code == 409
    assert "Noen har endret tilgangene" in text_of(refused.text)
    assert faults(refused.text) == []
    assert person_by_pid(fnr) is None
    assert give(client, page).status_code == 303


@pytest.mark.parametrize("at_once", [False, True])
def test_a_second_press_says_what_was_given_and_not_that_nothing_was(
    app: Flask, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    hus, fnr = make_hus(), new_fnr()
    client = visitor(app, hus, P.ADMIN)
    page = preview(client, line(fnr))
    shown, kept = client.get(page).text, import_page._waiting_rows
    rows: list[list[Filrad] | None] = []
    if at_once:  # the second has read the file before the first was done
        monkeypatch.setattr(
            import_page, "_waiting_rows", lambda navn: rows.append(rows[0] if rows else kept(navn)) or rows[0]
        )
    for _ in range(2):
        assert send_open(client, shown, f"{page}/gi").status_code == 303
        said = text_of(client.get(PAGE).text)
        assert "Ferdig. Tilganger gitt: 1. Personer som fikk: 1." in said
        assert "Last den opp på nytt" not in said and "Ingenting er gitt" not in said


def test_a_file_that_makes_administrators_asks_for_a_fresh_login_and_is_still_there_afterwards(
    app: Flask,
) -> None:
    hus, pid, fnr = make_hus(), new_fnr(), new_fnr()
    person_id = register_person(pid, navn="Anne Admin", actor=HOUSE)
    service.grant_privilegium(person_id, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    stale = log_in(app, pid, hus.organisasjon_id, minutes_ago=6)
    page = preview(stale, line(fnr, "Administrator"))
    assert stale.get(page).location.startswith("/innlogging/bekreft?neste=")
    fresh = log_in(app, pid, hus.organisasjon_id)
    assert "Filen gjør noen til administrator" in text_of(fresh.get(page).text)
    assert give(fresh, page).status_code == 303
    assert person_by_pid(fnr) is not None


def test_a_login_that_grows_old_over_the_preview_is_asked_for_again_and_nothing_is_given(app: Flask) -> None:
    hus, pid, fnr = make_hus(), new_fnr(), new_fnr()
    person_id = register_person(pid, navn="Anne Admin", actor=HOUSE)
    service.grant_privilegium(person_id, P.ADMIN, hus.organisasjon_id, actor=HOUSE)
    fresh = log_in(app, pid, hus.organisasjon_id)
    page = preview(fresh, line(fnr, "ADMIN"))
    [vist] = set(re.findall(r'name="vist" value="([^"]+)"', fresh.get(page).text))
    stale = log_in(app, pid, hus.organisasjon_id, minutes_ago=6)
    asked = send(stale, PAGE, f"{page}/gi", vist=vist)
    assert asked.location.startswith("/innlogging/bekreft?neste=")
    assert person_by_pid(fnr) is None


def test_the_rows_are_encrypted_this_persons_alone_and_gone_after_fifteen_minutes(app: Flask) -> None:
    hus, fnr = make_hus(), new_fnr()
    client, colleague = visitor(app, hus, P.ADMIN), visitor(app, hus, P.ADMIN)
    page = preview(client, line(fnr))
    kept = session().scalars(select(Innlogging.data_kryptert)).all()
    assert kept
    assert not [one for one in kept if fnr.encode() in one or b"Nils" in one]
    assert colleague.get(page).location == PAGE
    assert send(colleague, PAGE, f"{page}/forkast").status_code == 303
    assert client.get(page).status_code == 200
    with transaction() as tx:
        tx.execute(update(Innlogging).values(utloper=func.now()))
    assert client.get(page).location == PAGE
    assert "i bare 15 minutter" in text_of(client.get(PAGE).text)


def test_what_is_discarded_is_gone_at_once(app: Flask) -> None:
    client = visitor(app, make_hus(), P.ADMIN)
    page = preview(client, line(new_fnr()))
    assert send(client, page, f"{page}/forkast").location == PAGE
    assert client.get(page).location == PAGE


@pytest.mark.parametrize("fil", LISTS, ids=lambda fil: f"{fil.navn}-{fil.kode}")
def test_a_hostile_file_is_refused_with_a_text_and_leaves_nothing(
    app: Flask, tmp_path: Path, fil: Fil
) -> None:
    client = visitor(app, make_hus(), P.ADMIN)
    before = _kept()
    answer = upload(client, fil.lag(tmp_path), fil.navn)
    if answer.status_code == 413:
        assert fil.navn == "stor.xlsx"
        return
    assert answer.status_code == 422
    assert 'id="fil-feil"' in answer.text
    assert faults(answer.text) == []
    assert _kept() == before


def _kept() -> tuple[int, int]:
    session().rollback()
    counts = [
        session().execute(select(func.count()).select_from(t)).scalar_one() for t in (Innlogging, Person)
    ]
    return counts[0], counts[1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (csv_of(), "Filen har ingen rader med tilganger"),
        (b"a,b\n1,2\n", "Filen mangler kolonnen"),
        (csv_of("1;Nils;x", header="fnr;navn;ressurs"), "Filen mangler kolonnen privilegium"),
        (csv_of("1;x;y", header="fnr;ressurs;privilegium"), "Filen mangler kolonnen navn"),
        (csv_of("1;2;3;4;5;6;7;8;9"), "Rad 2 har ikke like mange felter"),
        (csv_of(*[line("1")] * 1001), "Filen har flere enn 1 000 rader"),
        (b"x" * (2 * 1024 * 1024 + 1), "Filen er for stor"),
    ],
)
def test_a_file_of_the_wrong_form_is_told_what_is_wrong(app: Flask, content: bytes, words: str) -> None:
    answer = upload(visitor(app, make_hus(), P.ADMIN), content)
    assert answer.status_code == 422
    assert words in text_of(answer.text)


def test_a_formula_never_becomes_a_name(app: Flask) -> None:
    client = visitor(app, make_hus(), P.ADMIN)
    page = preview(client, line(new_fnr()).replace("Nils Ny", "=cmd|' /C calc'!A0"))
    assert "1 rad må rettes" in text_of(client.get(page).text)


def test_no_file_and_a_body_that_is_too_large_are_told(app: Flask) -> None:
    client = visitor(app, make_hus(), P.ADMIN)
    assert "Velg en fil" in send(client, PAGE).text
    assert upload(client, b"x" * (4 * 1024 * 1024)).status_code == 413


def test_an_administrator_of_a_konto_is_offered_that_konto_and_nobody_else_the_page(app: Flask) -> None:
    hus = make_hus()
    shown = visitor(app, hus, P.ADMIN, ressurs=hus.konto_id).get(PAGE).text
    assert str(hus.konto_id) in text_of(shown)
    assert str(hus.organisasjon_id) not in text_of(shown)
    assert faults(shown) == []
    assert visitor(app, hus, P.ORG_LES).get(PAGE).status_code == 403


def test_a_file_follows_its_person_only_in_the_organisation_it_was_sent_in_for(app: Flask) -> None:
    hus, other, pid = make_hus(), make_hus("Fjordvik kommune"), new_fnr()
    person_id = register_person(pid, navn="Anne Admin", actor=HOUSE)
    for place in (hus, other):
        service.grant_privilegium(person_id, P.ADMIN, place.organisasjon_id, actor=HOUSE)
    page = preview(log_in(app, pid, hus.organisasjon_id), line(new_fnr()))
    assert log_in(app, pid, other.organisasjon_id).get(page).location == PAGE
    assert log_in(app, pid, hus.organisasjon_id).get(page).status_code == 200
