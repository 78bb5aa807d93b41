"""The persons who hold something, one of them, and the one who has left."""

from __future__ import annotations

import re

from flask import Flask

from fiks.core.db import transaction
from fiks.konfigurasjon import queries
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.grupper import service as grupper_service
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.person.rules import Personopplysninger
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, Hus, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import gruppe, make_gruppe
from tests.integration.tilganger.visits import Besok, give, held
from tests.integration.utsending.browser import text_of


def test_the_list_of_persons_is_in_norwegian_order_counts_and_is_searched_by_name(
    admin: Besok, hus: Hus
) -> None:
    for navn in ("Åse Ødegård", "Ærlig Eva", "Ørjan Lie", "Álvaro Ruiz", "Zara Dahl"):
        make_person(P.LESE, ressurs=hus.konto_id, navn=navn)
    page = admin.read("/tilganger/personer")
    found = re.findall(r'/tilganger/personer/[0-9a-f-]{36}">([^<]+)<', page)
    assert [name for name in found if name not in ("Anne Admin", "Astrid Nordli")] == [
        *("Álvaro Ruiz", "Zara Dahl", "Ærlig Eva", "Ørjan Lie", "Åse Ødegård")
    ]
    searched = admin.read("/tilganger/personer?sok=ruiz")
    assert "Álvaro Ruiz" in searched
    assert "Zara Dahl" not in searched
    assert "Ingen treff" in admin.read("/tilganger/personer?sok=finnes ikke")


def test_a_long_list_is_turned_page_by_page_without_losing_or_doubling_anybody(
    admin: Besok, hus: Hus
) -> None:
    made = {make_person(P.LESE, ressurs=hus.konto_id, navn=f"Person {n % 7}") for n in range(60)}
    seen: list[str] = []
    path = "/tilganger/personer?sok=person"
    while path:
        page = admin.read(path)
        seen += re.findall(r'/tilganger/personer/([0-9a-f-]{36})"', page)
        following = re.search(r'href="(/tilganger/personer\?sok=person&amp;etter=[^"]+)"', page)
        path = following.group(1).replace("&amp;", "&") if following else ""
    assert len(seen) == 60
    assert set(seen) == {str(one) for one in made}


def test_s17_12_a_person_is_found_by_number_in_a_form_and_never_by_address(admin: Besok, hus: Hus) -> None:
    fnr = new_fnr()
    kari = konfigurasjon.register_person(fnr, navn="Kari Nordmann", actor=HOUSE)
    konfigurasjon.grant_privilegium(kari, P.LESE, hus.konto_id, actor=HOUSE)
    answer = admin.send("/tilganger/personer", fnr=f" {fnr} ")
    assert (answer.status_code, answer.location) == (303, f"/tilganger/personer/{kari}")
    by_address = admin.get(f"/tilganger/personer?sok={fnr}")
    assert fnr not in by_address.text
    assert "Fødselsnummer søker du på i feltet for det" in by_address.text
    unknown = admin.send("/tilganger/personer", fnr=new_fnr())
    assert (unknown.status_code, "Ingen med dette fødselsnummeret" in unknown.text) == (422, True)
    assert admin.send("/tilganger/personer", fnr="123").status_code == 422


def test_a_persons_page_tells_what_they_hold_why_from_whom_and_what_it_gives_below(
    admin: Besok, hus: Hus
) -> None:
    kari = make_person(P.ADMIN, ressurs=hus.organisasjon_id, navn="Kari Nordmann")
    group = make_gruppe(hus, kari, navn="Skatt")
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=HOUSE)
    give(admin, hus, hvem=f"PERSON:{kari}", begrunnelse="Vikar i jula", **{f"privilegium.{P.STOPPE}": "ja"})
    page = text_of(admin.read(f"/tilganger/personer/{kari}"))
    assert "Vikar i jula" in page
    assert "Anne Admin" in page, "who gave it"
    assert "Driftsorganisasjonen" in page
    assert "gjennom gruppen Skatt" in page
    assert "Eiendomsskatt Konto Administrator Lillevik kommune" in page, "inherited, and from where"
    assert "uten sluttdato" in page


