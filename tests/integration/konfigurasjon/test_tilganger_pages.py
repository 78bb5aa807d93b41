"""The pages of tilganger on real rows: looking, giving, taking, ending, and leaving."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from config.settings import Settings
from fiks.core.audit import Audit
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.konfigurasjon import (
    contact,
    grant_persons,
    grant_queries,
    grants,
    queries,
    reviews,
    sessions,
)
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.grant_models import Tilgang
from fiks.konfigurasjon.organisation_rules import Personopplysninger
from fiks.konfigurasjon.rules import P, Periode, is_unused
from portal import create_app
from tests.integration.databases import Database
from tests.integration.houses import HOUSE, Hus, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import (
    acts,
    grant_row,
    grants_of,
    gruppe,
    integrasjon,
    last_act,
    make_gruppe,
    make_integrasjon,
    person,
)
from tests.integration.utsending.browser import Browser, open_session, text_of, token_of
from tests.security.pagecheck import faults


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("objekter")
    values = {"FIKS_ENV": "test", "DATABASE_URL": database.app_url, "OBJECT_STORE_URL": f"file://{folder}"}
    made = create_app(Settings.from_env(values))
    made.config["TESTING"] = True
    made.test_client_class = Browser
    return made


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        session().rollback()


@pytest.fixture
def hus() -> Hus:
    return make_hus()


class Besok:
    """Somebody at a browser in the kommune; `ressurs` None is the organisation's own."""

    def __init__(
        self, app: Flask, hus: Hus, *privileges: P, ressurs: UUID | None = None, minutes_ago: float = 0
    ) -> None:
        self.pid, self.organisasjon_id = new_fnr(), hus.organisasjon_id
        self.id = konfigurasjon.register_person(self.pid, navn="Anne Admin", actor=HOUSE)
        for privilege in privileges:
            konfigurasjon.grant_privilegium(self.id, privilege, ressurs or hus.organisasjon_id, actor=HOUSE)
        token = open_session(self.pid, acr=4, minutes_ago=minutes_ago)
        sessions.choose_organisation(token, hus.organisasjon_id)
        client = app.test_client()
        assert isinstance(client, Browser)
        client.set_cookie("fiks", token)
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def read(self, path: str) -> str:
        """The page's source, which must be there and well made."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.location)
        assert not faults(answer.text)
        return answer.text

    def send(self, page: str, action: str | None = None, **data: str) -> TestResponse:
        return self.send_as(self.read(page), action or page, data, page)

    def send_as(self, html: str, action: str, data: dict[str, str], page: str) -> TestResponse:
        """Send a form that is already open."""
        return self.client.post(
            action,
            data={"csrf_token": token_of(html), **data},
            headers={"Referer": f"http://localhost{page}"},
        )


@pytest.fixture
def admin(app: Flask, hus: Hus) -> Besok:
    return Besok(app, hus, P.ADMIN)


def ressurs_page(ressurs_id: UUID) -> str:
    return f"/tilganger/ressurser/{ressurs_id}"


def form_of(html: str) -> dict[str, str]:
    """The matrix as the browser would send it without a change."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]+>", html[html.index('name="vist"') - 60 :]):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") == "hidden" or (given.get("type") == "checkbox" and " checked" in tag):
            found[given["name"]] = given.get("value", "")
    return found


def box(person_id: UUID, privilege: P, kind: str = "PERSON") -> str:
    return f"celle.{kind}.{person_id}.{privilege}"


def save(visitor: Besok, ressurs_id: UUID, html: str, *, tick: str = "", untick: str = "") -> TestResponse:
    """Send the open matrix with one box changed."""
    form = form_of(html)
    if tick:
        assert f'name="{tick}"' in html
        form[tick] = "ja"
    if untick:
        del form[untick]
    return visitor.send_as(html, ressurs_page(ressurs_id), form, ressurs_page(ressurs_id))


def confirm(visitor: Besok, answer: TestResponse) -> TestResponse:
    """Answer the question one was led to with yes."""
    assert answer.status_code == 303, answer.status_code
    assert answer.location is not None and "bekreft" in answer.location, answer.location
    html = visitor.read(answer.location)
    utkast = re.search(r'name="utkast" value="([^"]+)"', html)
    assert utkast
    return visitor.send_as(html, answer.location.split("?")[0], {"utkast": utkast.group(1)}, answer.location)


