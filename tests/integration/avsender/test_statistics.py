"""The statistics count every letter once, of fagsystemer and of mailings: their sum is the number of letters."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, select

from fiks.core import clock
from fiks.core.db import session, transaction
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import grant_usage
from fiks.konfigurasjon.konto import service
from fiks.konfigurasjon.rules import P
from fiks.svarut.lifecycle.read_status import record_reading
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Bane
from fiks.svarut.sender import statistics
from fiks.utsending.overview import dashboard
from portal.forvaltning import overview
from tests.integration.avsender.senders import browser_of, make_ansatt, put, second_konto, send, used
from tests.integration.houses import HOUSE, Hus, make_hus, new_fnr
from tests.integration.svarut.letters import make_letter
from tests.integration.utsending.browser import Browser
from tests.pagecheck import faults


def many_letters(hus: Hus) -> Hus:
    """Letters of two kontoer, two years, both origins, handed over or not; returns the second konto."""
    other = second_konto(hus)
    for nr, konto in enumerate([hus, hus, other, hus, other, hus]):
        letter = (
            send(konto, konteringskode="VANN" if nr % 2 else "")
            if nr % 3
            else make_letter(konto, new_fnr(), bane=Bane.MASSE)
        )
        put(letter, opprettet=datetime(2025 + nr % 2, 12 - nr, 31 if nr == 0 else 15, 23, 30, tzinfo=OSLO))
        if nr % 2:
            put(letter, kanal="PRINT", overlevert=datetime(2026, 3, 1, tzinfo=OSLO))
    put(send(hus), prove=True)
    return other


def test_sv12_55_the_rows_sum_to_the_letters_of_both_origins() -> None:
    hus = make_hus()
    other = many_letters(hus)
    everything = make_ansatt(hus, P.ADMIN, ressurs=hus.organisasjon_id).aktor
    years = {aar: statistics.statistics(aar, actor=everything) for aar in (2024, 2025, 2026, 2027)}
    letters = session().execute(
        select(func.count()).where(
            Forsendelse.konto_id.in_([hus.konto_id, other.konto_id]), ~Forsendelse.prove
        )
    )
    assert sum(row.antall for rows in years.values() for row in rows) == letters.scalar_one() == 6
    for aar, rows in years.items():
        assert sum(row.antall for row in rows) == statistics.letters_in(aar, actor=everything)


def test_a_letter_is_counted_in_the_month_of_oslo_it_was_handed_over_or_else_made_in() -> None:
    hus = make_hus()
    handed, waiting = send(hus, konteringskode="EISK"), send(hus)
    put(
        handed,
        kanal="DPI",
        opprettet=datetime(2025, 12, 1, tzinfo=OSLO),
        overlevert=datetime(2026, 1, 1, 0, 30, tzinfo=OSLO),
    )
    put(waiting, kanal="ALTINN", opprettet=datetime(2025, 12, 31, 23, 30, tzinfo=OSLO))
    actor = make_ansatt(hus, P.LESE).aktor
    [new_year] = statistics.statistics(2026, actor=actor)
    assert (new_year.maned, new_year.kanal, new_year.konteringskode, new_year.antall) == (1, "DPI", "EISK", 1)
    [old_year] = statistics.statistics(2025, actor=actor)
    assert (old_year.maned, old_year.kanal, old_year.konteringskode, old_year.antall) == (12, "", "", 1)


def test_a_letter_that_was_closed_unsent_and_then_read_is_handed_over_here_as_on_the_overview(
    app: Flask,
) -> None:
    hus, this_year = make_hus(), clock.now().astimezone(OSLO).year
    read, _ = send(hus), send(hus)
    put(read, status="MANUELT_HANDTERT")
    with transaction():
        record_reading(read, kode="LEST", aktor="test")
    reader = make_ansatt(hus, P.LESE)
    rows = {row.kanal: row.antall for row in statistics.statistics(this_year, actor=reader.aktor)}
    assert rows == {"": 1, statistics.READ_UNSENT: 1}
    assert dashboard.key_figures(actor=reader.aktor).sendt == 1
    client = browser_of(app, hus, reader)
    for path in ("/oversikt/statistikk", "/oversikt/statistikk.csv"):
        assert client.get(path).text.count("Lest uten å være sendt") == 1


def test_only_ones_own_kontoer_are_counted_and_closed_ones_still_are() -> None:
    hus = make_hus()
    many_letters(hus)
    reader = make_ansatt(hus, P.LESE).aktor
    mine = sum(statistics.letters_in(aar, actor=reader) for aar in (2025, 2026))
    assert mine == 4
    service.deactivate_konto(hus.konto_id, actor=HOUSE)
    assert sum(statistics.letters_in(aar, actor=reader) for aar in (2025, 2026)) == mine
    assert statistics.statistics(2026, actor=make_ansatt(make_hus("Fjordvik kommune"), P.LESE).aktor) == []
    assert statistics.letters_in(2026, actor=make_ansatt(hus, P.SE_SPERRET).aktor) == 0


def test_the_page_and_the_file_tell_the_same(app: Flask) -> None:
    hus = make_hus()
    many_letters(hus)
    client = browser_of(app, hus, make_ansatt(hus, P.ADMIN, ressurs=hus.organisasjon_id))
    page = client.get("/oversikt/statistikk?aar=2026").text
    assert faults(page) == []
    assert "Papirpost" in page
    answer = client.get("/oversikt/statistikk.csv?aar=2026")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    by_channel: Counter[str] = Counter()
    for row in rows:
        by_channel[row["Kanal"]] += int(row["Brev"])
    assert by_channel["Papirpost"] == 3
    assert f"{sum(by_channel.values())}\u00a0brev i 2026" in page
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statistikk-2026.csv"'


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (
            datetime(2027, 2, 28, 15, 55, tzinfo=OSLO),
            "Vent til 03.03.2027 med å rapportere tallene for februar",
        ),
        (
            datetime(2027, 3, 2, 23, 59, tzinfo=OSLO),
            "Vent til 03.03.2027 med å rapportere tallene for februar",
        ),
        (datetime(2027, 3, 3, tzinfo=OSLO), "Vent til 03.04.2027 med å rapportere tallene for mars"),
        (datetime(2028, 1, 1, 9, tzinfo=OSLO), "Vent til 05.01.2028 med å rapportere tallene for desember"),
        (datetime(2028, 1, 5, tzinfo=OSLO), ""),
    ],
)
def test_it_is_told_when_no_letter_of_a_month_can_go_on_paper_in_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch, now: datetime, wait: str
) -> None:
    hus = make_hus()
    put(send(hus), kanal="ALTINN", overlevert=datetime(2027, 2, 26, 15, tzinfo=OSLO))
    client = browser_of(app, hus, make_ansatt(hus, P.LESE))
    monkeypatch.setattr(overview, "clock", SimpleNamespace(now=lambda: now))
    page = client.get("/oversikt/statistikk?aar=2027").text
    assert faults(page) == []
    assert (wait in page) and (("Vent til" in page) == bool(wait))
    file = client.get("/oversikt/statistikk.csv?aar=2027").text.removeprefix("\ufeff")
    [row] = csv.DictReader(io.StringIO(file), delimiter=";")
    assert (row["Måned"], row["Lesefrister ute"]) == ("2027-02", "03.03.2027")


@pytest.mark.parametrize("aar", ["020245", "20245", "0", "1999", "9999", "02024", "-1", "²⁰²⁴", "to", ""])
def test_a_year_that_cannot_be_is_this_year(app: Flask, aar: str) -> None:
    hus = make_hus()
    client = browser_of(app, hus, make_ansatt(hus, P.LESE))
    this_year = clock.now().astimezone(OSLO).year
    page = client.get("/oversikt/statistikk", query_string={"aar": aar})
    assert (page.status_code, f"<title>Statistikk {this_year}" in page.text) == (200, True)
    file = client.get("/oversikt/statistikk.csv", query_string={"aar": aar})
    assert file.headers["Content-Disposition"] == f'attachment; filename="statistikk-{this_year}.csv"'


def three_lines(app: Flask) -> Browser:
    """Somebody whose statistics of 2026 have three lines."""
    hus = make_hus()
    for nr in range(3):
        put(send(hus, konteringskode=f"K{nr}"), opprettet=datetime(2026, 5, 1, tzinfo=OSLO))
    return browser_of(app, hus, make_ansatt(hus, P.LESE))


@pytest.mark.parametrize(("most", "shown"), [(2, 2), (3, 3), (4, 3)])
def test_the_page_says_so_when_it_does_not_show_every_line_and_its_sum_is_of_all(
    app: Flask, monkeypatch: pytest.MonkeyPatch, most: int, shown: int
) -> None:
    client = three_lines(app)
    monkeypatch.setattr(statistics, "PAGE", most)
    page = client.get("/oversikt/statistikk?aar=2026").text
    assert page.count(">Mai</th>") == shown
    assert (f"Tabellen viser de første {shown} linjene" in page) == (shown < 3)
    assert "3\u00a0brev i 2026" in page


@pytest.mark.parametrize(("most", "status"), [(2, 303), (3, 200)])
def test_a_file_is_whole_or_refused_with_the_reason(
    app: Flask, monkeypatch: pytest.MonkeyPatch, most: int, status: int
) -> None:
    client = three_lines(app)
    monkeypatch.setattr("portal.forvaltning.overview.MOST_ROWS", most)
    answer = client.get("/oversikt/statistikk.csv?aar=2026")
    assert answer.status_code == status
    if status == 303:
        assert answer.location == "/oversikt/statistikk?aar=2026"
        assert "flere enn 2 linjer" in client.get(answer.location).text


def test_the_sum_is_right_also_when_not_every_row_is_shown() -> None:
    hus = make_hus()
    letters = [send(hus, konteringskode=f"K{nr}") for nr in range(3)]
    for letter in letters:
        put(letter, opprettet=datetime(2026, 5, 1, tzinfo=OSLO))
    actor = make_ansatt(hus, P.LESE).aktor
    assert len(statistics.statistics(2026, actor=actor, limit=2)) == 2
    assert statistics.letters_in(2026, actor=actor) == 3


def test_the_statistics_are_a_use_of_the_right_on_the_kontoer_they_count() -> None:
    hus = make_hus()
    many_letters(hus)
    grant_usage.write_noted_uses()
    ansatt = make_ansatt(hus, P.GODKJENNE, P.SENDE)
    statistics.statistics(2026, actor=ansatt.aktor)
    assert used(ansatt) == {(P.SENDE, hus.konto_id)}


def test_the_first_days_of_january_tell_of_january(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hus = make_hus()
    put(send(hus), kanal="ALTINN", overlevert=datetime(2027, 1, 2, 8, tzinfo=OSLO))
    client = browser_of(app, hus, make_ansatt(hus, P.LESE))
    new_year = SimpleNamespace(now=lambda: datetime(2027, 1, 2, 9, tzinfo=OSLO))
    monkeypatch.setattr(overview, "clock", new_year)
    assert "med å rapportere tallene for januar" in client.get("/oversikt/statistikk?aar=2027").text
    assert "med å rapportere tallene for desember" in client.get("/oversikt/statistikk?aar=2026").text
