"""The other kommune's things: asked for by whoever holds every right at home, they are answered as if they were not.

The answer is compared with the one for a random id: same status, same headers, same body but for what is new in every
answer (the error's id, the form's token).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from fiks.core.db import session
from fiks.konfigurasjon.models import Tilgang
from fiks.utsending.rules import Utsendingstatus
from tests.integration.utsending.browser import citizen, text_of
from tests.security.people import Scene, browser, csrf
from tests.security.reviewed import REVIEWED
from tests.security.things import ROW, Things, hand_over, make_things

U = Utsendingstatus
MARK = "Fjordvikhemmelig"
"""Stands in the title of Fjordvik's mailing and in the name of its template."""

WITH_ID = [
    (endpoint, method)
    for endpoint, rute in REVIEWED.items()
    if rute.om in ("utsending", "forsendelse")
    for method in rute.metoder.split()
]
CHANGES = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(csrf_token" value=|X-CSRFToken": )"[^"]*"')


@pytest.fixture(scope="module")
def foreign(app: Flask, scene: Scene) -> dict[Utsendingstatus, Things]:
    """Fjordvik's mailings by status."""
    with app.app_context():
        return {
            status: make_things(scene.fjordvik, status, tittel=MARK, mal=MARK)
            for status in {rute.status for rute in REVIEWED.values()}
        }


@pytest.fixture(scope="module")
def own(app: Flask, scene: Scene) -> Things:
    """A mailing of Lillevik's; its preview was ordered by the administrator."""
    with app.app_context():
        return make_things(scene.lillevik, bestilt_av=scene.person["admin"])


@dataclass
class Administrator:
    """Lillevik's: every right there, none in Fjordvik. A new login for each question, so no message waits in it."""

    app: Flask
    scene: Scene

    def ask(self, endpoint: str, method: str, values: dict[str, Any]) -> TestResponse:
        return ask(self.app, browser(self.app, self.scene, "admin"), endpoint, method, values)

    def get(self, page: str, **query: Any) -> TestResponse:
        return browser(self.app, self.scene, "admin").get(page, query_string=query or None)

    def post(self, page: str, **form: str) -> TestResponse:
        client = browser(self.app, self.scene, "admin")
        return client.post(page, data=csrf(client) | form)


@pytest.fixture
def admin(app: Flask, scene: Scene) -> Administrator:
    return Administrator(app, scene)


def told(answer: TestResponse) -> tuple[int, dict[str, str], str]:
    """What the visitor can tell one answer from another by."""
    headers = {n: v for n, v in answer.headers if n not in ("Set-Cookie", "Content-Length")}
    return answer.status_code, headers, CHANGES.sub("…", answer.text)


def ask(app: Flask, client: FlaskClient, endpoint: str, method: str, values: dict[str, Any]) -> TestResponse:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    with app.test_request_context():
        built = rule.build({n: v for n, v in values.items() if n in rule.arguments}, append_unknown=False)
    assert built is not None
    headers = {"HX-Request": "true"} if REVIEWED[endpoint].bit else {}
    return client.open(
        built[1], method=method, headers=headers, data=csrf(client) if method == "POST" else None
    )


@pytest.mark.parametrize(("endpoint", "method"), WITH_ID)
def test_the_other_kommunes_mailing_or_letter_is_answered_as_one_that_is_not_there(
    app: Flask, admin: Administrator, foreign: dict[Utsendingstatus, Things], endpoint: str, method: str
) -> None:
    things = foreign[REVIEWED[endpoint].status]
    theirs = told(admin.ask(endpoint, method, things.values()))
    nobodys = told(
        admin.ask(endpoint, method, things.values() | {"utsending_id": uuid4(), "forsendelse_id": uuid4()})
    )
    assert theirs == nobodys
    assert theirs[0] == 404
    assert MARK not in theirs[2]


RECEIVED = [
    (endpoint, method)
    for endpoint, rute in REVIEWED.items()
    if rute.om == "mottak"
    for method in rute.metoder.split()
]