def held(person_id: UUID, ressurs_id: UUID) -> set[str]:
    session().rollback()
    return {row.privilegium for row in grants_of(person_id) if row.ressurs_id == ressurs_id}


def test_the_old_address_leads_to_the_new_page(admin: Besok) -> None:
    answer = admin.get("/privilegier")
    assert (answer.status_code, answer.location) == (301, "/tilganger")


def test_the_front_page_shows_the_tree_with_the_number_of_grants_on_each(admin: Besok, hus: Hus) -> None:
    make_person(P.SENDE, P.LESE, ressurs=hus.konto_id)
    page = admin.read("/tilganger")
    assert "Eiendomsskatt Konto 2" in text_of(page)
    assert f'href="{ressurs_page(hus.konto_id)}"' in page
    assert 'aria-current="page">Ressurser' in page
    assert "gjennomgang" not in text_of(page)


def test_who_administers_one_konto_sees_that_konto_and_nothing_above_it(app: Flask, hus: Hus) -> None:
    visitor = Besok(app, hus, P.ADMIN, ressurs=hus.konto_id)
    page = visitor.read("/tilganger")
    assert "Eiendomsskatt" in page
    assert f'href="{ressurs_page(hus.organisasjon_id)}"' not in page
    assert 'href="/tilganger"' in page, "the menu leads there"
    assert visitor.get(ressurs_page(hus.organisasjon_id)).status_code == 404
    konto = visitor.read(ressurs_page(hus.konto_id))
    assert "Arvet fra Lillevik kommune" in text_of(konto)
    assert f'href="{ressurs_page(hus.organisasjon_id)}"' not in konto


def test_an_open_review_and_unused_grants_are_told_on_the_front_page(admin: Besok, hus: Hus) -> None:
    idle = make_person(P.SENDE, ressurs=hus.konto_id, navn="Stille Stian")
    make_person(P.SENDE, ressurs=hus.konto_id, navn="Nye Nina")
    age(idle, days=91)
    reviews.start_review(hus.organisasjon_id, actor=HOUSE)
    page = text_of(admin.read("/tilganger"))
    assert "1 tilgang er ikke brukt på 90 dager" in page
    assert "Hver tilgang skal beholdes eller fjernes innen" in page
    listed = admin.read("/tilganger/personer?ubrukt=ja")
    assert "Stille Stian" in listed
    assert "Nye Nina" not in listed
    assert "ikke brukt på 90 dager" in admin.read(ressurs_page(hus.konto_id))
    assert "Ikke på 90 dager" in admin.read(f"/tilganger/personer/{idle}")


def age(person_id: UUID, *, days: int) -> None:
    """Let the person's grants be so old."""
    then = func.now() - timedelta(days=days)
    with transaction() as tx:
        tx.execute(update(Tilgang).where(Tilgang.person_id == person_id).values(gyldig_fra=then))


def test_who_may_only_read_sees_the_matrix_without_a_box_or_a_button(app: Flask, hus: Hus) -> None:
    make_person(P.SENDE, ressurs=hus.konto_id, navn="Nils Sender")
    page = Besok(app, hus, P.ORG_LES).read(ressurs_page(hus.konto_id))
    assert "Nils Sender" in page
    assert 'type="checkbox"' not in page
    assert "Lagre endringer" not in page
    assert "Gi tilgang" not in page


def test_who_holds_only_other_things_gets_a_page_that_says_whom_to_ask(app: Flask, hus: Hus) -> None:
    answer = Besok(app, hus, P.SENDE, ressurs=hus.konto_id).get("/tilganger")
    assert answer.status_code == 403
    assert "Be administrator i kommunen om tilgang" in answer.text


def test_s17_11_the_matrix_tells_what_is_inherited_and_from_where_and_has_no_box_for_it(
    admin: Besok, hus: Hus
) -> None:
    page = admin.read(ressurs_page(hus.konto_id))
    assert f'Arvet fra <a class="ds-link" href="{ressurs_page(hus.organisasjon_id)}">' in page
    assert f'name="{box(admin.id, P.SENDE)}"' not in page
    assert f'name="{box(admin.id, P.SE_SPERRET)}"' in page, "the restricted lane is not inherited"


