"""What every request and answer must be like: tokens, reading that changes nothing, pages well made, nothing leaked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from fiks.core.db import session
from fiks.konfigurasjon.rules import P
from fiks.utsending.rules import Utsendingstatus
from portal.access.kinds import Slag
from portal.access.table import TILGANG
from portal.session.organisation_guard import GJELDER
from portal.texts import tekst
from testmiljo.staff import ROLES
from tests.integration.utsending.browser import text_of
from tests.pagecheck import Page, faults
from tests.security.crawl import Side, crawl, links
from tests.security.journey import Reise
from tests.security.numbers import numbers_in
from tests.security.people import Innlogget, Scene, browser, csrf
from tests.security.receivers import RECEIVERS
from tests.security.reviewed import REVIEWED
from tests.security.things import Things, make_things

pytestmark = pytest.mark.slow

POSTS = [endpoint for endpoint, rute in REVIEWED.items() if "POST" in rute.metoder]
SIGNED = ("innlogging.bakkanal",)
"""Called by ID-porten's machine, which has no session: what it takes is signed instead of tied to a form."""
FORMS = [one for one in POSTS if one not in SIGNED and REVIEWED[one].om != "maskin"]
"""What a person's browser posts. Machines prove themselves anew in every call."""
WITH_NUMBERS = ("feilliste.csv", "feilliste.xlsx", "eksempel.csv", "eksempel.xlsx")
"""Files to correct and send in again: the numbers stand in full for those who may send (the download is audited)."""

JUNK = (
    "\0",
    "9" * 30,
    "' OR 1=1 -- <script>alert(1)</script> {{ 7 * 7 }} ../../etc/passwd",
    "a\r\nSet-Cookie: x=1",
    "😀\u202e\u200b\ufffd" * 60,
)
"""In every field at once. The last is longer than most may hold, and still within what a form may be: a larger one is
refused unread."""
QUERIES = (
    "sok",
    "status",
    "for",
    "etter",
    "kode",
    "aar",
    "side",
    "handling",
    "versjon",
    "ramme",
    "feil",
    "neste",
    "skjema",
)


def address(app: Flask, endpoint: str, things: Things) -> str:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    with app.test_request_context():
        built = rule.build(
            {n: v for n, v in things.values(REVIEWED[endpoint].om).items() if n in rule.arguments},
            append_unknown=False,
        )
    assert built is not None
    return built[1]


@pytest.fixture(scope="module")
def things(app: Flask, scene: Scene) -> dict[Utsendingstatus, Things]:
    """A mailing in each state that a route asks for; who is administrator ordered its preview."""
    with app.app_context():
        statuses = {rute.status for rute in REVIEWED.values()}
        return {s: make_things(scene.lillevik, s, bestilt_av=scene.person["admin"]) for s in statuses}


@pytest.fixture(scope="module")
def fields(reise: Reise) -> frozenset[str]:
    """Every name of a field on any page of the journey."""
    tags = [given for side in pages(reise) for _, given in Page(side.html).tags]
    names = frozenset(given["name"] for given in tags if "name" in given) - {
        "csrf_token",
        "viewport",
        "htmx-config",
        GJELDER,
    }
    assert {"grunn", "tittel", "rad", "kilde_nb", "adresselinje1"} <= names
    return names


def entitled(endpoint: str) -> str:
    """The role with every right where the route is; what is left is the receiver's own, which is asked for later."""
    may = REVIEWED[endpoint].kan
    return next((role for role in ("admin", "operator", "oppslag") if role in may), "admin")


@pytest.fixture(scope="module")
def strange(app: Flask, scene: Scene) -> dict[str, str]:
    """The token of another session, which is good there."""
    return csrf(browser(app, scene, "godkjenne"))


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_form_is_taken_only_with_the_token_of_its_own_session(
    app: Flask,
    scene: Scene,
    things: dict[Utsendingstatus, Things],
    strange: dict[str, str],
    endpoint: str,
) -> None:
    where = address(app, endpoint, things[REVIEWED[endpoint].status])
    client = browser(app, scene, entitled(endpoint))
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 90}, strange):
        answer = client.post(where, data=token)
        assert answer.status_code == 400
        assert tekst("SKJEMA_UTLOPT").split(".")[0] in text_of(answer.text)
        assert not faults(answer.text)
    assert client.get("/hjelp").text.count("Logg ut"), "a forged form logs nobody out"