@pytest.mark.parametrize(("endpoint", "method"), RECEIVED)
def test_the_other_kommunes_waiting_letter_is_answered_as_one_that_is_not_there(
    app: Flask, admin: Administrator, foreign: dict[Utsendingstatus, Things], endpoint: str, method: str
) -> None:
    """Altinn lets the visitor see the post of its receiver; it waits for a system of the other kommune's."""
    values = foreign[U.UTKAST].values("mottak")
    theirs = told(admin.ask(endpoint, method, values))
    nobodys = told(admin.ask(endpoint, method, values | {"forsendelse_id": uuid4()}))
    assert theirs == nobodys
    assert theirs[0] == 404


ABOUT = {
    "konto": ("ressurs_id", "konto_id", "smskonto_id"),
    "tilgang": ("tilgang_id",),
    "kollega": ("person_id",),
}
ADMINISTERED = [
    (endpoint, method)
    for endpoint, rute in REVIEWED.items()
    if rute.om in ABOUT
    for method in rute.metoder.split()
]


@pytest.mark.parametrize(("endpoint", "method"), ADMINISTERED)
def test_the_other_kommunes_ressurs_grant_and_person_are_answered_as_ones_that_are_not_there(
    app: Flask, admin: Administrator, foreign: dict[Utsendingstatus, Things], endpoint: str, method: str
) -> None:
    values = foreign[U.UTKAST].values()
    theirs = told(admin.ask(endpoint, method, values))
    nobodys = told(admin.ask(endpoint, method, values | dict.fromkeys(ABOUT[REVIEWED[endpoint].om], uuid4())))
    assert theirs == nobodys
    assert theirs[0] == 404


@pytest.mark.parametrize(
    ("endpoint", "part"),
    [
        ("utsending.forhandsvisning", "del_id"),
        ("utsending.visning_venter", "del_id"),
        ("utsending.visning_side", "del_id"),
        ("utsending.visning_pdf", "del_id"),
        ("utsending.visning_dokument", "del_id"),
        ("utsending.godkjenning_bilde", "del_id"),
    ],
)
def test_a_preview_is_found_only_in_its_own_mailing_and_by_whoever_ordered_it(
    app: Flask,
    scene: Scene,
    admin: Administrator,
    own: Things,
    foreign: dict[Utsendingstatus, Things],
    endpoint: str,
    part: str,
) -> None:
    """The mailing's id is one's own, the part's id is somebody else's."""
    assert admin.ask(endpoint, "GET", own.values()).status_code == 200
    nobodys = told(admin.ask(endpoint, "GET", own.values() | {part: 2_000_000_000}))
    theirs = told(admin.ask(endpoint, "GET", own.values() | {part: foreign[U.UTKAST].del_id}))
    assert theirs == nobodys
    with app.app_context():
        colleagues = make_things(scene.lillevik, bestilt_av=scene.person["sende"])
    assert told(admin.ask(endpoint, "GET", colleagues.values())) == nobodys
    assert nobodys[0] == 404


@pytest.mark.parametrize("endpoint", ["utsending.dokumentside", "utsending.tidslinje"])
def test_a_part_that_is_not_there_is_404(
    app: Flask, admin: Administrator, own: Things, endpoint: str
) -> None:
    for missing in (0, 99, 2**31, 2**63):
        values = own.values() | {"side": missing, "radnr": missing}
        assert admin.ask(endpoint, "GET", values).status_code == 404