def test_a_box_is_named_by_privilege_and_holder_and_a_column_says_what_it_means(
    admin: Besok, hus: Hus
) -> None:
    make_person(P.SENDE, ressurs=hus.konto_id, navn="Nils Sender")
    page = admin.read(ressurs_page(hus.konto_id))
    assert 'aria-label="Lage utsendinger – Nils Sender" checked' in page
    assert "Lage utsendinger Klargjøre, sende til godkjenning og frigi" in text_of(page)


def test_a_machine_is_shown_but_changed_elsewhere(admin: Besok, hus: Hus) -> None:
    machine = make_integrasjon(hus.organisasjon_id)
    grants.grant(hus.konto_id, innehaver=integrasjon(machine), privilegier=[P.SENDE], actor=HOUSE)
    page = admin.read(ressurs_page(hus.konto_id))
    assert "Fagsystem" in page
    assert box(machine, P.SENDE, "INTEGRASJON") not in page
    forged = form_of(page) | {f"rad.INTEGRASJON.{machine}": "", box(machine, P.LESE, "INTEGRASJON"): "ja"}
    assert admin.send_as(page, ressurs_page(hus.konto_id), forged, "/").status_code == 404
    assert len(acts_of(machine)) == 1


def acts_of(integrasjon_id: UUID) -> list[str]:
    rows = select(Tilgang.privilegium).where(Tilgang.integrasjon_id == integrasjon_id)
    return list(session().scalars(rows))


def test_a_tick_is_saved_at_once_and_is_the_next_requests_right(admin: Besok, hus: Hus) -> None:
    someone = make_person(P.LESE, ressurs=hus.konto_id, navn="Nils Leser")
    html = admin.read(ressurs_page(hus.konto_id))
    answer = save(admin, hus.konto_id, html, tick=box(someone, P.SENDE))
    assert (answer.status_code, answer.location) == (303, ressurs_page(hus.konto_id))
    assert held(someone, hus.konto_id) == {P.LESE, P.SENDE}
    assert "Endringene er lagret. De virker med en gang." in admin.read(ressurs_page(hus.konto_id))


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


def test_a_question_that_is_answered_too_late_or_twice_changes_nothing(admin: Besok, hus: Hus) -> None:
    someone = make_person(P.SENDE, ressurs=hus.konto_id)
    asked = save(admin, hus.konto_id, admin.read(ressurs_page(hus.konto_id)), untick=box(someone, P.SENDE))
    confirm(admin, asked)
    before = acts(hus.organisasjon_id)
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


def session_of(visitor: Besok, *, minutes: float) -> None:
    """Let the visitor have logged in so many minutes ago."""
    token = open_session(visitor.pid, acr=4, minutes_ago=minutes)
    sessions.choose_organisation(token, visitor.organisasjon_id)
    visitor.client.set_cookie("fiks", token)


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
        grants.revoke(first, actor=HOUSE)
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
    assert admin.send(f"/tilganger/{own.id}/slutt", til="31.12.2099").status_code == 409
    assert admin.send(f"/tilganger/personer/{admin.id}/sluttet").status_code == 409
    assert held(admin.id, hus.organisasjon_id) == {P.ADMIN}


def test_two_administrators_at_one_matrix_the_second_is_told_and_nothing_is_lost(
    app: Flask, hus: Hus
) -> None:
    """Acceptance: both open it, one saves, the other's save shows both and has written nothing."""
    a, b = Besok(app, hus, P.ADMIN), Besok(app, hus, P.ADMIN)
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    ola = make_person(P.LESE, P.STOPPE, ressurs=hus.konto_id, navn="Ola Havnes")
    seen_by_a, seen_by_b = a.read(ressurs_page(hus.konto_id)), b.read(ressurs_page(hus.konto_id))
    assert save(a, hus.konto_id, seen_by_a, tick=box(kari, P.SENDE)).status_code == 303
    before = acts(hus.organisasjon_id)
    told = save(b, hus.konto_id, seen_by_b, tick=box(ola, P.GODKJENNE))
    assert told.status_code == 409
    assert not faults(told.text)
    assert "Noen andre har endret tilgangene" in text_of(told.text)
    assert "Du ville gi: Godkjenne – Ola Havnes" in text_of(told.text)
    assert 'aria-label="Lage utsendinger – Kari Nordmann" checked' in told.text, "what A saved"
    assert 'aria-label="Godkjenne – Ola Havnes" checked' in told.text, "what B had ticked"
    assert "Ikke lagret" in text_of(told.text)
    assert (held(kari, hus.konto_id), held(ola, hus.konto_id)) == ({P.LESE, P.SENDE}, {P.LESE, P.STOPPE})
    assert acts(hus.organisasjon_id) == before
    again = b.send_as(told.text, ressurs_page(hus.konto_id), form_of(told.text), ressurs_page(hus.konto_id))
    assert again.status_code == 303
    assert (held(kari, hus.konto_id), held(ola, hus.konto_id)) == (
        {P.LESE, P.SENDE},
        {P.LESE, P.STOPPE, P.GODKJENNE},
    )