@pytest.fixture(scope="module")
def inside(app: Flask, scene: Scene) -> Innlogget:
    return Innlogget(app, scene)


@pytest.mark.parametrize("endpoint", [e for e in FORMS if TILGANG[e].slag is Slag.PRIVILEGIUM])
def test_a_form_of_another_organisation_is_told_of_before_anything_else(
    app: Flask, things: dict[Utsendingstatus, Things], inside: Innlogget, endpoint: str
) -> None:
    """Also where what it is about is not the chosen organisation's, and where one may do nothing in that one."""
    where = address(app, endpoint, things[REVIEWED[endpoint].status])
    for role in (entitled(endpoint), "annen_kommune", "uten"):
        answer = inside.of(role).post(where, data=inside.form(role) | {GJELDER: str(uuid4())})
        assert answer.status_code == 409, role
        assert tekst("SKJEMA_UTEN_TILGANG").split(".")[0] in text_of(answer.text)
        assert not faults(answer.text)


@pytest.mark.parametrize("other", ["", *JUNK[1:]])
def test_a_form_of_no_organisation_or_of_nonsense_is_not_carried_out(
    inside: Innlogget, scene: Scene, other: str
) -> None:
    form = inside.form("admin") | {GJELDER: other, "visningsnavn": "Et annet navn"}
    answer = inside.of("admin").post(f"/kontoer/{scene.lillevik.konto_id}", data=form)
    assert (answer.status_code, "Et annet navn" in answer.text) == (409, False)
    assert not faults(answer.text)


@pytest.mark.parametrize("endpoint", POSTS)
def test_a_senseless_form_is_never_a_fault_and_its_page_is_well_made(
    app: Flask, scene: Scene, things: dict[Utsendingstatus, Things], fields: frozenset[str], endpoint: str
) -> None:
    rute = REVIEWED[endpoint]
    for junk in ("", *JUNK):
        with app.app_context():
            here = make_things(scene.lillevik, rute.status) if rute.sletter else things[rute.status]
        where, client = address(app, endpoint, here), browser(app, scene, entitled(endpoint))
        answer = client.post(where, data=dict.fromkeys(fields, junk) | csrf(client))
        assert answer.status_code < 500 and answer.status_code != 413, junk[:20]
        assert "x=1" not in answer.headers.get("Set-Cookie", "")
        if answer.mimetype == "text/html" and answer.data and not answer.location:
            assert not faults(answer.text), junk[:20]


@pytest.mark.parametrize("endpoint", [e for e, r in REVIEWED.items() if "GET" in r.metoder])
def test_a_senseless_address_is_never_a_fault(
    app: Flask, scene: Scene, things: dict[Utsendingstatus, Things], endpoint: str
) -> None:
    here = things[REVIEWED[endpoint].status]
    where, client = address(app, endpoint, here), browser(app, scene, entitled(endpoint))
    headers = {"HX-Request": "true"} if REVIEWED[endpoint].bit else {}
    asked = [(where, dict.fromkeys(QUERIES, junk)) for junk in JUNK]
    for number in ("0", "2147483647", "9223372036854775808"):
        for name in ("radnr", "nr", "side", "del_id", "skjemanr"):
            odd = re.sub(rf"(?<=/){here.values()[name]}(?=/|\.|$)", number, where)
            asked += [(odd, {})] if odd != where else []
    for path, query in asked:
        answer = client.get(path, query_string=query, headers=headers)
        assert answer.status_code < 500 or endpoint == "innlogging.start", (path, str(query)[:60])
        assert answer.mimetype != "text/html" or "<script>alert" not in answer.text


def test_a_field_given_twice_does_not_slip_past_the_check(app: Flask, scene: Scene) -> None:
    client = browser(app, scene, "admin")
    ids = [str(scene.fjordvik.id), str(scene.lillevik.id)]
    form = csrf(client) | {"organisasjon": ids}
    assert client.post("/velg-organisasjon", data=form).status_code == 400
    with app.app_context():
        chosen = text("SELECT organisasjon_id FROM sesjon ORDER BY opprettet DESC LIMIT 1")
        assert session().execute(chosen).scalar_one() == scene.lillevik.id


