"""Step 5: the forecast with reasons, paper and cost, and the letters made for another person to approve."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from fiks.core.actor import ARBEIDER
from fiks.core.db import session, transaction
from fiks.core.values.address import Portosone
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.rules import P
from fiks.print import EKSEMPELPRISER, estimate
from fiks.utsending.cost import estimate as cost_estimate
from fiks.utsending.jobs import queue
from fiks.utsending.models import Arbeidsdel, Pris, Utsending
from fiks.utsending.overview import mailing_page, mailings
from fiks.utsending.production import service
from fiks.utsending.rows import queries as rows_queries
from fiks.utsending.rules import SENDABLE_NAMES, Delart, Delstatus, Utsendingstatus
from fiks.utsending.transitions import write_history
from portal.texts import tekst
from portal.texts.formats import dato, kr
from tests.integration.utsending.browser import log_in, text_of
from tests.integration.utsending.kommuner import ROOT
from tests.portal.utsending.pages import Jobb
from tests.portal.utsending.test_letter_pages import choose


@pytest.fixture
def papir(jobb: Jobb) -> Jobb:
    """A job with one receiver that nobody has a number for, and the code FELLES."""
    jobb.begin(konteringskode="FELLES")
    adresse = {"adresselinje1": "Storgata 1", "postnr": "4262", "poststed": "AVALDSNES"}
    jobb.send("mottakere/skriv", "mottakere/skriv", navn="Boet etter Ola", **adresse)
    return jobb


@pytest.fixture
def klar(jobb: Jobb) -> Jobb:
    """A job where everything is chosen: 20 rows and a letter anybody can have."""
    jobb.begin(konteringskode="FELLES")
    jobb.read("eiendomsskatt_excel_feller.xlsx")
    jobb.send("kontroll/forslag", "kontroll/forslag", alle="ja")
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    return jobb


def status(jobb: Jobb) -> Utsendingstatus:
    session().rollback()
    return mailing_page.detail(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler")).status


def test_the_forecast_says_channel_reason_and_number(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt.csv")
    words = jobb.words("oppsummering")
    counted: Counter[str] = Counter()
    for row in rows_queries.rows(jobb.uuid, actor=jobb.kommune.aktor("saksbehandler"), limit=500):
        counted[row.kanalgrunn or ""] += 1
    for grunn, n in counted.items():
        assert f"{tekst(f'GRUNN_{grunn}')} {n} " in words
    assert "Sum 240" in words


def test_what_remains_is_told_with_the_way_to_it(jobb: Jobb) -> None:
    jobb.begin()
    assert f"{tekst('LISTE_MANGLER')} Gå til mottakere" in jobb.words("oppsummering")
    jobb.read("eiendomsskatt_feil.csv")
    words = jobb.words("oppsummering")
    assert "Gå til kontroll" in words
    assert f"{tekst('MAL_MANGLER')} Gå til brev" in words


def test_going_on_too_early_is_refused_and_changes_nothing(jobb: Jobb) -> None:
    jobb.begin()
    answer = jobb.send("oppsummering", "oppsummering")
    assert answer.status_code == 422
    assert "<title>Feil: Oppsummering" in answer.text
    assert tekst("LISTE_MANGLER") in text_of(answer.text)
    assert status(jobb) is Utsendingstatus.UTKAST


def test_letters_are_not_made_with_a_date_that_is_past_and_it_is_told_where_to_set_another(
    klar: Jobb,
) -> None:
    dated = klar.kommune.begins()
    assert "Gå til brevdatoen" not in klar.words("oppsummering")
    with transaction() as tx:
        past = dated - timedelta(days=1)
        tx.execute(update(Utsending).where(Utsending.id == klar.uuid).values(brevdato=past))
    told = tekst("BREVDATO_MA_ENDRES", brevdato=past, tidligst=dated)
    assert f"{told} Gå til brevdatoen" in klar.words("oppsummering")
    answer = klar.send("oppsummering", "oppsummering")
    assert (answer.status_code, status(klar)) == (422, Utsendingstatus.KONTROLLERT)
    assert f'href="{klar.path("steg/fakta")}">{told}</a>' in answer.text
    klar.send("fakta", "fakta", **klar.first_form() | {"brevdato": dato(dated)})
    assert klar.send("oppsummering", "oppsummering").status_code == 303
    assert status(klar) is Utsendingstatus.PRODUSERES


def test_letters_that_are_made_are_counted_one_by_one_and_not_by_the_portions_of_the_work(
    klar: Jobb, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patched: portions that so few rows are more than one of.
    monkeypatch.setattr(service, "STAMP_PORTION", 8)
    monkeypatch.setattr(service, "RENDER_PORTION", 8)
    klar.send("oppsummering", "oppsummering")
    rows = rows_queries.rows(klar.uuid, actor=klar.kommune.aktor("saksbehandler"), limit=50)
    sent = [row.radnr for row in rows if row.status in SENDABLE_NAMES]
    assert f"0 av {len(sent)} brev" in klar.words("")
    with transaction() as tx:
        first = (Arbeidsdel.utsending_id == klar.uuid, Arbeidsdel.art == Delart.RENDER, Arbeidsdel.nr == 1)
        tx.execute(update(Arbeidsdel).where(*first).values(status=Delstatus.FERDIG))
    assert f"8 av {len(sent)} brev" in klar.words("")


def test_paper_is_counted_and_priced_by_konteringskode(papir: Jobb) -> None:
    page = papir.see("oppsummering")
    cost = cost_estimate.estimate_cost(papir.uuid, actor=papir.kommune.aktor("saksbehandler"))
    [one] = cost.konteringer
    single = estimate(
        2, tosidig=True, farger=False, giroark=0, sone=Portosone.NORGE, prisliste=EKSEMPELPRISER
    )
    assert (one.kode, one.brev, one.ark, one.sum_ore) == ("FELLES", 1, 1, single.sum_ore)
    assert kr(one.sum_ore) in page
    assert "Prisene er eksempelpriser" in text_of(page)
    assert "En administrator legger dem inn under «Konfigurasjon»." in text_of(page)


def test_every_letter_is_counted_however_many_codes_there_are(jobb: Jobb) -> None:
    """More than a thousand kinds; of the codes a hundred are shown, the others together."""
    many = 1_001
    jobb.begin()
    rows = "".join(f"Ola Nordmann;Gata {n};4262;AVALDSNES;K{n}\r\n" for n in range(many))
    jobb.read("l.csv", f"navn;adresselinje1;postnr;poststed;konteringskode\r\n{rows}".encode())
    actor = jobb.kommune.aktor("saksbehandler")
    assert [one.antall for one in rows_queries.forecast_counts(jobb.uuid, actor=actor)] == [many]
    cost = cost_estimate.estimate_cost(jobb.uuid, actor=actor)
    assert (len(cost.konteringer), cost.andre_koder, cost.brev) == (100, many - 100, many)
    assert cost.ark == many * cost.konteringer[0].ark
    assert "901 andre koder" in jobb.words("oppsummering")


def test_an_organisations_own_prices_are_used(papir: Jobb) -> None:
    with transaction() as tx:
        tx.add_all(
            Pris(organisasjon_id=papir.kommune.id, aar=2026, slag=slag, ore=ore)
            for slag, ore in (
                ("PORTO_NORGE_50", 1_000),
                ("KONVOLUTT_C5", 0),
                ("ark_ore", 0),
                ("side_sort_ore", 0),
            )
        )
    cost = cost_estimate.estimate_cost(papir.uuid, actor=papir.kommune.aktor("saksbehandler"))
    assert (cost.egne_priser, cost.prisaar) == (True, 2026)
    assert cost.sum_ore == 1_000
    assert "Prisene er deres egne for 2026." in papir.words("oppsummering")


def test_an_administrator_is_shown_the_way_to_the_prices(papir: Jobb) -> None:
    konfigurasjon.grant_privilegium(
        papir.kommune.personer["saksbehandler"], P.ADMIN, papir.kommune.id, actor=ROOT
    )
    assert 'href="/konfigurasjon/papir/priser">Legg inn prisene</a>' in papir.see("oppsummering")


def test_a_digital_only_mailing_has_no_paper(jobb: Jobb) -> None:
    jobb.begin(levering="BARE_DIGITALT")
    jobb.read("eiendomsskatt.csv")
    assert "Papir og ventet kostnad" not in jobb.words("oppsummering")


def test_the_letters_are_made_and_wait_for_another_person(klar: Jobb) -> None:
    answer = klar.send("oppsummering", "oppsummering")
    assert answer.location == klar.path()
    assert status(klar) is Utsendingstatus.PRODUSERES
    assert klar.client.get(klar.path("brev")).location == klar.path()
    klar.arbeid("render")
    assert status(klar) is Utsendingstatus.TIL_GODKJENNING
    assert klar.client.get(klar.path("kontroll")).location == klar.path()
    assert "Venter på godkjenning" in text_of(klar.client.get(klar.path()).text)


def test_rows_whose_letter_cannot_be_made_come_back_with_the_reason_and_go_when_it_is_mended(
    klar: Jobb,
) -> None:
    klar.send("brev/rediger", "brev/rediger", navn="Krever medeiere", kilde_nb="Til ((medeiere)).")
    klar.send("oppsummering", "oppsummering")
    klar.arbeid("render")
    assert status(klar) is Utsendingstatus.UTKAST
    assert tekst("FELT_TOMT", felt="Medeiere") in klar.words("kontroll")
    [kort] = [r for r in mailings.templates(klar.kommune.id) if r[1] == "Kort brev"]
    klar.send("brev", "brev/mal", mal=str(kort[0]))
    assert tekst("FELT_TOMT", felt="Medeiere") not in klar.words("kontroll")
    klar.send("oppsummering", "oppsummering")
    klar.arbeid("render")
    assert status(klar) is Utsendingstatus.TIL_GODKJENNING


def test_the_page_says_that_letters_could_not_be_made_until_it_is_seen_to(klar: Jobb) -> None:
    said = tekst("BREV_KAN_IKKE_LAGES", antall=20)
    klar.send("brev/rediger", "brev/rediger", navn="Krever medeiere", kilde_nb="Til ((medeiere)).")
    klar.send("oppsummering", "oppsummering")
    klar.arbeid("render")
    page = klar.see("")
    words = text_of(page)
    assert f"Brevene er ikke laget {said} Rett dem, eller velg å sende resten uten dem," in words
    assert f'href="{klar.path("kontroll")}">Gå til Kontroll</a>' in page
    assert f"{said} " in words[words.index("Historikk") :]
    assert "kunne ikke lages: " not in words
    seen = text_of(log_in(klar.app, klar.kommune, "leser").get(klar.path()).text)
    assert f"Brevene er ikke laget {said}" in seen
    [kort] = [r for r in mailings.templates(klar.kommune.id) if r[1] == "Kort brev"]
    klar.send("brev", "brev/mal", mal=str(kort[0]))
    assert "Brevene er ikke laget" not in klar.words("")


def test_the_history_says_that_letters_are_made_anew_since_two_releases_made_them(klar: Jobb) -> None:
    klar.send("oppsummering", "oppsummering")
    with transaction():
        again = {"lages_pa_nytt": "ULIK_UTGAVE"}
        write_history(klar.uuid, fra="PRODUSERES", til="PRODUSERES", actor=ARBEIDER, detaljer=again)
    words = klar.words("")
    assert tekst("ULIK_UTGAVE") in words[words.index("Historikk") :]


def test_the_page_says_that_the_work_was_lost(klar: Jobb) -> None:
    klar.send("oppsummering", "oppsummering")
    with transaction() as tx:
        parts = (Arbeidsdel.utsending_id == klar.uuid, Arbeidsdel.art == Delart.RENDER)
        tx.execute(update(Arbeidsdel).where(*parts).values(status=Delstatus.FEILET, feilkode=queue.LOST))
    assert service.end_production(klar.uuid)
    words = klar.words("")
    assert f"Brevene er ikke laget {tekst(queue.LOST)} Fortsett der du var" in words
    assert f"Brevene kunne ikke lages: {tekst(queue.LOST)}" in words
    klar.send("oppsummering", "oppsummering")
    assert "Brevene er ikke laget" not in klar.words("")


def test_a_list_of_which_nobody_can_be_reached_is_not_called_empty(jobb: Jobb) -> None:
    jobb.begin(levering="BARE_DIGITALT")
    adresse = {"adresselinje1": "Storgata 1", "postnr": "4262", "poststed": "AVALDSNES"}
    jobb.send("mottakere/skriv", "mottakere/skriv", navn="Boet etter Ola", **adresse)
    jobb.send("brev/rediger", "brev/rediger", navn="Kort brev", kilde_nb="# Hei\n\nTil ((navn)).")
    assert f"{tekst('INGEN_GODE_RADER')} Gå til kontroll" in jobb.words("oppsummering")
    answer = jobb.send("oppsummering", "oppsummering")
    assert answer.status_code == 422
    assert f'href="{jobb.path("steg/kontroll")}">{tekst("INGEN_GODE_RADER")}</a>' in answer.text
    assert tekst("INGEN_RADER") not in answer.text


def test_the_ready_tax_note_can_be_made_of_every_row_of_the_given_list(jobb: Jobb) -> None:
    jobb.begin()
    jobb.read("eiendomsskatt.csv")
    choose(jobb)
    assert isinstance(jobb.uuid, UUID)
    assert "Dette gjenstår" not in jobb.words("oppsummering")