def test_a_change_between_the_question_and_the_answer_is_told_too(app: Flask, hus: Hus) -> None:
    a, b = Besok(app, hus, P.ADMIN), Besok(app, hus, P.ADMIN)
    kari = make_person(P.LESE, P.STOPPE, ressurs=hus.konto_id, navn="Kari Nordmann")
    asked = save(b, hus.konto_id, b.read(ressurs_page(hus.konto_id)), untick=box(kari, P.LESE))
    html = b.read(str(asked.location))
    confirm(a, save(a, hus.konto_id, a.read(ressurs_page(hus.konto_id)), untick=box(kari, P.LESE)))
    utkast = str(asked.location).split("utkast=")[1]
    told = b.send_as(html, f"{ressurs_page(hus.konto_id)}/bekreft", {"utkast": utkast}, "/")
    assert told.status_code == 409
    assert "Du ville fjerne: Se utsendinger – Kari Nordmann: er alt fjernet" in text_of(told.text)
    assert held(kari, hus.konto_id) == {P.STOPPE}


def test_s17_03_a_revoked_grant_stops_the_next_request_of_a_live_session(
    app: Flask, admin: Besok, hus: Hus
) -> None:
    sender = Besok(app, hus, P.SENDE, ressurs=hus.konto_id)
    assert sender.get("/utsendinger/ny").status_code == 200
    html = admin.read(ressurs_page(hus.konto_id))
    confirm(admin, save(admin, hus.konto_id, html, untick=box(sender.id, P.SENDE)))
    assert sender.get("/utsendinger/ny").status_code == 403


def test_s17_03_an_administrator_of_a_konto_reaches_neither_what_is_above_nor_a_sibling(
    app: Flask, hus: Hus
) -> None:
    sibling = konfigurasjon.create_konto(
        hus.organisasjon_id, visningsnavn="Avgifter", avsender=f"a-{uuid4()}", actor=HOUSE
    )
    someone = make_person(P.SENDE, ressurs=sibling)
    [grant] = grants_of(someone)
    visitor = Besok(app, hus, P.ADMIN, ressurs=hus.konto_id)
    for path in (
        ressurs_page(sibling),
        f"{ressurs_page(sibling)}/ny",
        f"{ressurs_page(hus.organisasjon_id)}/ny",
        f"/tilganger/{grant.id}/fjern",
        f"/tilganger/personer/{someone}",
    ):
        assert visitor.get(path).status_code == 404, path
    assert visitor.get(f"/tilganger/personer/{visitor.id}/sluttet").status_code in (403, 404)


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


def give(visitor: Besok, hus: Hus, **data: str) -> TestResponse:
    page = f"{ressurs_page(hus.konto_id)}/ny"
    return visitor.send(page, page, **data)


SENDE, ADMIN = {f"privilegium.{P.SENDE}": "ja"}, {f"privilegium.{P.ADMIN}": "ja"}


def test_a_new_person_is_given_something_by_number_and_name(admin: Besok, hus: Hus) -> None:
    fnr = new_fnr()
    answer = give(
        admin, hus, hvem="NY", fnr=f"{fnr[:6]} {fnr[6:]}", navn="Nora Ny", begrunnelse="Vikar", **SENDE
    )
    assert answer.location == ressurs_page(hus.konto_id)
    page = admin.read(ressurs_page(hus.konto_id))
    assert "Nora Ny har fått tilgangen" in page
    assert fnr not in page
    made = konfigurasjon.person_by_pid(fnr)
    assert made is not None
    [row] = grants_of(made)
    assert (row.privilegium, row.begrunnelse, row.gyldig_til) == (P.SENDE, "Vikar", None)


