"""Other ways into a mailing: other headers, files that cannot be used, receivers by hand, one PDF to all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from testmiljo.folders import LILLEVIK
from tests.e2e import job
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import PEOPLE, Plattform

pytestmark = pytest.mark.slow


@pytest.fixture
def maker(person: Callable[..., Person]) -> Person:
    somebody = person("Saksbehandler")
    somebody.log_in()
    return somebody


def test_the_columns_of_a_list_are_tied_by_hand_and_remembered(maker: Person, eye: Eye) -> None:
    job.begin(maker, "Med andre overskrifter", "Kommunale avgifter")
    job.upload_list(maker, LILLEVIK / "eiendomsskatt_kolonner_byttet.csv")
    maker.reads(re.compile("Ikke brukt: Løpenr, Saksbehandler"))
    eye.look(maker.page, "20-andre-overskrifter")
    maker.follow("Se og endre koblingen")
    eye.look(maker.page, "20-kolonner")
    maker.page.get_by_label("Saksbehandler").select_option(label="Navn")
    maker.press("Lagre og les listen på nytt")
    expect(maker.page.locator("ds-error-summary")).to_be_focused()
    eye.look(maker.page, "20-kolonner-feil")
    maker.page.get_by_label("Saksbehandler").select_option(label="Ikke bruk")
    maker.press("Lagre og les listen på nytt")
    maker.sees_part("Listen er lest")
    maker.follow("Gå videre til kontroll")
    maker.sees("Kontroll")
    assert maker.figures()["Rader i alt"] == "240"
    assert maker.figures()["Med feil"] == "0"


def test_a_file_that_is_no_list_says_so_and_what_to_do(maker: Person, eye: Eye) -> None:
    job.begin(maker, "Med ubrukelige filer", "Kommunale avgifter")
    maker.press("Last opp")
    maker.reads("Velg en fil")
    maker.upload(LILLEVIK / "eiendomsskatt_tom.csv")
    maker.reads("«eiendomsskatt_tom.csv» kan ikke brukes som den er")
    maker.reads("Ingenting av filen er lagret.")
    eye.look(maker.page, "21-tom-liste")
    maker.upload(LILLEVIK / "ikke_en.pdf")
    maker.sees("Mottakere")
    eye.look(maker.page, "21-ikke-en-liste")


def test_a_workbook_with_more_in_it_than_its_list_says_what_to_do(
    maker: Person, eye: Eye, tmp_path: Path
) -> None:
    rows = (("navn", "adresse", "postnr", "poststed"), ("KARI", "Gata 1", "0010", "OSLO"))
    book = openpyxl.Workbook()
    for cells in (*rows, ("OLA", "Gata 2", "0010", "OSLO")):
        book.active.append(cells)
    book.active.row_dimensions[3].hidden = True
    filtered = tmp_path / "filtrert.xlsx"
    book.save(filtered)
    book.active.row_dimensions[3].hidden = False
    other = book.create_sheet("Fritidsboliger")
    for cells in rows:
        other.append(cells)
    doubled = tmp_path / "to_ark.xlsx"
    book.save(doubled)
    other.delete_rows(1, 2)
    other.append(("Sjekket av Kari",))
    noted = tmp_path / "med_notat.xlsx"
    book.save(noted)

    job.begin(maker, "Arbeidsbøker", "Kommunale avgifter")
    maker.upload(filtered)
    maker.reads(re.compile("skjult"))
    eye.look(maker.page, "21-skjulte-rader")
    maker.upload(doubled)
    maker.reads(re.compile("Fritidsboliger"))
    eye.look(maker.page, "21-flere-ark")
    job.upload_list(maker, noted)
    maker.reads(re.compile("Fritidsboliger"))
    eye.look(maker.page, "21-andre-ark")


def test_what_has_been_sent_before_is_held_back_until_somebody_says_why(
    maker: Person, eye: Eye, sent: object, short_list: Path
) -> None:
    job.begin(maker, "En gang til")
    job.upload_list(maker, short_list)
    maker.follow("Gå videre til kontroll")
    maker.reads("Den samme listen er sendt eller frigitt fra kontoen")
    eye.look(maker.page, "22-sendt-for")
    maker.follow("Gå videre til brev")
    job.choose_tax_note(maker)
    maker.follow("Gå videre til oppsummering")
    eye.look(maker.page, "22-gjenstaar")
    maker.press("Lag brevene og send til godkjenning")
    expect(maker.page.locator("ds-error-summary")).to_be_focused()
    eye.look(maker.page, "22-gjenstaar-feil")
    maker.step("Kontroll")
    maker.write(grunn="Første utsending hadde feil telefonnummer.")
    maker.press("Send likevel")
    maker.reads("Begrunnelsen er lagret.")
    maker.step("Oppsummering")
    maker.reads("Den samme listen er sendt eller frigitt fra kontoen")
    maker.reads("Begrunnelse for å sende igjen: «Første utsending hadde feil telefonnummer.»")
    eye.look(maker.page, "22-sendt-for-oppsummering")


def test_receivers_are_looked_up_and_written_by_hand(maker: Person, eye: Eye) -> None:
    job.begin(maker, "Til noen få", "Kommunale avgifter")
    maker.follow("Skriv inn mottakere")
    eye.look(maker.page, "23-skriv")
    maker.press("Legg til mottaker")
    expect(maker.page.locator("ds-error-summary")).to_be_focused()
    maker.write(nummer=PEOPLE[1].pid)
    maker.page.get_by_label("Hjemmel for oppslaget").select_option("EIENDOMSSKATT")
    maker.press("Slå opp")
    maker.reads("Navn og adresse er hentet og fylt inn under.")
    eye.look(maker.page, "23-oppslag")
    maker.press("Legg til mottaker")
    maker.reads("Mottaker nummer")
    maker.write(navn="Uten Nummer", adresselinje1="Storgata 1", postnr="4262", poststed="AVALDSNES")
    maker.press("Legg til mottaker")
    expect(maker.table("Mottakere som er skrevet inn").locator("tbody tr")).to_have_count(2)
    eye.look(maker.page, "23-skrevet")


def test_one_document_to_all_is_checked_and_seen_with_what_is_wrong(
    maker: Person, eye: Eye, plattform: Plattform
) -> None:
    maker.menu("Manuell utsending")
    job.open_new(maker)
    maker.page.get_by_label("Konto").first.select_option(label="Kommunale avgifter")
    maker.page.get_by_label("Samme dokument til alle").check()
    maker.write(tittel="Samme brev til alle")
    maker.press("Gå videre")
    job.upload_list(maker, LILLEVIK / "eiendomsskatt.csv")
    maker.step("Brev")
    eye.look(maker.page, "24-dokument")
    maker.upload(LILLEVIK / "brev_passord.pdf")
    maker.reads("«brev_passord.pdf» kan ikke sendes")
    eye.look(maker.page, "24-dokument-passord")
    with plattform.paused("liste"):
        maker.upload(LILLEVIK / "brev_feil_marg.pdf")
        maker.sees_part("Dokumentet kontrolleres")
        eye.look(maker.page, "24-dokumentet-kontrolleres")
    maker.sees_part("Dokumentet er kontrollert")
    maker.reads(re.compile("mm fra venstre kant"))
    eye.look(maker.page, "24-dokument-marg")
    maker.press("Vis brevet")
    expect(maker.page.get_by_role("img", name=re.compile("Dokumentet, side 2 av 2"))).to_be_visible()
    eye.look(maker.page, "24-forside-og-dokument")


def test_a_template_is_changed_and_its_faults_are_told_by_line(maker: Person, eye: Eye) -> None:
    job.begin(maker, "Med egen mal", "Kommunale avgifter")
    maker.step("Brev")
    maker.page.get_by_role("link", name=re.compile("^Rediger Skatteseddel")).click()
    maker.sees("Rediger mal")
    eye.look(maker.page, "25-mal")
    maker.write(kilde_nb="# Hei ((navnet))\n\n((hvis medeiere))Til flere", navn="Vår mal")
    maker.press("Lagre ny versjon og bruk den")
    maker.reads(re.compile("Brevet på bokmål, linje 1"))
    eye.look(maker.page, "25-mal-feil")
    maker.write(kilde_nb="# Hei ((navn))\n\nDu skylder ((skatt_aar|belop)).", kilde_nn="")
    maker.press("Lagre ny versjon og bruk den")
    maker.reads("Malen er lagret som ny versjon og valgt for utsendingen.")
    expect(maker.page.get_by_label("Vår mal")).to_be_checked()
