"""The guided job, step by step, as the person who prepares a mailing does it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from fiks.core.values.calendar import OSLO
from portal.texts.formats import dato
from testmiljo.folders import LILLEVIK
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import Plattform
from tests.e2e.turn_of_day import day_of_leaving

FAULTY = LILLEVIK / "eiendomsskatt_feil.csv"
NOTE = re.compile("^Skatteseddel for eiendomsskatt")


def day(days: int = 0) -> str:
    """The day it is, or so many days on, as the pages write it."""
    return dato(datetime.now(OSLO).date() + timedelta(days=days))


def open_new(person: Person) -> None:
    """From the list of mailings, which says it once more while it is empty."""
    person.link("Ny utsending").first.click()
    person.sees("Ny utsending")


def begin(person: Person, tittel: str, konto: str = "Eiendomsskatt") -> None:
    """Step 1."""
    person.menu("Manuell utsending")
    open_new(person)
    person.page.get_by_label("Konto").first.select_option(label=konto)
    person.write(
        tittel=tittel,
        brevdato=dato(day_of_leaving(konto)),
        kunngjoringsdato=day(7),
        konteringskode="EISK-2027",
    )
    person.press("Gå videre")
    person.sees("Mottakere")


def upload_list(person: Person, path: Path) -> None:
    """Step 2."""
    person.upload(path)
    person.sees_part("Listen er lest")


def accept_repairs(person: Person) -> None:
    """Step 3: every repair that was proposed."""
    person.follow("Se over forslagene")
    person.press("Godta alle forslagene")
    person.reads("Forslagene er godtatt for 6 rader.")


def put_bad_rows_aside(person: Person) -> None:
    """Step 3: send the good rows only."""
    person.button(re.compile("^Send .* utenfor$")).click()
    person.reads("De gode radene sendes, resten holdes utenfor.")


def choose_tax_note(person: Person) -> None:
    """Step 4."""
    person.page.get_by_label(NOTE).check()
    person.press("Bruk malen")
    person.reads("Malen er valgt.")


def make_letters(person: Person) -> None:
    """Step 5."""
    person.press("Lag brevene og send til godkjenning")
    person.sees_part("Venter på godkjenning", 60)


def prepare(person: Person, tittel: str, konto: str, path: Path = FAULTY) -> str:
    """All five steps at once; returns the address of the mailing."""
    begin(person, tittel, konto)
    upload_list(person, path)
    person.follow("Gå videre til kontroll")
    if path == FAULTY:
        accept_repairs(person)
        put_bad_rows_aside(person)
    person.follow("Gå videre til brev")
    choose_tax_note(person)
    person.follow("Gå videre til oppsummering")
    make_letters(person)
    return person.page.url


def see_faults(person: Person, eye: Eye) -> None:
    """Step 3 with the list of faults: every bad row, the proposals, and the file of them."""
    person.sees("Kontroll")
    assert person.figures() == {
        "Rader i alt": "60",
        "Kan sendes": "40",
        "Forslag til retting": "6",
        "Med feil": "14",
        "Holdt utenfor": "0",
    }
    rows = person.table("Rader med funn").locator("tbody tr")
    expect(rows).to_have_count(25)
    expect(rows.filter(has_text="Postnummer")).not_to_have_count(0)
    eye.look(person.page, "03-kontroll")
    person.follow("Ugyldig KID")
    expect(rows).to_have_count(1)
    person.follow("Vis alle rader med funn")
    person.follow("Se over forslagene")
    expect(person.table("Forslag rad for rad").locator("tbody tr")).to_have_count(7)
    eye.look(person.page, "03-forslag")
    person.press("Godta de valgte")
    expect(person.page.locator("ds-error-summary")).to_be_focused()
    eye.look(person.page, "03-forslag-feil")
    person.follow("Tilbake til kontroll")


def see_letters(person: Person, eye: Eye, plattform: Plattform) -> None:
    """Step 4: a row's letter in pictures, and one to oneself."""
    with plattform.paused("forhandsvisning"):
        person.press("Vis brevet")
        person.sees("Brevet til rad 2")
        eye.look(person.page, "04-brevet-lages")
    expect(person.page.get_by_role("img", name=re.compile("Side 1 av .*konvoluttvinduet"))).to_be_visible()
    eye.look(person.page, "04-brevet")
    person.press("Neste rad")
    person.sees("Brevet til rad 3")
    person.follow("Vis uten rammer")
    expect(person.page.get_by_role("img", name=re.compile("Side 1 av [0-9]+$"))).to_be_visible()
    person.follow("Tilbake til brev")
    person.write(rad="9999")
    person.press("Vis brevet")
    person.reads("Raden finnes ikke")
    person.press("Send prøvebrev til meg selv")
    person.reads("Prøvebrevet er på vei til deg.")