def test_somebody_known_here_is_found_by_name_and_chosen(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    page = give(admin, hus, sok="nordm", finn="ja", begrunnelse="Skal sende", **SENDE)
    assert page.status_code == 200
    assert f'value="PERSON:{kari}"' in page.text
    assert "Skal sende" in page.text, "what was written is kept"
    assert not faults(page.text)
    assert held(kari, hus.konto_id) == {P.LESE}, "to look is not to give"
    assert give(admin, hus, hvem=f"PERSON:{kari}", **SENDE).status_code == 303
    assert held(kari, hus.konto_id) == {P.LESE, P.SENDE}


def test_a_group_is_given_something(admin: Besok, hus: Hus) -> None:
    member = make_person()
    group = make_gruppe(hus, member, navn="Skatt")
    assert "Gruppen Skatt" in admin.read(f"{ressurs_page(hus.konto_id)}/ny")
    assert give(admin, hus, hvem=f"GRUPPE:{group}", **SENDE).status_code == 303
    assert queries.is_authorised(member, P.SENDE, hus.konto_id)
    assert "Skatt" in admin.read(ressurs_page(hus.konto_id))


def test_s17_07_days_are_whole_days_in_oslo(admin: Besok, hus: Hus) -> None:
    fnr = new_fnr()
    days = {"fra": "01.12.2098", "til": "31.12.2098"}
    assert give(admin, hus, hvem="NY", fnr=fnr, navn="Nora Ny", **days, **SENDE).status_code == 303
    made = konfigurasjon.person_by_pid(fnr)
    assert made is not None
    [row] = grants_of(made)
    assert row.gyldig_fra.isoformat() == "2098-11-30T23:00:00+00:00"
    assert row.gyldig_til is not None
    assert row.gyldig_til.isoformat() == "2098-12-31T23:00:00+00:00"
    page = text_of(admin.read(ressurs_page(hus.konto_id)))
    assert "fra 01.12.2098 til og med 31.12.2098" in page
    assert "Gjelder ikke ennå" in admin.read(f"/tilganger/personer/{made}")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Velg hvem som skal få tilgangen"),
        ({"hvem": "PERSON:tull"}, "Velg hvem som skal få tilgangen"),
        ({"hvem": "NY", "fnr": "123", "navn": "Nora"}, "ikke gyldig"),
        ({"hvem": "NY", "navn": "N"}, "Skriv personens fulle navn"),
        ({"fra": "i morgen"}, "Skriv datoen på formen"),
        ({"fra": "01.01.2020"}, "Startdatoen er passert"),
        ({"til": "01.01.2020"}, "Sluttdatoen er passert"),
        ({"fra": "02.01.2099", "til": "01.01.2099"}, "Sluttdatoen er før startdatoen"),
    ],
)
def test_a_form_that_cannot_be_used_says_why_and_gives_nothing(
    admin: Besok, hus: Hus, data: dict[str, str], sentence: str
) -> None:
    before = acts(hus.organisasjon_id)
    answer = give(admin, hus, **data, **SENDE)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert not faults(answer.text)
    assert acts(hus.organisasjon_id) == before


def test_a_form_without_a_privilege_and_with_a_number_in_the_reason_is_refused(
    admin: Besok, hus: Hus
) -> None:
    fnr = new_fnr()
    answer = give(admin, hus, hvem="NY", fnr=fnr, navn="Nora Ny")
    assert (answer.status_code, "Velg minst én tilgang" in answer.text) == (422, True)
    assert fnr not in answer.text, "a number is not sent back"
    answer = give(admin, hus, hvem="NY", fnr=fnr, navn="Nora Ny", begrunnelse=f"for {new_fnr()}", **SENDE)
    assert (answer.status_code, "uten fødselsnummer" in answer.text) == (422, True)
    assert konfigurasjon.person_by_pid(fnr) is None


def test_what_somebody_has_already_is_named_at_its_box_and_the_rest_not_given(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.SENDE, ressurs=hus.konto_id, navn="Kari Nordmann")
    both = {**SENDE, f"privilegium.{P.LESE}": "ja"}
    answer = give(admin, hus, hvem=f"PERSON:{kari}", **both)
    assert answer.status_code == 422
    assert "Lage utsendinger er gitt fra før" in answer.text
    assert not faults(answer.text)
    assert held(kari, hus.konto_id) == {P.SENDE}