@pytest.mark.parametrize("kind", ["application/json", "text/xml", "text/plain", "application/octet-stream"])
def test_a_body_that_is_no_form_is_refused(app: Flask, scene: Scene, kind: str) -> None:
    client = browser(app, scene, "admin")
    headers = {"X-CSRFToken": csrf(client)["csrf_token"]}
    answer = client.post("/utsendinger/ny", data=b'{"tittel": "x"}', content_type=kind, headers=headers)
    assert answer.status_code == 415


DOWNLOADS = {"AUDIT_SOKT", "DATA_EKSPORTERT", "RAPPORT_LASTET_NED", "FEILLISTE_LASTET_NED"}
OWN_LETTER = {"BREV_APNET", "BREV_NEDLASTING_BEGYNT", "BREV_LASTET_NED"}
"""The only acts a GET may leave in the audit log: that a person took a file out, looked in the log itself, or opened a
letter to them on Min side (one that is read already: a first download would make it LEST)."""


def test_looking_at_everything_changes_nothing(reise: Reise) -> None:
    """All tables are compared whole. A session's last-seen time, and what Altinn answered it, are not content."""
    clients = {
        rolle: reise.client(rolle) for rolle in ("Saksbehandler", "Godkjenner", "Skjermede saker", "Revisor")
    }
    before, audited = tables(reise), last_audit(reise)
    starts = reise.starts(reise.hoved, reise.skrevet)
    for rolle, client in clients.items():
        assert len(crawl(client, rolle, "etterpå", starts)) > 50
    after = tables(reise)
    assert {table for table in after if after[table] != before[table]} <= {"audit"}
    with reise.app.app_context():
        query = text("SELECT DISTINCT handling FROM audit WHERE id > :last")
        assert set(session().scalars(query, {"last": audited})) <= DOWNLOADS | OWN_LETTER


OF_THE_SESSION = "{sist_sett,parter_kryptert,parter_hentet}"


def tables(reise: Reise) -> dict[str, tuple[int, str]]:
    """(rows, digest of all of them) of every table."""
    with reise.app.app_context():
        names = text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        found = {}
        for name in session().scalars(names).all():
            row = f"to_jsonb(t) - '{OF_THE_SESSION}'::text[]" if name == "sesjon" else "to_jsonb(t)"
            digest = f"md5(string_agg(({row})::text, '|' ORDER BY ({row})::text))"
            counted = session().execute(text(f"SELECT count(*), coalesce({digest}, '') FROM {name} t")).one()
            found[name] = (counted[0], counted[1])
        session().rollback()
    assert len(found) > 20
    return found


def last_audit(reise: Reise) -> int:
    with reise.app.app_context():
        return session().execute(text("SELECT max(id) FROM audit")).scalar_one()


def pages(reise: Reise) -> Iterator[Side]:
    """Every page anybody was shown on the journey, errors too."""
    shown = [side for side in reise.sider if side.html and side.status not in (301, 302, 303)]
    assert len({side.adresse for side in shown if side.status == 200}) > 60
    yield from shown


def test_every_page_of_the_journey_is_well_made(reise: Reise) -> None:
    found: set[str] = set()
    for side in pages(reise):
        part = side.bit and side.status == 200
        found |= {f"{fault} ({side.status} {side.adresse})" for fault in faults(side.html, part=part)}
    assert not found


def test_nothing_failed_on_the_journey(reise: Reise) -> None:
    assert not [str(side) for side in reise.sider if side.status >= 500]
    assert {side.status for side in reise.sider} <= {200, 301, 302, 303, 401, 403, 404}


def test_s17_52_no_page_shows_a_whole_personal_number(reise: Reise) -> None:
    """By the rule the log is masked by: eleven digits, bare or grouped, with right control digits."""
    masked = {f"{mottaker.fnr[:6]}*****" for mottaker in RECEIVERS}
    assert any(number in side.html for side in pages(reise) for number in masked)
    assert not [str(side) for side in pages(reise) if numbers_in(side.html)]
    assert not [str(side) for side in reise.sider if numbers_in(side.adresse + str(side.hoder))]


def test_only_a_file_that_is_made_to_be_corrected_holds_personal_numbers(reise: Reise) -> None:
    files = [side for side in reise.sider if side.slag.startswith(("text/csv", "application/vnd"))]
    assert files
    for side in files:
        name = side.adresse.rsplit("/", 1)[-1]
        assert name in WITH_NUMBERS or not numbers_in(side.innhold.decode("utf-8", "replace")), str(side)