@pytest.mark.parametrize("field", ["versjon", "bygger_pa", "mal"])
def test_the_other_kommunes_template_cannot_be_opened_built_on_or_used(
    app: Flask, admin: Administrator, own: Things, foreign: dict[Utsendingstatus, Things], field: str
) -> None:
    """The id is in the query or in the form."""
    page = f"/utsendinger/{own.utsending_id}/brev"

    def answer(version: UUID) -> TestResponse:
        if field == "versjon":
            return admin.get(f"{page}/rediger", versjon=str(version))
        # What the page showed: who edits a template says which one was chosen when they began.
        shown = re.findall(r'name="(sett)" value="([^"]*)"', admin.get(f"{page}/rediger").text)
        form = {field: str(version), "navn": "Ny", "kilde_nb": "Hei.", "tittel_nb": "Hei"} | dict(shown)
        return admin.post(f"{page}/{'mal' if field == 'mal' else 'rediger'}", **form)

    theirs, nobodys = answer(foreign[U.UTKAST].malversjon_id), answer(uuid4())
    assert told(theirs) == told(nobodys)
    assert theirs.status_code in (404, 422)
    assert MARK not in theirs.text
    ones_own = answer(own.malversjon_id)
    assert ones_own.status_code in (200, 303), text_of(ones_own.text)


def test_a_mailing_cannot_be_begun_on_a_konto_one_may_not_send_from(app: Flask, scene: Scene) -> None:
    client = browser(app, scene, "sende")

    def answer(konto: UUID) -> TestResponse:
        form = csrf(client) | {
            "konto": str(konto),
            "tittel": "Ny",
            "art": "FLETTEBREV",
            "sikkerhetsniva": "BETYDELIG",
            "brevdato": "01.01.2090",
        }
        return client.post("/utsendinger/ny", data=form | {"levering": "DIGITALT_FORST"})

    nobodys = told(answer(uuid4()))
    assert nobodys[0] == 422
    assert told(answer(scene.fjordvik.konto_id)) == nobodys
    assert told(answer(scene.annen_konto)) == nobodys
    assert answer(scene.lillevik.konto_id).status_code == 303