def test_a_new_administrator_is_asked_about_and_the_number_never_sent_to_the_browser(
    app: Flask, hus: Hus
) -> None:
    stale, fnr = Besok(app, hus, P.ADMIN, minutes_ago=6), new_fnr()
    asked = give(stale, hus, hvem="NY", fnr=fnr, navn="Nora Ny", **ADMIN)
    assert fnr not in str(asked.location)
    assert stale.get(str(asked.location)).location.startswith("/innlogging/bekreft")
    session_of(stale, minutes=0)
    question = stale.read(str(asked.location))
    assert fnr not in question
    assert "En administrator kan gi og fjerne tilganger her" in text_of(question)
    assert konfigurasjon.person_by_pid(fnr) is None
    assert confirm(stale, asked).location == ressurs_page(hus.konto_id)
    made = konfigurasjon.person_by_pid(fnr)
    assert made is not None
    assert held(made, hus.konto_id) == {P.ADMIN}


def test_giving_oneself_something_by_ones_own_number_is_asked_about(admin: Besok, hus: Hus) -> None:
    asked = give(admin, hus, hvem="NY", fnr=admin.pid, navn="En Annen", **SENDE)
    assert "Vil du gi tilgang til deg selv?" in admin.read(str(asked.location))
    confirm(admin, asked)
    assert last_act(hus.organisasjon_id, "PRIVILEGIUM_GITT").detaljer["til_seg_selv"] is True


def test_one_grant_is_taken_away_after_a_question_that_says_what_is_lost(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.SENDE, P.LESE, ressurs=hus.konto_id, navn="Kari Nordmann")
    [grant] = [row for row in grants_of(kari) if row.privilegium == P.SENDE]
    page = f"/tilganger/{grant.id}/fjern"
    assert "Kari Nordmann mister «Lage utsendinger» på Eiendomsskatt" in text_of(admin.read(page))
    assert held(kari, hus.konto_id) == {P.SENDE, P.LESE}
    assert admin.send(page).status_code == 303
    assert held(kari, hus.konto_id) == {P.LESE}
    again = admin.get(page)
    assert (again.status_code, "alt avsluttet" in again.text) == (409, True)


def test_an_end_is_set_moved_and_taken_away(admin: Besok, hus: Hus) -> None:
    [grant] = grants_of(make_person(P.SENDE, ressurs=hus.konto_id))
    page = f"/tilganger/{grant.id}/slutt"
    wrong = admin.send(page, til="igår")
    assert (wrong.status_code, 'value="igår"' in wrong.text, faults(wrong.text)) == (422, True, [])
    assert admin.send(page, til="01.01.2020").status_code == 422
    assert admin.send(page, til="31.12.2099").status_code == 303
    assert "Til og med" in admin.read(page)
    assert 'value="31.12.2099"' in admin.read(page)
    assert admin.send(page, til="").status_code == 303
    assert grant_row(grant.id).gyldig_til is None
    assert acts(hus.organisasjon_id).count("TILGANG_ENDRET") == 2


def test_to_let_an_administrator_last_longer_asks_for_a_new_login_and_keeps_the_day(
    app: Flask, hus: Hus
) -> None:
    admin, other = Besok(app, hus, P.ADMIN), make_person()
    [grant] = grants.grant(
        hus.konto_id,
        innehaver=person(other),
        privilegier=[P.ADMIN],
        periode=Periode(til=_in_days(10)),
        actor=HOUSE,
    )
    page = f"/tilganger/{grant}/slutt"
    assert "Endre sluttdato" in admin.read(page)
    session_of(admin, minutes=6)
    assert admin.get(page).location.startswith("/innlogging/bekreft"), "asked before the form is filled in"
    token = token_of(admin.read("/hjelp"))
    answer = admin.client.post(page, data={"csrf_token": token, "til": "31.12.2099"})
    assert answer.location.startswith("/innlogging/bekreft?neste=")
    assert "31.12.2099" in answer.location
    session_of(admin, minutes=0)
    assert 'value="31.12.2099"' in admin.read(f"{page}?til=31.12.2099")