def test_s17_52_whole_numbers_are_given_to_who_may_send_and_each_time_is_audited(reise: Reise) -> None:
    given = [side for side in reise.sider if "/feilliste." in side.adresse and side.status == 200]
    assert any(numbers_in(side.innhold.decode("utf-8", "replace")) for side in given)
    assert {side.rolle for side in given} <= {
        rolle for rolle, own, above in ROLES if {P.SENDE, P.ADMIN} & {*own, *above}
    }
    audited = text(
        "SELECT count(*), count(DISTINCT aktor) FROM audit WHERE handling = 'FEILLISTE_LASTET_NED'"
    )
    with reise.app.app_context():
        times, persons = session().execute(audited).one()
    assert times >= len(given)
    assert persons == len({side.rolle for side in given})


def test_every_answer_closes_the_browser_down(reise: Reise) -> None:
    for side in reise.sider:
        headers, policy = side.hoder, side.hoder["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff", str(side)
        assert headers["Cache-Control"] == "no-store", str(side)
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert (
            headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        )
        assert "frame-ancestors 'none'" in policy and "unsafe" not in policy and "*" not in policy, str(side)
        assert "Access-Control-Allow-Origin" not in headers
        assert "Werkzeug" not in headers.get("Server", "")


def test_no_link_leads_away_or_to_nothing(reise: Reise) -> None:
    """Every own link of a page one was shown is answered, and answered to the one it was shown to."""
    reached = {(side.rolle, side.adresse): side.status for side in reise.sider}
    broken = Counter(
        f"{side.rolle}: {link}"
        for side in pages(reise)
        if side.status == 200
        for link in links(side.html)
        if reached.get((side.rolle, link)) in (403, 404)
    )
    assert not broken


def test_a_personal_number_in_a_reason_or_a_title_is_not_kept(app: Flask, scene: Scene) -> None:
    """Free text that others read and that stands in the audit log."""
    number = scene.pid["mottaker"]
    with app.app_context():
        things = make_things(scene.lillevik, REVIEWED["utsending.avvis"].status)
    client, page = browser(app, scene, "admin"), f"/utsendinger/{things.utsending_id}"
    shown = dict(re.findall(r'name="(digest)" value="([^"]*)"', client.get(f"{page}/godkjenning").text))
    client.post(f"{page}/avvis", data=csrf(client) | shown | {"grunn": f"Feil for {number}."})
    shown = client.get(f"/utsendinger/{things.utsending_id}").text
    assert "Feil for" in shown and number not in shown
    with app.app_context():
        audited = text("SELECT string_agg(detaljer::text, '') FROM audit WHERE objekt_id = :id")
        assert number not in session().execute(audited, {"id": str(things.utsending_id)}).scalar_one()
    form = {"konto": str(scene.lillevik.konto_id), "tittel": f"Brev {number}", "art": "FLETTEBREV"}
    form |= {"brevdato": "01.01.2090", "levering": "DIGITALT_FORST", "sikkerhetsniva": "BETYDELIG"}
    refused = browser(app, scene, "admin").post("/utsendinger/ny", data=form | csrf(client))
    assert refused.status_code == 400
    answer = client.post("/utsendinger/ny", data=form | csrf(client))
    assert (answer.status_code, "kan ikke inneholde fødselsnummer" in answer.text) == (422, True)


def test_the_page_checker_finds_what_it_looks_for() -> None:
    bad = (
        '<html lang="en"><title>x</title><body onload="a()"><h1>a</h1><h1>b</h1><h4 id="i" style="x">c</h4>'
        '<form method="post"><input id="i" name="n"><label for="borte">x</label></form>'
        '<form method="get"><input type="hidden" name="csrf_token" value="' + "t" * 50 + '"></form>'
        '<a href="javascript:a()" target="_blank">x</a><img src="/x"><script>a()</script></body></html>'
    )
    found = " ".join(faults(bad))
    for word in (
        "doctype", "language", "exactly one h1", "title", "onload", "style", "two of id", "without token", "no label",
        "no organisation", "sent as an address", "leads to code", "noopener", "no alt", "code in the page",
        "leads nowhere", "in steps",
    ):  # fmt: skip
        assert word in found, word
    assert Page("<p>a</p>").all("p") == [{}]
