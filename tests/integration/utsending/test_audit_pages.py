"""The audit log's page: only with AUDIT.LES, filtered, paged, exported; and each look leaves its own row."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from fiks.core import audit, clock
from fiks.core.actor import Aktor, Aktortype, system
from fiks.core.audit import Audit, Utfall
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, IkkeTilgang, Konflikt
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon.audit import queries, search
from fiks.konfigurasjon.audit.queries import Utvalg
from fiks.konfigurasjon.models import Person
from portal.texts.audit.audit_page import KOLONNER
from tests.integration.utsending.browser import Browser, log_in, text_of
from tests.integration.utsending.kommuner import Kommune, make_kommune
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("house")


def auditor(kommune: Kommune, navn: str = "Revi Sor") -> Aktor:
    return Aktor(
        Aktortype.PERSON, navn, person_id=kommune.personer["revisor"], organisasjon_id=kommune.id, acr=4
    )


def write(kommune: Kommune, handling: str = "PERSONOPPSLAG", objekt_id: object = 1, **more: Any) -> None:
    with transaction():
        audit.record(
            more.pop("aktor", system("test")),
            handling,
            more.pop("objekt_type", "utsending"),
            objekt_id,
            organisasjon_id=kommune.id,
            **more,
        )


def looks(kommune: Kommune, handling: str = "AUDIT_SOKT") -> list[Audit]:
    session().rollback()
    rows = select(Audit).where(Audit.organisasjon_id == kommune.id, Audit.handling == handling)
    return list(session().scalars(rows.order_by(Audit.id)))


def rows_of(page: str) -> int:
    return page.count('<tr role="row"') - 1


def test_s17_45_searching_needs_audit_les_in_the_organisation_itself(app: Flask) -> None:
    kommune, other = make_kommune(), make_kommune("Fjordvik kommune")
    write(kommune, objekt_id="denne-utsendingen")
    for rolle in ("leser", "saksbehandler", "godkjenner", "utenfor"):
        client = log_in(app, kommune, rolle)
        assert client.get("/revisjonslogg").status_code == 403
        assert client.get("/revisjonslogg/eksport.csv").status_code == 403
    foreign = log_in(app, other, "revisor")
    assert "denne-utsendingen" not in foreign.get("/revisjonslogg?sok=denne").text
    assert "denne-utsendingen" not in foreign.get("/revisjonslogg/eksport.csv").text
    for read in (search.note_search, search.begin_export, queries.audit_log):
        with pytest.raises(IkkeFunnet):
            read(kommune.id, Utvalg(), actor=auditor(other))
        with pytest.raises((IkkeTilgang, IkkeFunnet)):
            read(kommune.id, Utvalg(), actor=Aktor(Aktortype.PERSON, "", organisasjon_id=kommune.id))
    assert looks(kommune) == []


def test_s17_45_a_search_is_audited_with_the_names_of_its_filters_and_not_what_stood_in_them(
    app: Flask,
) -> None:
    kommune = make_kommune()
    client = log_in(app, kommune, "revisor")
    client.get("/revisjonslogg?sok=Kari+Nordmann&handling=PERSONOPPSLAG&fra=01.11.2026")
    client.get("/revisjonslogg?sok=Kari+Nordmann")
    first, second = looks(kommune)
    assert first.detaljer == {"filtre": ["sok", "fra", "handling"]}
    assert second.detaljer == {"filtre": ["sok"]}
    assert (first.kanal, first.aktor_type, first.sikkerhetsniva) == ("WEB", "PERSON", 4)
    assert first.request_id and second.request_id and first.request_id != second.request_id


def test_opening_the_log_without_a_filter_is_audited_once_a_minute(app: Flask) -> None:
    kommune = make_kommune()
    client = log_in(app, kommune, "revisor")
    for _ in range(3):
        assert client.get("/revisjonslogg").status_code == 200
    [row] = looks(kommune)
    assert row.detaljer == {"filtre": []}
    client.get("/revisjonslogg?utfall=OK")
    assert len(looks(kommune)) == 2


def test_a_row_tells_who_for_whom_by_what_right_about_what_and_whom(app: Flask) -> None:
    kommune = make_kommune()
    person = session().get_one(Person, kommune.personer["leser"])
    write(
        kommune,
        objekt_id="u-17",
        aktor=Aktor(
            Aktortype.PERSON,
            "Kari Saksbehandler",
            person_id=kommune.personer["saksbehandler"],
            paa_vegne_av="310000000",
            request_id="11111111-2222-4333-8444-555555555555",
            kanal="API",
        ),
        tjeneste="SVARUT",
        ressurs_id=kommune.konto_id,
        gjelder=person.fnr_indeks,
        hjemmel="Eiendomsskatteloven § 17",
        utfall=Utfall.AVVIST,
        antall=3,
    )
    page = log_in(app, kommune, "revisor").get("/revisjonslogg?handling=PERSONOPPSLAG").text
    check_page(page)
    words = text_of(page)
    for told in (
        "Kari Saksbehandler Person, API På vegne av 310000000",
        "Slo opp person Avvist",
        "u-17",
        f"SvarUt Person {person.fnr_maskert}",
        "Eiendomsskatteloven § 17",
        "Antall: 3",
        "11111111-2222-4333-8444-555555555555",
    ):
        assert told in words, told
    assert kommune.pid["leser"] not in page


def test_what_an_act_was_done_to_is_called_the_same_on_the_page_and_in_the_file(app: Flask) -> None:
    kommune = make_kommune()
    write(kommune, objekt_type="edialog_skjema", objekt_id="e-1")
    client = log_in(app, kommune, "revisor")
    assert "Henvendelse i eDialog e-1" in text_of(client.get("/revisjonslogg?sok=e-1").text)
    assert "Henvendelse i eDialog;e-1;" in client.get("/revisjonslogg/eksport.csv?sok=e-1").text


def finds(client: Browser, query: str) -> set[str]:
    page = client.get(f"/revisjonslogg?{query}").text
    return set(re.findall(r"treff-\d", page))


def test_each_filter_leaves_out_what_it_should(app: Flask) -> None:
    kommune = make_kommune()
    machine = Aktor(Aktortype.INTEGRASJON, "Fag_system 100%", integrasjon_id=UUID(int=7), request_id="r-1")
    write(kommune, "PERSONOPPSLAG", "treff-1", aktor=machine, tjeneste="SVARUT")
    write(kommune, "UTSENDING_FRIGITT", "treff-2", utfall=Utfall.FEIL)
    client = log_in(app, kommune, "revisor")
    one, two, both = {"treff-1"}, {"treff-2"}, {"treff-1", "treff-2"}
    today = clock.database_now().astimezone(OSLO).date()
    day, before = (f"{d:%d.%m.%Y}" for d in (today, today - timedelta(days=1)))
    expected = {
        "sok=treff-": both,
        "sok=FAG_SYSTEM": one,
        "sok=100%25": one,
        "sok=treff_1": set(),
        "sok=treff-2": two,
        "handling=UTSENDING_FRIGITT": two,
        "handling=FINNES_IKKE": both,
        "tjeneste=SVARUT": one,
        "aktor_type=INTEGRASJON": one,
        "utfall=FEIL": two,
        "request_id=r-1": one,
        f"sok=treff&fra={day}": both,
        f"sok=treff&til={day}": both,
        f"sok=treff&til={before}": set(),
        "sok=treff&utfall=FEIL&aktor_type=INTEGRASJON": set(),
    }
    assert {query: finds(client, query) for query in expected} == expected


def test_what_cannot_be_used_is_said_and_nothing_is_searched(app: Flask) -> None:
    kommune = make_kommune()
    client = log_in(app, kommune, "revisor")
    for query, message in (
        ("fra=i går", "Skriv datoen på formen"),
        ("til=31.02.2026", "Skriv datoen på formen"),
        ("fra=02.11.2026&til=01.11.2026", "Til-datoen er før fra-datoen"),
        (f"sok={kommune.pid['leser']}", "kan ikke søkes i med det"),
    ):
        answer = client.get("/revisjonslogg", query_string=query)
        assert answer.status_code == 422
        assert message in answer.text
        assert kommune.pid["leser"] not in answer.text
        check_page(answer.text)
        assert client.get("/revisjonslogg/eksport.csv", query_string=query).status_code == 303
    assert looks(kommune) + looks(kommune, "DATA_EKSPORTERT") == []


def test_the_pages_of_a_search_hold_every_row_once(app: Flask) -> None:
    kommune = make_kommune()
    for n in range(105):
        write(kommune, "UTSENDING_FRIGITT", f"rad-{n:03}")
    client, address, seen = log_in(app, kommune, "revisor"), "/revisjonslogg?sok=rad-", []
    while address:
        page = client.get(address).text
        check_page(page)
        seen += re.findall(r"rad-\d{3}", page)
        following = re.search(r'href="(/revisjonslogg\?[^"]*for=\d+)"', page)
        address = following.group(1).replace("&amp;", "&") if following else ""
    assert seen == [f"rad-{n:03}" for n in reversed(range(105))]


def test_nothing_found_says_what_to_do(app: Flask) -> None:
    kommune = make_kommune()
    page = log_in(app, kommune, "revisor").get("/revisjonslogg?sok=finnes+ikke").text
    check_page(page)
    assert "Ingen treff" in page
    assert "Vis alle hendelser" in page


def test_the_file_holds_what_the_search_found_and_is_audited_and_no_cell_is_a_formula(app: Flask) -> None:
    kommune = make_kommune()
    write(kommune, objekt_id="=HYPERLINK(1)", hjemmel="@loven", aktor=system("test"))
    write(kommune, "UTSENDING_FRIGITT", "annet")
    answer = log_in(app, kommune, "revisor").get("/revisjonslogg/eksport.csv?handling=PERSONOPPSLAG")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="revisjonslogg.csv"'
    head, row, end = answer.text.split("\r\n")
    assert head == "\ufeff" + ";".join(KOLONNER)
    assert ";'=HYPERLINK(1);" in row
    assert ";'@loven;" in row
    assert end == ""
    [export] = looks(kommune, "DATA_EKSPORTERT")
    assert export.detaljer == {"antall": 1, "filtre": ["handling"]}


def test_the_file_needs_a_fresh_login(app: Flask) -> None:
    kommune = make_kommune()
    answer = log_in(app, kommune, "revisor", minutes_ago=6).get("/revisjonslogg/eksport.csv?sok=a")
    assert answer.location.startswith("/innlogging/bekreft")
    assert looks(kommune, "DATA_EKSPORTERT") == []


def test_too_much_for_one_file_is_refused_and_nothing_is_noted(app: Flask) -> None:
    kommune = make_kommune()
    for n in range(3):
        write(kommune, objekt_id=n)
    wanted = Utvalg(handling="PERSONOPPSLAG")
    with pytest.raises(Konflikt, match="REVISJON_FOR_MANGE"):
        search.begin_export(kommune.id, wanted, actor=auditor(kommune), limit=2)
    assert looks(kommune, "DATA_EKSPORTERT") == []
    begun = search.begin_export(kommune.id, wanted, actor=auditor(kommune), limit=3)
    write(kommune, objekt_id="senere")
    rows = queries.export_rows(kommune.id, wanted, begun.newest, actor=auditor(kommune), portion=2)
    assert [row.objekt_id for row in rows] == ["2", "1", "0"]


def test_an_export_stops_when_the_right_is_taken_away_meanwhile(app: Flask) -> None:
    kommune = make_kommune()
    for n in range(4):
        write(kommune, objekt_id=n)
    actor = auditor(kommune)
    rows = queries.export_rows(kommune.id, Utvalg(), 2**62, actor=actor, portion=2)
    next(rows)
    with transaction() as tx:
        ended = text("UPDATE tilgang SET avsluttet = now(), avsluttet_grunn = 'FJERNET' WHERE person_id = :p")
        tx.execute(ended, {"p": actor.person_id})
    with pytest.raises((IkkeTilgang, IkkeFunnet)):
        list(rows)


def test_the_id_of_an_error_page_is_the_id_of_its_request(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person reads aloud from an error page finds the audit rows and log lines of the same request."""
    kommune = make_kommune()
    client = log_in(app, kommune, "revisor")

    def broken(*args: object, **named: object) -> None:
        raise IkkeFunnet("FINNES_IKKE")

    # The page fails after its look was audited; there is no other way to bring that about.
    monkeypatch.setattr(queries, "audit_log", broken)
    page = client.get("/revisjonslogg?utfall=OK").text
    [row] = looks(kommune)
    assert row.request_id is not None
    assert row.request_id in page