def _in_days(days: int) -> Any:
    return session().execute(select(func.now() + timedelta(days=days))).scalar_one()


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
    grants.grant(hus.konto_id, innehaver=gruppe(group), privilegier=[P.SENDE], actor=HOUSE)
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
    question = text_of(admin.read(page))
    assert "Lage utsendinger på Eiendomsskatt" in question
    assert "Plassen i gruppen Skatt" in question
    assert admin.send(page).location == "/tilganger/personer"
    assert "Tilganger: 2. Grupper: 1. Avsluttede innlogginger: 1." in text_of(
        admin.read("/tilganger/personer")
    )
    assert held(leaver.id, hus.konto_id) == set()
    assert leaver.get("/utsendinger/ny").location.startswith(("/logg-inn", "/innlogging/start"))
    assert admin.get(page).status_code == 404


def test_a_grant_and_a_ressurs_of_another_organisation_do_not_exist_while_one_works_here(
    app: Flask, admin: Besok, hus: Hus
) -> None:
    """Also for somebody who is administrator of both."""
    other = make_hus("Fjordvik kommune")
    konfigurasjon.grant_privilegium(admin.id, P.ADMIN, other.organisasjon_id, actor=HOUSE)
    theirs = make_person(P.LESE, ressurs=other.konto_id)
    [grant] = grants_of(theirs)
    for path in (
        ressurs_page(other.konto_id),
        f"{ressurs_page(other.konto_id)}/ny",
        f"/tilganger/{grant.id}/fjern",
        f"/tilganger/{grant.id}/slutt",
        f"/tilganger/personer/{theirs}",
    ):
        assert admin.get(path).status_code == 404, path


def test_looking_writes_nothing_in_the_audit(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.LESE, ressurs=hus.konto_id)
    [grant] = grants_of(kari)
    newest = select(func.max(Audit.id))
    before = session().execute(newest).scalar_one()
    for path in (
        "/tilganger",
        ressurs_page(hus.konto_id),
        f"{ressurs_page(hus.konto_id)}/ny",
        "/tilganger/personer",
        f"/tilganger/personer/{kari}",
        f"/tilganger/personer/{kari}/sluttet",
        f"/tilganger/{grant.id}/fjern",
        f"/tilganger/{grant.id}/slutt",
    ):
        admin.read(path)
    session().rollback()
    assert session().execute(newest).scalar_one() == before


def test_more_holders_than_are_shown_are_told_about(
    admin: Besok, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fiks.konfigurasjon.grant_matrix.HOLDERS", 2)
    for n in range(3):
        make_person(P.LESE, ressurs=hus.konto_id, navn=f"Person {n}")
    page = text_of(admin.read(ressurs_page(hus.konto_id)))
    assert "Det er flere enn vi viser her" in page
    assert "Person 2" not in page
    assert "Person 2" in admin.read(f"{ressurs_page(hus.konto_id)}?sok=person 2")


@pytest.mark.parametrize(
    ("fra", "brukt"), [(91, None), (89, None), (400, 91), (400, 89), (-1, None), (10, 200)]
)
def test_the_database_counts_as_unused_what_the_rule_does(hus: Hus, fra: int, brukt: int | None) -> None:
    someone = make_person(P.LESE, ressurs=hus.konto_id)
    now = database_now()
    begun, used = now - timedelta(days=fra), None if brukt is None else now - timedelta(days=brukt)
    with transaction() as tx:
        mine = update(Tilgang).where(Tilgang.person_id == someone)
        tx.execute(mine.values(gyldig_fra=begun, sist_brukt=used))
    counted = grant_queries.unused_count(hus.organisasjon_id, actor=HOUSE)
    assert counted == int(is_unused(begun, used, now))
    [line] = grant_persons.person(someone, hus.organisasjon_id, actor=HOUSE).linjer
    assert (line.ubrukt, line.kommende) == (bool(counted), fra < 0)


def test_an_agreement_administrator_who_leaves_is_named_as_one(admin: Besok, hus: Hus) -> None:
    signer = Personopplysninger(new_fnr(), "Sigrid Signer")
    contact.set_avtaleadministrator(hus.organisasjon_id, signer, actor=HOUSE)
    person_id = konfigurasjon.person_by_pid(signer.fnr)
    assert "Er avtaleadministrator" in admin.read(f"/tilganger/personer/{person_id}")
    assert "Rollen som avtaleadministrator" in admin.read(f"/tilganger/personer/{person_id}/sluttet")