def test_an_organisation_one_has_nothing_in_cannot_be_chosen(app: Flask, scene: Scene) -> None:
    client = browser(app, scene, "admin")
    answers = [
        told(client.post("/velg-organisasjon", data=csrf(client) | {"organisasjon": str(organisation)}))
        for organisation in (scene.fjordvik.id, uuid4())
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_lists_numbers_and_searches_tell_nothing_of_the_other_kommune(
    app: Flask, admin: Administrator, foreign: dict[Utsendingstatus, Things]
) -> None:
    with app.app_context():
        number = text("SELECT nr FROM utsending WHERE id = :id")
        numbers = [
            session().execute(number, {"id": things.utsending_id}).scalar_one() for things in foreign.values()
        ]
    lists = (
        "/oversikt",
        "/oversikt/statistikk",
        "/utsendinger",
        "/utsendinger?for=999999999",
        "/forsendelser",
    )
    for page in (*lists, f"/forsendelser?for=9999999999999999.{UUID(int=2**128 - 1)}"):
        assert MARK not in admin.get(page).text
    for status in Utsendingstatus:
        assert MARK not in admin.get(f"/utsendinger?status={status}").text
    for search in (*numbers, MARK.lower(), "%", "_", "Fjordvik%"):
        shown = admin.get("/utsendinger", sok=search).text
        assert not [t for t in foreign.values() if str(t.utsending_id) in shown], search


def test_administration_pages_and_their_keys_stay_in_the_organisation(
    app: Flask, scene: Scene, foreign: dict[Utsendingstatus, Things]
) -> None:
    """Keyset keys are ids too: another kommune's takes one nowhere."""
    client = browser(app, scene, "revisor")
    with app.app_context():
        theirs = session().scalar(
            select(Tilgang.person_id).where(Tilgang.ressurs_id == scene.fjordvik.id).limit(1)
        )
        newest = session().execute(text("SELECT max(id) + 1 FROM audit")).scalar_one()
    ids = [str(things.utsending_id) for things in foreign.values()]
    pages = [
        "/konfigurasjon",
        "/tilganger",
        "/tilganger/personer",
        f"/tilganger/personer?etter={theirs}",
        f"/tilganger/personer?etter={UUID(int=0)}",
    ]
    for page in (
        *pages,
        "/revisjonslogg",
        f"/revisjonslogg?for={newest}",
        "/revisjonslogg?handling=UTSENDING_FRIGITT",
    ):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "Fjordvik" not in answer.text
        assert not [one for one in ids if one in answer.text]


def test_a_citizen_gets_nobody_elses_letter(
    app: Flask, scene: Scene, foreign: dict[Utsendingstatus, Things]
) -> None:
    letter = foreign[U.SENDES]
    with app.app_context():
        receiver, other = citizen(app, letter.pid, acr=4), citizen(app, scene.pid["mottaker"], acr=4)
    page = f"/forsendelse/{letter.forsendelse_id}"
    assert receiver.get(f"{page}/1").status_code == 200
    nobodys = told(other.get(f"/forsendelse/{uuid4()}/1"))
    assert nobodys[0] == 404
    for client in (other, browser(app, scene, "admin"), browser(app, scene, "annen_kommune")):
        assert told(client.get(f"{page}/1"))[0] == 404
    assert told(other.get(f"{page}/1")) == nobodys
    assert told(other.head(f"{page}/1"))[0] == 404
    for number in (0, 2, 99, 2**31):
        assert receiver.get(f"{page}/{number}").status_code == 404


def test_a_citizen_sees_nobody_elses_letter_in_the_list_or_on_a_page(app: Flask, scene: Scene) -> None:
    with app.app_context():
        letter = make_things(scene.fjordvik, U.SENDES, tittel=MARK)
        assert letter.forsendelse_id is not None
        hand_over(letter.forsendelse_id)
        receiver, other = citizen(app, letter.pid, acr=4), citizen(app, scene.pid["mottaker"], acr=4)
    page = f"/minside/post/{letter.forsendelse_id}"
    assert receiver.get(page).status_code == 200
    assert page in receiver.get("/minside/post").text
    nobodys = told(other.get(f"/minside/post/{uuid4()}"))
    assert nobodys[0] == 404
    assert told(other.get(page)) == nobodys
    assert told(browser(app, scene, "annen_kommune").get(page))[0] == 404
    link = f"/forsendelse/{letter.forsendelse_id}"
    assert receiver.get(link).status_code == 200
    assert told(other.get(link)) == told(other.get(f"/forsendelse/{uuid4()}")) == nobodys
    assert told(browser(app, scene, "annen_kommune").get(link))[0] == 404
    for query in ("", f"?etter={letter.forsendelse_id}", f"?avsender={scene.fjordvik.id}"):
        shown = other.get(f"/minside/post{query}").text
        assert page not in shown
        assert "Fjordvik" not in shown


def test_rights_on_one_konto_give_nothing_on_another_of_the_same_kommune(
    app: Flask, scene: Scene, own: Things
) -> None:
    """Neither by the pages nor by a row or preview of it."""
    client = browser(app, scene, "annen_konto")
    for endpoint, method in WITH_ID:
        answer = ask(app, client, endpoint, method, own.values())
        assert answer.status_code == 404, endpoint
    assert str(own.utsending_id) not in client.get("/utsendinger").text


def test_a_mailing_is_found_only_while_its_own_organisation_is_chosen(app: Flask, scene: Scene) -> None:
    """Rights in both kommuner do not mix: one works for one at a time."""
    with app.app_context():
        things = make_things(scene.lillevik)
        actor = scene.aktor("admin")
        assert (
            ask(app, browser(app, scene, "admin"), "utsending.detalj", "GET", things.values()).status_code
            == 200
        )
        session().execute(
            text("INSERT INTO tilgang (id, person_id, privilegium, ressurs_id) VALUES (:i, :p, 'ADMIN', :r)"),
            {"i": uuid4(), "p": actor.person_id, "r": scene.fjordvik.id},
        )
        session().commit()
    both = replace(scene, lillevik=scene.fjordvik)
    working_there = browser(app, both, "admin")
    assert ask(app, working_there, "utsending.detalj", "GET", things.values()).status_code == 404
    with app.app_context():
        session().execute(
            text("DELETE FROM tilgang WHERE person_id = :p AND ressurs_id = :r"),
            {"p": actor.person_id, "r": scene.fjordvik.id},
        )
        session().commit()
    assert ROW == 2