def test_s17_08_somebody_who_has_left_loses_everything_here_and_is_logged_out_in_one_act(
    app: Flask, admin: Besok, hus: Hus
) -> None:
    leaver = Besok(app, hus, P.SENDE, P.LESE, ressurs=hus.konto_id)
    make_gruppe(hus, leaver.id, navn="Skatt")
    page = f"/tilganger/personer/{leaver.id}/sluttet"
    question = admin.read(page)
    assert "Lage utsendinger på Eiendomsskatt" in text_of(question)
    assert "Plassen i gruppen Skatt" in text_of(question)
    assert admin.send(page).location == "/tilganger/personer"
    assert "Tilganger: 2. Grupper: 1. Avsluttede innlogginger: 1." in text_of(
        admin.read("/tilganger/personer")
    )
    assert held(leaver.id, hus.konto_id) == set()
    assert leaver.get("/utsendinger/ny").location.startswith(("/logg-inn", "/innlogging/start"))
    assert admin.get(page).status_code == 404
    assert admin.send_as(question, page, {}, page).location == "/tilganger/personer"
    assert "Personen var alt fjernet" in text_of(admin.read("/tilganger/personer"))
    never_here = f"/tilganger/personer/{make_person()}/sluttet"
    assert admin.send_as(question, never_here, {}, page).status_code == 404


def test_who_is_in_a_group_without_grants_is_listed_found_and_leaves_with_the_place_in_it(
    app: Flask, admin: Besok, hus: Hus
) -> None:
    leaver = Besok(app, hus)
    group = make_gruppe(hus, leaver.id, navn="Skatt")
    page = f"/tilganger/personer/{leaver.id}"
    assert page in admin.read("/tilganger/personer")
    assert "får personen det også" in admin.read(page)
    assert admin.send("/tilganger/personer", fnr=leaver.pid).location == page
    chosen = give(admin, hus, sok="anne", finn="ja")
    assert f'value="PERSON:{leaver.id}"' in chosen.text
    assert "Logg ut" in admin.read(f"/personer/{leaver.id}/innlogginger")
    assert admin.send(f"{page}/sluttet").location == "/tilganger/personer"
    assert page not in admin.read("/tilganger/personer")
    service.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=HOUSE)
    assert not queries.is_authorised(leaver.id, P.SENDE, hus.konto_id)


def test_the_agreement_administrator_is_listed_without_a_grant_and_a_deleted_groups_members_are_not(
    app: Flask, admin: Besok, hus: Hus
) -> None:
    signer, former, other = Besok(app, hus), Besok(app, hus), make_hus("Fjordvik kommune")
    grupper_service.delete_gruppe(make_gruppe(hus, former.id), fjern_tilganger=False, actor=HOUSE)
    make_gruppe(other, former.id)
    with transaction() as tx:
        tx.get_one(Organisasjon, hus.organisasjon_id).avtaleadmin_id = signer.id
    listed = admin.read("/tilganger/personer")
    assert (str(signer.id) in listed, str(former.id) in listed) == (True, False)
    assert "Personen er bare avtaleadministrator" in admin.read(f"/tilganger/personer/{signer.id}")
    assert admin.get(f"/personer/{former.id}/innlogginger").status_code == 404


def test_who_may_not_see_the_groups_does_not_see_who_is_in_them(app: Flask, hus: Hus) -> None:
    member = Besok(app, hus)
    make_gruppe(hus, member.id, navn="Skatt")
    of_konto = Besok(app, hus, P.ADMIN, ressurs=hus.konto_id)
    assert str(member.id) not in of_konto.read("/tilganger/personer")


def test_an_agreement_administrator_who_leaves_is_named_as_one(admin: Besok, hus: Hus) -> None:
    signer = Personopplysninger(new_fnr(), "Sigrid Signer")
    own_data.set_avtaleadministrator(hus.organisasjon_id, signer, actor=HOUSE)
    person_id = konfigurasjon.person_by_pid(signer.fnr)
    assert "Er avtaleadministrator" in admin.read(f"/tilganger/personer/{person_id}")
    assert "Rollen som avtaleadministrator" in admin.read(f"/tilganger/personer/{person_id}/sluttet")
