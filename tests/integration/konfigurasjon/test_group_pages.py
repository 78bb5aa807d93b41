"""The pages of groups, walked by an administrator, by somebody who only reads, and by strangers."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask

from fiks.core.db import transaction
from fiks.konfigurasjon.grupper import queries
from fiks.konfigurasjon.grupper import service as grupper_service
from fiks.konfigurasjon.models import Gruppe
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.service import person_by_pid
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, Hus, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import admin_of, gruppe, make_gruppe
from tests.integration.konfigurasjon.open_pages import send_open, told, value_of
from tests.integration.konfigurasjon.visitors import send, visitor
from tests.integration.utsending.browser import text_of
from tests.pagecheck import faults

pytestmark = pytest.mark.usefixtures("inside")

LIST = "/tilganger/grupper"


def only_group(hus: Hus) -> UUID:
    [row] = queries.grupper(hus.organisasjon_id, actor=HOUSE)
    return row.id


def test_a_group_is_made_filled_and_emptied_by_its_pages(app: Flask) -> None:
    hus, fnr = make_hus(), new_fnr()
    client = visitor(app, hus, P.ADMIN)
    assert "Ingen grupper ennå" in client.get(LIST).text
    made = send(client, f"{LIST}/ny", navn="Skattekontoret")
    page = f"{LIST}/{only_group(hus)}"
    assert (made.status_code, made.location) == (303, page)
    assert "Ingen medlemmer" in client.get(page).text
    added = send(client, f"{page}/nytt-medlem", fnr=f"{fnr[:6]} {fnr[6:]}", navn="Nils Ny")
    assert added.location == page
    shown = client.get(page).text
    assert "Nils Ny" in shown
    assert fnr not in shown
    assert f"{fnr[:6]}*****" in shown
    away = f"{page}/medlemmer/{person_by_pid(fnr)}/fjern"
    assert "Vil du ta Nils Ny ut av Skattekontoret?" in text_of(client.get(away).text)
    assert send(client, away).location == page
    assert client.get(away).status_code == 404
    assert send(client, f"{page}/navn", navn="Avgiftskontoret").location == page
    assert "Avgiftskontoret" in client.get(LIST).text
    assert send(client, f"{page}/slett").location == LIST
    assert client.get(page).status_code == 404


def test_every_page_of_a_group_is_a_sound_page(app: Flask) -> None:
    hus, member = make_hus(), make_person(navn="Kari Fjellstad")
    group = make_gruppe(hus, member, navn="Skatt")
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin_of(hus))
    client = visitor(app, hus, P.ADMIN)
    page = f"{LIST}/{group}"
    for address in (
        LIST,
        f"{LIST}/ny",
        page,
        f"{page}/navn",
        f"{page}/nytt-medlem",
        f"{page}/medlemmer/{member}/fjern",
        f"{page}/slett",
    ):
        assert faults(client.get(address).text) == [], address


@pytest.mark.parametrize(
    ("form", "where"), [({"fnr": "123", "navn": "Nils Ny"}, "fnr"), ({"navn": ""}, "navn")]
)
def test_a_member_who_cannot_be_used_is_told_at_the_field_and_no_number_is_sent_back(
    app: Flask, form: dict[str, str], where: str
) -> None:
    hus, fnr = make_hus(), new_fnr()
    page = f"{LIST}/{make_gruppe(hus)}/nytt-medlem"
    answer = send(visitor(app, hus, P.ADMIN), page, **({"fnr": fnr} | form))
    assert answer.status_code == 422
    assert f'id="{where}-feil"' in answer.text
    assert f'value="{form["navn"]}"' in answer.text
    assert fnr not in answer.text
    assert 'value="123"' not in answer.text
    assert faults(answer.text) == []


def test_a_name_that_is_taken_is_told_with_what_was_written(app: Flask) -> None:
    hus = make_hus()
    make_gruppe(hus, navn="Skatt")
    answer = send(visitor(app, hus, P.ADMIN), f"{LIST}/ny", navn="skatt")
    assert answer.status_code == 422
    assert "Det finnes en gruppe med dette navnet" in answer.text
    assert 'value="skatt"' in answer.text


def test_to_delete_a_group_with_grants_they_must_be_ticked_and_the_page_says_which(app: Flask) -> None:
    hus, member = make_hus(), make_person()
    group = make_gruppe(hus, member, navn="Skatt")
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin_of(hus))
    client, page = visitor(app, hus, P.ADMIN), f"{LIST}/{group}/slett"
    assert "1 medlem mister disse tilgangene" in text_of(client.get(page).text)
    assert "Lage utsendinger på Eiendomsskatt" in text_of(client.get(page).text)
    refused = send(client, page)
    assert refused.status_code == 422
    assert 'id="fjern_tilganger-feil"' in refused.text
    assert send(client, page, fjern_tilganger="ja").status_code == 303
    assert queries.grupper(hus.organisasjon_id, actor=HOUSE) == []


def test_a_group_of_administrators_asks_for_a_fresh_login_before_the_form_is_filled_in(app: Flask) -> None:
    hus = make_hus()
    group = make_gruppe(hus)
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.ADMIN], actor=HOUSE)
    page = f"{LIST}/{group}/nytt-medlem"
    stale = visitor(app, hus, P.ADMIN, minutes_ago=6).get(page)
    assert stale.location.startswith("/innlogging/bekreft?neste=")
    assert visitor(app, hus, P.ADMIN).get(page).status_code == 200


def test_a_group_that_another_system_keeps_is_shown_and_cannot_be_changed(app: Flask) -> None:
    hus = make_hus()
    group = make_gruppe(hus, make_person(), navn="Fra systemet")
    with transaction() as tx:
        tx.get_one(Gruppe, group).kilde = "EKSTERN"
    client = visitor(app, hus, P.ADMIN)
    shown = client.get(f"{LIST}/{group}").text
    assert "styres fra kommunens eget system" in shown
    for act in ("navn", "nytt-medlem", "slett"):
        assert act not in shown.split("<main")[1].replace("Fødselsnummer", "")
        assert client.get(f"{LIST}/{group}/{act}").status_code == 409


def test_who_only_reads_the_organisation_sees_the_groups_without_a_button(app: Flask) -> None:
    hus = make_hus()
    group = make_gruppe(hus, navn="Skatt")
    reader = visitor(app, hus, P.ORG_LES)
    assert "Lag en gruppe" not in reader.get(LIST).text
    assert "Legg til et medlem" not in reader.get(f"{LIST}/{group}").text
    assert reader.get(f"{LIST}/{group}/slett").status_code == 403
    of_konto = visitor(app, hus, P.ADMIN, ressurs=hus.konto_id)
    assert "Gruppene gjelder hele organisasjonen" in of_konto.get(LIST).text
    assert of_konto.get(f"{LIST}/{group}").status_code == 404


def test_a_group_is_found_only_while_its_own_organisation_is_chosen(app: Flask) -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    group = make_gruppe(other)
    client = visitor(app, hus, P.ADMIN)
    for act in ("", "/navn", "/nytt-medlem", "/slett"):
        assert client.get(f"{LIST}/{group}{act}").status_code == 404


def test_a_name_that_a_colleague_has_given_the_group_meanwhile_is_not_written_over(app: Flask) -> None:
    hus = make_hus()
    group, client = make_gruppe(hus, navn="Skatt"), visitor(app, hus, P.ADMIN)
    make_gruppe(hus, navn="Byggesak")
    page = f"{LIST}/{group}/navn"
    shown = client.get(page).text
    grupper_service.rename_gruppe(group, navn="Avgifter", actor=admin_of(hus))
    answer = send_open(client, shown, page, navn="Skattekontoret")
    assert "Navn på gruppen: Nå står det «Avgifter». Du skrev «Skattekontoret»." in told(answer)
    assert value_of(answer.text, "navn") == "Skattekontoret"
    assert queries.gruppe(group, actor=HOUSE).navn == "Avgifter"
    taken = send_open(client, answer.text, page, navn="Byggesak")
    assert taken.status_code == 422 and "Det finnes en gruppe med dette navnet" in taken.text
    for _ in range(2):
        assert send_open(client, taken.text, page, navn="Skattekontoret").status_code == 303
    assert queries.gruppe(group, actor=HOUSE).navn == "Skattekontoret"


CHANGED = (
    "Noen har endret tilgangene, eller hvem de gjelder for, mens du hadde siden oppe. Ingenting er lagret."
)


def test_nobody_is_let_into_a_group_that_holds_something_else_by_now_than_its_page_said(app: Flask) -> None:
    hus, fnr = make_hus(), new_fnr()
    group, client = make_gruppe(hus, navn="Vikarer"), visitor(app, hus, P.ADMIN, minutes_ago=6)
    page = f"{LIST}/{group}/nytt-medlem"
    shown = client.get(page).text
    assert "Gruppen har ingen tilganger ennå" in text_of(shown)
    service.grant(hus.organisasjon_id, innehaver=gruppe(group), privilegier=[P.ADMIN], actor=HOUSE)
    answer = send_open(client, shown, page, fnr=fnr, navn="Vikar Vik")
    assert answer.status_code == 409 and faults(answer.text) == []
    assert CHANGED in text_of(answer.text)
    assert "Som medlem får personen disse tilgangene" in text_of(answer.text)
    assert value_of(answer.text, "navn") == "Vikar Vik" and fnr not in answer.text
    again = send_open(client, answer.text, page, fnr=fnr, navn="Vikar Vik")
    assert again.location.startswith("/innlogging/bekreft?"), "to let in an administrator takes a fresh login"
    assert queries.gruppe(group, actor=HOUSE).medlemmer == []


def test_who_is_in_the_group_already_is_said_to_be_whatever_it_holds_by_now(app: Flask) -> None:
    hus, fnr = make_hus(), new_fnr()
    group, client = make_gruppe(hus), visitor(app, hus, P.ADMIN)
    page = f"{LIST}/{group}/nytt-medlem"
    shown = client.get(page).text
    send_open(client, shown, page, fnr=fnr, navn="Nils Ny")
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin_of(hus))
    assert send_open(client, shown, page, fnr=fnr, navn="Nils Ny").status_code == 303
    assert "Personen var medlem fra før" in client.get(f"{LIST}/{group}").text


def test_a_group_is_not_deleted_with_more_than_its_page_said(app: Flask) -> None:
    hus, member = make_hus(), make_person(navn="Kari Fjellstad")
    group, client = make_gruppe(hus, member), visitor(app, hus, P.ADMIN)
    page = f"{LIST}/{group}/slett"
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=admin_of(hus))
    shown = client.get(page).text
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.LESE], actor=admin_of(hus))
    answer = send_open(client, shown, page, fjern_tilganger="ja")
    assert answer.status_code == 409 and faults(answer.text) == []
    assert CHANGED in text_of(answer.text) and " checked" not in answer.text
    grupper_service.add_members(group, personer=[make_person()], actor=admin_of(hus))
    assert send_open(client, answer.text, page, fjern_tilganger="ja").status_code == 409
    assert len(queries.gruppe(group, actor=HOUSE).tilganger) == 2
    assert send_open(client, client.get(page).text, page, fjern_tilganger="ja").status_code == 303


def test_a_second_press_on_delete_and_on_take_out_says_that_it_is_done(app: Flask) -> None:
    hus, other, member = make_hus(), make_hus("Fjordvik kommune"), make_person(navn="Kari Fjellstad")
    group, client = make_gruppe(hus, member), visitor(app, hus, P.ADMIN)
    page, out = f"{LIST}/{group}", f"{LIST}/{group}/medlemmer/{member}/fjern"
    asked = client.get(out).text
    for said in ("Personen er tatt ut", "Personen var alt tatt ut av gruppen"):
        assert send_open(client, asked, out).location == page
        assert said in text_of(client.get(page).text)
    question = client.get(f"{page}/slett").text
    for said in ("Gruppen er slettet", "Gruppen var alt slettet"):
        assert send_open(client, question, f"{page}/slett").location == LIST
        assert said in text_of(client.get(LIST).text)
    gone = make_gruppe(other)
    grupper_service.delete_gruppe(gone, fjern_tilganger=False, actor=HOUSE)
    assert send_open(client, question, f"{LIST}/{gone}/slett").status_code == 404


def test_a_form_that_makes_a_group_makes_it_once_and_does_not_say_that_the_name_is_taken(app: Flask) -> None:
    hus = make_hus()
    client = visitor(app, hus, P.ADMIN)
    shown = client.get(f"{LIST}/ny").text
    said = {"navn": "Skattekontoret", "skjema": value_of(shown, "skjema")}
    places = {send_open(client, shown, f"{LIST}/ny", **said).location for _ in range(2)}
    assert places == {f"{LIST}/{only_group(hus)}"}
    assert send_open(client, shown, f"{LIST}/ny", **(said | {"navn": "Byggesak"})).status_code == 303
    assert len(queries.grupper(hus.organisasjon_id, actor=HOUSE)) == 2
