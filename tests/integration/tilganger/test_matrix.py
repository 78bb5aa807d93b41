"""The matrix is changed: at once where nothing is at stake, after a question where something is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select

from fiks.core.db import session, transaction
from fiks.konfigurasjon.models import Innlogging, Tilgang
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import service
from tests.integration.houses import HOUSE, Hus, make_hus, make_person
from tests.integration.konfigurasjon.holders import acts, grants_of, last_act
from tests.integration.konfigurasjon.test_decision_plan import statements
from tests.integration.tilganger.visits import (
    Besok,
    box,
    confirm,
    form_of,
    held,
    ressurs_page,
    save,
    session_of,
)
from tests.integration.utsending.browser import text_of
from tests.pagecheck import faults


def test_a_tick_is_saved_at_once_and_is_the_next_requests_right(admin: Besok, hus: Hus) -> None:
    someone = make_person(P.LESE, ressurs=hus.konto_id, navn="Nils Leser")
    html = admin.read(ressurs_page(hus.konto_id))
    answer = save(admin, hus.konto_id, html, tick=box(someone, P.SENDE))
    assert (answer.status_code, answer.location) == (303, ressurs_page(hus.konto_id))
    assert held(someone, hus.konto_id) == {P.LESE, P.SENDE}
    assert "Endringene er lagret. De virker med en gang." in admin.read(ressurs_page(hus.konto_id))


def test_the_matrix_is_read_only_to_be_shown_and_then_once(admin: Besok, hus: Hus) -> None:
    someone = make_person(P.LESE, P.SENDE, ressurs=hus.konto_id)
    html = admin.read(ressurs_page(hus.konto_id))
    assert reads_of_the_matrix(lambda: save(admin, hus.konto_id, html, tick=box(someone, P.STOPPE))) == 0
    stale = save(admin, hus.konto_id, html, untick=box(someone, P.SENDE))
    assert reads_of_the_matrix(lambda: admin.get(str(stale.location))) == 1


def reads_of_the_matrix(act: Callable[[], object]) -> int:
    with statements() as sent:
        act()
    return sum("coalesce(person.navn, gruppe.navn, integrasjon.navn)" in one for one in sent)


def test_taking_something_away_is_asked_about_by_name_and_done_only_after_yes(admin: Besok, hus: Hus) -> None:
    someone = make_person(P.LESE, P.SENDE, ressurs=hus.konto_id, navn="Nils Sender")
    html = admin.read(ressurs_page(hus.konto_id))
    asked = save(admin, hus.konto_id, html, untick=box(someone, P.SENDE))
    assert held(someone, hus.konto_id) == {P.LESE, P.SENDE}
    question = text_of(admin.read(str(asked.location)))
    assert "Dette blir fjernet Lage utsendinger – Nils Sender" in question
    assert "virker med en gang. Den som mister en tilgang, blir stoppet" in question
    assert confirm(admin, asked).location == ressurs_page(hus.konto_id)
    assert held(someone, hus.konto_id) == {P.LESE}
    assert last_act(hus.organisasjon_id, "TILGANG_FJERNET").detaljer["privilegium"] == P.SENDE


def test_a_question_that_is_answered_too_late_changes_nothing(admin: Besok, hus: Hus) -> None:
    someone = make_person(P.SENDE, ressurs=hus.konto_id)
    asked = save(admin, hus.konto_id, admin.read(ressurs_page(hus.konto_id)), untick=box(someone, P.SENDE))
    before = acts(hus.organisasjon_id)
    with transaction() as tx:
        tx.execute(delete(Innlogging))
    assert admin.get(str(asked.location)).location == ressurs_page(hus.konto_id)
    assert "Det gikk for lang tid" in admin.read(ressurs_page(hus.konto_id))
    assert acts(hus.organisasjon_id) == before


def test_a_question_is_its_own_persons_only(app: Flask, admin: Besok, hus: Hus) -> None:
    someone = make_person(P.SENDE, ressurs=hus.konto_id)
    asked = save(admin, hus.konto_id, admin.read(ressurs_page(hus.konto_id)), untick=box(someone, P.SENDE))
    other = Besok(app, hus, P.ADMIN)
    assert other.get(str(asked.location)).location == ressurs_page(hus.konto_id)
    html = other.read(ressurs_page(hus.konto_id))
    waiting = str(asked.location).split("utkast=")[1]
    other.send_as(html, f"{ressurs_page(hus.konto_id)}/bekreft", {"utkast": waiting}, "/")
    assert held(someone, hus.konto_id) == {P.SENDE}


def test_to_make_an_administrator_one_logs_in_anew_and_finds_the_question_again(app: Flask, hus: Hus) -> None:
    stale = Besok(app, hus, P.ADMIN, minutes_ago=6)
    someone = make_person(P.LESE, ressurs=hus.konto_id, navn="Nils Ny")
    asked = save(stale, hus.konto_id, stale.read(ressurs_page(hus.konto_id)), tick=box(someone, P.ADMIN))
    sent = stale.get(str(asked.location))
    assert sent.location.startswith("/innlogging/bekreft?neste=")
    assert "utkast" in sent.location, "the way back is to the question"
    session_of(stale, minutes=0)
    question = text_of(stale.read(str(asked.location)))
    assert "Dette blir gitt Administrator – Nils Ny" in question
    confirm(stale, asked)
    assert held(someone, hus.konto_id) == {P.LESE, P.ADMIN}


def test_giving_oneself_something_is_asked_about_and_marked(app: Flask, hus: Hus) -> None:
    admin = Besok(app, hus, P.ADMIN)
    html = admin.read(ressurs_page(hus.konto_id))
    asked = save(admin, hus.konto_id, html, tick=box(admin.id, P.SE_SPERRET))
    question = text_of(admin.read(str(asked.location)))
    assert "Du gir deg selv tilgang" in question
    confirm(admin, asked)
    assert last_act(hus.organisasjon_id, "PRIVILEGIUM_GITT").detaljer["til_seg_selv"] is True


def test_s17_06_the_last_lasting_administrator_is_told_in_plain_words_and_stays(app: Flask) -> None:
    hus = make_hus()
    admin = Besok(app, hus, P.ADMIN)
    session().rollback()
    others = select(Tilgang.id).where(
        Tilgang.ressurs_id == hus.organisasjon_id,
        Tilgang.avsluttet.is_(None),
        Tilgang.person_id != admin.id,
    )
    for first in session().scalars(others).all():
        service.revoke(first, actor=HOUSE)
    html = admin.read(ressurs_page(hus.organisasjon_id))
    asked = save(admin, hus.organisasjon_id, html, untick=box(admin.id, P.ADMIN))
    refused = confirm(admin, asked)
    assert refused.status_code == 409
    assert "Organisasjonen må ha minst én administrator uten sluttdato" in text_of(refused.text)
    assert not faults(refused.text)
    [own] = grants_of(admin.id)
    removal = f"/tilganger/{own.id}/fjern"
    assert "Du fjerner din egen tilgang" in admin.read(removal)
    assert admin.send(removal).status_code == 409
    end = admin.send(f"/tilganger/{own.id}/slutt", til="31.12.2099")
    assert (end.status_code, faults(end.text)) == (409, [])
    assert "Organisasjonen må ha minst én administrator uten sluttdato" in text_of(end.text)
    assert 'name="til" value="31.12.2099"' in end.text, "what one wrote is not lost"
    assert admin.send(f"/tilganger/personer/{admin.id}/sluttet").status_code == 409
    assert held(admin.id, hus.organisasjon_id) == {P.ADMIN}


def test_s17_03_a_revoked_grant_stops_the_next_request_of_a_live_session(
    app: Flask, admin: Besok, hus: Hus
) -> None:
    sender = Besok(app, hus, P.SENDE, ressurs=hus.konto_id)
    assert sender.get("/utsendinger/ny").status_code == 200
    html = admin.read(ressurs_page(hus.konto_id))
    confirm(admin, save(admin, hus.konto_id, html, untick=box(sender.id, P.SENDE)))
    assert sender.get("/utsendinger/ny").status_code == 403


def test_saving_a_search_leaves_everybody_who_was_not_shown_alone(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    ola = make_person(P.LESE, ressurs=hus.konto_id, navn="Ola Havnes")
    html = admin.read(f"{ressurs_page(hus.konto_id)}?sok=kari")
    assert "Ola Havnes" not in html
    answer = save(admin, hus.konto_id, html, tick=box(kari, P.SENDE))
    assert answer.location == f"{ressurs_page(hus.konto_id)}?sok=kari"
    assert (held(kari, hus.konto_id), held(ola, hus.konto_id)) == ({P.LESE, P.SENDE}, {P.LESE})


def test_somebody_of_another_organisation_cannot_be_given_anything_by_their_id(
    admin: Besok, hus: Hus
) -> None:
    elsewhere = make_hus("Fjordvik kommune")
    stranger = make_person(P.LESE, ressurs=elsewhere.konto_id, navn="Fremmed Frida")
    make_person(P.LESE, ressurs=hus.konto_id)
    html = admin.read(ressurs_page(hus.konto_id))
    forged = form_of(html) | {f"rad.PERSON.{stranger}": "", box(stranger, P.SENDE): "ja"}
    assert admin.send_as(html, ressurs_page(hus.konto_id), forged, "/").status_code == 404
    page = f"{ressurs_page(hus.konto_id)}/ny"
    data = {"hvem": f"PERSON:{stranger}", f"privilegium.{P.SENDE}": "ja"}
    assert admin.send_as(html, page, data, page).status_code == 404
    assert admin.get(f"{page}?hvem=PERSON:{stranger}").status_code == 404
    assert admin.get(f"/tilganger/personer/{stranger}").status_code == 404
    assert admin.get(f"/tilganger/personer/{stranger}/sluttet").status_code == 404
    assert held(stranger, hus.konto_id) == set()


def test_a_grant_that_is_paired_with_somebody_else_in_the_form_is_refused(admin: Besok, hus: Hus) -> None:
    """The question would name one person and take from another."""
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    ola = make_person(P.LESE, ressurs=hus.konto_id, navn="Ola Havnes")
    html = admin.read(ressurs_page(hus.konto_id))
    form = form_of(html)
    del form[box(kari, P.LESE)]
    form[f"rad.PERSON.{kari}"] = form[f"rad.PERSON.{ola}"]
    asked = admin.send_as(html, ressurs_page(hus.konto_id), form, "/")
    assert admin.get(str(asked.location)).status_code == 404
    assert held(ola, hus.konto_id) == {P.LESE}


@pytest.mark.parametrize("name", ["rad.PERSON.x", "celle.PERSON", "celle.TRE.x.y", "rad.PERSON"])
def test_a_form_no_page_of_ours_sends_is_refused(admin: Besok, hus: Hus, name: str) -> None:
    html = admin.read(ressurs_page(hus.konto_id))
    answer = admin.send_as(html, ressurs_page(hus.konto_id), {name: "ja"}, "/")
    assert answer.status_code == 422


def test_nothing_changed_is_said_and_nothing_written(admin: Besok, hus: Hus) -> None:
    make_person(P.LESE, ressurs=hus.konto_id)
    before = acts(hus.organisasjon_id)
    assert save(admin, hus.konto_id, admin.read(ressurs_page(hus.konto_id))).status_code == 303
    assert "Du har ikke endret noe" in admin.read(ressurs_page(hus.konto_id))
    assert acts(hus.organisasjon_id) == before
