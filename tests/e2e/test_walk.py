"""One mailing from a list with faults to letters handed over, with two people at two machines."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.e2e import job
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform

MAILING = "Skattesedler for 2027"


def test_two_people_send_a_mailing_from_a_list_with_faults(
    person: Callable[..., Person], eye: Eye, plattform: Plattform
) -> None:
    maker, approver = person("Saksbehandler og godkjenner"), person("Godkjenner")
    log_in_and_choose(maker, eye)
    prepare(maker, eye, plattform)
    cannot_approve_it_oneself(maker)
    approver.log_in()
    send_back(approver, eye)
    do_it_again(maker, eye)
    approve(approver, eye, plattform)
    release(approver, eye)
    follow_the_letters(maker, eye)
    open_the_report(maker)
    maker.log_out()
    eye.look(maker.page, "09-logget-ut")
    auditor = person("Revisor")
    auditor.log_in()
    see_who_did_what(auditor, maker.who.navn, approver.who.navn, eye)


def log_in_and_choose(maker: Person, eye: Eye) -> None:
    maker.page.goto("/")
    eye.look(maker.page, "00-logg-inn")
    maker.follow("Logg inn med ID-porten")
    maker.choose_at_idporten()
    maker.sees("Velg organisasjon")
    eye.look(maker.page, "00-velg-organisasjon")
    maker.press("Gå videre")
    expect(maker.page.locator("ds-error-summary")).to_be_focused()
    eye.look(maker.page, "00-velg-organisasjon-feil")
    maker.page.get_by_label("Lillevik kommune").check()
    maker.press("Gå videre")
    maker.sees("Oversikt")
    eye.look(maker.page, "00-oversikt")


def prepare(maker: Person, eye: Eye, plattform: Plattform) -> None:
    maker.menu("Manuell utsending")
    maker.sees("Manuell utsending")
    eye.look(maker.page, "01-liste-tom")
    job.open_new(maker)
    eye.look(maker.page, "01-ny")
    maker.write(brevdato="i morgen")
    maker.press("Gå videre")
    expect(maker.page).to_have_title(re.compile("^Feil: "))
    eye.look(maker.page, "01-ny-feil")
    job.begin(maker, MAILING)
    eye.look(maker.page, "02-mottakere")
    with plattform.paused("liste"):
        maker.upload(job.FAULTY)
        maker.reads("Filen er mottatt og venter på å bli lest.")
        eye.look(maker.page, "02-listen-leses")
    maker.sees_part("Listen er lest")
    eye.look(maker.page, "02-listen-er-lest")
    maker.follow("Gå videre til kontroll")
    job.see_faults(maker, eye)
    job.accept_repairs(maker)
    job.put_bad_rows_aside(maker)
    eye.look(maker.page, "03-til-side")
    bad_rows_as_a_file(maker)
    maker.follow("Gå videre til brev")
    eye.look(maker.page, "04-brev")
    job.choose_tax_note(maker)
    job.see_letters(maker, eye, plattform)
    eye.look(maker.page, "04-brev-valgt")
    maker.follow("Gå videre til oppsummering")
    eye.look(maker.page, "05-oppsummering")
    with plattform.paused("render"):
        maker.press("Lag brevene og send til godkjenning")
        maker.reads("Brevene lages")
        eye.look(maker.page, "05-brevene-lages")
    maker.sees_part("Venter på godkjenning", 60)


def bad_rows_as_a_file(maker: Person) -> None:
    lines = list(csv.reader(maker.download("CSV, feilliste").open(encoding="utf-8-sig"), delimiter=";"))
    assert lines[0][:3] == ["Rad", "Alvorlighet", "Hva er galt"]
    assert {"8", "10", "50", "61"} <= {line[0] for line in lines}
    sheet = load_workbook(maker.download("Excel, feilliste").open("rb")).active
    assert sheet is not None
    assert sheet.max_row == len(lines)


def cannot_approve_it_oneself(maker: Person) -> None:
    maker.reads("Du har klargjort utsendingen. En annen med tilgang til å godkjenne må se på den.")
    expect(maker.link("Gå til godkjenning")).to_have_count(0)
    address = maker.page.url
    maker.page.goto(f"{address}/godkjenning")
    maker.sees(MAILING)
    assert maker.page.url == address
    maker.menu("Oversikt")
    maker.does_not_read(f"Godkjenn «{MAILING}»")


def send_back(approver: Person, eye: Eye) -> None:
    waiting = approver.page.get_by_role("region", name="Venter på deg")
    waiting.get_by_role("link", name=f"Godkjenn «{MAILING}»").click()
    approver.sees("Godkjenn utsendingen")
    assert approver.facts()["Brev som sendes"] == "46"
    eye.look(approver.page, "06-godkjenning")
    approver.press("Send tilbake")
    expect(approver.page.locator("ds-error-summary")).to_be_focused()
    eye.look(approver.page, "06-godkjenning-feil")
    approver.write(grunn="Konteringskoden skal være EISK-2028.")
    approver.press("Send tilbake")
    approver.reads("Utsendingen er sendt tilbake.")
    eye.look(approver.page, "06-sendt-tilbake-sett-av-godkjenner")


def do_it_again(maker: Person, eye: Eye) -> None:
    maker.page.reload()
    eye.look(maker.page, "06-oversikt-rett-opp")
    maker.follow(f"Rett opp «{MAILING}»")
    maker.reads("Konteringskoden skal være EISK-2028.")
    eye.look(maker.page, "06-sendt-tilbake")
    maker.follow("Fortsett")
    maker.follow("Endre konteringskode")
    maker.sees("Om utsendingen")
    eye.look(maker.page, "06-fakta")
    maker.write(konteringskode="EISK-2028")
    maker.press("Gå videre")
    maker.step("Oppsummering")
    job.make_letters(maker)
    eye.look(maker.page, "06-venter-paa-godkjenning")


def approve(approver: Person, eye: Eye, plattform: Plattform) -> None:
    approver.menu("Oversikt")
    eye.look(approver.page, "06-oversikt-venter")
    approver.follow(f"Godkjenn «{MAILING}»")
    approver.press("Vis brevene som bilder")
    letters = approver.page.locator("article.stikkprove")
    expect(letters).to_have_count(10)
    expect(letters.filter(has=approver.page.get_by_role("img"))).to_have_count(10, timeout=60_000)
    for letter in letters.all():
        letter.scroll_into_view_if_needed()
    eye.look(approver.page, "06-stikkprove")
    plattform.age_logins(6)
    approver.press("Godkjenn utsendingen")
    approver.sees("Bekreft at det er deg")
    eye.look(approver.page, "06-bekreft")
    approver.follow("Bekreft med ID-porten")
    approver.choose_at_idporten()
    approver.sees("Godkjenn utsendingen")
    approver.press("Godkjenn utsendingen")
    approver.reads("Utsendingen er godkjent. Nå kan den frigis.")
    eye.look(approver.page, "06-godkjent")


def release(approver: Person, eye: Eye) -> None:
    approver.follow("Frigi utsendingen")
    approver.sees("Frigi utsendingen")
    eye.look(approver.page, "07-frigi")
    approver.page.get_by_label("På et bestemt tidspunkt").check()
    approver.press("Frigi utsendingen")
    expect(approver.page.locator("ds-error-summary")).to_be_focused()
    eye.look(approver.page, "07-frigi-feil")
    approver.write(dato=job.day(3), tid="09.00")
    approver.press("Frigi utsendingen")
    approver.reads("Be Máret Sundby eller en annen som kan sende, om å lage brevene på nytt.")
    eye.look(approver.page, "07-frigi-annen-dag")
    approver.page.get_by_label("Nå", exact=True).check()
    approver.press("Frigi utsendingen")
    approver.sees_part("Angrefristen løper")
    expect(approver.page.locator("#nedtelling")).to_have_text(re.compile("Om [1-6]\\ssekund"))
    expect(approver.link("Stopp utsendingen")).to_be_visible()


def follow_the_letters(maker: Person, eye: Eye) -> None:
    maker.page.reload()
    maker.sees_part("Fremdrift")
    whole = "60 rader i listen = 46 brev laget + 0 venter + 14 holdt utenfor."
    expect(maker.page.locator("#sumlinje")).to_have_text(whole, timeout=60_000)
    numbers = maker.page.locator("#levende .kpi", has_text="Digital postkasse").locator("dd")
    expect(numbers).to_have_text("20", timeout=60_000)
    maker.page.get_by_text("Vis tallene som tabell").click()
    eye.look(maker.page, "07-fremdrift")
    maker.follow("14 holdt utenfor")
    expect(maker.table("Holdt utenfor").locator("tbody tr")).to_have_count(14)
    eye.look(maker.page, "07-holdt-utenfor")
    maker.page.go_back()
    maker.follow("Se brevene")
    expect(maker.table("Brev").locator("tbody tr")).to_have_count(46)
    eye.look(maker.page, "07-brevliste")
    maker.page.get_by_label("Bare brev som må behandles").check()
    maker.press("Vis treff")
    maker.reads("Ingen treff")
    maker.follow("Vis alle")
    maker.table("Brev").get_by_role("link", name="Praktisk Vaffel").click()
    maker.reads("Hva som har skjedd")
    eye.look(maker.page, "07-tidslinje")
    maker.menu("Manuell utsending")


def open_the_report(maker: Person) -> None:
    maker.follow(MAILING)
    lines = list(
        csv.DictReader(maker.download("Last ned rapport (CSV)").open(encoding="utf-8-sig"), delimiter=";")
    )
    assert len(lines) == 60
    sheet = load_workbook(maker.download("Last ned rapport (Excel)").open("rb")).active
    assert sheet is not None
    assert sheet.max_row == 61


def see_who_did_what(auditor: Person, maker: str, approver: str, eye: Eye) -> None:
    auditor.menu("Revisjonslogg")
    auditor.sees("Revisjonslogg")
    eye.look(auditor.page, "08-revisjonslogg")
    log = auditor.table("Revisjonslogg")
    expect(log.get_by_role("row").filter(has_text=maker)).not_to_have_count(0)
    expect(log.get_by_role("row").filter(has_text=approver)).not_to_have_count(0)
    auditor.menu("Konfigurasjon")
    eye.look(auditor.page, "08-konfigurasjon")
    auditor.menu("Tilganger")
    eye.look(auditor.page, "08-tilganger")
