"""Mottakersystemer: one is made, given a password and a certificate, connected, changed, closed and opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from testmiljo.folders import LILLEVIK
from testmiljo.seed import load_kommune
from tests.e2e.eye import Eye
from tests.e2e.persons import Person
from tests.e2e.platform import BY_ROLE, Plattform
from tests.integration.systems import receiver_key

pytestmark = pytest.mark.slow

NAVN = "Sak og arkiv"


def test_a_mottakersystem_is_set_up_changed_and_taken_down(
    plattform: Plattform, person: Callable[..., Person], eye: Eye, tmp_path: Path
) -> None:
    admin = person("Administrator")
    admin.log_in()
    admin.menu("Mottakersystemer")
    eye.look(admin.page, "81-mottakersystemer")
    make(admin, eye)
    give_password(admin, eye)
    give_certificate(admin, eye, tmp_path / "sertifikat.pem")
    connect(admin, eye)
    eye.look(admin.page, "81-mottakersystem")
    change_connection(admin, eye)
    take_down(admin, eye)


def make(admin: Person, eye: Eye) -> None:
    admin.follow("Nytt mottakersystem")
    admin.sees("Nytt mottakersystem")
    eye.look(admin.page, "81-nytt")
    admin.write(navn=NAVN, eposter="ikke en adresse")
    admin.press("Lag mottakersystemet")
    expect(admin.page.locator("ds-error-summary")).to_be_focused()
    eye.look(admin.page, "81-nytt-feil")
    admin.write(eposter="arkiv@lillevik.kommune.example\nvakt@lillevik.kommune.example")
    admin.press("Lag mottakersystemet")
    admin.sees(NAVN)
    eye.look(admin.page, "81-mottakersystem-nytt")
    admin.follow("Endre navn og varslingsadresser")
    admin.sees(f"Endre {NAVN}")
    eye.look(admin.page, "81-endre")
    admin.press("Lagre endringer")
    admin.sees(NAVN)


def give_password(admin: Person, eye: Eye) -> None:
    admin.follow("Lag passord")
    eye.look(admin.page, "81-passord")
    admin.press("Lag passord")
    admin.sees("Nytt passord")
    eye.look(admin.page, "81-passord-vist")
    admin.follow("Jeg har lagret passordet")
    admin.follow("Lag nytt passord")
    admin.reads("slutter å virke med en gang")
    eye.look(admin.page, "81-nytt-passord")
    admin.follow("Avbryt")


def give_certificate(admin: Person, eye: Eye, path: Path) -> None:
    admin.follow("Last opp sertifikat")
    admin.press("Se sertifikatet")
    expect(admin.page.locator("#feil")).to_be_visible()
    eye.look(admin.page, "81-sertifikat-feil")
    path.write_bytes(receiver_key(NAVN).certificate)
    admin.page.locator("#sertifikat").set_input_files(path)
    admin.press("Se sertifikatet")
    admin.sees("Er dette riktig sertifikat?")
    eye.look(admin.page, "81-sertifikat-vist")
    admin.press("Ta i bruk")
    admin.sees(NAVN)
    admin.follow("Fjern sertifikatet")
    eye.look(admin.page, "81-fjern-sertifikat")
    admin.follow("Avbryt")


def connect(admin: Person, eye: Eye) -> None:
    """Only those that Altinn names can be chosen; one type of the first, which all types go elsewhere for."""
    orgnr = load_kommune(LILLEVIK).mottakersystemer[0]["koblinger"][0]["organisasjonsnummer"]
    admin.follow("Koble til en virksomhet")
    admin.sees("Koble til en virksomhet")
    eye.look(admin.page, "81-koble-til")
    admin.press("Koble til")
    expect(admin.page.locator("ds-error-summary")).to_be_focused()
    eye.look(admin.page, "81-koble-til-feil")
    admin.page.locator("#organisasjonsnummer").select_option(value=orgnr)
    admin.page.get_by_label("Bare typene under").check()
    admin.page.get_by_label("Byggesøknad", exact=True).check()
    admin.press("Koble til")
    admin.sees(NAVN)
    expect(admin.table("Organisasjoner").get_by_role("row")).to_have_count(2)


def change_connection(admin: Person, eye: Eye) -> None:
    row = admin.table("Organisasjoner").get_by_role("row").nth(1)
    row.get_by_role("link", name="Endre").click()
    admin.sees("Endre ")
    eye.look(admin.page, "81-kobling")
    admin.page.locator("#sikkerhetsniva").select_option(value="HOYESTE")
    admin.press("Lagre")
    admin.reads("Bare nivå 4 (høyt)")
    row.get_by_role("link", name="Fjern").click()
    admin.sees("Vil du slutte å motta for")
    eye.look(admin.page, "81-fjern-kobling")
    admin.press("Fjern koblingen")
    admin.reads("Ingen virksomheter ennå.")


def take_down(admin: Person, eye: Eye) -> None:
    admin.follow("Steng mottakersystemet")
    admin.sees(f"Vil du stenge {NAVN}?")
    eye.look(admin.page, "81-steng")
    admin.press("Steng mottakersystemet")
    admin.reads("Stengt: nye brev går andre veier.")
    eye.look(admin.page, "81-stengt")
    admin.press("Åpne mottakersystemet")
    expect(admin.link("Steng mottakersystemet")).to_be_visible()
    admin.follow("Steng mottakersystemet")
    admin.press("Steng mottakersystemet")  # so that nothing is routed here in other tests


def test_whom_altinn_gives_nothing_connects_nobody_and_is_told_why(
    plattform: Plattform, person: Callable[..., Person], eye: Eye
) -> None:
    other = person("Andre administrator")
    other.log_in()
    other.menu("Mottakersystemer")
    other.page.locator("main table a").first.click()
    other.follow("Koble til en virksomhet")
    other.reads("Du kan ikke koble til noen virksomhet")
    eye.look(other.page, "81-koble-til-ingen")


def test_while_altinn_is_silent_nobody_is_connected_and_the_page_says_why(
    plattform: Plattform, contexts: Callable[..., BrowserContext], eye: Eye
) -> None:
    """The eye does not watch this browser: its page is answered with 503 on purpose."""
    admin = Person(contexts(base_url=plattform.stack.base_url).new_page(), BY_ROLE["Administrator"])
    admin.log_in()
    admin.menu("Mottakersystemer")
    admin.page.locator("main table a").first.click()
    with plattform.silent("altinn"):
        admin.follow("Koble til en virksomhet")
        admin.reads("Vi får ikke vite hvem du har tilgangen «Post/arkiv» for")
        eye.look(admin.page, "81-koble-til-uten-altinn")
    admin.follow("Prøv igjen")
    expect(admin.page.locator("#organisasjonsnummer")).to_be_visible()
